"""The notebook runs from top to bottom on a results folder, and is kept without outputs.

`CONCORD_RESULTS` set from outside runs it on real results instead of the synthetic ones.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

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


def test_first_run_executes(results, monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("CONCORD_RESULTS", os.environ.get("CONCORD_RESULTS", str(results)))
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    # The kernel is another process with its own rules; Concord's own warnings are still errors.
    monkeypatch.setenv("PYTHONWARNINGS", "error:::analysis")
    notebook = nbformat.read(ROOT / "analysis" / "notebooks" / "first_run.ipynb", as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the messaging library, not ours
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    figures = [out for out in outputs if "image/png" in out.get("data", {})]
    printed = "".join(out.get("text", "") for out in outputs)
    assert len(figures) == 4
    assert "largest difference before 2025-01-20: 0" in printed
    assert not [out for out in outputs if out.get("name") == "stderr"]
