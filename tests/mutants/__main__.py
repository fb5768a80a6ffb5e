"""Mutation testing of rules, behaviour and phases: ``python -m tests.mutants``, docs/testing.md.

Each mutant is the model with one operator, number or comparison changed; one that the tests named
here do not notice is listed. Work is done in a copy of the tree, so that nothing is left behind
in this one. Golden files are left out: they notice every change and say of none what it breaks.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 120  # after which a mutant that does not end counts as noticed
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Group:
    """Modules to change, as a pattern, and the tests that ought to notice, quick ones first."""

    modules: str
    tests: tuple[str, ...]


GROUPS = {
    "rules": Group(
        "sim/rules/**/*.py",
        (
            "tests/unit/test_decision_rules.py",
            "tests/unit/test_agenda.py",
            "tests/contract/test_decision_rules.py",
            "tests/contract/test_decision_power.py",
            "tests/contract/test_agenda_rules.py",
        ),
    ),
    "behaviour": Group(
        "sim/behaviour/*.py",
        (
            "tests/unit/test_parties.py",
            "tests/unit/test_utility.py",
            "tests/unit/test_bargaining.py",
        ),
    ),
    "phases": Group(
        "sim/phases/*.py",
        (
            "tests/unit/test_phases_*.py",
            "tests/contract/test_phases.py",
        ),
    ),
}


def main(arguments: list[str] | None = None) -> None:
    """Run a sample of the mutants of each group; list those that survive and print the score."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all when none is named")
    parser.add_argument("--sample", type=int, default=20, help="mutants a group; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    asked = parser.parse_args(arguments)
    if wrong := set(asked.groups) - set(GROUPS):
        parser.error(f"no group {', '.join(sorted(wrong))}; there are {', '.join(GROUPS)}")
    for name in asked.groups or GROUPS:
        with tempfile.TemporaryDirectory() as place:
            tree = _copied(Path(place) / "tree")
            results = _run(tree, GROUPS[name], asked.sample, asked.seed)
        _report(name, results)


def _copied(tree: Path) -> Path:
    """A copy of the files that git knows."""
    listed = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def _run(tree: Path, group: Group, sample: int, seed: int) -> list[tuple[Any, Any]]:
    """Mutations and what became of them, in the order of the files."""
    from cosmic_ray.work_db import WorkDB, use_db

    modules = [str(p.relative_to(tree)) for p in sorted(tree.glob(group.modules))]
    tests = [str(p.relative_to(tree)) for t in group.tests for p in sorted(tree.glob(t))]
    options = "-x -q -p no:cacheprovider -p no:xdist --no-header"
    command = f"{sys.executable} -m pytest {options} {' '.join(tests)}"
    (tree / "mutants.toml").write_text(
        f"[cosmic-ray]\nmodule-path = {modules}\ntimeout = {SECONDS}.0\n"
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    _cosmic_ray(tree, "baseline", "mutants.toml")
    _cosmic_ray(tree, "init", "mutants.toml", "mutants.sqlite")
    with use_db(tree / "mutants.sqlite", mode=WorkDB.Mode.open) as session:
        kept = _sampled(tree, list(session.work_items), sample, seed)
        session.clear()
        session.add_work_items(kept)
    _cosmic_ray(tree, "exec", "mutants.toml", "mutants.sqlite")
    with use_db(tree / "mutants.sqlite", mode=WorkDB.Mode.open) as session:
        results = dict(session.results)
        return [(item.mutations[0], results[item.job_id]) for item in kept]


def _cosmic_ray(tree: Path, *arguments: str) -> None:
    ran = subprocess.run(
        (sys.executable, "-m", "cosmic_ray.cli", *arguments),
        cwd=tree,
        env=os.environ | ONE_THREAD,
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        sys.exit(f"cosmic-ray {arguments[0]}: {ran.stdout[-3000:]}{ran.stderr[-1000:]}")


def _sampled(tree: Path, items: list[Any], sample: int, seed: int) -> list[Any]:
    """As many mutants as asked for, at random; those of annotations, which change nothing, not."""
    types = {str(i.mutations[0].module_path): [] for i in items}
    for module, spans in types.items():
        spans.extend(_annotations((tree / module).read_text("utf-8")))

    def is_code(mutation: Any) -> bool:
        spans = types[str(mutation.module_path)]
        return not any(a <= tuple(mutation.start_pos) < b for a, b in spans)

    def place(item: Any) -> tuple[Any, ...]:
        m = item.mutations[0]
        return str(m.module_path), tuple(m.start_pos), m.operator_name, m.occurrence

    able = sorted((i for i in items if is_code(i.mutations[0])), key=place)
    if not sample or sample >= len(able):
        return able
    return sorted(random.Random(seed).sample(able, sample), key=place)


def _annotations(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Begin and end of each annotation, as line and column."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((n.lineno, n.col_offset), (n.end_lineno or 0, n.end_col_offset or 0))
        for n in found
        if n is not None
    ]


def _report(name: str, results: list[tuple[Any, Any]]) -> None:
    survived = [(m, r) for m, r in results if r.test_outcome == "survived"]
    noticed = len(results) - len(survived)
    print(f"{name}: {noticed} of {len(results)} mutants noticed ({noticed / len(results):.0%})")
    for mutation, result in survived:
        changed = [line for line in (result.diff or "").splitlines() if line[:1] in "+-"]
        print(f"  {mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}")
        print("\n".join(f"    {line}" for line in changed if line[:3] not in ("+++", "---")))


if __name__ == "__main__":
    main()
