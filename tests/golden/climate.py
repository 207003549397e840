"""Makes climate.json: the probability of every (wind direction, wind speed) for sector-wise Weibull climates and a table.

PyWake 2.6.20 (UniformWeibullSite, XRSite). In an environment with `pip install -r tests/golden/requirements.txt`:

    python tests/golden/climate.py

Each case: sectors (or a table), interpolation between sectors, the directions and speeds asked for, and
probability[direction][speed] as PyWake has it, not renormalised. `sectors` is a climate given inline; `climate` names a
file in data/.
"""

import numpy as np
import xarray as xr
from oracle import load, write_json
from py_wake.site import UniformWeibullSite, XRSite

ALL_DIRECTIONS = np.arange(360)
ALL_SPEEDS = np.arange(3, 26)


def probability(site, wind_directions, wind_speeds):
    flow = site.local_wind(x=[0], y=[0], h=[100], wd=wind_directions, ws=wind_speeds)
    values = np.broadcast_to(flow.P_ilk, (1, len(wind_directions), len(wind_speeds)))[0]
    return {
        "wind_direction_deg": wind_directions,
        "wind_speed_m_s": wind_speeds,
        "total": float(values.sum()),
        "probability": values,
    }


def weibull_cases(name, climate, sectors, grids):
    for interpolation in ["nearest", "linear"]:
        site = UniformWeibullSite(*sectors.values(), ti=0.1, interp_method=interpolation)
        for wind_directions, wind_speeds in grids:
            yield {
                "name": name,
                **climate,
                "interpolation": interpolation,
                **probability(site, np.asarray(wind_directions), np.asarray(wind_speeds)),
            }


def table_cases():
    """Probabilities per sector and speed, given directly; the speeds of the table are used as they are."""
    speeds = np.array([4.0, 7.0, 9.5, 13.0])
    sectors = np.arange(0, 360, 45)
    table = np.random.default_rng(5).dirichlet(np.full(32, 2.0)).reshape(8, 4)
    for interpolation in ["nearest", "linear"]:
        dataset = xr.Dataset({"P": (("wd", "ws"), table), "TI": 0.1}, coords={"wd": sectors, "ws": speeds})
        site = XRSite(dataset, interp_method=interpolation)
        for wind_directions in [sectors, np.arange(0, 360, 5)]:
            yield {
                "name": "table",
                "table": {"wind_direction_deg": sectors, "wind_speed_m_s": speeds, "probability": table},
                "interpolation": interpolation,
                **probability(site, wind_directions, speeds),
            }


def main():
    resource = load("wind/horns-rev-1.yaml")["wind_resource"]
    horns_rev = {k: resource[k]["data"] for k in ["sector_probability", "weibull_a", "weibull_k"]}
    random = np.random.default_rng(8)
    varied = {
        "sector_probability": random.dirichlet(np.ones(8)),
        "weibull_a": random.uniform(4, 15, 8),
        "weibull_k": random.uniform(1.2, 4.0, 8),
    }
    subset = [0, 45, 90, 270], [6, 8, 10, 12, 14]
    cases = [
        *weibull_cases("horns-rev-1", {"climate": "wind/horns-rev-1.yaml"}, horns_rev, [
            (ALL_DIRECTIONS, ALL_SPEEDS),
            subset,
            (np.arange(0, 360, 15), [9]),
            ([270], [10]),
            (np.arange(0, 360, 30), [0, 1, 4, 5.5, 9, 30]),
        ]),
        *weibull_cases("varied, 8 sectors", {"sectors": varied}, varied, [
            (np.arange(0, 360, 7.5), ALL_SPEEDS),
            subset,
        ]),
        *table_cases(),
    ]  # fmt: skip
    write_json("climate.json", {"generator": "tests/golden/climate.py", "pywake": "2.6.20", "cases": cases})


if __name__ == "__main__":
    main()
