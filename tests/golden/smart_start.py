"""Makes smart_start.json: layouts that TOPFARM's smart start chooses with PyWake's Nygaard_2022 model.

TOPFARM 2.7.1, PyWake 2.6.20. In an environment with `pip install -r tests/golden/requirements.txt`:

    python tests/golden/smart_start.py

Each case has its complete inputs (the polygon as given, a turbine file of data/, the climate, the flow cases that rank
the candidates, the search settings) and x_m, y_m in the order of placement. A case with `error` runs out of positions:
`failed_turbine` is the index i in TOPFARM's message, and x_m, y_m are the turbines placed before it.

climate: either {"file", "interpolation", "turbulence_intensity"} (sector-wise Weibull) or {"uniform_direction": true,
"turbulence_intensity"}, PyWake's UniformSite: every flow case counts 1/360 times the direction step, no speed factor.

Facts of the run, for whoever compares (the last three not with random_pct 100, where no value is computed):

candidates            grid points inside the boundary, before the first turbine
smallest_margin       over all turbines, the smallest relative gap between the last candidate value that was good enough
                      and the first that was not; null if there never was a second one
most_exact_ties       over all turbines but the first, the largest number of candidates taken in addition to the share
                      because their value equals its last one exactly (candidates that no wake reaches)
stable_when_rounded   the layout stays the same when every candidate value changes by up to 1e-15 of itself, equal values
                      by the same amount: it does not hang on the order of summation
"""

import contextlib
import io

import numpy as np
from oracle import polygon, turbine, uniform_direction_site, weibull_site, write_json
from py_wake.literature.turbopark import Nygaard_2022
from topfarm import TopFarmProblem
from topfarm.constraint_components.boundary import XYBoundaryConstraint
from topfarm.constraint_components.spacing import SpacingConstraint
from topfarm.cost_models.py_wake_wrapper import PyWakeAEPCostModelComponent

EVERY_DEGREE = list(range(360))
RANKING_SPEEDS = [6, 8, 10, 12, 14]

SQUARE = [[0, 0], [6000, 0], [6000, 6000], [0, 6000]]
QUADRILATERAL = [[120, -310], [5340, 410], [6210, 4770], [-480, 5130]]
PENTAGON_CLOCKWISE = [[0, 0], [-1800, 4700], [2600, 8300], [7700, 6100], [6900, -900]]
L_SHAPE = [[0, 0], [2900, 130], [2810, 1210], [1130, 1320], [1010, 2950], [-90, 2840]]
U_SHAPE_CLOCKWISE = [[0, 0], [250, 7900], [2650, 8120], [2890, 2730], [6010, 2480], [6230, 7700], [8840, 8010], [9120, 190]]
ARROW = [[0, 0], [2210, 1530], [4130, 270], [2390, 4620]]
STAR = [[0, 4000], [-920, 1240], [-3800, 1270], [-1510, -480], [-2350, -3240], [40, -1560], [2390, -3190], [1470, -510],
        [3850, 1190], [930, 1260]]  # fmt: skip


def uniform(turbulence_intensity=0.1):
    return {"uniform_direction": True, "turbulence_intensity": turbulence_intensity}


def horns_rev(interpolation, turbulence_intensity=0.1):
    return {"file": "wind/horns-rev-1.yaml", "interpolation": interpolation, "turbulence_intensity": turbulence_intensity}


def case(name, boundary, turbine, climate, n_turbines, min_spacing_m, grid_size, random_pct, seed,
         wind_directions=EVERY_DEGREE, wind_speeds=RANKING_SPEEDS):  # fmt: skip
    return {
        "name": name,
        "boundary": boundary,
        "turbine": f"turbines/{turbine}.yaml",
        "climate": climate,
        "wind_directions_deg": list(wind_directions),
        "wind_speeds_m_s": list(wind_speeds),
        "grid_size": grid_size,
        "random_pct": random_pct,
        "seed": seed,
        "n_turbines": n_turbines,
        "min_spacing_m": min_spacing_m,
    }


