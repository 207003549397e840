"""Both sides in one run on one machine: the same jobs by TOPFARM and PyWake, one process, and by layoutopt, on one thread and on all.

    make peers

Checks that the answers agree before it prints the table. TOPFARM 2.7.1, PyWake 2.6.20 (tests/golden/requirements.txt); `make peers` installs
them. Takes about a quarter of an hour, nearly all of it on the other side; `--quick` leaves out the smart start and the largest farm.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))

import numpy as np  # noqa: E402
from oracle import turbine, uniform_direction_site  # noqa: E402
from py_wake import literature  # noqa: E402
from py_wake.deficit_models.gaussian import IEA37SimpleBastankhahGaussianDeficit  # noqa: E402
from py_wake.literature.turbopark import Nygaard_2022  # noqa: E402
from py_wake.superposition_models import SquaredSum  # noqa: E402
from py_wake.wind_farm_models.engineering_models import All2All  # noqa: E402
from smart_start import Search  # noqa: E402

REFERENCE = json.loads((ROOT / "tests/golden/smart-start-dk0w-15mw-seed1.json").read_text())
TURBINE = "turbines/generic-15mw.yaml"
MODELS = {
    "nygaard-2022": Nygaard_2022,
    "jensen-1983": literature.Jensen_1983,
    "bastankhah-2014": lambda site, wts: literature.Bastankhah_PorteAgel_2014(site, wts, k=0.0324555),
    "iea37": lambda site, wts: All2All(site, wts, IEA37SimpleBastankhahGaussianDeficit(), SquaredSum()),
}
#: Directions that PyWake takes at once, by number of turbines: as many as fit into memory.
CHUNK = {500: 4}
SIZES = [50, 100, 200, 500, 1000]


def irregular(n):
    """A farm of n turbines about 5 D apart, in no grid."""
    i = np.arange(n)
    golden = 0.6180339887498949
    side = 1200 * np.sqrt(n)
    return {"x_m": list(side * ((i + 0.5) / n)), "y_m": list(side * ((i * golden) % 1))}


def jobs(quick):
    settings = REFERENCE["smart_start"]
    headline = {
        "model": "nygaard-2022", "boundary": REFERENCE["boundary"], "grid_size": settings["grid_size"],
        "n_turbines": settings["n_turbines"], "random_pct": settings["random_pct"],
        "min_spacing_m": settings["min_spacing_m"], "seed": settings["seed"], "wind_speeds_m_s": settings["ws"],
    }  # fmt: skip
    found = {} if quick else {"smart start, 66 turbines": headline}
    found["AEP, 66 turbines"] = {"model": "nygaard-2022", "x_m": REFERENCE["x"], "y_m": REFERENCE["y"]}
    for model in ("jensen-1983", "bastankhah-2014", "iea37"):
        found[f"AEP, 64 turbines, {model}"] = {"model": model, **irregular(64)}
    for n in SIZES:
        found[f"AEP, {n} turbines"] = {"model": "nygaard-2022", **irregular(n)}
    return found


def pywake_aep(job):
    """The shortest of three evaluations if they are short: the first also makes tables."""
    seconds, answer = pywake_aep_once(job)
    for _ in range(2 if seconds < 5 else 0):
        seconds = min(seconds, pywake_aep_once(job)[0])
    return seconds, answer


def pywake_aep_once(job):
    n = len(job["x_m"])
    model = MODELS[job["model"]](uniform_direction_site(0.1), turbine(TURBINE))
    x, y = np.array(job["x_m"]), np.array(job["y_m"])
    step = CHUNK.get(n, 360)
    start, total = time.perf_counter(), 0.0
    for first in range(0, 360, step):
        directions = np.arange(first, min(first + step, 360))
        power = model(x, y, wd=directions, ws=np.arange(3, 26), return_simulationResult=False)[2]
        total += power.sum() / 360 * 8760e-9
    return time.perf_counter() - start, {"aep_gwh": float(total)}


def topfarm_smart_start(job):
    case = {
        "boundary": job["boundary"], "turbine": TURBINE, "climate": {"uniform_direction": True, "turbulence_intensity": 0.1},
        "n_turbines": job["n_turbines"], "min_spacing_m": job["min_spacing_m"], "grid_size": job["grid_size"],
        "random_pct": job["random_pct"], "seed": job["seed"], "wind_directions_deg": list(range(360)),
        "wind_speeds_m_s": job["wind_speeds_m_s"],
    }  # fmt: skip
    search = Search(case)
    start = time.perf_counter()
    x, y = search.layout()
    return time.perf_counter() - start, {"x_m": list(x), "y_m": list(y)}


def ours(listed):
    folder = ROOT / "target" / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.json").write_text(json.dumps(listed))
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "peers", "--"]
    subprocess.run([*command, str(folder / "jobs.json"), str(folder / "answers.json")], cwd=ROOT, check=True)
    return json.loads((folder / "answers.json").read_text())


def disagreement(mine, theirs):
    """None, or what differs."""
    if "aep_gwh" in theirs:
        off = abs(mine["aep_gwh"] / theirs["aep_gwh"] - 1)
        return None if off <= 1e-8 else f"AEP off by {off:.1e}"
    same = mine["x_m"] == theirs["x_m"] and mine["y_m"] == theirs["y_m"]
    return None if same else "another layout"


def row(theirs, ours):
    """Each of our times, ms, and how many times theirs is as long."""
    cells = []
    for seconds in ours:
        cells.append("-" if seconds is None else f"{1e3 * seconds:.2f}")
        cells.append("-" if seconds is None or theirs is None else f"{theirs / seconds:.0f}")
    return " | ".join(cells)


def main():
    quick = "--quick" in sys.argv
    listed = jobs(quick)
    answers = ours(listed)
    print(f"layoutopt: {answers['simd']}, peak memory {answers['peak_memory_mb']:.0f} MB over all jobs\n")
    print(f"| job | TOPFARM / PyWake, s | one thread, ms | ratio | {os.cpu_count()} threads, ms | ratio | answers |")
    print("|---|---|---|---|---|---|---|")
    wrong = False
    for name, job in listed.items():
        mine = answers[name]
        times = [mine["seconds"], mine.get("seconds_everywhere")]
        n = len(job.get("x_m", []))
        if n > 500 or (quick and n == 500):
            print(f"| {name} | - | {row(None, times)} | - |", flush=True)
            continue
        seconds, theirs = topfarm_smart_start(job) if "n_turbines" in job else pywake_aep(job)
        fault = disagreement(mine, theirs)
        wrong |= fault is not None
        print(f"| {name} | {seconds:.2f} | {row(seconds, times)} | {fault or 'agree'} |", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
