"""Makes models.h5: published wake models, and models composed of the same parts, on three farms over 360 directions x 23 speeds.

PyWake 2.6.20. In an environment with `pip install -r tests/golden/requirements.txt`:

    python tests/golden/models.py

    farms/F                                 F = irregular, row, mixed: the inputs
        x_m, y_m, type                      (n)         type indexes the groups `types/0`, `types/1`, ...
        wind_direction_deg, wind_speed_m_s  (360), (23) all flow cases, all of them in every AEP
        stored_wind_direction_deg           (s)         directions whose speeds are stored: every 8, 1 and 10 degrees
        probability                         (360, 23)   of each flow case, not renormalised
        attributes: turbulence_intensity, climate, interpolation
        types/T: wind_speed_m_s, power_w, ct (tables, linear, constant outside); attributes rotor_diameter_m, hub_height_m

    models/M                                attributes: class (what is run), doi where it is published, and the parts by name
        F/ws_eff_m_s                        (n, s, 23)
        F/ti_eff                            (n, s, 23)  where the model has added turbulence
        F/turbine_aep_gwh, F/direction_aep_gwh          (n), (360)  each sums to aep_gwh
        F: attributes aep_gwh, aep_no_wake_gwh, max_change_by_tie_order

    irregular   32 IEA 10 MW turbines (thrust coefficient up to 0.926), nearest neighbours 3 to 6 D apart, TI 0.1
    row         10 V80 turbines in a row along 270 degrees, 5 D apart, TI 0.06
    mixed       the farm `mixed` of flow.h5, its row at 2.5 D staggered by 0.25 m: four types and hub heights, TI 0.06

`row` has the published models only. `max_change_by_tie_order` is explained in flow.py.

WeightedSum (zong-2020) stops iterating when the worst flow case of the whole call has converged, or after five rounds. Its numbers
therefore belong to the full 360 x 23 cases solved in one call, as here; the attribute `max_change_one_direction_per_call` is the
largest relative change of an effective speed when every direction is solved in a call of its own.
"""

import io

import h5py
import numpy as np
from flow import DIRECTIONS, MIXED, SPEEDS, TiesInGivenOrder
from oracle import HERE, load, turbine, turbine_table, weibull_site
from py_wake import literature
from py_wake.deficit_models.gaussian import (
    BastankhahGaussianDeficit,
    BlondelSuperGaussianDeficit2020,
    IEA37SimpleBastankhahGaussianDeficit,
    NiayifarGaussianDeficit,
    TurboGaussianDeficit,
    ZongGaussianDeficit,
)
from py_wake.deficit_models.noj import NOJDeficit, NOJLocalDeficit
from py_wake.deficit_models.utils import ct2a_madsen, ct2a_mom1d
from py_wake.ground_models.ground_models import Mirror
from py_wake.literature.gaussian_models import CarbajoFuertes_etal_2018
from py_wake.rotor_avg_models.area_overlap_model import AreaOverlapAvgModel
from py_wake.rotor_avg_models.gaussian_overlap_model import GaussianOverlapAvgModel
from py_wake.superposition_models import LinearSum, MaxSum, SqrMaxSum, SquaredSum
from py_wake.turbulence_models.crespo import CrespoHernandez
from py_wake.turbulence_models.stf import STF2005TurbulenceModel, STF2017TurbulenceModel
from py_wake.wind_farm_models.engineering_models import All2All, PropagateDownwind
from py_wake.wind_turbines import WindTurbines


def scattered(count, side_m, spacing_m):
    """Turbines dropped at random in a square, those too close to an earlier one left out; multiples of 0.25 m."""
    random = np.random.RandomState(3)
    kept = np.empty((0, 2))
    while len(kept) < count:
        point = np.round(random.rand(2) * side_m * 4) / 4
        if np.all(np.hypot(*(kept - point).T) >= spacing_m):
            kept = np.vstack([kept, point])
    return kept.T


