"""Reads an OUTPUT the way existing scripts do, and checks what the contract promises."""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as f:
    first = f["farm0_t0_s0"]["layout"][:]
    solved = [name for name in f if "layout" in f[name] and "aep" in f[name]]
    assert f.attrs["successful_configs"] == f.attrs["total_configs"] == len(solved)
    assert f.attrs["grid_size"].dtype.kind == "i" and f.attrs["random_pct"].dtype.kind == "i"
    for name in ("schema_version", "layoutopt_version", "sweep", "created", "wake_model", "rng"):
        assert name in f.attrs, name
    for name in solved:
        group = f[name]
        layout, aep, attrs = group["layout"], group["aep"], group.attrs
        assert layout.dtype == np.float64 and layout.shape == (2, attrs["n_turbines"]), name
        assert aep.dtype == np.float64 and aep.shape == () and aep[()] > 0, name
        assert name == f"farm{attrs['farm_idx']}_t{attrs['type_idx']}_s{attrs['ss_seed']}"
        for attribute in ("diameter", "aep_no_wake_gwh", "wake_loss_pct", "farm", "turbine", "case_id", "checksum"):
            assert attribute in attrs, attribute
        assert aep[()] < attrs["aep_no_wake_gwh"]
    table = f["cases/table"][:]
    assert len(table) == len(solved)
    for row in table:
        group = f[f"farm{row['farm_idx']}_t{row['type_idx']}_s{row['ss_seed']}"]
        assert row["aep_gwh"] == group["aep"][()] and row["n_turbines"] == group.attrs["n_turbines"]
        assert row["wake_loss_pct"] == group.attrs["wake_loss_pct"] and row["solved"] == 1
    assert "host" in f["metadata"].attrs and len(f["processing_log"]) == 1
    print(f"{len(solved)} layouts of {first.shape[1]} turbines")
