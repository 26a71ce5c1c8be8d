"""Workloads as published, the tasks that they split into, and the daily shape of each task's arrivals."""

from __future__ import annotations

from dataclasses import dataclass

from common import Record, Tables, number, reference

NAMES_ZH = {
    "realtime_edge_inference": "实时与边缘推理",
    "interactive_llm_inference": "交互式大模型推理",
    "agent_inference": "智能体推理",
    "recsys_search_ads": "推荐搜索广告",
    "batch_inference": "批量推理",
    "fine_tuning": "微调与后训练",
    "frontier_pretraining": "前沿预训练",
    "scientific_hpc": "科学计算",
    "video_rendering": "视频与渲染",
    "general_cloud_web": "通用云与网站",
    "storage_backup_cold": "存储备份冷数据",
    "gov_sensitive": "政务与敏感数据",
    "industrial": "工业",
    "healthcare": "医疗健康",
    "transport_autonomous_driving": "交通与自动驾驶",
    "finance": "金融",
    "energy": "能源",
}
TRAINING = ("fine_tuning", "frontier_pretraining", "scientific_hpc", "transport_training")
METRO = ("realtime_edge_inference", "finance", "transport_roadside", "industrial_control")
PROVINCE = ("gov_sensitive", "healthcare", "energy", "industrial_planning")
REPEATABLE = (
    "batch_inference", "fine_tuning", "frontier_pretraining", "scientific_hpc", "offline_render", "industrial_planning",
    "transport_training",
)  # fmt: skip
SECTORS = {
    "gov_sensitive": "government", "industrial": "manufacturing", "healthcare": "healthcare",
    "transport_autonomous_driving": "transport", "finance": "finance", "energy": "energy",
}  # fmt: skip
"""Workload -> the AI+ pilot-base sector that it belongs to, or government; the others are general purpose."""
GENERAL_PURPOSE = {
    "interactive_llm_inference": (0.30, "most chat and search is consumers'"),
    "agent_inference": (0.45, "coding and office agents: firms more than consumers"),
    "batch_inference": (0.35, "labelling and moderation is mostly the internet firms' own"),
    "fine_tuning": (0.50, "industry models are tuned by their users; the rest by model makers"),
}
"""Task -> share of it that the six sectors use, and why; analyst judgement, no published split by sector was found."""
DOMESTIC_ONLY = ("gov_sensitive", "energy")
NOT_A_TASK = "storage_backup_cold"
GENERAL_VALUE_CNY = 2500.0  # general_cloud_web, per FP32 PFLOP/s h
INTELLIGENT_VALUE_SAME_CRITICALITY_CNY = 80.0  # recsys and industrial, criticality 4 as general_cloud_web


@dataclass(frozen=True)
class Part:
    """A task's differences from its workload."""

    task: str
    name: str
    share: float = 1.0
    limit_ms: float | None = None
    window_h: float | None = None
    profile: str = "near_flat"
    peak: float | None = None


SPLIT = {
    "video_rendering": (
        Part("cloud_gaming", "Cloud gaming and interactive graphics", 0.4, 20.0, 0.0, "evening_gaming"),
        Part("offline_render", "Offline render and transcoding", 0.6, 200.0, 8.0, "night_batch"),
    ),
    "industrial": (
        Part("industrial_control", "Industrial control and inspection", 0.3, 10.0, 0.0, "shift"),
        Part("industrial_planning", "Industrial planning and simulation", 0.7, 40.0, 24.0, "shift"),
    ),
    "transport_autonomous_driving": (
        Part("transport_roadside", "Roadside and vehicle-to-road computing", 0.1, 10.0, 0.0, "commute"),
        Part("transport_training", "Autonomous-driving training and simulation", 0.9, 200.0, 24.0, "near_flat"),
    ),
}
PROFILE_OF = {
    "realtime_edge_inference": "day_and_evening",
    "interactive_llm_inference": "chat",
    "agent_inference": "agent_office",
    "recsys_search_ads": "evening",
    "batch_inference": "near_flat",
    "fine_tuning": "office_overnight",
    "frontier_pretraining": "flat",
    "scientific_hpc": "near_flat",
    "general_cloud_web": "cloud_day",
    "gov_sensitive": "office",
    "healthcare": "office",
    "finance": "trading",
    "energy": "day_ahead",
}

