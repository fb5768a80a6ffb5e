"""Files of a user's own that cannot be used: name → path, content, words of the sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["CASES", "COMMANDS", "FILES", "GOOD", "TRAPS"]

GLOBAL = "# @package _global_\n"
CHILD = f"{GLOBAL}defaults: [baseline, _self_]\n"
S, O, P = "scenario/bad.yaml", "organisation/CLUB.yaml", "parameters/p.yaml"  # noqa: E741
BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 11)]
)
ELASTICITY = (
    "trade_elasticity: {value: 5, unit: ratio, range: [2, 8], reference: mine, meaning: slope"
)

FILES: dict[str, tuple[str, str | bytes, str]] = {
    "no first line": (S, "title: x\n", "@package _global_"),
    "empty": (S, "", "@package _global_"),
    "byte-order mark": (S, b"\xef\xbb\xbf" + CHILD.encode(), "byte-order mark"),
    "UTF-16": (S, CHILD.encode("utf-16"), "UTF-8"),
    "Latin-1": (S, f"{CHILD}title: Türkiye\n".encode("latin-1"), "UTF-8"),
    "binary": (S, b"\x00\x01\x02\x03PAR1", "broken YAML"),
    "tab": (S, f"{CHILD}world:\n\ttrade: x\n", "line 4"),
    "open quote": (S, f"{CHILD}title: 'x\n", "line"),
    "a list": (S, f"{GLOBAL}- x\n", "holds a list"),
    "a text": (S, f"{GLOBAL}x\n", "holds a str"),
    "key twice": (S, f"{CHILD}title: x\ntitle: y\n", "given twice"),
    "program": (S, f"{CHILD}title: !!python/object/apply:os.getcwd []\n", "broken YAML"),
    "bomb": (S, f"{CHILD}{BOMB}\n", "200000 values"),
    "bomb in a charter": (O, f"{BOMB}\n", "200000 values"),
    "part of itself": (S, f"{CHILD}title: &a [*a]\n", "200000 values"),
    "deep": (S, f"{CHILD}title: {'[' * 60}{']' * 60}\n", "50 levels"),
    "very deep": (S, f"{CHILD}title: {'[' * 20000}{']' * 20000}\n", "bad.yaml"),
    "large": (S, CHILD + "#" * 5_000_000, "more than 4 MB"),
    "inherits itself": (S, f"{GLOBAL}defaults: [bad, _self_]\n", "bad → bad"),
    "inherits nothing known": (S, f"{GLOBAL}defaults: [basline]\n", "'baseline' (nearest)"),
    "inherits a text": (S, f"{GLOBAL}defaults: baseline\n", "a list of scenarios"),
    "inherits a number": (S, f"{GLOBAL}defaults: [5]\n", "a list of scenarios"),
    "inherits a group": (S, f"{GLOBAL}defaults: [organisation: x]\n", "a list of scenarios"),
    "another name": (S, f"{CHILD}name: good\n", "name: bad"),
    "unknown key": (S, f"{CHILD}quaters: 4\n", "'quarters' (nearest)"),
    "number as key": (S, f"{CHILD}5: 4\n", "5"),
    "true for a number": (S, f"{CHILD}quarters: yes\n", "true will not do"),
    "no number": (S, f"{CHILD}quarters: .nan\n", "number"),
    "no day": (S, f"{CHILD}start: 2025-02-30\n", "no day of the calendar"),
    "empty docket": (S, f"{CHILD}organisation: {{ASEAN: {{docket: {{}}}}}}\n", "changes nothing"),
    "empty parameters": (S, f"{CHILD}parameters: {{}}\n", "changes nothing"),
    "shocks as a list": (S, f"{CHILD}shocks: [x]\n", "key: value"),
    "shocks as a number": (S, f"{CHILD}shocks: 5\n", "key: value"),
    "parameters as a number": (S, f"{CHILD}parameters: 5\n", "key: value"),
    "organisations as a list": (S, f"{CHILD}organisation: [WTO]\n", "key: value"),
    "shock too late": (
        S,
        f"{CHILD}shocks: {{x: {{kind: leader_change, date: 2050-01-01, state: USA, "
        "orientation: 1}}\n",
        "after the end",
    ),
    "null as a key": (S, f"{CHILD}null: 4\n", "a key is null"),
    "null as a switch": (S, f"{CHILD}switches: {{null: 4}}\n", "a key is null"),
    "interpolation": (S, f"{CHILD}title: ${{nothing}}\n", "nothing"),
    "parameters of no model": (S, f"{CHILD}parameters: {{speed: 1}}\n", "speed"),
    "charter without rules": (O, "name: Club\n", "missing"),
    "charter that is a list": (O, "- x\n", "holds a list"),
    "charter in Latin-1": (O, "name: Übung\n".encode("latin-1"), "UTF-8"),
    "charter that is broken": (O, "name: [\n", "CLUB.yaml, line"),
    "empty charter": (O, "", "organisation.CLUB"),
    "parameter without value": (P, "speed: 3\n", "no value"),
    "parameter of no model": (P, f"speed{ELASTICITY[16:]}}}\n", "unknown parameter"),
    "parameter without a range": (P, "trade_elasticity: {value: 5}\n", "missing"),
    "parameter out of its range": (P, f"{ELASTICITY.replace('5', '9')}}}\n", "outside its range"),
    "parameter with more": (P, f"{ELASTICITY}, colour: red}}\n", "colour"),
    "parameter with a number as key": (P, f"{ELASTICITY}, 5: red}}\n", "parameters"),
    "parameter in infinity": (P, f"{ELASTICITY.replace('8', '.inf')}}}\n", "finite"),
    "variants: empty": ("v.csv", "", "empty"),
    "variants: unknown key": ("v.csv", "quaters\n4\n", "'quarters' (nearest)"),
    "variants: semicolons": ("v.csv", "quarters;seed\n4;1\n", "semicolons"),
    "variants: a head twice": ("v.csv", "quarters,quarters\n4,4\n", "comes twice"),
    "variants: a cell too many": ("v.csv", "quarters\n4,5\n", "2 cells"),
    "variants: a line twice": ("v.csv", "quarters\n4\n4\n", "each once"),
    "variants: Latin-1": ("v.csv", "title\nÜbung\n".encode("latin-1"), "UTF-8"),
    "variants: no number": ("v.csv", "quarters\nnan\n", "number"),
    "variants: seeds": ("v.csv", "seed\n1\n", "seeds=N"),
}

EPISODE = """title: Talks of two
use: test
opened: 2003-01-27
parties: [JPN, KOR]
decision: {rule: consensus}
rule_reason: each signs for itself
item: {levels: [1, 5], deadline_quarters: 40, reference: a menu}
history: {agreed: 2006-01-01, text: agreed after three years}
sources: [a treaty]
"""
CONFLICT = """title: A civil war
kind: civil
use: calibrate
opened: 2005-01-27
since: 1999-01-01
parties: [IDN]
level: minor
bodies: {ASEAN: {decision: {security: {rule: consensus}}}}
rules_then: mediation by consent of both sides
history: {ended: 2005-08-15, how: settled, recurred: false, text: a memorandum was signed}
sources: [a memorandum]
"""
CLAIM = """id: M1
claim: ASEAN agrees sooner by majority.
treatment: asean_majority
control: asean_way
organisations: [ASEAN]
parameters: [noise_scale]
measures: [{name: items_agreed, sign: none}]
note: nothing is left out
"""

E, C, H = "episode/my.yaml", "security_case/my.yaml", "hypothesis/M1.yaml"

CASES: dict[str, tuple[str, str, str, str]] = {
    "episode with another key": (E, "use:", "usee:", "'use' (nearest)"),
    "episode for nothing": (E, "use: test", "use: fun", "'calibrate' or 'test'"),
    "episode of a list": (E, EPISODE, "- x", "holds a list"),
    "episode without a title": (E, "title: Talks of two", "", "'title' is missing"),
    "episode in another century": (E, "2003-01-27", "1003-01-27", "out of reach"),
    "episode on no day": (E, "2006-01-01", "2006-02-30", "history.agreed: '2006-02-30' is no day"),
    "episode agreed by a number": (E, "2006-01-01", "20060101", "no day of the calendar"),
    "episode agreed before it opened": (E, "2006-01-01", "2001-01-01", "after agreed"),
    "episode of a text": (E, "{agreed: 2006-01-01, text: agreed after three years}", "yes", "key:"),
    "episode with a key in history": (E, "{agreed:", "{agred: 1, agreed:", "'agreed' (nearest)"),
    "episode of words for quarters": (E, "deadline_quarters: 40", "deadline_quarters: x", "whole"),
    "episode of lists for quarters": (
        E,
        "deadline_quarters: 40",
        "deadline_quarters: [4]",
        "whole",
    ),
    "episode without end": (E, "deadline_quarters: 40", "deadline_quarters: 1e30", "1 to 376"),
    "episode whose groups are texts": (
        E,
        "rule_reason",
        "entry_into_force: {ratifications: 2, groups: [x]}\nrule_reason",
        "key:",
    ),
    "episode whose groups are a number": (
        E,
        "rule_reason",
        "entry_into_force: {ratifications: 2, groups: 5}\nrule_reason",
        "a list",
    ),
    "episode of nobody": (E, "[JPN, KOR]", "[JPN, XXX]", "'XXX'"),
    "episode of a long name": (E, "[JPN, KOR]", f"[JPN, {'X' * 5000}]", "unknown state"),
    "episode of no rule": (E, "consensus", "consensu", "'consensus' or"),
    "episode with not a number": (E, "history: {", "history: {depth_index: .nan, ", "number"),
    "conflict of a kind that is none": (C, "kind: civil", "kind: cold", "'interstate' or 'civil'"),
    "conflict of perhaps": (C, "recurred: false", "recurred: perhaps", "true or false"),
    "conflict of two in one state": (C, "[IDN]", "[IDN, MYS]", "one state"),
    "conflict without parties": (C, "[IDN]", "null", "a list"),
    "conflict whose decision is true": (
        C,
        "{security: {rule: consensus}}",
        "true",
        "decision: true",
    ),
    "conflict whose body is a text": (
        C,
        "{decision: {security: {rule: consensus}}}",
        "loud",
        "lines of 'key: value'",
    ),
    "claim with a table that is none": (H, "sign: none", "sign: none, table: x", "unknown table"),
    "claim with a sign that is none": (H, "sign: none", "sign: plus", "'+', '-' or 'none'"),
    "claim over no days": (H, "sign: none", "sign: none, at: [a, b]", "YYYY-MM-DD"),
    "claim of a number": (H, "claim: ASEAN agrees sooner by majority.", "claim: 5", "a text"),
    "claim with another id": (H, "id: M1", "id: M2", "its id is 'M2'"),
    "claim without measures": (H, "[{name: items_agreed, sign: none}]", "[]", "1 or more"),
}
"""File, what stands in a good one, what stands there instead, words of the sentence."""

GOOD = {E: EPISODE, C: CONFLICT, H: CLAIM}
COMMANDS = {
    E: "hindcast episodes mine/episode/my.yaml --seeds 1",
    C: "hindcast security mine/security_case/my.yaml --seeds 1",
    H: "hypotheses M1 --config-dir mine --seeds 1 --samples 0",
}


def _link_to_itself(mine: Path) -> None:
    (mine / "scenario" / "bad.yaml").symlink_to(mine / "scenario" / "bad.yaml")


def _link_to_nothing(mine: Path) -> None:
    (mine / "scenario" / "bad.yaml").symlink_to(mine / "nowhere.yaml")


def _folder(mine: Path) -> None:
    (mine / "scenario" / "bad.yaml").mkdir()


def _circle(mine: Path) -> None:
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a")):
        text = f"{GLOBAL}defaults: [{parent}, _self_]\n"
        (mine / "scenario" / f"{name}.yaml").write_text(text)


def _ours(mine: Path) -> None:
    (mine / "scenario" / "baseline.yaml").write_text(CHILD)


def _launcher(mine: Path) -> None:
    (mine / "launcher").mkdir()
    (mine / "launcher" / "big.yaml").write_text("engine: local\njobs: 0\n")


def _odd_design(mine: Path) -> None:
    (mine / "sweep").mkdir()
    (mine / "sweep" / "odd.yaml").write_text("design: lhs\nsamples: many\n")


TRAPS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "link to itself": (_link_to_itself, "run --dry-run scenario=bad", "cannot be read"),
    "link to nothing": (_link_to_nothing, "run --dry-run scenario=bad", "cannot be read"),
    "folder for a file": (_folder, "run --dry-run scenario=bad", "cannot be read"),
    "circle": (_circle, "run --dry-run scenario=a", "a → b → c → a"),
    "circle further on": (_circle, "timeline scenario=b", "b → c → a → b"),
    "name of ours": (_ours, "run --dry-run", "another name"),
    "launcher out of range": (_launcher, "sweep --dry-run launcher=big", "launcher.jobs"),
    "design of words": (_odd_design, "sweep --dry-run sweep=odd", "sweep.samples"),
}
