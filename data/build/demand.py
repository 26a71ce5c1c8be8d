"""Each region's share of each task: indices of GDP and population, after hubs_notes.md section 5."""

from __future__ import annotations

from functools import cache

from common import Record, Tables, exact_shares, number
from regions import provinces
from tasks import tasks

Index = dict[str, float]
DEVELOPERS = {"110000": 1 / 3, "developers_by_gdp": 0.52}  # Beijing: over a third of registered models (CCID 2025)
DEVELOPER_PROVINCES = ("310000", "440000", "330000", "320000")
FINANCE_CENTRES = {"110000": 0.14, "310000": 0.20, "440000": 0.12}
INDUSTRY_FACTOR = {"110000": 0.5, "310000": 0.85, "460000": 0.5, "540000": 0.5}
SCIENCE_CENTRES = {"110000": 0.2, "310000": 0.1, "340000": 0.06, "440000": 0.08, "120000": 0.05}
INDEX_OF_TASK = {
    "realtime_edge_inference": "inference",
    "interactive_llm_inference": "inference",
    "agent_inference": "business",
    "recsys_search_ads": "inference",
    "batch_inference": "operators",
    "fine_tuning": "operators",
    "frontier_pretraining": "training",
    "scientific_hpc": "science",
    "cloud_gaming": "inference",
    "offline_render": "operators",
    "general_cloud_web": "general",
    "gov_sensitive": "public",
    "healthcare": "public",
    "industrial_control": "industry",
    "industrial_planning": "industry",
    "transport_roadside": "public",
    "transport_training": "vehicles",
    "finance": "finance",
    "energy": "energy",
}
FORMULAS = {
    "general": "0.5 GDP + 0.2 population + 0.3 GDP^1.2 (digital proxy)",
    "inference": "0.8 sqrt(population x GDP) + 0.2 GDP^1.2",
    "business": "0.5 general index + 0.5 inference index",
    "training": "Beijing 1/3 (CCID 2025), 0.52 SH+GD+ZJ+JS by GDP, rest by GDP",
    "operators": "0.5 training index + 0.5 inference index",
    "science": "five science centres 0.49 (judged), rest 0.51 by GDP",
    "public": "0.6 population + 0.4 GDP",
    "industry": "GDP, Beijing x 0.5, Shanghai x 0.85, Hainan and Tibet x 0.5",
    "vehicles": "0.5 training index + 0.5 GDP",
    "finance": "Shanghai 0.20, Beijing 0.14, Guangdong 0.12 (judged), rest by GDP^1.2",
    "energy": "0.5 GDP + 0.5 population",
}


def normalised(values: Index) -> Index:
    total = sum(values.values())
    return {key: value / total for key, value in values.items()}


def mixed(*parts: tuple[float, Index]) -> Index:
    keys = parts[0][1]
    return normalised({key: sum(weight * index[key] for weight, index in parts) for key in keys})


def _centres(fixed: Index, rest: Index) -> Index:
    """Fixed shares on top of what is left spread by an index over all regions."""
    left = 1 - sum(fixed.values())
    return {key: fixed.get(key, 0.0) + left * value for key, value in normalised(rest).items()}


@cache
def indices() -> dict[str, Index]:
    rows = provinces()
    gdp = normalised({row["adcode"]: number(row["gdp_100m_cny_2024"]) or 0.0 for row in rows})
    people = normalised({row["adcode"]: number(row["population_10k_2024"]) or 0.0 for row in rows})
    digital = normalised({key: value**1.2 for key, value in gdp.items()})
    root = normalised({key: (value * people[key]) ** 0.5 for key, value in gdp.items()})
    general = mixed((0.5, gdp), (0.2, people), (0.3, digital))
    inference = mixed((0.8, root), (0.2, digital))
    hosts = normalised({key: gdp[key] for key in DEVELOPER_PROVINCES})
    developers = {key: DEVELOPERS["developers_by_gdp"] * value for key, value in hosts.items()}
    others = {key: 0.0 if key in (*DEVELOPER_PROVINCES, "110000") else value for key, value in gdp.items()}
    training = _centres({"110000": DEVELOPERS["110000"], **developers}, others)
    return {
        "general": general,
        "inference": inference,
        "business": mixed((0.5, general), (0.5, inference)),
        "training": training,
        "operators": mixed((0.5, training), (0.5, inference)),
        "science": _centres(SCIENCE_CENTRES, gdp),
        "public": mixed((0.6, people), (0.4, gdp)),
        "industry": normalised({key: value * INDUSTRY_FACTOR.get(key, 1.0) for key, value in gdp.items()}),
        "vehicles": mixed((0.5, training), (0.5, gdp)),
        "finance": _centres(FINANCE_CENTRES, digital),
        "energy": mixed((0.5, gdp), (0.5, people)),
    }


def index_of(task: str) -> str:
    return INDEX_OF_TASK[task.removesuffix("_general")]


def demand() -> list[Record]:
    rows = []
    for task in tasks():
        index = index_of(task["task"])
        shares = exact_shares(indices()[index])
        rows += [
            {
                "region": region,
                "task": task["task"],
                "share": share,
                "source": f"Index '{index}': {FORMULAS[index]}; NBS 2024, hubs_notes.md section 5",
                "quality": "derived" if index in ("general", "inference", "business") else "assumption",
            }
            for region, share in shares.items()
        ]
    return rows


def tables() -> Tables:
    return {"demand": demand()}