X, Y = scattered(32, 5400.0, 3 * 198.0)
# No two turbines at the same downwind distance in any whole degree: the overlap of large rotors 2.5 D aside of each other is not
# small enough (4e-7) to leave the order in which the unstable sort puts them to chance.
STAGGERED = [y + 0.25 * i if y == 1200.0 else y for i, y in enumerate(MIXED["y_m"])]
FARMS = {
    "irregular": dict(types=[("turbines/iea-10mw.yaml", None)], x_m=X, y_m=Y, type=[0] * 32, interpolation="nearest",
                      turbulence_intensity=0.1, every=8),
    "row": dict(types=[("turbines/v80.yaml", None)], x_m=400.0 * np.arange(10), y_m=np.zeros(10), type=[0] * 10,
                interpolation="nearest", turbulence_intensity=0.06, every=1),
    "mixed": dict(**MIXED | {"y_m": STAGGERED}, every=10),
}  # fmt: skip


def crespo(c, ct2a):
    return CrespoHernandez(ct2a=ct2a, c=c, addedTurbulenceSuperpositionModel=SqrMaxSum(), rotorAvgModel=AreaOverlapAvgModel())


class SquaredSumOfTinyNegatives(SquaredSum):
    """SquaredSum refuses deficits below zero; the super-Gaussian one is -1e-16, not 0, where the thrust is 0."""

    def __call__(self, value_jxxx):
        assert np.all(value_jxxx > -1e-12)
        return super().__call__(np.maximum(value_jxxx, 0))


# What the attributes say: ct_to_induction and expansion of the deficit; speed is the one the deficit is a fraction of.
BASE = {"rotor_average": "centre", "ground": "none", "added_turbulence": "none", "propagation": "downwind"}
CRESPO = {
    "added_turbulence": "crespo-hernandez", "crespo_ct_to_induction": "momentum", "crespo_c": [0.73, 0.8325, 0.0325, -0.32],
    "added_turbulence_superposition": "sqrt(ambient^2 + max^2)", "added_turbulence_rotor_average": "area-overlap",
}  # fmt: skip
STF = {"added_turbulence_weight": "frandsen", "added_turbulence_rotor_average": "centre"}

