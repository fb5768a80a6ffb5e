"""Verdicts on hypotheses: whether the claimed sign holds, and in how much of parameter space.

A claim is judged twice. At the default parameters: does the bootstrap interval of the paired effect
lie on the claimed side of zero? Over the parameters' declared ranges: at which share of the sampled
points has the mean effect the claimed sign? Neither alone is enough: the first rests on values some
of which nobody has measured, the second on few seeds a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.compare import effects, interval
from analysis.frames import need

SHARE = 0.75
"""Share of sampled points that decides.

With 16 points, 12 or more of one sign come up in 4 % of cases where either sign is as likely
(one-sided sign test).
"""
_KEYS = ["hypothesis", "contrast", "measure"]
CLAIM = "claim"
"""The contrast that is judged; `placebo`, `null` and `dose` are shown beside it."""
_SIGNS = {"+": 1.0, "-": -1.0}
_SIDES = ["control", "treatment"]
_ZERO = 1e-12
_FEWEST_POINTS = 2


def contrasts(runs: pd.DataFrame) -> pd.DataFrame:
    """Take the differences treatment − control within each sampled point and seed.

    A side is the weighted sum of its runs: of one run, of the difference of two (then this is a
    difference in differences), or of a dose's levels.

    Parameters
    ----------
    runs
        `hypothesis`, `measure`, `sample` (0 = the default parameters), `seed`, `side` (`treatment`
        or `control`), `value` (NaN where not defined, or where the run failed); `contrast` and
        `weight` where there are more than one contrast and one run a side.

    Returns
    -------
    pandas.DataFrame
        `hypothesis`, `contrast`, `measure`, `sample`, `seed`, `control`, `treatment`,
        `difference`.

    Examples
    --------
    What a cause does in one world, less what it does in another:

    >>> runs = pd.DataFrame({"hypothesis": "H0", "measure": "x", "sample": 0, "seed": 1,
    ...     "side": ["treatment", "treatment", "control", "control"],
    ...     "weight": [1.0, -1.0, 1.0, -1.0], "value": [5.0, 2.0, 4.0, 3.0]})
    >>> contrasts(runs)[["control", "treatment", "difference"]].values.tolist()
    [[1.0, 3.0, 2.0]]
    """
    runs = _in_full(runs)
    need(runs.rename(columns={"side": "scenario"}), [*_KEYS, "sample", "value"], "runs")
    keys = [*_KEYS, "sample", "seed"]
    order = {
        key: n for n, key in enumerate(dict.fromkeys(zip(*(runs[k] for k in _KEYS), strict=True)))
    }
    part = runs.assign(value=runs["value"] * runs["weight"])
    groups = part.groupby([*keys, "side"])["value"]
    # A side with a run undefined is undefined: a sum of what is left would be another thing.
    summed = groups.sum().where(groups.count() == groups.size())
    wide = summed.unstack("side").reset_index()
    wide["difference"] = wide["treatment"] - wide["control"]
    rank = [order[key] for key in zip(*(wide[k] for k in _KEYS), strict=True)]
    wide = wide.iloc[np.lexsort((wide["seed"], wide["sample"], rank))].reset_index(drop=True)
    wide.columns.name = None
    return wide[[*keys, "control", "treatment", "difference"]]


def _in_full(runs: pd.DataFrame) -> pd.DataFrame:
    """Take a frame without contrasts or weights for runs of the claim, one a side."""
    missing = {"contrast": CLAIM, "weight": 1.0}
    return runs.assign(**{k: v for k, v in missing.items() if k not in runs})


def doses(runs: pd.DataFrame) -> pd.DataFrame:
    """Average a dose's measures by level, at the default parameters.

    Parameters
    ----------
    runs
        As for `contrasts`, with `level`.

    Returns
    -------
    pandas.DataFrame
        `hypothesis`, `measure`, `level`, `mean`, `low` and `high` (95 % bootstrap interval of the
        mean over seeds), `n_seeds`.
    """
    rows = []
    own = _in_full(runs)
    own = own[(own["contrast"] == "dose") & (own["sample"] == 0)]
    for key, group in own.groupby(["hypothesis", "measure", "level"], sort=False):
        values = group["value"].dropna().to_numpy(dtype=float)
        low, high = interval(values) if len(values) > 1 else (np.nan, np.nan)
        mean = float(values.mean()) if len(values) else np.nan
        rows.append((*key, mean, low, high, len(values)))
    columns = ["hypothesis", "measure", "level", "mean", "low", "high", "n_seeds"]
    return pd.DataFrame(rows, columns=columns)


def by_sample(pairs: pd.DataFrame) -> pd.DataFrame:
    """Average the differences of each point over its seeds; undefined ones do not count.

    Returns
    -------
    pandas.DataFrame
        `hypothesis`, `measure`, `sample`, `difference` (NaN where no seed defines it).
    """
    keys = [*_KEYS, "sample"]
    return pairs.groupby(keys, sort=False)["difference"].mean().reset_index()


def judge(runs: pd.DataFrame, claims: pd.DataFrame, share: float = SHARE) -> pd.DataFrame:
    """Judge each measure of each hypothesis.

    Parameters
    ----------
    runs
        As for `contrasts`.
    claims
        `hypothesis`, `measure`, `sign` (`+`, `-`, or `none` for what is shown and not judged),
        `unit`, and `contrast` where there are several; the order of the result.
    share
        Share of the sampled points at which a sign must hold to decide.

    Returns
    -------
    pandas.DataFrame
        The claims with `mean_control`, `mean_treatment`, `difference`, `low`, `high` (95 %
        interval), `n_seeds`, `n_undefined` at the default parameters; `n_samples`, `share_holds`,
        `share_opposite`, `share_undefined` over the sampled points (the rest: no difference);
        `share_noise`, of the variance of the effect over points and seeds the share that is
        between seeds of one point (NaN where no point has two); `share_null`, the null model's
        effect as a share of the claim's (NaN where that may be none); `verdict`: *supported* where
        the interval leaves out zero on the claimed side and the sign holds at `share` of the points
        or more, *opposed* where the same is true of the other side, *undecided* otherwise, where
        less than `share` of the seeds define the effect, and where a placebo shows the same.

    Examples
    --------
    >>> row = {"hypothesis": "H0", "measure": "x"}
    >>> runs = pd.DataFrame([
    ...     row | {"sample": n, "seed": s, "side": side, "value": s + (side == "treatment")}
    ...     for n in range(5) for s in (1, 2) for side in ("treatment", "control")])
    >>> claims = pd.DataFrame([row | {"sign": "+", "unit": "%"}])
    >>> judge(runs, claims)[["difference", "share_holds", "verdict"]].values.tolist()
    [[1.0, 1.0, 'supported']]
    """
    pairs = contrasts(runs)
    if "contrast" not in claims:
        claims = claims.assign(contrast=CLAIM)
    rows = []
    for claim in claims.to_dict("records"):
        own = pairs[np.logical_and.reduce([pairs[key] == claim[key] for key in _KEYS])]
        found = _at_defaults(own) | _over_space(own, _SIGNS.get(claim["sign"], 0.0))
        found |= {"share_noise": noise_share(own)}
        rows.append(claim | found | {"verdict": _verdict(claim["sign"], found, share)})
    return _beside(pd.DataFrame(rows))


def _beside(rows: pd.DataFrame) -> pd.DataFrame:
    """Read the claim's rows beside their placebo and their null model."""
    by = {tuple(row[key] for key in _KEYS): row for row in rows.to_dict("records")}
    shares, verdicts = [], []
    for row in rows.to_dict("records"):
        is_claim = row["contrast"] == CLAIM
        null, placebo = (
            by.get((row["hypothesis"], contrast, row["measure"])) if is_claim else None
            for contrast in ("null", "placebo")
        )
        # Beside an effect that may be none, a share of it would be noise over noise.
        has_share = null is not None and row["low"] * row["high"] > 0
        shares.append(null["difference"] / row["difference"] if has_share else float("nan"))
        verdicts.append(row["verdict"])
        if placebo and row["verdict"] in {"supported", "opposed"} and _shows(placebo, row):
            verdicts[-1] = "undecided"
    return rows.assign(share_null=shares, verdict=verdicts)