# Raw shapes by hour, Beijing time, 00:00 first; raised to the power that gives the wanted peak, then scaled to mean 1.
SHAPES: dict[str, tuple[float, str]] = {
    "day_and_evening": (2.0, "25 20 16 14 14 18 30 48 66 80 88 90 84 80 80 82 85 90 95 100 100 92 70 42"),
    "chat": (1.8, "42 34 30 29 29 30 36 50 70 88 97 97 88 90 98 100 98 90 86 90 95 94 84 60"),
    "agent_office": (1.5, "58 54 50 48 48 50 55 64 78 93 100 98 86 92 100 100 98 92 84 80 78 74 68 62"),
    "evening": (1.7, "50 38 30 26 26 30 40 52 60 64 66 72 80 76 68 66 68 76 86 95 100 100 90 70"),
    "evening_gaming": (1.8, "55 40 28 22 20 20 25 34 42 50 56 62 72 70 66 66 68 74 86 97 100 99 90 72"),
    "cloud_day": (1.6, "46 36 30 27 27 30 40 56 74 90 98 97 88 86 92 95 94 90 90 96 100 95 82 62"),
    "office": (2.0, "18 15 14 14 14 16 24 48 80 98 100 94 62 66 92 97 94 80 50 38 34 30 26 22"),
    "shift": (1.5, "50 48 46 46 46 48 56 74 94 100 100 96 78 86 98 100 98 90 76 70 68 66 62 55"),
    "trading": (2.5, "14 12 11 11 11 12 16 28 55 96 100 92 50 88 96 90 55 40 32 30 28 25 20 16"),
    "commute": (1.4, "40 34 30 30 34 48 72 96 100 84 74 72 72 72 74 78 88 98 100 86 72 64 56 48"),
    "night_batch": (1.8, "95 90 80 70 58 48 40 36 36 38 40 42 42 42 44 46 50 58 66 76 86 95 100 98"),
    "office_overnight": (1.3, "84 82 80 78 76 75 76 80 88 95 98 98 92 94 98 100 100 100 98 95 92 90 88 86"),
    "day_ahead": (1.3, "76 74 73 73 74 76 80 84 88 93 96 96 92 92 95 98 100 100 98 95 92 88 84 80"),
    "near_flat": (1.1, "97 96 95 94 94 94 95 96 98 100 101 101 100 100 101 101 101 100 100 100 101 101 100 98"),
    "flat": (1.0, "1 " * 24),
}


def shaped(peak: float, shape: str) -> list[float]:
    """The shape with mean 1 and the wanted peak, to six decimals; the rounding goes to the median hour."""
    raw = [float(value) for value in shape.split()]

    def scaled(power: float) -> list[float]:
        values = [value**power for value in raw]
        mean = sum(values) / len(values)
        return [value / mean for value in values]

    low, high = 0.0, 60.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if max(scaled(middle)) < peak else (low, middle)
    hours = [round(value, 6) for value in scaled(low)]
    median = sorted(range(24), key=lambda hour: hours[hour])[12]
    hours[median] = round(hours[median] + 24 - sum(hours), 6)
    return hours


def profiles() -> list[Record]:
    return [
        {
            "profile": name,
            **{f"h{hour:02d}": value for hour, value in enumerate(shaped(peak, shape))},
            "source": f"Shape by analyst from the diurnal notes of workloads.csv, mean 1, peak {peak:g} (peak_to_mean)",
            "quality": "assumption",
        }
        for name, (peak, shape) in SHAPES.items()
    ]


def _share(row: dict[str, str], kind: str) -> float:
    return (number(row[f"share_{kind}_pct_2025"]) or 0.0) / 100


def workloads() -> list[Record]:
    return [
        {
            "workload": row["workload_id"],
            "name_en": row["workload"],
            "name_zh": NAMES_ZH[row["workload_id"]],
            "share_intelligent": round(_share(row, "intelligent"), 6),
            "share_general": round(_share(row, "general"), 6),
            "share_super": round(_share(row, "super"), 6),
            "source": "workloads.csv: analyst split anchored on IDC-Inspur (training 59% of AI server work in 2023)",
            "quality": row["quality"],
        }
        for row in reference("workloads")
    ]


def residency(task: str) -> str:
    if task in METRO:
        return "metro"
    return "province" if task in PROVINCE else "national"


def tier(task: str) -> str:
    """Security tier, as residency and device rules of the task already have it."""
    if task == "gov_sensitive":
        return "government_cloud"
    return {"metro": "city", "province": "province", "national": "public"}[residency(task)]


def market_value(row: dict[str, str], kind: str) -> float:
    """Value per PFLOP/s h of the kind; mixed classes are quoted per BF16, so their general part is scaled to FP32."""
    value = float(row["value_unserved_cny_per_pflops_h"])
    if kind == "general" and row["workload_id"] != "general_cloud_web":
        return round(value * GENERAL_VALUE_CNY / INTELLIGENT_VALUE_SAME_CRITICALITY_CNY, 1)
    return value