PUBLISHED = {
    "jensen-1983": (lambda site, wts: literature.Jensen_1983(site, wts), {
        "class": "py_wake.literature.Jensen_1983",
        "deficit": "top-hat", "k": 0.1, "ct_to_induction": "madsen", "speed": "free stream at source",
        "rotor_average": "area-overlap", "superposition": "squared",
    }),
    "bastankhah-2014": (lambda site, wts: literature.Bastankhah_PorteAgel_2014(site, wts, k=0.0324555), {
        "class": "py_wake.literature.Bastankhah_PorteAgel_2014, k=0.0324555", "doi": "10.1016/j.renene.2014.01.002",
        "deficit": "gaussian", "k": 0.0324555, "ceps": 0.2, "ctlim": 0.899, "ct_to_induction": "momentum",
        "speed": "effective at source", "superposition": "linear",
    }),
    "iea37": (lambda site, wts: All2All(site, wts, IEA37SimpleBastankhahGaussianDeficit(), SquaredSum()), {
        "class": "py_wake.literature.IEA37CaseStudy1 with this site and turbine: All2All, thrust at the free-stream speed",
        "deficit": "iea37-gaussian", "k": 0.0324555, "speed": "free stream at source", "superposition": "squared",
        "propagation": "all-to-all, one pass",
    }),
    "iea37-downwind": (
        lambda site, wts: PropagateDownwind(site, wts, IEA37SimpleBastankhahGaussianDeficit(), SquaredSum()), {
        "class": "PropagateDownwind: as iea37, thrust at the effective speed",
        "deficit": "iea37-gaussian", "k": 0.0324555, "speed": "free stream at source", "superposition": "squared",
    }),
    "niayifar-2016": (lambda site, wts: literature.Niayifar_PorteAgel_2016(site, wts), {
        "class": "py_wake.literature.Niayifar_PorteAgel_2016", "doi": "10.3390/en9090741",
        "deficit": "gaussian", "k_a": [0.3837, 0.003678], "k_turbulence": "effective", "ceps": 0.2, "ctlim": 0.899,
        "ct_to_induction": "momentum", "speed": "effective at source", "rotor_average": "gaussian-overlap",
        "superposition": "linear", **CRESPO,
    }),
    "carbajo-fuertes-2018": (lambda site, wts: CarbajoFuertes_etal_2018(site, wts), {
        "class": "py_wake.literature.gaussian_models.CarbajoFuertes_etal_2018", "doi": "10.3390/rs10050668",
        "deficit": "gaussian", "k_a": [0.35, 0.0], "k_turbulence": "effective", "epsilon_of_k": [-1.91, 0.34],
        "ct_to_induction": "momentum", "speed": "effective at source", "rotor_average": "gaussian-overlap",
        "superposition": "linear", **CRESPO,
    }),
    "zong-2020": (lambda site, wts: literature.Zong_PorteAgel_2020(site, wts), {
        "class": "py_wake.literature.Zong_PorteAgel_2020", "doi": "10.1017/jfm.2020.77",
        "deficit": "zong-gaussian", "k_a": [0.38, 0.004], "k_turbulence": "effective", "epsilon": 0.35, "deltaw_d": 2**-0.5,
        "tip_speed_ratio": 7.5, "blades": 3, "ct_to_induction": "madsen", "speed": "effective at source",
        "superposition": "weighted: delta 0.01, tolerance 1e-3, at most 5 iterations",
        **CRESPO, "crespo_c": [0.73, 0.83, 0.03, -0.32],
    }),
    "blondel-2020": (lambda site, wts: literature.Blondel_Cathelain_2020(site, wts, turbulenceModel=CrespoHernandez()), {
        "class": "py_wake.literature.Blondel_Cathelain_2020, turbulenceModel=CrespoHernandez()",
        "doi": "10.5194/wes-5-1225-2020",
        "deficit": "super-gaussian", "a_s": 0.17, "b_s": 0.005, "c_s": 0.2, "a_f": 3.11, "b_f": -0.68, "c_f": 2.41,
        "ctlim": 0.999, "k_turbulence": "effective", "speed": "effective at source", "superposition": "linear",
        **CRESPO, "crespo_ct_to_induction": "madsen", "crespo_c": [0.73, 0.8325, -0.0325, -0.32],
    }),
    "blondel-2020-ambient": (lambda site, wts: literature.Blondel_Cathelain_2020(site, wts, use_effective_ti=False), {
        "class": "py_wake.literature.Blondel_Cathelain_2020, use_effective_ti=False", "doi": "10.5194/wes-5-1225-2020",
        "deficit": "super-gaussian", "a_s": 0.17, "b_s": 0.005, "c_s": 0.2, "a_f": 3.11, "b_f": -0.68, "c_f": 2.41,
        "ctlim": 0.999, "k_turbulence": "ambient", "speed": "effective at source", "superposition": "linear",
    }),
    "nygaard-2022": (lambda site, wts: literature.Nygaard_2022(site, wts), {
        "class": "py_wake.literature.Nygaard_2022", "doi": "10.1088/1742-6596/2265/2/022008",
        "deficit": "turbopark-gaussian", "A": 0.04, "c_turbulence": [1.5, 0.8], "ceps": 0.25, "ctlim": 0.96,
        "k_turbulence": "ambient", "ct_to_induction": "momentum", "speed": "free stream at destination",
        "rotor_average": "gaussian-overlap", "ground": "mirror, squared", "superposition": "squared",
    }),
}  # fmt: skip