def _shows(placebo: dict[str, float], claim: dict[str, float]) -> bool:
    """Whether a placebo's interval leaves out zero on the side on which the claim's effect is."""
    side = np.sign(claim["difference"])
    return bool(min(side * placebo["low"], side * placebo["high"]) > 0)


def noise_share(pairs: pd.DataFrame) -> float:
    """Take the share of an effect's variance that is between seeds of one and the same point.

    Σ (x − mean of its point)² / Σ (x − mean of all)², with degrees of freedom, over the sampled
    points (the default parameters alone where there are none: then all is between seeds).

    Examples
    --------
    >>> pairs = pd.DataFrame({"sample": [1, 1, 2, 2], "difference": [1.0, 1.0, 3.0, 3.0]})
    >>> noise_share(pairs)
    0.0
    """
    own = pairs[(pairs["sample"] > 0) & pairs["difference"].notna()]
    sizes = own.groupby("sample")["difference"].transform("size")
    own = own[sizes > 1]
    n_points = own["sample"].nunique()
    total = own["difference"].var(ddof=1)
    if n_points < _FEWEST_POINTS or not total > _ZERO:
        return float("nan")
    within = own["difference"] - own.groupby("sample")["difference"].transform("mean")
    return float(min((within**2).sum() / (len(own) - n_points) / total, 1.0))


