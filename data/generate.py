"""Writes the turbine and wind files of this folder from the packages they are published in.

    pip install py_wake==2.6.20 windIO==2.1.1 turbine-models==0.2.2 ruamel.yaml
    pip install --no-deps floris==4.7
    python data/generate.py

Output: turbines/*.yaml and wind/*.yaml, windIO 2.x, the same bytes on every run; each file is checked against the
windIO schema after writing, and so are farms/*.yaml (which are written by hand). Sources: README.md in this folder.
"""

import csv
import importlib.util
import math
import textwrap
from pathlib import Path

import numpy as np
import windIO
from py_wake.examples.data import hornsrev1
from py_wake.wind_turbines.generic_wind_turbines import GenericWindTurbine
from ruamel.yaml import YAML

HERE = Path(__file__).parent


def package_folder(name):
    """Folder of an installed package, without importing it."""
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])


def number_list(key, values, indent):
    """`key: [numbers]` in flow style, shortest exact decimal of every float, at most 120 columns."""
    prefix = " " * indent + key + ": ["
    text = ", ".join(repr(float(v)) for v in values) + "]"
    if len(prefix) + len(text) <= 120:
        return prefix + text + "\n"
    pad = " " * (indent + 2)
    lines = textwrap.wrap(text, 120 - len(pad), break_long_words=False, break_on_hyphens=False)
    return prefix + "\n" + "".join(pad + line + "\n" for line in lines)


def write_turbine(name, title, source, rated_power_w, rotor_diameter_m, hub_height_m, wind_speed_m_s, power_w, ct):
    text = "".join(f"# {line}\n" for line in source)
    text += f"name: {title}\nperformance:\n  rated_power: {float(rated_power_w)!r}\n"
    text += "  power_curve:\n"
    text += number_list("power_values", power_w, 4)
    text += number_list("power_wind_speeds", wind_speed_m_s, 4)
    text += "  Ct_curve:\n"
    text += number_list("Ct_values", ct, 4)
    text += number_list("Ct_wind_speeds", wind_speed_m_s, 4)
    text += f"hub_height: {float(hub_height_m)!r}\nrotor_diameter: {float(rotor_diameter_m)!r}\n"
    path = HERE / "turbines" / f"{name}.yaml"
    path.write_text(text)
    windIO.validate(path, "plant/turbine")


def write_generic(rated_mw):
    diameter = int(240 * math.sqrt(rated_mw / 15))
    hub_height = int(diameter / 240 * 150)
    turbine = GenericWindTurbine("generic", diameter, hub_height, power_norm=rated_mw * 1000, turbulence_intensity=0.1)
    wind_speed = np.arange(0.1, 30, 0.1)
    write_turbine(
        f"generic-{rated_mw}mw",
        f"Generic {rated_mw} MW",
        [
            "Generic pitch-controlled turbine: power from max_cp = 0.49 and drive-train losses, smoothed with a",
            "turbulence intensity of 0.1; thrust from one-dimensional momentum theory, 0.8 where it is constant.",
            f"Rotor diameter int(240 sqrt({rated_mw}/15)) m, hub height int(D/240 150) m. GenericWindTurbine, PyWake 2.6.20.",
        ],
        rated_mw * 1e6, diameter, hub_height, wind_speed, turbine.power(wind_speed), turbine.ct(wind_speed),
    )


def write_v80():
    curve = hornsrev1.power_curve
    write_turbine(
        "v80",
        "Vestas V80-2.0 MW",
        [
            "Vestas V80-2.0 MW as installed at Horns Rev 1. Table of PyWake 2.6.20, py_wake/examples/data/hornsrev1.py (MIT).",
        ],
        2e6, 80, 70, curve[:, 0], curve[:, 1], hornsrev1.ct_curve[:, 1],
    )


