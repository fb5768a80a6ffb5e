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

from analysis.compare import effects
from analysis.frames import need

SHARE = 0.75
"""Share of sampled points that decides.

With 16 points, 12 or more of one sign come up in 4 % of cases where either sign is as likely
(one-sided sign test).
"""
_KEYS = ["hypothesis", "measure"]
_SIGNS = {"+": 1.0, "-": -1.0}
_SIDES = ["control", "treatment"]
_ZERO = 1e-12


def contrasts(runs: pd.DataFrame) -> pd.DataFrame:
    """Take the differences treatment − control within each sampled point and seed.

    Parameters
    ----------
    runs
        `hypothesis`, `measure`, `sample` (0 = the default parameters), `seed`, `side` (`treatment`
        or `control`), `value` (NaN where not defined, or where the run failed).

    Returns
    -------
    pandas.DataFrame
        `hypothesis`, `measure`, `sample`, `seed`, `control`, `treatment`, `difference`.
    """
    need(runs.rename(columns={"side": "scenario"}), [*_KEYS, "sample", "value"], "runs")
    keys = [*_KEYS, "sample", "seed"]
    order = {
        key: n for n, key in enumerate(dict.fromkeys(zip(*(runs[k] for k in _KEYS), strict=True)))
    }
    wide = runs.pivot(index=keys, columns="side", values="value").reset_index()
    wide["difference"] = wide["treatment"] - wide["control"]
    rank = [order[key] for key in zip(*(wide[k] for k in _KEYS), strict=True)]
    wide = wide.iloc[np.lexsort((wide["seed"], wide["sample"], rank))].reset_index(drop=True)
    wide.columns.name = None
    return wide[[*keys, "control", "treatment", "difference"]]


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
        `unit`; the order of the result.
    share
        Share of the sampled points at which a sign must hold to decide.

    Returns
    -------
    pandas.DataFrame
        The claims with `mean_control`, `mean_treatment`, `difference`, `low`, `high` (95 %
        interval), `n_seeds`, `n_undefined` at the default parameters; `n_samples`, `share_holds`,
        `share_opposite`, `share_undefined` over the sampled points (the rest: no difference);
        `verdict`: *supported* where the interval leaves out zero on the claimed side and the sign
        holds at `share` of the points or more, *opposed* where the same is true of the other side,
        *undecided* otherwise, and where less than `share` of the seeds define the effect.

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
    rows = []
    for claim in claims.to_dict("records"):
        own = pairs[
            (pairs["hypothesis"] == claim["hypothesis"]) & (pairs["measure"] == claim["measure"])
        ]
        found = _at_defaults(own) | _over_space(own, _SIGNS.get(claim["sign"], 0.0))
        rows.append(claim | found | {"verdict": _verdict(claim["sign"], found, share)})
    return pd.DataFrame(rows)


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
