"""Where the national stock stands: published claims of the clusters, where each family is found, and weights of metros.

The figures below are the judgements that stock.csv rests on; stock.py turns them into devices.
"""

from __future__ import annotations

from common import number, reference
from demand import indices
from regions import provinces

ANCHORS = ("mean-2025", "end-2025", "mid-2026")
CLUSTER_SHARE_LIMIT = 0.58  # of national intelligent compute; the ten clusters together

# Intelligent compute at the cluster [PFLOP/s FP16] at mid-2025, end-2025 and mid-2026, after a discount from the scope
# of the claim to the cluster. Claims: cluster_capacity_facts.csv, power_facts.csv.
CLAIMS: dict[str, tuple[tuple[float, float, float], str]] = {
    "zhangjiakou": (
        (195e3, 320e3, 420e3),
        "mid of 255 EF (city) and 142 EF (18% of 788, CAICT); grown with the nation",
    ),
    "helingeer": (
        (99e3, 196e3, 235e3),
        "Inner Mongolia AI 116 (2025-06), 218 EF (2025-12), goal 320 end-2026; x 0.85-0.9",
    ),
    "guian": (
        (58e3, 116e3, 132e3),
        "Guizhou 85 (2025-08), AI 145 EF (2025-12), goal 190 end-2026; x 0.8 for the cluster",
    ),
    "zhongwei": ((54e3, 92e3, 130e3), "Ningxia 106 EF (2026-02) x 0.9; racks claimed to double by 2026-06"),
    "qingyang": (
        (28e3, 46e3, 66e3),
        "Gansu 66 (2025-08), 100 (2025-12), goal 150 EF (2026); x 0.45-0.5: 100 MW of hall hold no more",
    ),
    "wuhu": ((17e3, 27e3, 37e3), "Platform 26 EF (2025-09, with Hefei), 35 EF (2026-02); x 0.85-0.9"),
    "shaoguan": ((5e3, 15e3, 28e3), "5 EF (mid-2025) to 30 EF (2026-07); 35 MW mean load in 2026-01"),
    "tianfu": ((9e3, 11e3, 14e3), "Sichuan 5.5 EF (2023) to 40 EF (goal 2027, AI 60%), linear; x 0.7"),
    "chongqing": ((6e3, 8e3, 10e3), "No claim: as Tianfu by hall"),
    "yrd_demo": ((8e3, 16e3, 22e3), "No claim: by hall, as metros of the delta"),
}

# Family -> weight at clusters, weight at metros (1 = neutral), and where it is found: "all" or regions and clusters.
BIG = "110000 310000 320000 330000 440000"
LARGE = "zhangjiakou helingeer guian zhongwei wuhu"
PRESENCE: dict[str, tuple[float, float, str]] = {
    "ascend_910b": (1.0, 1.2, "all"),
    "ascend_910c": (1.6, 0.8, "all"),
    "ascend_950pr": (1.6, 0.6, f"{LARGE} qingyang shaoguan 440000 320000 340000 610000"),
    "mlu590": (1.2, 1.0, f"zhangjiakou helingeer wuhu qingyang {BIG}"),
    "hygon_bw1000": (
        1.2,
        1.0,
        "zhangjiakou tianfu chongqing qingyang 120000 370000 410000 510000 630000 110000 420000",
    ),
    "kunlun_p800": (1.2, 1.0, "zhangjiakou 140000 110000 320000 130000 440000"),
    "thead_ppu_810e": (1.2, 1.0, "zhangjiakou helingeer 330000 310000 440000 110000 320000 630000"),
    "metax_c500": (1.0, 1.0, "zhongwei 310000 320000 330000 430000 420000 340000 630000"),
    "enflame_s60": (
        0.8,
        1.2,
        "qingyang tianfu yrd_demo 310000 320000 330000 370000 410000 510000 350000 500000 520000",
    ),
    "nv_h800": (1.5, 0.8, f"{LARGE} yrd_demo tianfu {BIG} 120000 130000 140000 370000 650000 350000 340000"),
    "nv_h20": (
        0.7,
        1.2,
        f"zhangjiakou helingeer guian wuhu yrd_demo shaoguan {BIG} 120000 130000 370000 510000 420000 410000 350000 "
        "610000 140000",
    ),
    "nv_l20": (0.15, 1.5, "all"),
}

METRO_DEMAND_WEIGHT = 0.6
METRO_HALL_FOR_ACCELERATORS = 0.22  # of a metro's hall of mid-2025, at most (rated power)
METRO_MW_PER_PFLOPS = 3.1e-3  # rated power of the metros' mix of accelerators
SERVER_DEMAND_WEIGHT = 0.75
CLUSTER_RACK_OCCUPANCY = 0.6272  # ten clusters, 2024-03 (NDA, official)
RACK_OCCUPANCY_OF = {"shaoguan": 0.12}  # 170 GWh in 2025 leaves room for few servers


def cluster_claims(anchor: str, national: float) -> dict[str, float]:
    """Claims at the anchor; scaled down together where they exceed the limit share of the national figure."""
    step = ANCHORS.index(anchor)
    claims = {site: values[step] for site, (values, _) in CLAIMS.items()}
    factor = min(1.0, CLUSTER_SHARE_LIMIT * national / sum(claims.values()))
    return {site: value * factor for site, value in claims.items()}


def metro_hall_mw() -> dict[str, float]:
    return {row["adcode"]: number(row["hall_it_mw_2025_mid"]) or 0.0 for row in reference("metro_power")}


def metro_weights() -> dict[str, float]:
    """Weight of metro accelerators by region: 0.6 inference demand + 0.4 hall."""
    hall, demand = metro_hall_mw(), indices()["inference"]
    total = sum(hall.values())
    return {
        row["adcode"]: METRO_DEMAND_WEIGHT * demand[row["adcode"]]
        + (1 - METRO_DEMAND_WEIGHT) * hall[row["adcode"]] / total
        for row in provinces()
    }


def intelligent_by_site(anchor: str, national: float) -> dict[str, float]:
    """Dense peak by site [PFLOP/s]: claims at clusters, the rest at metros."""
    clusters = cluster_claims(anchor, national)
    left = national - sum(clusters.values())
    caps = {code: METRO_HALL_FOR_ACCELERATORS * mw / METRO_MW_PER_PFLOPS for code, mw in metro_hall_mw().items()}
    metros = spread(metro_weights(), caps, left)
    return clusters | {f"metro_{code}": pflops for code, pflops in metros.items()}


def seed(device: str, site: str) -> float:
    """Starting weight of a family at a site, before totals by family and by site are met; 0 where it is not found."""
    at_cluster, at_metro, places = PRESENCE[device]
    cluster = not site.startswith("metro_")
    if places != "all" and site.removeprefix("metro_") not in places.split():
        return 0.0
    return at_cluster if cluster else at_metro


def spread(weights: dict[str, float], caps: dict[str, float], total: float) -> dict[str, float]:
    """`total` spread by weight, never above the caps; what a cap turns away goes to the others."""
    placed = dict.fromkeys(weights, 0.0)
    open_ = set(weights)
    left = total
    while left > 1e-9 * total and open_:
        norm = sum(weights[key] for key in open_)
        step = {key: left * weights[key] / norm for key in sorted(open_)}
        for key, value in step.items():
            placed[key] = min(placed[key] + value, caps[key])
        open_ = {key for key in open_ if placed[key] < caps[key] * (1 - 1e-12)}
        left = total - sum(placed.values())
    if left > 1e-6 * total:
        raise ValueError(f"{left:.1f} of {total:.1f} finds no place under the caps")
    return placed
