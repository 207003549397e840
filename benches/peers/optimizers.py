"""TOPFARM's optimisers and ours from the same smart starts, for the same time on one core each.

    make peers-optimize                                       # four minutes a seed; SEEDS="0 1" for fewer of them
    python benches/peers/optimizers.py --seeds 0 1 2 3 4 --seconds 60

Farm 0 of `dei` with 15 MW turbines: 66 turbines at least 3 D apart, Nygaard_2022, Horns Rev 1 wind. TOPFARM's drivers: random search, SLSQP and
stochastic gradient descent with PyWake's automatic gradients. TOPFARM 2.7.1, PyWake 2.6.20. In its favour, gradient drivers and random search look at
120 directions x 8 speeds instead of 360 x 23, set-up does not count, layouts may miss a constraint by up to 1 mm, and of all that a driver tried
before the time was up the best feasible layout counts. All energies are `layoutopt evaluate`'s, which agrees with PyWake to 1e-8.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
sys.path.insert(0, str(ROOT / "benches"))

DRIVERS = ["random search", "SLSQP", "SGD"]
DIRECTIONS, SPEEDS = range(0, 360, 3), [5, 6.5, 8, 9.5, 11, 12.5, 14, 16]
SPACING_D, TOLERANCE_M = 3, 1e-3
#: Moves for one minute of one core; what is not spent in time is left.
BUDGET = 200_000


class TimeIsUp(Exception):
    pass


def farm():
    import oracle

    rotor_m = oracle.load("turbines/generic-15mw.yaml")["rotor_diameter"]
    return oracle.polygon("farms/dk0w.yaml"), SPACING_D * rotor_m


def topfarm(driver_name, start, seconds, out):
    """Runs one of TOPFARM's drivers and writes all layouts it looked at."""
    import numpy as np
    import oracle
    from py_wake.literature.turbopark import Nygaard_2022
    from py_wake.utils.gradients import autograd
    from topfarm import TopFarmProblem
    from topfarm.constraint_components.boundary import XYBoundaryConstraint
    from topfarm.constraint_components.constraint_aggregation import DistanceConstraintAggregation
    from topfarm.constraint_components.spacing import SpacingConstraint
    from topfarm.cost_models.cost_model_wrappers import AEPCostModelComponent
    from topfarm.drivers.random_search_driver import RandomizeTurbinePosition_Circle
    from topfarm.easy_drivers import EasyRandomSearchDriver, EasyScipyOptimizeDriver, EasySGDDriver

    np.random.seed(0)
    boundary, spacing_m = farm()
    turbine = oracle.turbine("turbines/generic-15mw.yaml")
    site = oracle.weibull_site("wind/horns-rev-1.yaml", "nearest", 0.1)
    model = Nygaard_2022(site, turbine)
    rows = [row for row in Path(start).read_text().splitlines() if not row.startswith("#")]
    places = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(rows)]
    x0, y0 = np.array(places).T
    n = len(x0)
    tried = []
    if driver_name == "SGD":
        # One direction and speed drawn for each of 50 flow cases an iteration, by their probability.
        wd, ws = np.arange(360), np.arange(3, 26)
        probability = np.array(site.local_wind(x=[0], y=[0], wd=wd, ws=ws).P).reshape(len(wd), len(ws))
        probability = probability.ravel() / probability.sum()

        def cases():
            drawn = np.random.choice(len(probability), 50, p=probability)
            return {"wd": wd[drawn // len(ws)], "ws": ws[drawn % len(ws)], "time": True}
    else:

        def cases():
            return {"wd": list(DIRECTIONS), "ws": SPEEDS}

    def aep(x, y, **_):
        tried.append((time.perf_counter(), list(map(float, x)), list(map(float, y)), 0.0))
        value = float(model(x=x, y=y, **cases()).aep().sum())
        tried[-1] = (*tried[-1][:3], value)
        return value

    def slopes(x, y, **_):
        tried.append((time.perf_counter(), list(map(float, x)), list(map(float, y)), float("nan")))
        return np.array(model.aep_gradients(gradient_method=autograd, wrt_arg=["x", "y"], x=x, y=y, **cases()))

    cost = AEPCostModelComponent(input_keys=["x", "y"], n_wt=n, cost_function=aep, cost_gradient_function=slopes)
    edge = XYBoundaryConstraint(np.array(boundary), "polygon")
    constraints = [edge, SpacingConstraint(spacing_m)]
    if driver_name == "random search":
        driver = EasyRandomSearchDriver(RandomizeTurbinePosition_Circle(max_step=5 * turbine.diameter()), max_iter=10**9, max_time=seconds)
    elif driver_name == "SLSQP":
        driver = EasyScipyOptimizeDriver(optimizer="SLSQP", maxiter=10**6, tol=1e-9, disp=False)
    else:
        begun = time.perf_counter()
        slopes(x0, y0)
        iterations = int(0.8 * seconds / (time.perf_counter() - begun))
        driver = EasySGDDriver(maxiter=max(10, iterations), learning_rate=turbine.diameter() / 5, gamma_min_factor=0.1)
        constraints = DistanceConstraintAggregation(edge, n, spacing_m, turbine)
    problem = TopFarmProblem({"x": x0, "y": y0}, cost, driver=driver, constraints=constraints, n_wt=n, expected_cost=1e-2)
    tried.clear()

    def stop(*_):
        raise TimeIsUp

    signal.signal(signal.SIGALRM, stop)
    begun = time.perf_counter()
    # Again every second: libraries swallow what is raised inside their callbacks.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        problem.optimize(disp=False)
    except TimeIsUp:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    kept = [(when - begun, x, y, value) for when, x, y, value in tried if when - begun <= seconds]
    Path(out).write_text(json.dumps(kept))


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, **more).stdout


def written(folder, x, y):
    path = folder / "candidate.csv"
    path.write_text("x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(x, y)))
    return path


def best_of(binary, plant, tried, folder):
    """AEP of the best feasible layout, GWh, and how many there were."""
    import math

    from iea37 import outside_m

    boundary, spacing_m = farm()
    ring = [tuple(point) for point in boundary]

    def feasible(x, y):
        places = list(zip(x, y))
        apart = all(math.dist(a, b) >= spacing_m - TOLERANCE_M for i, a in enumerate(places) for b in places[:i])
        return apart and all(outside_m(place, [ring]) <= TOLERANCE_M for place in places)

    found = [(value, k) for k, (_, x, y, value) in enumerate(tried) if feasible(x, y)]
    # The best by the driver's own look at them, and the last, which a driver that draws its wind cannot rank.
    ranked = sorted((pair for pair in found if pair[0] == pair[0]), reverse=True)[:5] + found[-5:]
    energies = [evaluated(binary, plant, written(folder, *tried[k][1:3])) for k in sorted({k for _, k in ranked})]
    return max(energies, default=float("nan")), len(found)


def evaluated(binary, plant, layout):
    return json.loads(run(binary, "evaluate", plant, "--layout", layout, "--json"))["aep_gwh"]


def compare(binary, seed, seconds, folder):
    name = f"farm0_t5_s{seed}"
    run(binary, "run", "dei", "--farms", "0", "--types", "5", "--seeds", f"{seed}..{seed + 1}", "--rng", "numpy", "--output", folder / "s.h5", "-q")
    plant, start, best = folder / "plant.yaml", folder / "start.csv", folder / "best.csv"
    run(binary, "export", folder / "s.h5", "--case", name, "--output", plant)
    run(binary, "export", folder / "s.h5", "--case", name, "--output", start)
    begun = evaluated(binary, plant, start)
    run(binary, "optimize", plant, "--output", best, "--min-spacing", SPACING_D, "--budget", BUDGET, "--starts", 1, "--time", seconds,
        "--threads", 1, "--seed", seed, "-q")  # fmt: skip
    ours = evaluated(binary, plant, best)
    row, lost = [f"{begun:.3f}", f"{ours:.3f}"], []
    for driver in DRIVERS:
        out = folder / "tried.json"
        run(sys.executable, __file__, "--driver", driver, "--start", start, "--seconds", seconds, "--out", out)
        theirs, count = best_of(binary, plant, json.loads(out.read_text()), folder)
        row.append(f"{theirs:.3f} ({count} feasible)")
        if theirs >= ours:
            lost.append(driver)
    print(f"| {seed} | " + " | ".join(row) + " |", flush=True)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "target" / "release" / "layoutopt")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--driver", choices=DRIVERS, help="used by the script itself, in a process of its own")
    parser.add_argument("--start")
    parser.add_argument("--out")
    settings = parser.parse_args()
    if settings.driver:
        topfarm(settings.driver, settings.start, settings.seconds, settings.out)
        return
    print(f"{settings.seconds} s on one core each, AEP in GWh\n")
    print("| seed | smart start | layoutopt | " + " | ".join(f"TOPFARM {driver}" for driver in DRIVERS) + " |")
    print("|---|---|---|" + "---|" * len(DRIVERS))
    lost = []
    for seed in settings.seeds:
        with tempfile.TemporaryDirectory() as folder:
            lost += compare(settings.binary, seed, settings.seconds, Path(folder))
    sys.exit(f"not better than: {', '.join(lost)}" if lost else 0)


if __name__ == "__main__":
    main()
