"""Makes overlap.json: the rotor-averaged Gaussian overlap factor as PyWake looks it up, and nodes of its table.

PyWake 2.6.20 (GaussianOverlapAvgModel). In an environment with `pip install -r tests/golden/requirements.txt`:

    python tests/golden/overlap.py

`values`: r_sigma (rotor radius / wake width), c_sigma (centre distance / wake width), f (overlap factor), read from the
interpolation table that simulations use, edges and points beyond it included. `nodes`: row i (r_sigma = 0.02 i), column j
(c_sigma = 0.02 j) and value of the table that PyWake ships and refines with a bicubic spline.
"""

import numpy as np
import xarray as xr
from oracle import write_json
from py_wake.rotor_avg_models.gaussian_overlap_model import GaussianOverlapAvgModel


def main():
    model = GaussianOverlapAvgModel()
    random = np.random.default_rng(20)
    pairs = [
        # the range equal rotors use, row 0 (point values), wide rotors, and far outside the table
        np.c_[random.uniform(0, 2, 180), random.uniform(0, 10, 180)],
        np.c_[np.zeros(40), np.r_[0, 0.005, 0.01, 0.015, random.uniform(0, 10, 36)]],
        np.c_[random.uniform(2, 20, 100), random.uniform(0, 10, 100)],
        np.c_[random.uniform(0, 0.05, 30), random.uniform(0, 3, 30)],
        np.c_[random.uniform(0, 25, 20), random.uniform(9.9, 40, 20)],
        np.c_[random.uniform(19.9, 50, 15), random.uniform(0, 12, 15)],
        # nodes of the coarse and of the fine table, and the corners
        [[r, c] for r in [0.0, 0.01, 0.02, 0.5, 1.57, 2.0, 19.99, 20.0] for c in [0.0, 0.01, 0.02, 1.23, 9.99, 10.0]],
        [[20.0, 10.0], [20.001, 10.0], [20.0, 10.001], [1e3, 1e3], [0.0, 1e3], [1e3, 0.0], [1.0, 1e-300], [1e-300, 1.0]],
    ]
    points = np.concatenate([np.asarray(p, float) for p in pairs])
    factor = model.overlap_interpolator(points)

    table = xr.load_dataarray(model.filename, engine="h5netcdf").values
    i = np.r_[0, 0, 0, 1, 1, 1000, 1000, random.integers(0, 220, 133), random.integers(0, 1001, 80)]
    j = np.r_[0, 1, 500, 0, 500, 0, 500, random.integers(0, 501, 213)]
    write_json("overlap.json", {
        "generator": "tests/golden/overlap.py",
        "pywake": "2.6.20",
        "values": {"r_sigma": points[:, 0], "c_sigma": points[:, 1], "f": factor},
        "nodes": {"i": i, "j": j, "value": table[i, j]},
    })  # fmt: skip


if __name__ == "__main__":
    main()
