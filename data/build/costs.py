"""Cost and finance parameters: the items that the model reads, then everything else of costs.csv that may be of use."""

from __future__ import annotations

from common import Record, Tables, computed, number, reference, short, slug
from halls import paths
from sites import site_region

PASSED_ON = (
    "fx",
    "dc_capex",
    "opex",
    "land",
    "grid",
    "lead_time",
    "backup",
    "renewables",
    "water",
    "power_price",
    "subsidy",
    "compute_rent",
)
MAPPED = ("server_non_accelerator_share", "cluster_network_adder", "dc_fixed_om", "it_om", "liquid_cooling_adder")
ROUTE_KM = 1500.0
MONTHS = 12.0
CORRIDOR_LIFE = 7
MOBILITY = {"intelligent": (0.15, 0.3, 0.5), "general": (0.08, 0.15, 0.3)}
SWITCHING_SHARES = (0.05, 0.15, 0.5)
MEAN_USE = 0.278  # of intelligent compute in mid-2026: reference_use of its tasks by their share
SERVER_USE = 0.25
SERVER_RENT = 25800 / 0.016 / 8760  # CNY per peak PFLOP/s h: 85,000 CNY x (6 years at 12 % + 6 %), 0.016 PFLOP/s each
POWER_PART = 0.15  # of what a 4 h battery costs: 0.3 of 2.0 million CNY/MW in the mid case
BATTERY_HOURS = 4.0
OWN_LINE_KM = (15.0, 20.0, 30.0)
OWN_LINE_MW = 300.0  # firm, one 220 kV circuit
RECEIVING_PART = 0.5  # of a substation: the plant's own step-up is in its cost


def _raw(item: str, region: str | None = None, year: str | None = None) -> dict[str, str]:
    rows = [row for row in reference("costs") if row["item"] == item]
    rows = [row for row in rows if region in (None, row["region"]) and year in (None, row["base_year"])]
    return rows[0]


def _cost(item: str, values: tuple[float, float, float], unit: str, source: str, quality: str) -> Record:
    low, mid, high = values
    return {
        "item": item,
        "low": low,
        "mid": mid,
        "high": high,
        "unit": unit,
        "source": short(source),
        "quality": quality,
    }


def _scaled(item: str, row: dict[str, str], factor: float, unit: str) -> Record:
    low, mid, high = (round((number(row[f"value_{case}"]) or 0.0) * factor, 9) for case in ("low", "mid", "high"))
    return _cost(item, (low, mid, high), unit, f"costs.csv {row['item']}: {row['source']}", row["quality"])


def model_items() -> list[Record]:
    pct = 0.01
    carriers, all_assets = "state carriers", "all"
    return [
        _scaled("server_share", _raw("server_non_accelerator_share"), pct, "1, of device price"),
        _scaled("fabric_share", _raw("cluster_network_adder"), pct, "1, of device price"),
        _scaled("it_om_share", _raw("it_om"), pct, "1/a, of IT capex"),
        _scaled("hall_om_share", _raw("dc_fixed_om"), pct, "1/a, of hall capex"),
        _scaled("discount_rate_halls", _raw("discount_rate_real", carriers), pct, "1/a, real"),
        _scaled("discount_rate_grid", _raw("discount_rate_real", carriers), pct, "1/a, real"),
        _scaled("discount_rate_private_operators", _raw("discount_rate_real", "private operators"), pct, "1/a, real"),
        _scaled("discount_rate_devices", _raw("discount_rate_accelerators", all_assets), pct, "1/a, real"),
        _scaled("hall_life_years", _raw("dc_building_life", all_assets), 1.0, "a"),
        _cost(
            "grid_life_years",
            (25.0, 30.0, 40.0),
            "a",
            "Usual life of substations and lines; no reference",
            "assumption",
        ),
        _scaled("liquid_cooling_million_cny_per_mw", _raw("liquid_cooling_adder"), 1.0, "million CNY/MW IT"),
        _scaled("discount_rate_power", _raw("discount_rate_real", carriers), pct, "1/a, real"),
        _scaled("discount_rate_system", _raw("discount_rate_real", carriers), pct, "1/a, real"),
    ]


def _values(row: dict[str, str]) -> tuple[float, float, float]:
    low, mid, high = (float(row[f"value_{case}"]) for case in ("low", "mid", "high"))
    return low, mid, high


def _three(values: list[float], decimals: int) -> tuple[float, float, float]:
    low, mid, high = (round(value, decimals) for value in values)
    return low, mid, high


