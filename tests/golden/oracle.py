"""What the golden scripts share: PyWake turbines and sites made from the files in data/, and a JSON writer.

Not run by itself. PyWake 2.6.20. Powers in W, lengths in m, speeds in m/s, directions in degrees (coming from).
"""

import json
from pathlib import Path

import numpy as np
from py_wake.site import UniformSite, UniformWeibullSite
from py_wake.wind_turbines import WindTurbine
from py_wake.wind_turbines.power_ct_functions import PowerCtTabular
from ruamel.yaml import YAML

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "data"


def load(file):
    """A windIO file of data/, `!include` left as the file name."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("!include", lambda _, node: node.value)
    return yaml.load(DATA / file)


def turbine_table(file):
    """Speeds, power and thrust coefficient of a windIO turbine; both curves share their speeds."""
    performance = load(file)["performance"]
    power, ct = performance["power_curve"], performance["Ct_curve"]
    assert power["power_wind_speeds"] == ct["Ct_wind_speeds"]
    return np.array(power["power_wind_speeds"]), np.array(power["power_values"]), np.array(ct["Ct_values"])


def turbine(file, hub_height_m=None):
    """A PyWake turbine with the tables of a windIO turbine file, linear between the nodes."""
    data = load(file)
    wind_speed, power, ct = turbine_table(file)
    return WindTurbine(
        data["name"], data["rotor_diameter"], hub_height_m or data["hub_height"],
        PowerCtTabular(wind_speed, power, "w", ct, method="linear"),
    )


def weibull_site(file, interpolation, turbulence_intensity):
    """A PyWake site with the sector-wise Weibull climate of a windIO energy resource."""
    resource = load(file)["wind_resource"]
    return UniformWeibullSite(
        resource["sector_probability"]["data"], resource["weibull_a"]["data"], resource["weibull_k"]["data"],
        ti=turbulence_intensity, interp_method=interpolation,
    )


def uniform_direction_site(turbulence_intensity):
    """Every direction equally likely, no distribution of speeds: P(wd, ws) = 1/360 times the direction step."""
    return UniformSite(p_wd=[1], ti=turbulence_intensity)


def polygon(file):
    """Vertices [[x, y], ...] of a windIO site with one polygon."""
    (ring,) = load(file)["boundaries"]["polygons"]
    return [list(point) for point in zip(ring["x"], ring["y"])]


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item()


def _text(value, indent):
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{pad}{json.dumps(k)}: {_text(v, indent + 1)}" for k, v in value.items()) + f"\n{' ' * indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "[\n" + ",\n".join(pad + _text(v, indent + 1) for v in value) + f"\n{' ' * indent}]"
    return json.dumps(value, allow_nan=False)


def write_json(name, content):
    """Objects indented, every list of numbers on one line, floats as their shortest exact decimal."""
    plain = json.loads(json.dumps(content, default=_plain, allow_nan=False))
    (HERE / name).write_text(_text(plain, 0) + "\n")
