"""What `concord hypotheses` does, apart from how it is called; files of tables and figures."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import note, say, set_up_log, show_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["hypotheses", "say_files", "write_figure", "write_table"]

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
    import matplotlib as mpl
    import pandas as pd

    from analysis.plots.verdicts import plot_verdicts
    from analysis.verdicts import judge
    from experiments.hypotheses import hypotheses as find
    from experiments.hypotheses import prepare
    from experiments.points import run_points

    set_up_log(quiet)
    mpl.use("Agg")  # no window, also where a display is there
    numbers = range(first_seed, first_seed + seeds)
    folder = results / "hypotheses"
    studies = [
        prepare(one, numbers, samples, seeds_per_sample, folder / "runs", config_dir)
        for one in find(names, config_dir)
    ]
    run_points([p for study in studies for _, _, p in study.points], jobs, quiet, force)
    found = [study.runs() for study in studies]
    runs = pd.concat(found, ignore_index=True)
    verdicts = judge(runs, pd.concat([study.claims() for study in studies], ignore_index=True))
    stem = "-".join(study.hypothesis.id for study in studies) if names else "all"
    written = [
        write_table(verdicts, folder / f"{stem}-verdicts.csv"),
        write_table(runs, folder / f"{stem}-runs.csv"),
        *(
            write_table(study.space(own), folder / f"{study.hypothesis.id}-space.csv")
            for study, own in zip(studies, found, strict=True)
            if study.design
        ),
        write_figure(plot_verdicts(runs, verdicts), folder / f"{stem}-verdicts.png"),
    ]
    if quiet:
        return
    for study in studies:
        _say_verdict(study, verdicts)
    _say_failures(runs)
    if seeds < 8:
        say("With fewer than about eight seeds intervals are too narrow: --seeds 8 or more.")
    each = f", each with {min(seeds_per_sample, seeds)} of them" if samples else ""
    say(f"At the default parameters: seeds {numbers[0]} to {numbers[-1]}.")
    say(
        f"Sampled points: {samples}{each}."
        if samples
        else "Without sampled points all is undecided."
    )
    say("What verdicts mean: docs/hypotheses.md")
    say_files(written)


_SIGNS = {"+": "+", "-": "−", "none": ""}


def _say_verdict(study: Any, verdicts: pd.DataFrame) -> None:
    from analysis.names import number
    from analysis.plots.verdicts import measure_title
    from analysis.verdicts import overall
    from experiments.compare import interval_text

    own = verdicts[verdicts["hypothesis"] == study.hypothesis.id]
    say(f"{study.hypothesis.id} {overall(list(own['verdict'])).upper()}: {study.hypothesis.claim}")
    say(f"   {study.hypothesis.treatment} against {study.hypothesis.control}")
    rows = []
    for row in own.to_dict("records"):
        is_judged = row["sign"] != "none"
        rows.append(
            {
                "measure": measure_title(row["measure"]),
                "sign": _SIGNS[row["sign"]],
                "control": number(row["mean_control"]),
                "treatment": number(row["mean_treatment"]),
                "effect": number(row["difference"]),
                "95 % interval": interval_text(row["low"], row["high"]),
                "unit": row["unit"],
                "sign holds": _shares(row) if is_judged else "",
                "verdict": row["verdict"] or "not judged",
            }
        )
    # What a narrow terminal has no room for is in the CSV.
    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < _WIDE
    heads = [h for h in rows[0] if not (is_narrow and h in {"control", "treatment", "unit"})]
    cells = [[row[head] for head in heads] for row in rows]
    show_table(heads, cells, right=("control", "treatment", "effect"))
    say()


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
    failed = runs[runs["error"] != ""].drop_duplicates(["hypothesis", "sample", "seed", "side"])
    for row in failed.to_dict("records"):
        place = f"{row['hypothesis']} point {row['sample']}, seed {row['seed']}, {row['side']}"
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
