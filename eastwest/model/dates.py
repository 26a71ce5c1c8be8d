"""Years and dates as numbers: shares of a year, lives, and the annuity that pays for one."""

from __future__ import annotations

from datetime import date, timedelta

from eastwest.errors import InputError


def middle(year: int) -> date:
    """The day that stands for a year."""
    return date(year, 7, 1)


def years_between(first: date, last: date) -> float:
    """Time between two dates [years of 365.25 days]."""
    return (last - first).days / 365.25


def share_of_year(in_service: date, year: int) -> float:
    """Share of `year` that something is in service which enters on `in_service` [1]."""
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    return min(1.0, max(0.0, (end - in_service).days / (end - start).days))


def decimal_year(day: date) -> float:
    """A date as a number: 1 July 2027 is 2027 + 181 / 365."""
    start = date(day.year, 1, 1)
    return day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days


def share_in_life(start: float, life_years: float, year: int) -> float:
    """Share of `year` between a start (decimal year) and the end of a life [1]."""
    return max(0.0, min(start + life_years, year + 1.0) - max(start, float(year)))


def share_of_deliveries(first: float, last: float, life_years: float, year: int) -> float:
    """Mean share of `year` in service of what enters service evenly between two times (decimal years) and stays for a
    life [1]; all at once where they are equal.
    """
    if last <= first:
        return share_in_life(first, life_years, year)
    ends = (_lived(year + 1.0 - start, life_years) - _lived(year - start, life_years) for start in (first, last))
    return (next(ends) - next(ends)) / (last - first)


def _lived(elapsed: float, life_years: float) -> float:
    """Integral over time of what something that entered service `elapsed` years ago has lived [years^2]."""
    inside = min(max(elapsed, 0.0), life_years)
    return inside * inside / 2 + life_years * (max(elapsed, 0.0) - inside)


def later(day: date, months: float) -> date:
    """`day` plus a number of months of 30.4375 days."""
    return day + timedelta(days=round(months * 30.4375))


def annuity(rate: float, life_years: float) -> float:
    """Yearly payment per unit of capital: r / (1 - (1 + r)^-n) [1/a]; 1/n at rate zero."""
    if life_years <= 0 or rate <= -1:
        message = (
            f"received a life of {life_years:g} years at a rate of {rate:g}, expected a life above 0, a rate above -1"
        )
        raise InputError(message, where="table costs", key="life_years, discount_rate")
    return rate / (1 - (1 + rate) ** -life_years) if rate > 0 else 1 / life_years