def battery_items() -> list[Record]:
    """A battery priced by power and by energy, so that 4 hours of it cost what the reference says."""
    row = _raw("storage_battery_4h")
    whole = [BATTERY_HOURS * value / 1000 for value in _values(row)]  # million CNY/MW
    power = _three([POWER_PART * value for value in whole], 4)
    energy = _three([(value - part) / BATTERY_HOURS for value, part in zip(whole, power, strict=True)], 6)
    text = f"costs.csv storage_battery_4h: 400/500/700 CNY/kWh, split assumed, {{0}}: {row['source']}"
    quality = computed(row["quality"], "assumption")
    om_text = "Fixed operation and maintenance of batteries; analyst range, not in the references"
    return [
        _cost("battery_power_million_cny_per_mw", power, "million CNY/MW", text.format("15 % power, assumed"), quality),
        _cost("battery_energy_million_cny_per_mwh", energy, "million CNY/MWh", text.format("85 % energy"), quality),
        _scaled("battery_life_years", _raw("battery_lifetime"), 1.0, "a"),
        _cost(
            "battery_round_trip_efficiency",
            (0.85, 0.86, 0.88),
            "1",
            "costs.csv battery_lifetime: round-trip 85-88%; analyst knowledge",
            "assumption",
        ),
        _cost("battery_om_share", (0.01, 0.015, 0.02), "1/a, of capex", om_text, "assumption"),
    ]


def green_items() -> list[Record]:
    """What own plants and contracts cost beyond the plants themselves, and where grid carbon goes."""
    line, station = _raw("line_220kv_overhead"), _raw("substation_220kv")
    own_line = [
        km * per_km / OWN_LINE_MW + RECEIVING_PART * per_mva
        for km, per_km, per_mva in zip(OWN_LINE_KM, _values(line), _values(station), strict=True)
    ]
    return [
        _cost(
            "own_line_million_cny_per_mw",
            _three(own_line, 3),
            "million CNY/MW",
            "costs.csv line_220kv_overhead (15/20/30 km for 300 MW, assumed) + half of substation_220kv per MVA",
            computed(line["quality"], station["quality"], "assumption"),
        ),
        _cost(
            "green_contract_premium_cny_per_mwh",
            (10.0, 25.0, 50.0),
            "CNY/MWh",
            "Green power trading: 30-50 in the 2021 pilot (climatecooperation.cn), lower by 2024 (RMI); level assumed",
            "assumption",
        ),
        grid_carbon_change(),
    ]


def grid_carbon_change() -> Record:
    """Change of grid carbon from 2022 to 2023: the national one, and the provinces' by data-centre load of 2025."""
    factor = {row["adcode"]: row for row in reference("provinces") if row["grid_co2_kg_per_kwh_2022"]}
    before = after = 0.0
    region = site_region()
    for site, path in paths().items():
        if row := factor.get(region[site]):
            before += path.load_2025 * float(row["grid_co2_kg_per_kwh_2022"])
            after += path.load_2025 * float(row["grid_co2_kg_per_kwh_2023"])
    row = next(one for one in reference("policy_targets") if one["metric"] == "national_average_factor")
    national = float(row["value"]) / float(row["basis_note"].removeprefix("2022: ")) - 1
    weighted = after / before - 1
    return _cost(
        "grid_co2_change_per_year",
        _three([weighted, (national + weighted) / 2, national], 3),
        "1/a",
        "2022 to 2023 (MEE+NBS): national -1.1 %, provinces by data-centre load -3.2 %; midway; one year as a trend",
        "assumption",
    )


def corridor_items() -> list[Record]:
    """Overnight cost of capacity on a corridor.

    Mid and high: the half by distance of the yearly 600 and 1,500 CNY/Gbps/month, as the present value of 7 years.
    Low: the equipment that the same row names, 0.5 million CNY for 400 Gbit/s over 1,500 km, a sixteenth of mid.
    """
    row = next(one for one in reference("network") if one["item"] == "incremental_transport_cost_annualised")
    rate = float(_raw("discount_rate_real", "state carriers")["value_mid"]) / 100
    worth = (1 - (1 + rate) ** -CORRIDOR_LIFE) / rate
    per_km = [float(row[name]) * MONTHS / 2 / (ROUTE_KM / 1000) * worth / 1e6 for name in ("value", "value_high")]
    return [
        _cost(
            "corridor_million_cny_per_gbps_1000km",
            _three([0.5 / 400 / (ROUTE_KM / 1000), *per_km], 6),
            "million CNY/(Gbit/s 1000 km)",
            "network.csv: low = 0.5M CNY per 400G and 1,500 km; mid, high = distance half of 600, 1,500 CNY/Gbps/month "
            "for 7 a at 5.5 %",
            computed(row["quality"]),
        ),
        _cost(
            "corridor_life_years",
            (float(CORRIDOR_LIFE),) * 3,
            "a",
            "network.csv incremental_transport_cost_annualised: over 7 years",
            computed(row["quality"]),
        ),
    ]


