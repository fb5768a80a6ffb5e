"""The command `concord hindcast`: the past played again, beside what happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments import options
from experiments.ending import Cli

if TYPE_CHECKING:
    import pandas as pd

    from experiments.episodes import Episode
    from experiments.plays import Play

__all__ = ["hindcast"]

_folder = click.Path(path_type=Path)


@click.group(cls=Cli)
def hindcast() -> None:
    """Play cases of the past and score the model on them."""


_OPTIONS = (
    click.argument("asked", nargs=-1, metavar="[NAME|FILE|FOLDER]..."),
    click.option("--seeds", default=24, show_default=True, type=options.COUNT,
                 help="Runs a case."),
    click.option("--first-seed", default=1, show_default=True, type=options.SEED),
    click.option("--use", type=click.Choice(["calibrate", "test"]), help="Only these cases."),
    options.set_of("parameters", "switches", "world"),
    click.option("--output", type=_folder, callback=options.writable,
                 help="Folder for tables and figure, instead of that in RESULTS/hindcast."),
    click.option("--results", default="results", show_default=True, type=_folder,
                 help="Where runs are kept."),
    click.option("--config-dir", metavar="DIR", type=_folder,
                 help="Your own episode/, security_case/, climate_case/ and the rest."),
    click.option("--force", is_flag=True, help="Run again what is there already."),
    click.option("--quiet", "-q", is_flag=True, help="No progress and no summary."),
    click.option("--jobs", default=2, show_default=True, type=options.JOBS,
                 help="Runs at a time."),
)  # fmt: skip


def _played(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what plays cases."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@hindcast.command(name="episodes")
@_played
def _episodes(asked: Sequence[str], **given: Any) -> None:
    """Play dated negotiations many times, and score the shares of the seeds.

    Each case starts in the world of its day, as far as it is known (docs/hindcasts.md), and is
    played under the rule, the parties and the deadline of its file. What was run before is not
    repeated.

    \b
      concord hindcast episodes                      all cases of the package
      concord hindcast episodes rcep ftaa --seeds 48
      concord hindcast episodes mine/case.yaml       a case of your own: one file
      concord hindcast episodes --set parameters.red_line_penalty=1
    """  # noqa: D301  click reads the mark
    play_episodes(asked, **given)


@hindcast.command(name="security")
@_played
def _security(asked: Sequence[str], **given: Any) -> None:
    """Play dated conflicts many times: are they settled, by whom, in how many months.

    Each case starts in the world of its day, as far as it is known, with the dispute or the civil
    conflict of its file; bodies act by the charters of the day (docs/security.md). What was run
    before is not repeated.

    \b
      concord hindcast security                      all cases of the package
      concord hindcast security cenepa --seeds 48
      concord hindcast security mine/case.yaml       a case of your own: one file
    """  # noqa: D301  click reads the mark
    from experiments.security_hindcast import play_security

    play_security(asked, **given)


@hindcast.command(name="climate")
@_played
def _climate(asked: Sequence[str], **options: Any) -> None:
    """Play dated talks on climate many times: is a cut agreed, and who refuses.

    Each case starts in the world of its day, as far as it is known, and is played a second time
    among parties that differ by chance alone (docs/climate.md). What was run before is not
    repeated.

    \b
      concord hindcast climate --seeds 8             all cases of the package
      concord hindcast climate kyoto paris
      concord hindcast climate mine/case.yaml        a case of your own: one file
    """  # noqa: D301  click reads the mark
    from experiments.climate_hindcast import play_climate

    play_climate(asked, **options)


@hindcast.command(name="disputes")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--output", default=Path("results") / "hindcast", show_default=True, type=_folder,
              callback=options.writable, help="Folder for the tables.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="Nothing on the screen.")
def _disputes(file: Path, output: Path, quiet: bool) -> None:
    """Score the chance of a dispute on pair-years of a file.

    FILE is a CSV with state, against (ISO 3166 codes), year and dispute (1 or 0), a row for each
    pair and year, and perhaps years_since (the last dispute). Traits of pairs are those of the
    first year in the file. Intervals of 95 % resample whole pairs.

    \b
      concord hindcast disputes mine/pair_years.csv
    """  # noqa: D301  click reads the mark
    from experiments.dispute_scores import score_disputes

    score_disputes(file, output, quiet)


def play_episodes(
    asked: Sequence[str],
    *,
    output: Path | None,
    results: Path,
    config_dir: Path | None,
    quiet: bool,
    **how: Any,
) -> None:
    """`concord hindcast episodes`; `how` is as of `play_cases`."""
    from experiments.console import set_up_log
    from experiments.episodes import episodes
    from experiments.plays import play_cases

    set_up_log(quiet)
    folder = results / "hindcast"
    found = episodes(asked, config_dir)
    cases, plays = play_cases(found, folder, config_dir=config_dir, quiet=quiet, **how)
    made = _tables(cases, plays)
    written = _write(made, output or folder)
    if not quiet:
        _say(cases, plays, made, written)


def _tables(cases: Sequence[Episode], plays: Sequence[Play]) -> dict[str, pd.DataFrame]:
    """Runs, cases, parties and scores."""
    import pandas as pd

    from analysis.hindcast import EVENTS, by_case, by_party, scores
    from experiments.plays import history_of, read_parties, read_runs

    runs, history = read_runs(plays), history_of(cases)
    found = by_case(runs, history)
    named = {one.name: one.history.objectors for one in cases}
    parties = by_party(read_parties(plays), named)
    groups = {"all": found} | dict(iter(found.groupby("use")))
    judged = [
        scores(group, event).assign(use=use)
        for event in EVENTS
        for use, group in groups.items()
        if group[f"was_{event}"].notna().sum() >= 2
    ]
    return {
        "runs": runs,
        "cases": found,
        "parties": parties,
        "scores": pd.concat(judged, ignore_index=True) if judged else pd.DataFrame(),
    }


def _write(made: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """CSV of each table, Parquet of the runs as well, and the figure; those to tell."""
    import io

    import matplotlib as mpl

    from analysis.plots.hindcast import plot_cases
    from experiments.studies import write_figure, write_table
    from sim.atomic import write_file

    mpl.use("Agg")  # no window, also where a display is there
    written = [write_table(frame, folder / f"{name}.csv") for name, frame in made.items()
               if len(frame.columns)]  # fmt: skip
    stored = io.BytesIO()
    made["runs"].to_parquet(stored, index=False)
    write_file(folder / "runs.parquet", stored.getvalue())
    return [*written, write_figure(plot_cases(made["cases"]), folder / "cases.png")]


def _say(
    cases: Sequence[Episode],
    plays: Sequence[Play],
    made: dict[str, pd.DataFrame],
    written: Sequence[Path],
) -> None:
    from experiments.console import say, show_table
    from experiments.run import vintage_of
    from experiments.studies import say_files

    rows = [_row(row, made["parties"]) for row in made["cases"].to_dict("records")]
    show_table(list(rows[0]), [list(row.values()) for row in rows],
               right=("goes ahead", "all sign", "in force", "months", "lapsed"))  # fmt: skip
    say(
        "Shares of the seeds, then what happened (yes, no, ? = not known yet); months to agreement:"
    )
    say("median (10 to 90 %), then what it took; depth in % of trade costs, then the DESTA index.")
    if len(made["scores"]):
        say()
        _say_scores(made["scores"])
    _say_who(made["parties"])
    say()
    last: dict[str, Play] = {one.case.name: one for one in plays}
    for one in cases if len(cases) <= 3 else ():
        say(f"{one.name}: {vintage_of(last[one.name].scenario)}")
    if len(cases) > 3:
        say("Which years' data stand behind the cases: docs/hindcasts.md")
    say_files(written)


_SAID = {1.0: "yes", 0.0: "no"}


def _row(case: dict[str, Any], parties: pd.DataFrame) -> dict[str, str]:
    """A case in words."""
    own = parties[parties["case"] == case["case"]].head(3)
    least = ", ".join(f"{p} {share:.0%}" for p, share in zip(own["party"], own["out"], strict=True))

    def beside(event: str) -> str:
        return f"{case[event]:.0%} {_SAID.get(case[f'was_{event}'], '?')}"

    months, took = case["months"], case["was_months"]
    span = f"{months:.0f} ({case['months_low']:.0f} to {case['months_high']:.0f})"
    index = case["was_depth_index"]
    return {
        "case": case["case"],
        "use": case["use"],
        "goes ahead": beside("agrees"),
        "all sign": beside("all_sign"),
        "in force": beside("in_force"),
        "months": f"{'–' if math.isnan(months) else span}, {_or_dash(took)}",
        "depth": f"{_or_dash(case['depth'], '.1f')}, {_or_dash(index)}",
        "lapsed": f"{case['lapsed']:.0%}",
        "least willing (out or objecting)": least,
        "history": case["was_objectors"].replace(";", ", ") or "–",
    }


def _or_dash(value: float, form: str = ".0f") -> str:
    return "–" if math.isnan(value) else format(value, form)


def _say_who(parties: pd.DataFrame) -> None:
    from analysis.hindcast import who_holds_out
    from experiments.console import say

    found = who_holds_out(parties)
    if found["cases"]:
        say(
            f"Who holds out: in {found['cases']:.0f} cases the parties that history names are less "
            f"willing than the others in {found['share']:.0%} of the pairs "
            f"({found['low']:.0%} to {found['high']:.0%}; chance 50%)."
        )


def _say_scores(judged: pd.DataFrame) -> None:
    from analysis.hindcast import EVENTS
    from experiments.console import show_table

    rows = []
    for row in judged.to_dict("records"):
        if row["use"] != "all" and row["score"] != "brier":
            continue  # is in the CSV
        cells = [EVENTS[row["event"]], row["use"], row["score"], str(row["cases"])]
        cells += [f"{row[name]:.3f}" for name in ("model", "constant", "always")]
        for rival in ("constant", "always"):
            low, high = row[f"over_{rival}_low"], row[f"over_{rival}_high"]
            span = f" ({low:+.3f} to {high:+.3f})" if math.isfinite(low) else ""
            cells.append(f"{row[f'over_{rival}']:+.3f}{span}")
        rows.append(cells)
    heads = ["event", "use", "score", "cases", "model", "constant", "always"]
    show_table([*heads, "better than constant", "better than always"], rows, right=heads[3:])