CASES = [
    case("first eight of the whole dk0w job", polygon("farms/dk0w.yaml"), "generic-15mw", uniform(), 8, 720, 18, 30, 1),
    case("convex, always the best", QUADRILATERAL, "generic-10mw", uniform(), 9, 585, 8, 0, 3),
    case("clockwise pentagon, 10 %", PENTAGON_CLOCKWISE, "generic-15mw", horns_rev("nearest"), 12, 720, 10, 10, 7),
    case("concave L, V80", L_SHAPE, "v80", horns_rev("linear"), 16, 240, 12, 30, 11),
    case("concave L clockwise, 3.75 D", L_SHAPE[::-1], "v80", horns_rev("nearest"), 14, 300, 13, 30, 12),
    case("concave clockwise U, 50 %", U_SHAPE_CLOCKWISE, "generic-10mw", uniform(0.06), 15, 585, 11, 50, 5),
    case("concave arrow, random", ARROW, "v80", horns_rev("nearest"), 25, 160, 14, 100, 42),
    case("star", STAR, "generic-10mw", horns_rev("linear", 0.08), 10, 585, 14, 20, 4294967295),
    case("dk1a, Weibull", polygon("farms/dk1a.yaml"), "generic-15mw", horns_rev("nearest"), 20, 720, 12, 30, 0),
    case("dk0y, linear sectors", polygon("farms/dk0y.yaml"), "generic-10mw", horns_rev("linear"), 16, 585, 10, 30, 2),
    case("quickstart farm", polygon("farms/quickstart.yaml"), "generic-10mw", horns_rev("nearest"), 10, 585, 10, 30, 0),
    case("36 directions, 2 speeds", PENTAGON_CLOCKWISE, "generic-10mw", uniform(), 18, 600, 14, 30, 99,
         range(0, 360, 10), [8, 10]),
    case("12 directions, 6 speeds", QUADRILATERAL, "generic-15mw", horns_rev("nearest"), 7, 720, 9, 25, 17,
         range(0, 360, 30), [5, 7, 9, 11, 13, 15]),
    case("one speed", U_SHAPE_CLOCKWISE, "generic-15mw", horns_rev("linear"), 8, 960, 9, 30, 8, EVERY_DEGREE, [10]),
    case("72 directions, 23 speeds", L_SHAPE, "v80", horns_rev("linear", 0.06), 9, 400, 10, 15, 23,
         range(0, 360, 5), range(3, 26)),
    case("directions without constant step", ARROW, "v80", horns_rev("nearest"), 8, 240, 12, 30, 6,
         [*range(0, 90, 3), *range(90, 360, 5)]),
    case("nine directions, exact ties", ARROW, "v80", horns_rev("nearest"), 8, 240, 12, 30, 6,
         [0, 10, 45, 100, 180, 225, 270, 271, 300]),
    case("points on the boundary, spacing equal to the grid step", SQUARE, "generic-10mw", horns_rev("linear"), 8, 1200, 6,
         30, 10),
    case("four turbines far apart", QUADRILATERAL, "generic-15mw", uniform(), 4, 2400, 6, 30, 13),
    case("positions run out", QUADRILATERAL, "generic-15mw", uniform(), 12, 2400, 8, 30, 21),
    case("positions run out, random", ARROW, "v80", horns_rev("nearest"), 25, 900, 14, 100, 22),
]  # fmt: skip


def site(climate):
    if climate.get("uniform_direction"):
        return uniform_direction_site(climate["turbulence_intensity"])
    return weibull_site(climate["file"], climate["interpolation"], climate["turbulence_intensity"])


def good_share(z, random_pct):
    """How many values TOPFARM takes: the best random_pct of them and whatever equals the last of these; and the share."""
    share = max(1, int(np.round(random_pct / 100 * z.size)))
    return int((z >= np.sort(z)[-share]).sum()), share


class Search:
    """One smart start in TOPFARM, watched from inside the function that values the candidates."""

    def __init__(self, case, rounding=None):
        self.case = case
        self.rounding = rounding
        self.margins, self.ties = [], [0]
        n_turbines = case["n_turbines"]
        boundary = np.array(case["boundary"], float)
        model = Nygaard_2022(site(case["climate"]), turbine(case["turbine"]))
        cost = PyWakeAEPCostModelComponent(model, n_turbines)
        self.value = cost.get_aep4smart_start(wd=case["wind_directions_deg"], ws=case["wind_speeds_m_s"])
        self.problem = TopFarmProblem(
            {"x": np.zeros(n_turbines), "y": np.zeros(n_turbines)},
            cost_comp=cost,
            constraints=[XYBoundaryConstraint(boundary, "polygon"), SpacingConstraint(case["min_spacing_m"])],
        )
        axes = [np.linspace(low, high, case["grid_size"]) for low, high in zip(boundary.min(0), boundary.max(0))]
        self.grid = np.meshgrid(*axes)
        (boundary_component,) = [c for c in self.problem.model.constraint_components if hasattr(c, "distances")]
        self.candidates = int((boundary_component.distances(*[v.ravel() for v in self.grid]) >= 0).sum())

    def watched(self, x, y, wt_x, wt_y):
        z = self.value(x, y, wt_x, wt_y)
        if self.rounding:
            distinct, which = np.unique(z, return_inverse=True)
            z = z * (1 + 1e-15 * self.rounding.uniform(-1, 1, distinct.size))[which]
        good, share = good_share(z, self.case["random_pct"])
        if good < len(z):
            ranked = np.sort(z)[::-1]
            self.margins.append(ranked[good - 1] / ranked[good] - 1)
        if len(wt_x):
            self.ties.append(good - share)
        return z

    def layout(self, n_turbines=None):
        """Places the turbines, or only the first n_turbines of them."""
        if n_turbines is not None:
            self.problem.n_wt = n_turbines
            self.problem.update_state = lambda _: None
        with contextlib.redirect_stdout(io.StringIO()):
            return self.problem.smart_start(
                *self.grid, self.watched, random_pct=self.case["random_pct"], seed=self.case["seed"], show_progress=False
            )


def run(case):
    search = Search(case)
    found = {}
    try:
        x, y = search.layout()
    except Exception as error:
        assert str(error).startswith("No feasible positions for wt"), error
        placed = int(str(error).split()[-1])
        found = {"error": str(error), "failed_turbine": placed}
        x, y = search.layout(placed)
    found |= {"x_m": np.array(x), "y_m": np.array(y), "candidates": search.candidates}
    if case["random_pct"] < 100:
        margin = min(search.margins, default=None)
        repeats = 6 if margin is not None and margin < 1e-9 else 0
        again = [Search(case, np.random.default_rng(i)).layout(len(x)) for i in range(repeats)]
        found |= {
            "smallest_margin": margin,
            "most_exact_ties": max(search.ties),
            "stable_when_rounded": all(np.array_equal(other, (x, y)) for other in again),
        }
    return case | found


def main():
    cases = []
    for inputs in CASES:
        cases.append(run(inputs))
        print(inputs["name"], list(cases[-1].items())[13:], flush=True)
    write_json("smart_start.json", {
        "generator": "tests/golden/smart_start.py", "topfarm": "2.7.1", "pywake": "2.6.20", "cases": cases,
    })  # fmt: skip


if __name__ == "__main__":
    main()