def write_iea_10mw():
    table = YAML(typ="safe").load(package_folder("floris") / "turbine_library" / "iea_10MW.yaml")
    curve = table["power_thrust_table"]
    write_turbine(
        "iea-10mw",
        "IEA-10.0-198-RWT",
        [
            "IEA Wind TCP Task 37 10 MW offshore reference turbine, NREL/TP-5000-73492, doi:10.2172/1529216.",
            "Electrical power (generator efficiency 0.94) and thrust as tabulated in FLORIS 4.7, iea_10MW.yaml (BSD-3-Clause).",
        ],
        1e7, table["rotor_diameter"], table["hub_height"], curve["wind_speed"],
        [1000.0 * kw for kw in curve["power"]], curve["thrust_coefficient"],
    )


def write_iea_15mw():
    path = package_folder("turbine_models") / "data" / "Offshore" / "IEA_Reference_15MW_240.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = [row[:5] for row in csv.reader(file)][1:]
    rows = [[float(v) for v in row] for row in rows if row and row[0]]
    # The published table covers operation only, 3 to 25 m/s: standstill is written out at both ends.
    wind_speed = [0.0, 2.9] + [row[0] for row in rows] + [25.01, 50.0]
    # Three decimals of a watt: the precision of the published table, free of the noise of kW x 1000.
    power = [0.0, 0.0] + [round(1000.0 * row[1], 3) for row in rows] + [0.0, 0.0]
    ct = [0.0, 0.0] + [row[4] for row in rows] + [0.0, 0.0]
    write_turbine(
        "iea-15mw",
        "IEA-15-240-RWT",
        [
            "IEA Wind TCP Task 37 15 MW offshore reference turbine, NREL/TP-5000-75698, doi:10.2172/1603478.",
            "Table of the PyPI package turbine-models 0.2.2, IEA_Reference_15MW_240.csv (BSD-3-Clause);",
            "standstill below 3 m/s and above 25 m/s written out as the nodes 0, 2.9, 25.01 and 50 m/s.",
        ],
        1.5e7, 240, 150, wind_speed, power, ct,
    )


def write_climate(name, title, source, sector_probability, weibull_a, weibull_k):
    count = len(sector_probability)
    text = "".join(f"# {line}\n" for line in source)
    text += f"name: {title}\nwind_resource:\n"
    text += number_list("wind_direction", [360 / count * i for i in range(count)], 2)
    for key, values in [("sector_probability", sector_probability), ("weibull_a", weibull_a), ("weibull_k", weibull_k)]:
        text += f"  {key}:\n" + number_list("data", values, 4) + "    dims: [wind_direction]\n"
    text += "  turbulence_intensity:\n    data: 0.1\n    dims: []\n"
    path = HERE / "wind" / f"{name}.yaml"
    path.write_text(text)
    windIO.validate(path, "plant/energy_resource")


def write_climates():
    site = hornsrev1.Hornsrev1Site().ds
    frequency, a, k = (site[key].values[:12] for key in ["Sector_frequency", "Weibull_A", "Weibull_k"])
    write_climate(
        "horns-rev-1",
        "Horns Rev 1",
        [
            "Sector-wise Weibull fit of Horns Rev 1, as Hornsrev1Site of PyWake 2.6.20 (MIT) has it; frequencies in per cent",
            "divided by their sum. Turbulence intensity 0.1.",
        ],
        frequency, a, k,
    )
    write_climate(
        "uniform",
        "Uniform in direction",
        [
            "Every direction equally likely. Weibull A and k: the frequency-weighted means of the twelve Horns Rev 1 sectors.",
            "Turbulence intensity 0.1.",
        ],
        [1 / 12] * 12, [math.fsum(frequency * a)] * 12, [math.fsum(frequency * k)] * 12,
    )


if __name__ == "__main__":
    for rated_mw in range(10, 16):
        write_generic(rated_mw)
    write_v80()
    write_iea_10mw()
    write_iea_15mw()
    write_climates()
    for farm in sorted((HERE / "farms").glob("*.yaml")):
        windIO.validate(farm, "plant/site")
