"""What `concord hypotheses` does, apart from how it is called; files of tables and figures."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import note, say, set_up_log, show_table, warn_of_few

if TYPE_CHECKING:
    import pandas as pd

    from experiments.hypotheses import Study


__all__ = ["hypotheses", "say_files", "write_figure", "write_table"]

_WITHOUT_SAMPLE = "Without sampled points all is undecided."
_WIDE = 116  # columns of a terminal that the whole table of verdicts needs


def hypotheses(
    names: Sequence[str],
    *,
    seeds: int,
    first_seed: int,
    samples: int,
    seeds_per_sample: int,
    results: Path,
    config_dir: Path | None,
    force: bool,
    quiet: bool,
    jobs: int,
) -> None:
    """`concord hypotheses`."""
    from experiments.hypotheses import hypotheses as find
    from experiments.hypotheses import prepare
    from experiments.points import run_points

    set_up_log(quiet)
    numbers = range(first_seed, first_seed + seeds)
    folder = results / "hypotheses"
    studies = [
        prepare(one, numbers, samples, seeds_per_sample, folder / "runs", config_dir)
        for one in find(names, config_dir)
    ]
    run_points([p for study in studies for _, _, p in study.points], jobs, quiet, force)
    stem = "-".join(study.hypothesis.id for study in studies) if names else "all"
    runs, verdicts, written = _judged(studies, folder, stem)
    if quiet:
        return
    for study in studies:
        _say_verdict(study, verdicts, runs)
    _say_failures(runs)
    warn_of_few(seeds)
    say(f"At the default parameters: seeds {numbers[0]} to {numbers[-1]}.")
    each = f"each with {min(seeds_per_sample, seeds)} of them"
    say(f"Sampled points: {samples}, {each}." if samples else _WITHOUT_SAMPLE)
    say("What verdicts mean: docs/hypotheses.md")
    say_files(written)


def _judged(
    studies: Sequence[Study], folder: Path, stem: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Path]]:
    """All runs, the verdicts on them, and the files in which both are now."""
    import matplotlib as mpl
    import pandas as pd

    from analysis.plots.verdicts import plot_verdicts
    from analysis.verdicts import judge

    mpl.use("Agg")  # no window, also where a display is there
    found = [study.runs() for study in studies]
    runs = pd.concat(found, ignore_index=True)
    verdicts = judge(runs, pd.concat([study.claims() for study in studies], ignore_index=True))
    written = [
        write_table(verdicts, folder / f"{stem}-verdicts.csv"),
        write_table(runs, folder / f"{stem}-runs.csv"),
        *(
            write_table(study.space(own), folder / f"{study.hypothesis.id}-space.csv")
            for study, own in zip(studies, found, strict=True)
            if study.design
        ),
        *_doses_of(runs, folder / f"{stem}-dose.csv"),
        write_figure(plot_verdicts(runs, verdicts), folder / f"{stem}-verdicts.png"),
    ]
    return runs, verdicts, written


def _doses_of(runs: pd.DataFrame, file: Path) -> list[Path]:
    from analysis.verdicts import doses

    table = doses(runs)
    return [write_table(table, file)] if len(table) else []


_SIGNS = {"+": "+", "-": "−", "none": ""}


_BESIDE = {
    "placebo": ("placebo", "Placebo"),
    "null": ("null_model", "Null model"),
    "dose": ("dose", "Dose"),
}


def _say_verdict(study: Any, verdicts: pd.DataFrame, runs: pd.DataFrame) -> None:
    from analysis.verdicts import overall

    one = study.hypothesis
    own = verdicts[verdicts["hypothesis"] == one.id]
    claim = own[own["contrast"] == "claim"]
    told = overall(list(claim["verdict"])).upper()
    say(f"{one.id} {told}{' BY CONSTRUCTION' if one.by_construction else ''}: {one.claim}")
    say(f"   {one.treatment} against {one.control}")
    if one.minus:
        say(f"   less {one.minus.treatment} against {one.minus.control}")
        say("   (control, treatment: what the cause does without and with what it is claimed for)")
    _show_rows(claim, ("control", "treatment"))
    if one.by_construction:
        say(f"By construction: {one.by_construction}")
    for contrast, (key, name) in _BESIDE.items():
        beside = own[own["contrast"] == contrast]
        if len(beside):
            asked = getattr(one, key)
            say(f"{name}: {asked.of if contrast == 'dose' else asked.why}")
            if contrast == "dose":
                _show_doses(runs[runs["hypothesis"] == one.id])
            _show_rows(beside, () if contrast == "dose" else ("control", "treatment"))
    say()


def _show_rows(rows: pd.DataFrame, sides: Sequence[str]) -> None:
    """The table of one contrast; columns that say nothing of it are left out."""
    from analysis.names import number
    from analysis.plots.verdicts import measure_title
    from experiments.compare import interval_text

    is_claim = (rows["contrast"] == "claim").all()
    table = []
    for row in rows.to_dict("records"):
        is_judged = row["sign"] != "none"
        cells = {"measure": measure_title(row["measure"])}
        cells |= {"sign": _SIGNS[row["sign"]]} if is_claim else {}
        cells |= {side: number(row[f"mean_{side}"]) for side in sides}
        cells |= {
            "effect": number(row["difference"]),
            "95 % interval": interval_text(row["low"], row["high"]),
            "unit": row["unit"],
        }
        if is_claim:
            cells["sign holds"] = _shares(row) if is_judged else ""
            cells["noise"] = _percent(row["share_noise"])
            if rows["share_null"].notna().any():
                cells["in the null model"] = _percent(row["share_null"])
            cells["verdict"] = row["verdict"] or "not judged"
        table.append(cells)
    # What a narrow terminal has no room for is in the CSV.
    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < _WIDE
    extra = {"control", "treatment", "unit", "noise"}
    heads = [h for h in table[0] if not (is_narrow and h in extra)]
    right = [h for h in ("control", "treatment", "effect") if h in heads]
    show_table(heads, [[row[head] for head in heads] for row in table], right=tuple(right))


def _show_doses(runs: pd.DataFrame) -> None:
    """Means by level, a column each."""
    from analysis.names import number
    from analysis.plots.verdicts import measure_title
    from analysis.verdicts import doses

    table = doses(runs)
    levels = list(dict.fromkeys(table["level"]))
    heads = ["measure", *(f"{level:g}" for level in levels)]
    wide = table.pivot(index="measure", columns="level", values="mean")
    order = list(dict.fromkeys(table["measure"]))
    cells = [[measure_title(m), *(number(wide.loc[m, x]) for x in levels)] for m in order]
    show_table(heads, cells, right=tuple(heads[1:]))


def _percent(share: float) -> str:
    return "n/a" if share != share else f"{100 * share:.0f} %"  # noqa: PLR0124  NaN


def _shares(row: dict[str, Any]) -> str:
    """Share of the sampled points with the claimed sign, and how the others differ."""
    if not row["n_samples"]:
        return "n/a"
    text = f"{100 * row['share_holds']:.0f} %"
    others = {"opposite": row["share_opposite"], "undefined": row["share_undefined"]}
    others["none"] = max(0.0, 1.0 - row["share_holds"] - sum(others.values()))
    told = [f"{100 * share:.0f} % {name}" for name, share in others.items() if share > 1e-9]
    return f"{text} ({', '.join(told)})" if told else text


def _say_failures(runs: pd.DataFrame) -> None:
    keys = ["hypothesis", "contrast", "sample", "seed", "side", "label"]
    failed = runs[runs["error"] != ""].drop_duplicates(keys)
    for row in failed.to_dict("records"):
        beside = "" if row["contrast"] == "claim" else f"{row['contrast']}, "
        place = (
            f"{row['hypothesis']} {beside}point {row['sample']}, seed {row['seed']}, {row['side']}"
        )
        note(f"failed: {place}: {row['error']}")


def say_files(files: Sequence[Path]) -> None:
    """Say where tables and figures are."""
    for file in files:
        say(f"{'Figure:' if file.suffix != '.csv' else 'Table:':8}{file}")


def write_table(frame: pd.DataFrame, file: Path) -> Path:
    """Write a CSV, completely or not at all.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    from sim.atomic import write_file

    write_file(file, frame.to_csv(index=False, lineterminator="\n").encode())
    return file


def write_figure(figure: Any, file: Path) -> Path:
    """Write a figure as PNG, PDF or SVG, as the file's name ends, and close it.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    from matplotlib import pyplot as plt

    from analysis.plots import file_of
    from sim.atomic import write_file

    drawn = file_of(figure, file.suffix)
    plt.close(figure)
    write_file(file, drawn)
    return file
