"""A site, a task in all regions, a region with all tasks, or the whole plan."""

from __future__ import annotations

import pandas as pd

from eastwest.analysis.explain import routes, stops
from eastwest.analysis.explain.case import PER_HOUR, Case
from eastwest.analysis.explain.parts import PRICE, Explanation, chain_sentences, joined, limit_sentence, places
from eastwest.formatting.words import THINGS, figure, limit_words, percent
from eastwest.schema.thresholds import FULL, LEAST_WORK, NOTHING

MOST = 3


def of_site(case: Case) -> Explanation:
    """What a site holds, what is full, what stops more, what would come next."""
    site = case.site
    assets, devices = stops.assets(case, site), stops.devices(case, site)
    served = _largest(case.of("served", site=site), ["task", "kind"])
    coming = _would_come(case, site)
    sentences = [_assets_in_words(assets), _devices_in_words(case, devices), _own_limits(case, site)]
    if len(served):
        most = joined(
            f"{case.name('task', row['task'])} {figure(row['pflops'])} PFLOP/s ({row['kind']})"
            for row in served.head(MOST).to_dict("records")
        )
        sentences.append(f"It serves {len(served)} tasks, most of all {most}.")
    if len(coming):
        row = coming.iloc[0]
        what = f"{case.name('task', row['task'])} of {case.name('region', row['region'])}"
        more_expensive = (
            f"dearer there by {figure(row['reduced_cost'])} {PRICE}"
            if row["reduced_cost"] > NOTHING
            else "as good there"
        )
        sentences.append(f"Nearest to coming: {what}, {more_expensive}.")
    tables = {
        "limits": assets, "devices": devices, "served": served, "would come next": coming,
        "idle": stops.idle(case, site),
    }  # fmt: skip
    return Explanation(f"{case.name('site', site)}, {case.year}", tuple(sentences), tables)


