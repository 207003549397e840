"""Makes flow.h5: three wind farms with the Nygaard_2022 model over 360 directions x 23 speeds, every turbine, every case.

PyWake 2.6.20. In an environment with `pip install -r tests/golden/requirements.txt`:

    python tests/golden/flow.py

One group per farm:

    x_m, y_m, type                      (n)         type indexes the groups `types/0`, `types/1`, ...
    wind_direction_deg, wind_speed_m_s  (360), (23)
    probability                         (360, 23)   of each flow case, not renormalised
    ws_eff_m_s, power_w                 (n, 360, 23)
    turbine_aep_gwh                     (n)
    attributes: aep_gwh, aep_no_wake_gwh, turbulence_intensity, climate, interpolation, max_change_by_tie_order
    types/T: wind_speed_m_s, power_w, ct (tables, linear, constant outside); attributes rotor_diameter_m, hub_height_m

    irregular   14 generic 15 MW turbines inside the farm dk0w (UTM coordinates), Horns Rev 1 nearest, TI 0.1
    mixed       14 turbines of four types and hub heights (70 to 200 m), down to 2.5 D apart, an aligned row, linear, TI 0.06
    grid        4 x 4 IEA 10 MW turbines 5 D apart: exact ties in downwind distance at 0, 90, 180, 270 degrees, TI 0.08

Turbines with exactly equal downwind distance (grid; the row of `mixed`) are processed by PyWake in the order of an unstable
sort, and only the later one feels the other. `max_change_by_tie_order` is the largest relative change of an effective
wind speed when the sort is made stable, or stable in reverse: it shows whether a stored number depends on that order.
"""

import io

import h5py
import numpy as np
from oracle import HERE, load, turbine, turbine_table, weibull_site
from py_wake.literature.turbopark import Nygaard_2022
from py_wake.site.distance import StraightDistance
from py_wake.wind_turbines import WindTurbines

DIRECTIONS = np.arange(360)
SPEEDS = np.arange(3, 26)

IRREGULAR = dict(
    types=[("turbines/generic-15mw.yaml", None)],
    x_m=[704612.25, 706120.5, 707981.75, 705333.0, 709204.5, 711950.25, 713230.75, 717402.0, 710480.5, 707015.25,
         705902.75, 711333.5, 718850.25, 715204.0],
    y_m=[6228940.5, 6230115.25, 6229530.75, 6232208.5, 6232960.25, 6236410.75, 6240125.5, 6251233.25, 6242077.5, 6246790.0,
         6251904.75, 6254460.25, 6255120.5, 6257340.75],
    type=[0] * 14,
    interpolation="nearest",
    turbulence_intensity=0.1,
)  # fmt: skip

# Distances below are metres; the row y = 1200 is aligned with 90/270 degrees at 2.5 D of the 195 m rotors.
MIXED = dict(
    types=[
        ("turbines/generic-10mw.yaml", None),
        ("turbines/v80.yaml", None),
        ("turbines/generic-15mw.yaml", None),
        ("turbines/generic-15mw.yaml", 200.0),
    ],
    x_m=[0.0, 487.5, 975.0, 1462.5, 1950.0, 130.0, 420.0, 655.0, 1225.0, 1710.0, 300.0, 905.0, 1550.0, 2100.0],
    y_m=[1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1785.0, 640.0, 1690.0, 1830.0, 1755.0, 90.0, 480.0, 610.0, 120.0],
    type=[0, 0, 1, 2, 3, 2, 1, 1, 3, 0, 3, 0, 2, 1],
    interpolation="linear",
    turbulence_intensity=0.06,
)