COMPOSED = {
    "gaussian-linear-mirror": (lambda site, wts: PropagateDownwind(
        site, wts, BastankhahGaussianDeficit(ct2a=ct2a_mom1d, k=0.04, use_effective_ws=False, groundModel=Mirror()),
        LinearSum()), {
        "deficit": "gaussian", "k": 0.04, "ceps": 0.2, "ctlim": 0.899, "ct_to_induction": "momentum",
        "speed": "free stream at source", "superposition": "linear", "ground": "mirror, linear",
    }),
    "tophat-squared-effective": (lambda site, wts: PropagateDownwind(
        site, wts, NOJLocalDeficit(ct2a=ct2a_mom1d, a=[0, 0.05], use_effective_ws=True, use_effective_ti=False),
        SquaredSum()), {
        "deficit": "top-hat", "k": 0.05, "ct_to_induction": "momentum", "speed": "effective at source",
        "rotor_average": "area-overlap", "superposition": "squared",
    }),
    "tophat-max-centre": (lambda site, wts: PropagateDownwind(
        site, wts, NOJDeficit(ct2a=ct2a_madsen, k=0.075, rotorAvgModel=None), MaxSum()), {
        "deficit": "top-hat", "k": 0.075, "ct_to_induction": "madsen", "speed": "free stream at source",
        "superposition": "max",
    }),
    "tophat-mirror-stf2017": (lambda site, wts: PropagateDownwind(
        site, wts, NOJLocalDeficit(ct2a=ct2a_madsen, a=[0.38, 0.004], groundModel=Mirror()), LinearSum(),
        turbulenceModel=STF2017TurbulenceModel()), {
        "deficit": "top-hat", "k_a": [0.38, 0.004], "k_turbulence": "effective", "ct_to_induction": "madsen",
        "speed": "effective at source", "rotor_average": "area-overlap", "superposition": "linear", "ground": "mirror, linear",
        "added_turbulence": "stf-2017", "stf_c": [1.5, 0.8], **STF, "added_turbulence_superposition": "linear",
    }),
    "gaussian-stf2017": (lambda site, wts: PropagateDownwind(
        site, wts, NiayifarGaussianDeficit(ct2a=ct2a_mom1d, a=[0.38, 0.004], use_effective_ws=True,
                                           rotorAvgModel=GaussianOverlapAvgModel()), LinearSum(),
        turbulenceModel=STF2017TurbulenceModel()), {
        "deficit": "gaussian", "k_a": [0.38, 0.004], "k_turbulence": "effective", "ceps": 0.2, "ctlim": 0.899,
        "ct_to_induction": "momentum", "speed": "effective at source", "rotor_average": "gaussian-overlap",
        "superposition": "linear",
        "added_turbulence": "stf-2017", "stf_c": [1.5, 0.8], **STF, "added_turbulence_superposition": "linear",
    }),
    "gaussian-stf2005-madsen": (lambda site, wts: PropagateDownwind(
        site, wts, NiayifarGaussianDeficit(ct2a=ct2a_madsen, a=[0.38, 0.004], rotorAvgModel=GaussianOverlapAvgModel(),
                                           groundModel=Mirror(SquaredSum())), MaxSum(),
        turbulenceModel=STF2005TurbulenceModel(addedTurbulenceSuperpositionModel=SqrMaxSum())), {
        "deficit": "gaussian", "k_a": [0.38, 0.004], "k_turbulence": "effective", "ceps": 0.2, "ctlim": 0.899,
        "ct_to_induction": "madsen", "speed": "free stream at source", "rotor_average": "gaussian-overlap",
        "ground": "mirror, squared", "superposition": "max",
        "added_turbulence": "stf-2005", **STF, "added_turbulence_superposition": "sqrt(ambient^2 + max^2)",
    }),
    "supergaussian-squared": (lambda site, wts: PropagateDownwind(
        site, wts, BlondelSuperGaussianDeficit2020(use_effective_ti=False), SquaredSumOfTinyNegatives()), {
        "deficit": "super-gaussian", "a_s": 0.17, "b_s": 0.005, "c_s": 0.2, "a_f": 3.11, "b_f": -0.68, "c_f": 2.41,
        "ctlim": 0.999, "k_turbulence": "ambient", "speed": "free stream at source", "superposition": "squared",
    }),
    "turbopark-effective": (lambda site, wts: PropagateDownwind(
        site, wts, TurboGaussianDeficit(ct2a=ct2a_madsen, use_effective_ws=True, use_effective_ti=True, groundModel=None,
                                        rotorAvgModel=GaussianOverlapAvgModel()), LinearSum(),
        turbulenceModel=crespo([0.73, 0.8325, 0.0325, -0.32], ct2a_mom1d)), {
        "deficit": "turbopark-gaussian", "A": 0.04, "c_turbulence": [1.5, 0.8], "ceps": 0.25, "ctlim": 0.999,
        "k_turbulence": "effective", "ct_to_induction": "madsen", "speed": "effective at source",
        "rotor_average": "gaussian-overlap", "superposition": "linear", **CRESPO,
    }),
    "zong-linear": (lambda site, wts: PropagateDownwind(
        site, wts, ZongGaussianDeficit(ct2a=ct2a_mom1d, eps_coeff=0.35, use_effective_ws=True), LinearSum(),
        turbulenceModel=crespo([0.73, 0.83, 0.03, -0.32], ct2a_mom1d)), {
        "deficit": "zong-gaussian", "k_a": [0.38, 0.004], "k_turbulence": "effective", "epsilon": 0.35, "deltaw_d": 2**-0.5,
        "tip_speed_ratio": 7.5, "blades": 3, "ct_to_induction": "momentum", "speed": "effective at source",
        "superposition": "linear", **CRESPO, "crespo_c": [0.73, 0.83, 0.03, -0.32],
    }),
}  # fmt: skip


