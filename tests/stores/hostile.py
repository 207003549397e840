"""Files that are well-formed HDF5 and wear a reader down: run this to make greedy.h5 and endless.h5 anew."""

import sys
from pathlib import Path

import h5py

HERE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent


with h5py.File(HERE / "greedy.h5", "w") as f:
    # 128 GiB once read, none of it stored: all fill value.
    group = f.create_group("farm0_t0_s0")
    group.create_dataset("layout", shape=(2, 2**33), dtype="f8", chunks=(2, 2**20))
    group.create_dataset("aep", data=1.0)

with h5py.File(HERE / "endless.h5", "w", libver="v110") as f:
    # One group of 512 MB, all fill value, under a thousand names, and an energy that is none: minutes of work, and not a word to say.
    group = f.create_group("farm0_t0_s0")
    group.create_dataset("layout", shape=(2, 2**25), dtype="f8", chunks=(2, 2**20))
    group.create_dataset("aep", data=float("nan"))
    for seed in range(1, 1000):
        f[f"farm0_t0_s{seed}"] = group