GRID = dict(
    types=[("turbines/iea-10mw.yaml", None)],
    x_m=[990.0 * (i % 4) for i in range(16)],
    y_m=[990.0 * (i // 4) for i in range(16)],
    type=[0] * 16,
    interpolation="nearest",
    turbulence_intensity=0.08,
)


class TiesInGivenOrder(StraightDistance):
    """Orders turbines by downwind distance, those with exactly equal distance by index, ascending or descending."""

    def __init__(self, reverse):
        super().__init__()
        self.reverse = reverse

    def dw_order_indices(self, src_x_ilk, src_y_ilk, wd_l):
        step = -1 if self.reverse else 1
        count = len(src_x_ilk)
        order = np.empty((len(wd_l), 1, count), int)
        for row, wd in zip(order, wd_l):
            cos, sin = self._cos_sin(wd)
            downwind = (-cos * src_x_ilk - sin * src_y_ilk).ravel()
            given = np.arange(count)[::step]
            row[0] = given[np.argsort(downwind[::step], kind="stable")]
        return order


def simulate(farm, distance=None):
    site = weibull_site("wind/horns-rev-1.yaml", farm["interpolation"], farm["turbulence_intensity"])
    if distance:
        site.distance = distance
    turbines = WindTurbines.from_WindTurbine_lst([turbine(file, hub) for file, hub in farm["types"]])
    model = Nygaard_2022(site, turbines)
    return model(farm["x_m"], farm["y_m"], type=farm["type"], wd=DIRECTIONS, ws=SPEEDS)


def write(group, farm):
    result = simulate(farm)
    effective = result.WS_eff.ilk()
    changes = [np.abs(simulate(farm, TiesInGivenOrder(r)).WS_eff.ilk() / effective - 1).max() for r in [False, True]]
    probability = np.broadcast_to(result.P.ilk(), (1, 360, 23))[0]
    aep = result.aep()

    small = {
        "x_m": np.array(farm["x_m"]), "y_m": np.array(farm["y_m"]), "type": np.array(farm["type"], np.int64),
        "wind_direction_deg": DIRECTIONS.astype(float), "wind_speed_m_s": SPEEDS.astype(float),
        "turbine_aep_gwh": aep.sum(["wd", "ws"]).values,
    }  # fmt: skip
    large = {"probability": probability, "ws_eff_m_s": effective, "power_w": result.Power.ilk()}
    for name, values in small.items():
        group.create_dataset(name, data=values, track_times=False)
    for name, values in large.items():
        chunks = (1, *values.shape[1:]) if values.ndim == 3 else None
        group.create_dataset(name, data=values, chunks=chunks or True, compression="gzip", compression_opts=9,
                             shuffle=True, track_times=False)  # fmt: skip
    group.attrs["aep_gwh"] = float(aep.sum())
    group.attrs["aep_no_wake_gwh"] = float(result.aep(with_wake_loss=False).sum())
    group.attrs["turbulence_intensity"] = farm["turbulence_intensity"]
    group.attrs["climate"] = "wind/horns-rev-1.yaml"
    group.attrs["interpolation"] = farm["interpolation"]
    group.attrs["max_change_by_tie_order"] = max(changes)

    for index, (file, hub_height_m) in enumerate(farm["types"]):
        table = group.create_group(f"types/{index}")
        for name, values in zip(["wind_speed_m_s", "power_w", "ct"], turbine_table(file)):
            table.create_dataset(name, data=values, track_times=False)
        table.attrs["rotor_diameter_m"] = float(load(file)["rotor_diameter"])
        table.attrs["hub_height_m"] = float(hub_height_m or load(file)["hub_height"])
    print(group.name, {k: v for k, v in group.attrs.items()}, "lowest speed", effective.min())


def main():
    image = io.BytesIO()
    with h5py.File(image, "w", libver=("v108", "v110"), track_order=False) as file:
        file.attrs["generator"] = "tests/golden/flow.py"
        file.attrs["pywake"] = "2.6.20"
        for name, farm in [("irregular", IRREGULAR), ("mixed", MIXED), ("grid", GRID)]:
            write(file.create_group(name), farm)
    (HERE / "flow.h5").write_bytes(image.getvalue())


if __name__ == "__main__":
    main()
