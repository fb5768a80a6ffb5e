"""What all figures share: the style, colours of scenarios, the source line, files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.transforms import Bbox, BboxBase

from analysis.errors import AnalysisError, seed_list

# Okabe & Ito (2008): told apart with any common colour blindness, also in grey for the first three.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
REFERENCE = "#4A4A4A"
INK = "#222222"  # effects: no scenario's colour, which would say that they are of that one
SHOCK = "#7A7A7A"
NOTE = "#555555"
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.5)), (0, (6, 1.5, 1.5, 1.5)))


FORMATS = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
"""File endings of figures, and what their files say of themselves: nothing of time or place."""


def file_of(figure: Figure, suffix: str = ".png") -> bytes:
    """Draw a figure as the bytes of a file: the same bytes for the same figure.

    Parameters
    ----------
    figure
        What to draw; it stays open.
    suffix
        `.png`, `.pdf` or `.svg`.

    Raises
    ------
    AnalysisError
        Another suffix.

    Examples
    --------
    >>> file_of(Figure(), ".pdf") == file_of(Figure(), ".pdf")
    True
    """
    if suffix not in FORMATS:
        raise AnalysisError(f"no figures as {suffix!r}", expected=f"one of {', '.join(FORMATS)}")
    sink = io.BytesIO()
    with style(), _settled(figure):  # what the style file fixes holds when a figure is written
        figure.savefig(sink, format=suffix[1:], metadata=FORMATS[suffix])
    return sink.getvalue()


@contextmanager
def _settled(figure: Figure) -> Iterator[None]:
    """Lay a figure out once, to whole billionths of its size, and hold that while it is written.

    The solver of constrained layouts goes through what it places in the order of addresses, so
    that its last digits, and with them the names in an SVG, differ from one time to the next.
    """
    engine = figure.get_layout_engine()
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for part in _parts(figure):
        part.bbox_relative.set(_rounded(part.bbox_relative))
    for ax in figure.axes:
        ax.set_position(_rounded(ax.get_position()))
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


def _parts(figure: FigureBase) -> Iterator[SubFigure]:
    for part in figure.subfigs:
        yield part
        yield from _parts(part)


def _rounded(box: BboxBase) -> Bbox:
    return Bbox(np.round(box.get_points(), 9))


@contextmanager
def style() -> Iterator[None]:
    """Switch to the style of the figures, read from the installed package, for one `with` block."""
    # A backend is loaded with the first figure and may switch interactive mode on (a notebook's
    # does). Inside the block that would be undone at its end, and later figures would not show.
    plt.draw_if_interactive()
    with plt.style.context("analysis.plots.concord"):
        yield


def looks(scenarios: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Give each scenario its colour and dash; `baseline` is the grey line of reference.

    The baseline is dashed and on top, so that both show where a scenario changes nothing.

    Examples
    --------
    >>> looks(["us_withdrawal", "baseline"])["baseline"]["color"] == REFERENCE
    True
    """
    others = [label for label in scenarios if label != "baseline"]
    found: dict[str, dict[str, Any]] = {
        "baseline": {
            "color": REFERENCE,
            "linestyle": (0, (3, 1.2)),
            "linewidth": 1.6,
            "zorder": 2.5,
        }
    }
    for k, label in enumerate(others):
        dash = _DASHES[(k // len(PALETTE)) % len(_DASHES)]
        found[label] = {"color": PALETTE[k % len(PALETTE)], "linestyle": dash, "linewidth": 2.4}
    return {label: found[label] for label in scenarios}


def source(scenarios: Iterable[str], seeds: Iterable[int]) -> str:
    """Write the source line of a figure.

    Examples
    --------
    >>> source(["baseline", "us_withdrawal"], [1, 2, 3])
    'Source: Concord runs baseline and us_withdrawal; seeds 1–3.'
    """
    names = list(dict.fromkeys(scenarios))
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    chosen = sorted({int(s) for s in seeds})
    word = "seed" if len(chosen) == 1 else "seeds"
    return f"Source: Concord run{'s' * (len(names) > 1)} {text}; {word} {seed_list(chosen)}."


def provenance(frame: pd.DataFrame) -> str:
    """Write the source line with what the runs were made by, as loaded frames carry it.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": ["baseline"], "seed": [1]})
    >>> frame.attrs["made_by"] = ["Concord 0.1.0, fingerprint 0123456789ab"]
    >>> provenance(frame)
    'Source: Concord run baseline; seed 1 (Concord 0.1.0, fingerprint 0123456789ab).'
    """
    made = list(frame.attrs.get("made_by", ()))
    if len(made) > 1:  # as many fingerprints as runs: their manifests have them
        versions = sorted({one.split(",", 1)[0] for one in made})
        made = [f"{', '.join(versions)}, fingerprints in the manifests"]
    line = source(frame["scenario"], frame["seed"].unique())
    return f"{line[:-1]} ({made[0]})." if made else line


def footnote(ax: Axes, text: str, offset: float = 40.0) -> None:
    """Write small print under the axes, `offset` points below them; the layout makes room."""
    ax.annotate(
        text,
        xy=(0, 0),
        xytext=(0, -offset),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=8.5,
        color=NOTE,
        annotation_clip=False,
        gid="footnote",
    )
