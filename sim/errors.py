"""What goes wrong, said so that a user can act on it.

Every error of Concord is a `ConcordError`: it says *where* the fault is, *what was found*, *what
would be right* and, where names are concerned, the *nearest alternatives*. The command line prints
the message alone and exits with `exit_code`; a traceback is shown for programming faults only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class ConcordError(Exception):
    """An error whose message is meant for the user of the model.

    Parameters
    ----------
    found
        What was found, as a sentence without the place.
    where
        File, key, line or phase in which it was found; empty when there is no such place.
    expected
        What would be right.

    Examples
    --------
    >>> print(ConfigError("'quaters' is not a key", where="run.yaml", expected="one of: quarters"))
    run.yaml: 'quaters' is not a key. Expected one of: quarters.
    """

    exit_code = 2

    def __init__(self, found: str, *, where: str = "", expected: str = "") -> None:
        self.found, self.where, self.expected = found, where, expected
        message = f"{where}: {found}" if where else found
        if expected:
            message = f"{message.rstrip('.')}. Expected {expected.rstrip('.')}."
        super().__init__(message)


class ConfigError(ConcordError):
    """A scenario, charter, parameter or command-line override that cannot be run."""


class DataError(ConcordError):
    """A table, embedded or a user's own, that cannot be used as it stands."""


class StateError(ConcordError):
    """A breach of the model's own rules, such as a phase that writes what it did not declare."""

    exit_code = 1


class ConvergenceError(ConcordError):
    """A solver that did not reach its tolerance; the message has the residual and advice."""

    exit_code = 1


class StorageError(ConcordError):
    """A results folder that cannot be written or read."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """Names like `name` among the `known` ones, as text for an error message.

    Parameters
    ----------
    name
        The name that was not found.
    known
        The names that exist.
    count
        How many to offer at most.

    Returns
    -------
    str
        "did you mean 'a' or 'b'?" or, when nothing is near, the sorted list of all names
        (cut after twelve).

    Examples
    --------
    >>> nearest("unanimty", ["unanimity", "weighted"])
    "'unanimity' (nearest), or one of: unanimity, weighted"
    """
    names = sorted(set(known))
    folded = {n.casefold(): n for n in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=count, cutoff=0.6)
    shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
    if not close:
        return f"one of: {shown}"
    quoted = " or ".join(repr(folded[c]) for c in close)
    return f"{quoted} (nearest), or one of: {shown}"


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> ConfigError:
    """The error for a name that is not known.

    Examples
    --------
    >>> print(unknown("decision rule", "unanimty", ["unanimity"], "organisation/wto.yaml"))
    organisation/wto.yaml: unknown decision rule 'unanimty'. Expected 'unanimity' (nearest), or \
one of: unanimity.
    """
    return ConfigError(
        f"unknown {kind} {as_yaml(name)}", where=where, expected=nearest(name, known)
    )


_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "string": "a text",
    "date": "a date such as 2025-01-20",
    "tuple": "a list, [...]",
    "list": "a list, [...]",
    "dict": "lines of 'key: value'",
    "model": "lines of 'key: value'",
    "mapping": "lines of 'key: value'",
    "literal": "one of: {expected}",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "a number below {lt}",
    "less_than_equal": "{le} or less",
    "string_too_short": "{min_length} letters or more",
    "string_pattern_mismatch": "a name of the form {pattern}",
    "too_short": "{min_length} or more",
    "too_long": "{max_length} or fewer",
    "invalid_key": "a name",
}


def in_words(fault: Mapping[str, Any]) -> tuple[str, str]:
    """What was found and what would be right, for a fault of `ValidationError.errors()`.

    Examples
    --------
    >>> in_words({"type": "int_parsing", "input": "many", "msg": "Input should be a valid integer"})
    ("'many' will not do", 'a whole number')
    """
    message = str(fault["msg"])
    if fault["type"] == "value_error":  # our own words
        return message.removeprefix("Value error, "), ""
    if fault["type"] == "missing":
        return f"the key {str(fault['loc'][-1])!r} is missing", ""
    found = f"{as_yaml(fault['input'])} will not do"
    kind = str(fault["type"])
    limits = {key: _limit(value) for key, value in (fault.get("ctx") or {}).items()}
    for name in (kind, kind.split("_", maxsplit=1)[0]):
        if name in _WORDS:
            return found, _WORDS[name].format(**limits)
    return f"{found}: {message}", ""


def as_yaml(value: Any) -> str:
    """A value as its writer had it, as far as that can be known; a long one is cut.

    Examples
    --------
    >>> as_yaml(True), as_yaml("x"), len(as_yaml("x" * 999))
    ('true', "'x'", 58)
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    shown = repr(value)
    return shown if len(shown) < 60 else f"{shown[:57]}…"


def _limit(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
