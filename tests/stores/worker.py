"""Worker files as the Python script left them, with the faults they had: run this to make worker_0.h5 and worker_1.h5 anew.

Farm 0 of sweep.toml beside it, ten turbines of 10 MW, rotor diameter 195 m.
"""

import sys
from pathlib import Path

import h5py
import numpy as np

HERE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
X = np.array([600.0, 1300.0, 2000.0, 2700.0, 3400.0] * 2)
Y = np.repeat([700.0, 1500.0], 5)


def case(f, farm, seed, layout, aep, **changed):
    group = f.create_group(f"farm{farm}_t0_s{seed}")
    group.create_dataset("layout", data=layout)
    group.create_dataset("aep", data=aep)
    attributes = dict(farm_idx=farm, type_idx=0, n_turbines=layout.shape[1], diameter=195.0, ss_seed=seed)
    for name, value in {**attributes, **changed}.items():
        group.attrs[name] = value


def layout(seed):
    return np.array([X + 10 * seed, Y])


with h5py.File(HERE / "worker_0.h5", "w") as f:
    f.create_dataset("init", data=np.zeros(1))
    case(f, 0, 0, layout(0), 0.0)  # never evaluated
    case(f, 0, 1, layout(1), 432.1)  # evaluated with other settings
    case(f, 1, 0, layout(0), 0.0)  # outside its farm
with h5py.File(HERE / "worker_1.h5", "w") as f:
    f.create_dataset("init", data=np.zeros(1))
    case(f, 0, 0, layout(0), 0.0)  # once more
    case(f, 0, 2, layout(2)[:, :9], 0.0)  # a turbine short
    case(f, 0, 3, layout(3), 0.0)  # no such seed
    case(f, 1, 1, layout(1) * np.nan, 0.0)
    case(f, 1, 2, layout(2), 0.0, ss_seed=7)  # contradicts its name
