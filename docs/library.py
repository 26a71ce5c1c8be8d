"""Solve every scenario that ships and write scenarios/README.md: question, file, headline answer.

`python docs/library.py` solves each at its own slices, one after the other (about half an hour on two cores), and keeps
the runs in runs/library; `--reuse` takes the runs that are there. Each scenario is set beside the base that it extends,
solved at the same slices. Every sentence of the table is made of figures of the two runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import yaml

import eastwest as ew
from eastwest.formatting.words import figure, percent

ROOT = Path(__file__).parents[1]
SCENARIOS, RUNS = ROOT / "scenarios", ROOT / "runs" / "library"
ALONE = ("calibration-2025",)
"""Scenarios that are set beside no other."""

BASES = ("national-2026-2030", "national-2026-2028", "national-2028-high", "national-2027")

HEAD = """# Scenarios

Each file is short: it extends a base and changes what its question is about; its header says where the numbers come
from and what to look at. The answers are generated from real runs by `python docs/library.py`; nothing in the tables is
written by hand. Money is present value of the first planning year, penalties for unserved work included. Run one with
`eastwest run scenarios/<file>`, set it beside its base with `eastwest compare`.
"""


def extends(name: str) -> str | None:
    """The scenario that a file extends."""
    found = yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")).get("extends")
    return Path(found).stem if found else None


def base_of(name: str) -> str | None:
    """The nearest base that a scenario extends, directly or by way of others."""
    above = None if name in ALONE else extends(name)
    while above is not None and above not in BASES:
        above = extends(above)
    return above


def solved(name: str, time: dict[str, Any], reuse: bool) -> ew.Result:
    """The stored run of a scenario with the year cut so, or a new one."""
    cut = f"{time['seasons']}x{time['blocks']}"
    folder = RUNS / f"{name}-{cut}"
    if reuse and (folder / "summary.json").is_file():
        return ew.Result.load(folder)
    scenario = ew.load_scenario(SCENARIOS / f"{name}.yaml").with_(time=time)
    promises = scenario.settings.resilience.model_fields_set
    result = ew.solve(scenario, reliefs=3, growth_table=False, rule_costs=True if promises else None)
    result.save(folder)
    print(f"{name} at {cut}: {result.objective:,.1f} million CNY in {result.timings['total_s']:.0f} s")
    return result


def cut_of(name: str) -> dict[str, Any]:
    """How a scenario cuts the year."""
    time: dict[str, Any] = ew.load_scenario(SCENARIOS / f"{name}.yaml").settings.time.model_dump()
    return time


def headline(result: ew.Result, item: str, kind: str = "") -> dict[int, float]:
    """A headline figure by year."""
    rows = result.table[(result.table["quantity"] == "headline") & (result.table["item"] == item)]
    rows = rows[rows["kind"] == kind]
    return {int(year): float(value) for year, value in zip(rows["year"], rows["value"], strict=True)}


def total(result: ew.Result, quantity: str, **labels: str) -> float:
    rows = result.table[result.table["quantity"] == quantity]
    for column, value in labels.items():
        rows = rows[rows[column] == value]
    return float(rows["value"].sum())


def worst(result: ew.Result, kind: str = "intelligent") -> float:
    """Largest unserved share of any year [1]."""
    return max((1 - share for share in headline(result, "served_share", kind).values()), default=0.0)


def money(million: float) -> str:
    return f"{figure(million / 1e3)} bn CNY" if abs(million) >= 1e3 else f"{figure(million)} million CNY"


def difference(more: float, before: float) -> str:
    """How a cost stands to what it was."""
    if abs(more) < 1e-9 * abs(before):
        return "costs nothing"
    if abs(more) < 1e-4 * abs(before):
        return f"cost within 0.01 % of the base ({money(more)})"
    return f"{'costs' if more > 0 else 'saves'} {money(abs(more))} ({100 * more / before:+.2g} %)"


def answer(result: ew.Result, base: ew.Result | None) -> str:
    """The headline answer in words, every figure from the runs."""
    last = max(headline(result, "served_share", "intelligent"))
    west = headline(result, "west_share_served", "intelligent")[last]
    if base is None:
        cost, installed = money(result.objective), headline(result, "installed_peak", "intelligent")[last]
        return (
            f"{cost}; {figure(installed / 1e3)} EFLOP/s of intelligent compute installed in {last}, "
            f"{percent(worst(result))} unserved at worst, {percent(west)} served in the West. {result.messages[0]}"
        )
    if result.scenario.settings.users.objective == "users":
        country = sum(headline(result, "system_cost_with_penalties").values())
        parts = [
            f"For the country it {difference(country - base.objective, base.objective)}",
            f"users bear {money(sum(headline(result, 'user_cost_with_penalties').values()))}",
            f"{money(total(result, 'voucher_paid'))} of vouchers are paid",
        ]
    else:
        words = difference(result.objective - base.objective, base.objective)
        parts = [words[0].upper() + words[1:]]
    for kind in ("intelligent", "general"):
        lost = worst(base, kind), worst(result, kind)
        if percent(lost[0]) != percent(lost[1]):
            parts.append(f"unserved {kind} work at worst {percent(lost[0])} -> {percent(lost[1])}")
    before = headline(base, "west_share_served", "intelligent").get(last, west)
    if abs(west - before) >= 0.003:
        parts.append(f"West {percent(before)} -> {percent(west)} in {last}")
    for item, kind, name, unit, scale, least in (
        ("bought_peak", "intelligent", "bought", "EFLOP/s", 1e3, 0.03),
        ("carbon", "", "carbon", "Mt CO2", 1.0, 0.01),
        ("green_share", "", "green share", "", 1.0, 0.02),
    ):
        ends = [sum(headline(run, item, kind).values()) for run in (base, result)]
        if item == "green_share":
            known = [headline(run, item, kind) for run in (base, result)]
            if not all(known):
                continue
            ends = [shares.get(last, 0.0) for shares in known]
        if abs(ends[1] - ends[0]) > least * max(abs(ends[0]), 1e-9):
            shown = [percent(end) if unit == "" else figure(end / scale) for end in ends]
            parts.append(f"{name} {shown[0]} -> {shown[1]} {unit}".rstrip())
    return "; ".join([*parts, *particular(result, base)]) + "."


def particular(result: ew.Result, base: ew.Result | None) -> list[str]:
    """Figures that only some scenarios have."""
    parts = []
    if total(result, "event_promised") > 0:
        shares = {
            kind: total(result, "event_shed", kind=kind) / total(result, "event_promised", kind=kind)
            for kind in ("intelligent", "general")
        }
        each = " and ".join(f"{percent(share)} of {kind}" for kind, share in shares.items())
        little = max(shares.values()) < 0.0005
        parts.append("next to nothing is shed in the event" if little else f"shed in the event: {each} work")
    units = result.table[result.table["quantity"] == "training_units"].groupby("item")["value"].sum()
    parts += [f"{figure(value)} training units of {size}" for size, value in units.items()]
    if "mip_gap" in result.certificate:
        parts.append(f"whole numbers to a gap of {result.certificate['mip_gap']:.1e}")
    if total(result, "worth") > 0:
        parts.append(f"full pooling of the hubs would be worth {money(total(result, 'worth'))}")
    costs = result.table[result.table["quantity"] == "rule_cost"].groupby("item")["value"].sum()
    outages = result.scenario.settings.resilience
    promised = [name for name in costs.index if name.startswith("any one")]
    if outages.site_outages or outages.hub_outages or outages.corridor_outages:
        parts.append("the promise takes the place of flat standby multipliers, hence the difference to the base")
    known = set() if base is None else set(base.table.loc[base.table["quantity"] == "rule_cost", "item"])
    if outages.site_outages and not promised:
        parts.append("what its rules cost takes longer: `eastwest run --rule-costs`")
    for item, value in costs.items():
        if item in known:
            continue
        if value > 1:
            parts.append(f"the rule '{item}' costs {money(value)}")
        elif item in promised:
            parts.append(f"the rule '{item}' costs nothing")
    return parts


def rows(names: list[str], chosen: dict[str, tuple[ew.Result, ew.Result | None]]) -> list[str]:
    lines = ["| question | file | answer |", "|---|---|---|"]
    for name in names:
        result, base = chosen[name]
        lines.append(f"| {result.scenario.settings.question} | `{name}.yaml` | {answer(result, base)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reuse", action="store_true", help="take runs that are stored")
    reuse = parser.parse_args().reuse
    names = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    chosen: dict[str, tuple[ew.Result, ew.Result | None]] = {}
    for name in names:
        time, base = cut_of(name), None if name in BASES else base_of(name)
        chosen[name] = (solved(name, time, reuse), solved(base, time, reuse=True) if base else None)
    text = [HEAD, "## Bases\n", *rows([name for name in names if chosen[name][1] is None], chosen)]
    for base in BASES:
        below = [name for name in names if name not in BASES and base_of(name) == base]
        if below:
            text += [f"\n## Beside {base}\n", *rows(below, chosen)]
    (SCENARIOS / "README.md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
