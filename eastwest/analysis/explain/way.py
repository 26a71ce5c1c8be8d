"""A task in a region: who serves it, where the next unit would go, what the alternatives lack, who cannot serve it."""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.explain import routes, stops
from eastwest.analysis.explain.case import Case
from eastwest.analysis.explain.parts import PRICE, Explanation, at_least, chain_sentences, joined, places
from eastwest.formatting.words import figure, percent
from eastwest.schema.thresholds import LEAST_WORK, NOTHING

MOST = 3


def of_route(case: Case) -> Explanation:
    """The explanation for a task in a region, and for one site of it where one is named."""
    task, region = case.task, case.region
    title = f"{case.name('task', task)} of {case.name('region', region)}, {case.year}"
    asked = float(case.of("demand", task=task, region=region)["value"].sum())
    if not asked:
        return Explanation(title, ("Nothing is asked of this task there.",), {})
    here, there = routes.served(case, task, region), routes.alternatives(case, task, region)
    never, chain = routes.barred(case, task, region), stops.chain(case, task, region, case.site)
    lacking = routes.unserved(case, task, region)
    sentences = [_who(case, here, asked, lacking), _next(case, here, there, lacking)]
    sentences += [_site(case, here, there, never)] if case.site else []
    sentences += [*chain_sentences(case, chain), *_more_expensive(case, here, there), *_barred(case, never)]
    there = there.drop(columns="region")
    return Explanation(
        title, tuple(sentences), {"served": here, "alternatives": there, "limits": chain, "out of reach": never}
    )


def _who(case: Case, here: pd.DataFrame, asked: float, lacking: float) -> str:
    kind = case.of("demand", task=case.task)["kind"].iloc[0]
    words = f"{figure(asked)} PFLOP/s ({kind}) are asked for"
    words += f"; served at {places(case, here)}" if len(here) else "; nothing is served"
    if lacking > LEAST_WORK:
        return f"{words}; {figure(lacking)} PFLOP/s ({percent(lacking / asked)}) stay unserved."
    return f"{words}; all is served."


def _next(case: Case, here: pd.DataFrame, there: pd.DataFrame, lacking: float) -> str:
    """What one more unit costs, and where it would go."""
    cost = routes.price(case, case.task, case.region)
    if lacking > LEAST_WORK:
        full, reach = stops.busy_everywhere(case, case.task, case.region)
        return (
            f"One unit more would stay unserved, at {figure(cost)} {PRICE}: no device that may run it is free at "
            f"{full} of the {reach} sites within its limit, and taking one from other work costs at least as much."
        )
    equal = [*here["site"], *there.loc[(there["reduced_cost"] <= NOTHING) & ~there["at_least"], "site"]]
    names = joined(case.name("site", site) for site in equal[:MOST])
    more = f" or {len(equal) - MOST} more" if len(equal) > MOST else ""
    same = ", all at the same price" if len(equal) > 1 else ""
    where = f"{names}{more}{same} (--solve: what moves in turn)"
    return f"One unit more costs {figure(cost)} {PRICE} and would go to {where}."


def _more_expensive(case: Case, here: pd.DataFrame, there: pd.DataFrame) -> list[str]:
    """The next alternatives, with what makes them dearer: the service there, or the way."""
    more_expensive = there[there["reduced_cost"] > NOTHING].head(MOST)
    if more_expensive.empty or here.empty:
        return []
    base, cost = here.iloc[0], routes.price(case, case.task, case.region)
    words = []
    for row in more_expensive.to_dict("records"):
        service, way = (row[name] - base[name] for name in ("price_there", "price_of_way"))
        share = f"{100 * row['reduced_cost'] / cost:.2g} % of the price; " if cost else ""
        why = f"service there {service:+.2g}, way {way:+.2g} against {case.name('site', base['site'])}"
        words.append(
            f"{case.name('site', row['site'])} {at_least(row)}{figure(row['reduced_cost'])} dearer ({share}{why})"
        )
    return [f"Next in price, {PRICE}: {'; '.join(words)}."]


def _site(case: Case, here: pd.DataFrame, there: pd.DataFrame, never: pd.DataFrame) -> str:
    """What becomes of the site that is asked about."""
    name = case.name("site", case.site)
    own, other = (frame[frame["site"] == case.site].to_dict("records") for frame in (here, there))
    if own:
        return f"{name} serves {figure(own[0]['pflops'])} PFLOP/s of it, at {figure(own[0]['round_trip_ms'])} ms."
    if other:
        row = other[0]
        return (
            f"{name} serves none: it is {at_least(row)}{figure(row['reduced_cost'])} {PRICE} dearer (service there "
            f"{figure(row['price_there'])}, way {figure(row['price_of_way'])})."
        )
    row = never[never["site"] == case.site].to_dict("records")[0]
    time = f"{figure(row['round_trip_ms'])} ms, limit {figure(row['limit_ms'])} ms"
    return f"{name} cannot serve it: {row['reason']} ({time})."


def _barred(case: Case, never: pd.DataFrame) -> list[str]:
    """How many sites cannot serve it, by reason, with the nearest."""
    parts = []
    for reason, rows in never.groupby("reason", sort=True):
        near = rows.iloc[0]
        words = f"{len(rows)}: {reason}"
        if reason == routes.TOO_FAR:
            words += f" (nearest {case.name('site', near['site'])}, {figure(near['round_trip_ms'])} ms, "
            words += f"limit {figure(near['limit_ms'])} ms)"
        parts.append(words)
    return [f"Sites that cannot serve it: {'; '.join(parts)}."] if parts else []
