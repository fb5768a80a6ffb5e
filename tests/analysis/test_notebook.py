"""The notebook runs from top to bottom on a results folder, and is kept without outputs.

`CONCORD_RESULTS` set from outside runs it on real results instead of the synthetic ones.
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from experiments.compose import compose, split_label
from experiments.run import execute, plan

nbformat = pytest.importorskip("nbformat")

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "analysis" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def executed(name, folder, monkeypatch, instead=("", "")):
    """Outputs of a notebook's cells, run on a results folder, with some words replaced."""
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("CONCORD_RESULTS", os.environ.get("CONCORD_RESULTS", str(folder)))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # set by commands run in this process
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    # The kernel is another process with its own rules; Concord's own warnings are still errors.
    monkeypatch.setenv("PYTHONWARNINGS", "error:::analysis")
    notebook = nbformat.read(ROOT / "analysis" / "notebooks" / f"{name}.ipynb", as_version=4)
    before, after = instead
    assert any(before in cell.source for cell in notebook.cells)
    for cell in notebook.cells:
        cell.source = cell.source.replace(before, after) if before else cell.source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the messaging library, not ours
        nbclient.NotebookClient(notebook, timeout=180, kernel_name="python3").execute()
    return [out for cell in notebook.cells for out in cell.get("outputs", [])]


def figures_in(outputs):
    return [out for out in outputs if "image/png" in out.get("data", {})]


def test_first_run_executes(results, monkeypatch):
    outputs = executed("first_run", results, monkeypatch)
    printed = "".join(out.get("text", "") for out in outputs)
    assert len(figures_in(outputs)) == 4
    assert "largest difference before 2025-01-20: 0" in printed
    assert not [out for out in outputs if out.get("name") == "stderr"]


@pytest.fixture(scope="module")
def four_worlds(tmp_path_factory):
    """The worlds of the notebook on ASEAN, of those bodies alone that act in it."""
    folder = tmp_path_factory.mktemp("worlds")
    for words in product(
        ["scenario=asean_way", "scenario=asean_majority"], ["", "~organisation.UN"]
    ):
        composed = compose([word for word in words if word])
        charters = composed.mapping["organisation"]
        kept = {code: {**charters[code], "docket": {}} for code in ("ASEAN", "ICJ", "UN")
                if code in charters}  # fmt: skip
        mapping = {**composed.mapping, "organisation": kept}
        for job in plan(replace(composed, mapping=mapping), (1, 2), folder):
            execute(job)
    return folder


def test_the_notebook_on_asean_executes(four_worlds, monkeypatch):
    fewer = '"--seeds", "4"', '"--seeds", "1"'  # of the past cases that it runs
    outputs = executed("asean_way_security", four_worlds, monkeypatch, fewer)
    printed = "".join(out.get("text", "") for out in outputs)
    assert len(figures_in(outputs)) == 2
    assert "4 worlds, 2 seeds each" in printed
    assert not [out for out in outputs if out.get("name") == "stderr"]


@pytest.fixture(scope="module")
def hegemon_worlds(tmp_path_factory):
    """The worlds of the notebook on the hegemon, short and of few bodies."""
    folder = tmp_path_factory.mktemp("worlds")
    bodies = ("ANDEAN", "PARIS", "SAARC", "UN", "UNESCO", "UNHRC", "WHO")
    choice = "+switches.forum_choice=true"
    labels = ("us_withdrawal", "baseline", "placebo_withdrawal")
    seeds = {**dict.fromkeys(labels, (1, 2)), labels[0] + choice: (1,), labels[1] + choice: (1,)}
    for label, chosen in seeds.items():
        composed = compose([*split_label(label), "quarters=10"])
        charters = composed.mapping["organisation"]
        kept = {code: charters[code] for code in bodies}
        mapping = {**composed.mapping, "organisation": kept}
        for job in plan(replace(composed, mapping=mapping, label=label), chosen, folder):
            execute(job)
    return folder


def test_the_notebook_on_the_hegemon_executes(hegemon_worlds, monkeypatch):
    outputs = executed("when_the_hegemon_leaves", hegemon_worlds, monkeypatch)
    printed = "".join(out.get("text", "") for out in outputs)
    assert len(figures_in(outputs)) == 5
    assert "3 worlds, 2 seeds each" in printed
    assert "seeds in which states choose: 1" in printed
    assert not [out for out in outputs if out.get("name") == "stderr"]
    effect, placebo = (
        float(n) for n in re.search(r"memberships: (\S+) .* (\S+) when", printed).groups()
    )
    assert effect < -1  # the exits of the scenario
    assert placebo < -1  # are the Maldives' as well