def _largest(rows: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Sums by labels as `pflops`, the largest first."""
    summed = rows.groupby(labels, as_index=False)["value"].sum().rename(columns={"value": "pflops"})
    summed = summed[summed["pflops"] > LEAST_WORK]
    return summed.sort_values("pflops", ascending=False, kind="stable", ignore_index=True)


def _assets_in_words(assets: pd.DataFrame) -> str:
    rows = assets.to_dict("records")
    full = [THINGS[row["asset"]] for row in rows if row["share"] >= FULL]
    used = joined(f"{THINGS[row['asset']]} {percent(row['share'])} of {figure(row['capacity_mw'])} MW" for row in rows)
    return f"{'Full: ' + joined(full) if full else 'Nothing is full'}. In use: {used}."


def _devices_in_words(case: Case, devices: pd.DataFrame) -> str:
    if devices.empty:
        return "No device stands there."
    worth = devices[devices["worth_million_cny"] > NOTHING]
    if worth.empty:
        limits = [stops.waits_for(case, case.site, device) for device in devices["device"]]
        waited = joined(limit_words(limit) for limit in dict.fromkeys(limits) if limit)
        what = f": idle devices there wait for {waited}" if waited else ""
        return f"One more device of any family there would save nothing{what}."
    row = worth.sort_values("worth_million_cny", ascending=False, kind="stable").iloc[0]
    saves, costs = figure(row["worth_million_cny"]), figure(row["cost_million_cny"])
    return (
        f"The device of which one more is worth most there: {case.name('device', row['device'])}, {saves} million CNY "
        f"a year, at a cost of {costs}. What stops it: {row['stops']}."
    )


def _own_limits(case: Case, site: str) -> str:
    own = case.of("shadow_price", site=site)
    own = own[own["value"] < -NOTHING]
    if own.empty:
        return "No limit of its own carries a price: more hall or grid there would save nothing."
    words = joined(
        f"{limit_words(row['item'])} {figure(-row['value'])} {row['unit']}" for row in own.to_dict("records")
    )
    return f"Its own limits that carry a price: {words}."


def _would_come(case: Case, site: str) -> pd.DataFrame:
    """For each task the route to the site that is least dearer [CNY/(PFLOP/s h)]; tasks that it does stand first."""
    rows = case.of("reduced_cost", site=site, task=case.task, region=case.region)
    rows = rows.sort_values(["value", "task", "region"], kind="stable")
    done = set(case.of("served", site=site)["task"])
    found = rows[["task", "region"]].assign(reduced_cost=rows["value"] * PER_HOUR, at_least=~rows["task"].isin(done))
    found = found.drop_duplicates("task").sort_values("at_least", kind="stable")
    return found.reset_index(drop=True)


def of_task(case: Case) -> Explanation:
    """Where a task is served over all regions, what stays unserved where, and what would have to give."""
    here, there, chain = (
        routes.served(case, case.task),
        routes.alternatives(case, case.task),
        stops.chain(case, case.task),
    )
    asked, lacking = float(case.of("demand", task=case.task)["value"].sum()), routes.unserved(case, case.task)
    unserved = _largest(case.of("unserved", task=case.task), ["region"])
    sentences = [
        f"{figure(asked)} PFLOP/s are asked for in all regions; served at {places(case, here)}; {figure(lacking)} "
        f"PFLOP/s ({percent(lacking / asked if asked else 0.0)}) stay unserved."
    ]
    if len(unserved):
        rows = unserved.head(MOST).to_dict("records")
        most = joined(f"{case.name('region', row['region'])} {figure(row['pflops'])}" for row in rows)
        sentences.append(f"Unserved most of all in {most} PFLOP/s.")
        blame = case.of("unserved_because", task=case.task).sort_values("value", ascending=False, kind="stable")
        blamed = joined(f"{limit_words(row['item'])} {percent(row['value'])}" for row in blame.to_dict("records"))
        sentences += [f"Limits to blame: {blamed}."] if blamed else []
    tables = {"served": here, "alternatives": there, "unserved": unserved, "limits": chain}
    title = f"{case.name('task', case.task)}, all regions, {case.year}"
    return Explanation(title, (*sentences, *chain_sentences(case, chain)), tables)


def of_region(case: Case) -> Explanation:
    """Every task of a region: asked, served, where, at what price, what would be next."""
    asked = case.of("demand", region=case.region)
    table = pd.DataFrame([_task_of_region(case, row) for row in asked.to_dict("records")])
    if table.empty:
        return Explanation(f"{case.name('region', case.region)}, {case.year}", ("Nothing is asked for there.",), {})
    lacking = table[table["unserved_pflops"] > LEAST_WORK]
    short = joined(
        f"{case.name('task', row['task'])} {figure(row['unserved_pflops'])} of {figure(row['asked_pflops'])} PFLOP/s"
        for row in lacking.to_dict("records")
    )
    sentences = [f"{len(table)} tasks are asked for; {f'unserved: {short}' if short else 'all of them are served'}."]
    out = case.of("served", region=case.region)
    for kind, rows in out.groupby("kind"):
        home = rows["site"].map(case.names.regions) == case.region
        share = percent(float(rows.loc[home, "value"].sum() / rows["value"].sum()))
        sentences.append(f"Of its {kind} work {share} is served in the region itself.")
    sentences.append("Add --workload TASK for the alternatives and limits of one of them.")
    return Explanation(f"{case.name('region', case.region)}, {case.year}", tuple(sentences), {"tasks": table})


def _task_of_region(case: Case, asked: dict[str, object]) -> dict[str, object]:
    task = str(asked["task"])
    here, there = routes.served(case, task, case.region), routes.alternatives(case, task, case.region)
    more_expensive = there[there["reduced_cost"] > NOTHING]
    return {
        "task": task,
        "kind": asked["kind"],
        "most_at": here["site"].iloc[0] if len(here) else "",
        "next": more_expensive["site"].iloc[0] if len(more_expensive) else "",
        "asked_pflops": asked["value"],
        "unserved_pflops": routes.unserved(case, task, case.region),
        "price": routes.price(case, task, case.region),
        "reduced_cost": more_expensive["reduced_cost"].iloc[0] if len(more_expensive) else float("nan"),
    }


def of_all(case: Case) -> Explanation:
    """What is scarce, what stays unserved, which sites are full."""
    every = [stops.chain(case, task) for task in sorted(set(case.of("demand")["task"]))]
    chain = pd.concat(every).drop_duplicates(["limit", "site", "device"])
    chain = chain.sort_values("saving", ascending=False, kind="stable", ignore_index=True)
    sites = sorted(set(case.of("capacity")["site"]) - {""})
    assets = pd.concat([stops.assets(case, site).assign(site=site) for site in sites])
    full = assets[assets["share"] >= FULL].reset_index(drop=True)
    sentences = [
        *case.result.messages[:1],
        f"{len(full)} halls and connections are full; {len(chain)} limits carry a price.",
    ]
    sentences += [f"{limit_sentence(case, row)}." for row in chain.head(MOST).to_dict("records")]
    sentences.append("Add --site, --workload or --region for why.")
    tables = {"limits": chain, "full": full, "unserved": _largest(case.of("unserved"), ["task", "kind"])}
    return Explanation(f"{case.result.scenario.name}, {case.year}", tuple(sentences), tables)