def redundancy(row: dict[str, str], task: str, kind: str) -> float:
    """compute_notes.md: N+1 about 1.1, two sites 1.3, 2N 2.0; work that can be repeated keeps no standby.

    Mean use of CPU servers (0.25) is over every server that runs, standby included, so general work has none on top.
    """
    if kind == "general" or task in REPEATABLE:
        return 1.0
    text = row["redundancy"]
    if text.startswith("2N,"):
        return 2.0
    if any(word in text for word in ("two", "multi-region", "2N")):
        return 1.3
    return 1.1 if "N+1" in text else 1.0


def _task(row: dict[str, str], part: Part, kind: str, share: float, both: bool) -> Record:
    workload = row["workload_id"]
    domestic = kind == "intelligent" and part.task in DOMESTIC_ONLY
    rule = row["foreign_chip_allowed"].split(" (")[0]
    standby = row["redundancy"].split(",")[0]
    value_note = "; general value = BF16 value x 2500/80 (FP32)" if kind == "general" and both else ""
    return {
        "task": f"{part.task}_general" if kind == "general" and both else part.task,
        "workload": workload,
        "name_en": part.name + (", CPU part" if kind == "general" and both else ""),
        "name_zh": NAMES_ZH[workload],
        "kind": kind,
        "work": "general" if kind == "general" else ("training" if part.task in TRAINING else "inference"),
        "share": share,
        **{
            f"growth_{case}_per_year": float(row[f"growth_{case}_pct_per_year_2025_2030"]) / 100
            for case in ("low", "mid", "high")
        },
        "round_trip_limit_ms": part.limit_ms or float(row["rtt_limit_ms"]),
        "residency": residency(part.task),
        "window_h": float(row["deferrability_h"]) if part.window_h is None else part.window_h,
        "profile": part.profile,
        "gbps_per_peak_pflops": float(row["network_gbps_per_pflops"]),
        "value_cny_per_peak_pflops_h": market_value(row, kind),
        "criticality": int(row["criticality_1_5"]),
        "redundancy": redundancy(row, part.task, kind),
        "foreign_devices_allowed": not domestic,
        "least_scale_up_devices": 1 if kind == "general" else int(row["min_scale_up_devices"]),
        "sector": SECTORS.get(workload, ""),
        "tier": tier(part.task),
        "source": f"workloads.csv ({workload}), share x {part.share:g}; standby: {standby}; "
        f"foreign chips: {rule}{value_note}",
        "quality": "assumption",
    }


def parts_of(row: dict[str, str]) -> tuple[Part, ...]:
    workload = row["workload_id"]
    return SPLIT.get(workload) or (Part(workload, row["workload"], profile=PROFILE_OF[workload]),)


def tasks() -> list[Record]:
    """Tasks by kind; the general shares are scaled up by 1 / (1 - 0.14) because storage is a fixed load, not a task."""
    out: list[Record] = []
    for kind in ("intelligent", "general"):
        rows = [row for row in reference("workloads") if row["workload_id"] != NOT_A_TASK and _share(row, kind) > 0]
        total = sum(_share(row, kind) for row in rows)
        for row in rows:
            both = _share(row, "intelligent") > 0
            for part in parts_of(row):
                out.append(_task(row, part, kind, round(_share(row, kind) / total * part.share, 9), both))
        kind_rows = [row for row in out if row["kind"] == kind]
        largest = max(kind_rows, key=lambda one: float(one["share"]))
        largest["share"] = round(largest["share"] + 1 - sum(row["share"] for row in kind_rows), 9)
    return out


def sector_shares() -> list[Record]:
    """Whose the general-purpose work is: a judged total, split like the sectors' own intelligent shares of 2025."""
    own = {
        SECTORS[row["workload_id"]]: _share(row, "intelligent")
        for row in reference("workloads")
        if row["workload_id"] in SECTORS
    }
    return [
        {
            "task": task,
            "sector": sector,
            "share": round(total * share / sum(own.values()), 6),
            "source": f"Analyst: {total:.0%} of it, as {why}; split like the sectors' own shares in workloads.csv",
            "quality": "assumption",
        }
        for task, (total, why) in GENERAL_PURPOSE.items()
        for sector, share in own.items()
    ]


def tables() -> Tables:
    return {"workloads": workloads(), "tasks": tasks(), "sector_shares": sector_shares(), "profiles": profiles()}
