"""Quantities through which model modules meet: each is written once, by one module, and read after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eastwest.errors import ModelError

if TYPE_CHECKING:
    from eastwest.model.plan import Plan


class SharedQuantity:
    """A quantity that one module writes and others read; there is no default, and it is written once."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, plan: Plan, owner: type) -> Any:
        if self.name not in plan._shared:
            message = "is read before it is written: check the order of eastwest.model.modules.MODULES"
            raise ModelError(f"'{self.name}' {message}")
        return plan._shared[self.name]

    def __set__(self, plan: Plan, value: Any) -> None:
        if self.name in plan._shared:
            raise ModelError(f"'{self.name}' is written twice")
        plan._shared[self.name] = value
