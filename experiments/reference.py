"""Reference tables of the documentation, written from the code that they describe.

A page holds a generated table between two marks; ``python -m experiments.reference`` writes the
tables anew, and `tests/contract/test_docs.py` fails while a page and the code differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from experiments.library import Library

__all__ = ["BLOCKS", "refresh", "shock_keys"]

_MARK = re.compile(r"(<!-- generated: ([a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def refresh(page: str) -> str:
    r"""A page with its generated tables as the code has them now.

    Parameters
    ----------
    page
        Markdown with blocks ``<!-- generated: NAME -->`` … ``<!-- end -->``.

    Raises
    ------
    KeyError
        A block of a name that is none of `BLOCKS`.

    Examples
    --------
    What stands between the marks does not matter, and a second time changes nothing:

    >>> page = refresh("<!-- generated: switches -->\nstale\n<!-- end -->\n")
    >>> "stale" in page, page == refresh(page)
    (False, True)
    """
    return _MARK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n{found[3]}", page)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads)]
    lines += [["---"] * len(lines[0])]
    lines += [
        [" ".join(cell.split()).replace("|", "\\|").replace("<", "\\<") for cell in row]
        for row in rows
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _tables() -> str:
    from sim.schema import TABLES

    kinds = {"string": "text", "date32": "date", "int32": "whole number", "double": "number"}
    parts = []
    for name, columns in TABLES.items():
        rows = [
            (
                f"`{c.name}`",
                next((said for key, said in kinds.items() if str(c.type).startswith(key)), "flag"),
                c.unit,
                c.meaning,
            )
            for c in columns
        ]
        parts.append(f"### `{name}`\n\n{_table(('column', 'type', 'unit', 'meaning'), rows)}")
    return "\n".join(parts)


def _parameters() -> str:
    by_place: dict[str, list[tuple[str, ...]]] = {}
    for name, entry in Library.of().parameters().items():
        low, high = entry["range"]
        row = (f"`{name}`", f"{entry['value']:g}", f"{low:g} – {high:g}", entry["unit"])
        file = entry["file"]
        place = file.name if file.parent.name == "parameters" else f"{file.parent.name}/{file.name}"
        by_place.setdefault(place, []).append((*row, entry["meaning"], entry["reference"]))
    heads = ("parameter", "value", "range", "unit", "meaning", "reference")
    return "\n".join(
        f"### {place}\n\n{_table(heads, by_place[place])}" for place in sorted(by_place)
    )


def _switches() -> str:
    from sim.switches import SWITCHES

    rows = [
        (f"`{name}`", "on" if one.default else "off", one.meaning) for name, one in SWITCHES.items()
    ]
    return _table(("switch", "default", "when on"), rows)


def _fields() -> str:
    from sim.fields import FIELDS

    rows = [
        (f"`{name}`", " × ".join(one.dims), one.unit, one.meaning) for name, one in FIELDS.items()
    ]
    return _table(("variable", "per", "unit", "meaning"), rows)


def _phases() -> str:
    from sim.phases import PHASES

    rows = [
        (str(n), f"`{p.name}`", p.meaning, _names(p.reads), _names(p.writes))
        for n, p in enumerate(PHASES, 1)
    ]
    return _table(("", "phase", "what happens", "reads", "writes"), rows)


def _names(names: Iterable[str]) -> str:
    shown = ["everything" if name == "*" else f"`{name}`" for name in names]
    return ", ".join(shown) or "–"


def _events() -> str:
    from sim.events import EVENTS

    rows = [(f"`{name}`", one.actor, one.meaning, one.value) for name, one in EVENTS.items()]
    return _table(("kind", "actor", "what happened", "value"), rows)


def _rows() -> str:
    from sim.schema import ROWS

    return _table(("table", "one row per"), ((f"`{name}`", row) for name, row in ROWS.items()))


def _mechanisms() -> str:
    from sim.mechanism import mechanisms

    rows = []
    for name, one in mechanisms().items():
        adds = [
            *(f"`{one.full(f.name)}`" for f in (*one.fields, *one.records)),
            *(f"table `{table.name}`" for table in one.tables),
            *(f"`{table}.{c.name}`" for table, columns in one.columns.items() for c in columns),
        ]
        switches = ", ".join(f"`{switch.name}`" for switch in one.switches)
        rows.append((f"`{name}`", one.meaning, switches, ", ".join(adds), one.source))
    return _table(("mechanism", "what it does", "switches", "adds", "source"), rows)


def shock_keys(model: Any) -> list[str]:
    """Keys of a kind of shock that not all kinds have, with their defaults.

    Examples
    --------
    >>> from sim.shocks import SHOCKS
    >>> shock_keys(SHOCKS["join"])
    ['states', 'organisation']
    """
    common = {"kind", "date", "text", "reference"}
    return [
        name + ("" if field.is_required() else f" ({_default(field.default)})")
        for name, field in model.model_fields.items()
        if name not in common
    ]


def _shocks() -> str:
    from sim.shocks import SHOCKS

    rows = []
    for kind, model in SHOCKS.items():
        keys = [re.sub(r"^\w+", r"`\g<0>`", key) for key in shock_keys(model)]
        rows.append((f"`{kind}`", (model.__doc__ or "").split("\n", 1)[0], ", ".join(keys)))
    return _table(("kind", "effect", "keys (default)"), rows)


def _default(value: Any) -> str:
    return "none" if value is None else str(value)


def _scenarios() -> str:
    from experiments.listing import entries

    library = Library.of()
    rows = []
    for entry in entries("scenarios"):
        chain = library.chain(entry["scenario"])
        said = next((c["description"] for c in chain.values() if c.get("description")), "")
        rows.append((f"`{entry['scenario']}`", f"`{entry['inherits'] or '–'}`", said))
    return _table(("scenario", "inherits", "what it is"), rows)


BLOCKS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "events": _events,
        "mechanisms": _mechanisms,
        "rows": _rows,
        "tables": _tables,
        "parameters": _parameters,
        "switches": _switches,
        "fields": _fields,
        "phases": _phases,
        "shocks": _shocks,
        "scenarios": _scenarios,
    }
)
"""Name of a generated block → what writes it."""


if __name__ == "__main__":
    for file in sorted(Path("docs").rglob("*.md")):
        old = file.read_text(encoding="utf-8")
        new = refresh(old)
        if new != old:
            file.write_text(new, encoding="utf-8")