def simulate(model, farm, distance=None, directions=DIRECTIONS):
    site = weibull_site("wind/horns-rev-1.yaml", farm["interpolation"], farm["turbulence_intensity"])
    if distance:
        site.distance = distance
    turbines = WindTurbines.from_WindTurbine_lst([turbine(file, hub) for file, hub in farm["types"]])
    return model(site, turbines)(farm["x_m"], farm["y_m"], type=farm["type"], wd=directions, ws=SPEEDS)


def dataset(group, name, values):
    values = np.asarray(values)
    options = {"track_times": False}
    if values.ndim == 3:
        options |= {"chunks": (1, *values.shape[1:])}
    if values.ndim > 1:
        options |= {"compression": "gzip", "compression_opts": 9, "shuffle": True}
    group.create_dataset(name, data=values, **options)


def write_farm(group, farm):
    result = simulate(PUBLISHED["jensen-1983"][0], farm)
    dataset(group, "x_m", np.array(farm["x_m"]))
    dataset(group, "y_m", np.array(farm["y_m"]))
    dataset(group, "type", np.array(farm["type"], np.int64))
    dataset(group, "wind_direction_deg", DIRECTIONS.astype(float))
    dataset(group, "stored_wind_direction_deg", DIRECTIONS[:: farm["every"]].astype(float))
    dataset(group, "wind_speed_m_s", SPEEDS.astype(float))
    dataset(group, "probability", np.broadcast_to(result.P.ilk(), (1, 360, 23))[0])
    group.attrs["turbulence_intensity"] = farm["turbulence_intensity"]
    group.attrs["climate"] = "wind/horns-rev-1.yaml"
    group.attrs["interpolation"] = farm["interpolation"]
    for index, (file, hub_height_m) in enumerate(farm["types"]):
        table = group.create_group(f"types/{index}")
        for name, values in zip(["wind_speed_m_s", "power_w", "ct"], turbine_table(file)):
            dataset(table, name, values)
        table.attrs["rotor_diameter_m"] = float(load(file)["rotor_diameter"])
        table.attrs["hub_height_m"] = float(hub_height_m or load(file)["hub_height"])


def write_result(group, model, farm, weighted):
    result = simulate(model, farm)
    speed = result.WS_eff.ilk()
    assert np.all(speed > 0) and np.all(np.isfinite(speed))
    changes = [np.abs(simulate(model, farm, TiesInGivenOrder(r)).WS_eff.ilk() / speed - 1).max() for r in [False, True]]
    aep = result.aep()
    dataset(group, "ws_eff_m_s", speed[:, :: farm["every"]])
    if result.windFarmModel.turbulenceModel:
        dataset(group, "ti_eff", result.TI_eff.ilk()[:, :: farm["every"]])
    dataset(group, "turbine_aep_gwh", aep.sum(["wd", "ws"]).values)
    dataset(group, "direction_aep_gwh", aep.sum(["wt", "ws"]).values)
    group.attrs["aep_gwh"] = float(aep.sum())
    group.attrs["aep_no_wake_gwh"] = float(result.aep(with_wake_loss=False).sum())
    group.attrs["max_change_by_tie_order"] = max(changes)
    if weighted:
        alone = np.concatenate([simulate(model, farm, directions=[d]).WS_eff.ilk() for d in DIRECTIONS], 1)
        group.attrs["max_change_one_direction_per_call"] = np.abs(alone / speed - 1).max()
    print(f"{group.name:50} {dict(group.attrs)} lowest speed {speed.min():.3f}", flush=True)


def main():
    image = io.BytesIO()
    with h5py.File(image, "w", libver=("v108", "v110"), track_order=False) as file:
        file.attrs["generator"] = "tests/golden/models.py"
        file.attrs["pywake"] = "2.6.20"
        for name, farm in FARMS.items():
            write_farm(file.create_group(f"farms/{name}"), farm)
        for name, (model, parts) in (PUBLISHED | COMPOSED).items():
            group = file.create_group(f"models/{name}")
            for key, value in ({"class": "composed: PropagateDownwind"} | BASE | parts).items():
                group.attrs[key] = value
            for farm_name, farm in FARMS.items():
                if farm_name != "row" or name in PUBLISHED:
                    write_result(group.create_group(farm_name), model, farm, "weighted" in parts["superposition"])
    (HERE / "models.h5").write_bytes(image.getvalue())


if __name__ == "__main__":
    main()