def network_items() -> list[Record]:
    """Resource cost of lighting spare 400G waves over about 1,500 km: half by distance, half at the ends."""
    rows = [row for row in reference("network") if row["item"] == "incremental_transport_cost_annualised"]
    low, mid, high = (float(rows[0][name]) * MONTHS for name in ("value_low", "value", "value_high"))
    text = "network.csv: {0} of 600 CNY/Gbps/month (300-1,500) incremental 400G over 1,500 km; split assumed"
    per_km = tuple(round(value / 2 / (ROUTE_KM / 1000), 3) for value in (low, mid, high))
    per_end = tuple(round(value / 4, 3) for value in (low, mid, high))
    return [
        _cost(
            "network_cny_per_gbps_1000km_year",
            (per_km[0], per_km[1], per_km[2]),
            "CNY/(Gbit/s 1000 km a)",
            text.format("distance half"),
            "assumption",
        ),
        _cost(
            "network_end_cny_per_gbps_year",
            (per_end[0], per_end[1], per_end[2]),
            "CNY/(Gbit/s a), each of two ends",
            text.format("a quarter for each end"),
            "assumption",
        ),
    ]


def training_unit_items() -> list[Record]:
    """A further tier of switches under a training cluster, over the price of its devices.

    The adder of 8/12/20 % is read as a folded Clos network of two tiers, which has 3 ports of switches for each device
    (2 x tiers - 1); each further tier adds two ports, so two thirds of it.
    """
    row = _raw("cluster_network_adder")
    values = _three([value * 0.01 * 2 / 3 for value in _values(row)], 4)
    text = "costs.csv cluster_network_adder read as a network of two tiers (3 ports a device); a tier more is 2 ports"
    return [
        _cost(
            "training_unit_tier_share",
            values,
            "1, of device price, a tier",
            text,
            computed(row["quality"], "assumption"),
        )
    ]


def inertia_items() -> list[Record]:
    """How many customers move in a year anyway, and what one costs that is moved before it would.

    Switching cost: 5 / 15 / 50 % of the rent for every hour that the customer would have stayed. At the mobility of mid
    that is half a year's rent, paid once, of intelligent compute (stays 3 years) and a year's of general (6 years).
    Rent of intelligent compute: rent_per_bf16_pflops_hour / use; of general compute a new server's yearly cost.
    """
    rents = {"intelligent": _values(_raw("rent_per_bf16_pflops_hour")), "general": (SERVER_RENT,) * 3}
    uses = {"intelligent": MEAN_USE, "general": SERVER_USE}
    text = (
        "5/15/50 % of {0} per delivered PFLOP/s h: half a year's rent or a year's, once; analyst judgement, no source"
    )
    words = {"intelligent": "rent_per_bf16_pflops_hour / 0.278", "general": "a new server's 25,800 CNY a year"}
    out = []
    for kind, values in MOBILITY.items():
        unit = "1/a, of customers"
        told = "Contracts of 1 to 3 years, moves of a part at renewal; analyst judgement, no source"
        out.append(_cost(f"mobility_{kind}_per_year", values, unit, told, "assumption"))
        price = [share * rent / uses[kind] for share, rent in zip(SWITCHING_SHARES, rents[kind], strict=True)]
        name = f"switching_cost_{kind}_cny_per_pflops_h"
        out.append(_cost(name, _three(price, 2), "CNY/(PFLOP/s h)", text.format(words[kind]), "assumption"))
    return out


def carbon_items() -> list[Record]:
    """carbon_price_<year> for 2025 to 2030; 2027 and 2029 are midway between their neighbours."""
    known = {int(row["base_year"]): row for row in reference("costs") if row["item"].startswith("china_ets_price")}
    unit = "CNY/t CO2"
    out = []
    for year in range(2025, 2031):
        if year in known:
            out.append(_scaled(f"carbon_price_{year}", known[year], 1.0, unit))
            continue
        around = [known[year - 1], known[year + 1]]
        low, mid, high = (sum(float(row[f"value_{case}"]) for row in around) / 2 for case in ("low", "mid", "high"))
        out.append(
            _cost(f"carbon_price_{year}", (low, mid, high), unit, f"Mean of {year - 1} and {year + 1}", "assumption")
        )
    certificate = _cost(
        "green_certificate_cny_per_mwh",
        (1.0, 5.0, 30.0),
        "CNY/MWh",
        "Green certificates traded at a few CNY in 2024-25; analyst knowledge, not in the references",
        "assumption",
    )
    return [*out, certificate]


def other_items() -> list[Record]:
    """The rest of costs.csv as it stands; a repeated item gets its region, then its year, as a suffix."""
    rows = [row for row in reference("costs") if row["category"] in PASSED_ON and row["item"] not in MAPPED]
    names = [row["item"] for row in rows]
    out: list[Record] = []
    for row in rows:
        name = slug(row["item"])
        if names.count(row["item"]) > 1:
            name = f"{name}_{slug(row['region'])}"[:58].rstrip("_")
        if name in {one["item"] for one in out}:
            name = f"{name}_{row['base_year']}"
        out.append(_scaled(name, row, 1.0, row["unit"]))
    return out


def tables() -> Tables:
    made = model_items() + battery_items() + green_items() + network_items() + corridor_items() + training_unit_items()
    made += carbon_items() + inertia_items()
    return {"costs": made + other_items()}
