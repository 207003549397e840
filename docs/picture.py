"""Draws docs/layouts.png from an OUTPUT of the built-in sweep.

    layoutopt --seeds 1 --output layouts.h5
    pip install h5py matplotlib
    python docs/picture.py layouts.h5
"""

import sys
import tomllib
from pathlib import Path

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

TYPE = 5  # 15 MW

with h5py.File(sys.argv[1]) as f:
    sweep = tomllib.loads(f.attrs["sweep"])
    fig, axes = plt.subplots(2, 5, figsize=(9, 5.6), dpi=110)
    for index, (farm, ax) in enumerate(zip(sweep["farms"], axes.flat)):
        group = f[f"farm{index}_t{TYPE}_s0"]
        ring = np.array(farm["boundary"])
        origin, x_y = ring.min(axis=0), group["layout"][:].T
        ax.fill(*((ring - origin) / 1000).T, facecolor="#dcebf5", edgecolor="#5b7f99", linewidth=1)
        ax.plot(*((x_y - origin) / 1000).T, "o", color="#12324a", markersize=2.2)
        ax.set_title(f"{group.attrs['farm']}\n{group['aep'][()] / 1000:.2f} TWh, {group.attrs['wake_loss_pct']:.1f} % lost", fontsize=8)
        ax.set_aspect("equal")
        ax.set_anchor("S")
        ax.tick_params(labelsize=6)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    turbine = sweep["turbines"][TYPE]["name"]
    fig.suptitle(f"66 turbines ({turbine}) in each of ten farms; axes in km", fontsize=9)
    fig.tight_layout()
    fig.savefig(Path(__file__).with_name("layouts.png"))