def _at_defaults(pairs: pd.DataFrame) -> dict[str, float]:
    own = pairs[pairs["sample"] == 0]
    long = own.melt(id_vars="seed", value_vars=_SIDES, var_name="scenario", value_name="value")
    row = effects(long, "treatment", "control", "value", at=None).iloc[0]
    names = ["mean_control", "mean_treatment", "difference", "low", "high", "n_seeds"]
    return {name: row[name] for name in [*names, "n_undefined"]}


def _over_space(pairs: pd.DataFrame, sign: float) -> dict[str, float]:
    found = by_sample(pairs[pairs["sample"] > 0])["difference"].to_numpy(dtype=float)
    if not len(found):
        return {"n_samples": 0} | dict.fromkeys(
            ("share_holds", "share_opposite", "share_undefined"), float("nan")
        )
    signs = np.where(np.abs(found) <= _ZERO, 0.0, np.sign(found))
    wanted = sign or 1.0  # of what is only shown, the share with a positive effect
    return {
        "n_samples": len(found),
        "share_holds": float(np.mean(signs == wanted)),
        "share_opposite": float(np.mean(signs == -wanted)),
        "share_undefined": float(np.mean(np.isnan(found))),
    }


def _verdict(sign: str, found: dict[str, float], share: float) -> str:
    if sign not in _SIGNS:
        return ""
    # Seeds whose effect is not defined are no random choice: what is left may be a lucky few.
    if found["n_seeds"] < share * (found["n_seeds"] + found["n_undefined"]):
        return "undecided"
    low, high = (found["low"], found["high"]) if sign == "+" else (-found["high"], -found["low"])
    if low > 0 and found["share_holds"] >= share:
        return "supported"
    if high < 0 and found["share_opposite"] >= share:
        return "opposed"
    return "undecided"


def overall(verdicts: Sequence[str]) -> str:
    """Put the verdicts on a claim's measures together.

    A claim is supported when all of its measures are, opposed when one is and none supported.

    Examples
    --------
    >>> overall(["supported", "", "supported"]), overall(["supported", "opposed"])
    ('supported', 'undecided')
    >>> overall(["opposed", "undecided"])
    'opposed'
    """
    judged = [verdict for verdict in verdicts if verdict]
    if judged and all(verdict == "supported" for verdict in judged):
        return "supported"
    if "opposed" in judged and "supported" not in judged:
        return "opposed"
    return "undecided"
