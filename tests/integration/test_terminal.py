"""What commands say where it cannot be said: no output, no room, few columns, few signs."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from experiments.commands import listing
from experiments.listing import KINDS, entries

ROOT = Path(__file__).parents[2]
CONCORD = [sys.executable, "-c", "from experiments.cli import main; main()"]
# A whole word of these is an answer; anything else would be a traceback.
ERROR = re.compile(r"concord: error: [^\n]+\n")

posix = pytest.mark.skipif(os.name != "posix", reason="shell and terminals of POSIX")


def concord(*args: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*CONCORD, *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )


def in_shell(command: str, *args: str) -> tuple[int, str]:
    """Exit code and stderr of a shell command with ``"$@"`` standing for concord."""
    done = subprocess.run(
        ["bash", "-c", command, "bash", *CONCORD, *args],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stderr


def in_terminal(columns: int, args: Sequence[str], environment: Mapping[str, str] = {}) -> str:
    """What a terminal of so many columns shows."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [*CONCORD, *args],
        env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # as Linux says that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait(60) == 0
    return unadorned(b"".join(parts).decode("utf-8", "replace"))


def unadorned(text: str) -> str:
    """Without colours and movements."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


# ------------------------------------------------------------------ no output, no room


@posix
@pytest.mark.parametrize("args", [("list", "parameters"), ()])
@pytest.mark.parametrize(
    ("command", "said"),
    [('"$@" >&-', "standard output is closed"), ('"$@" >/dev/full', "standard output is full")],
)
def test_output_that_cannot_be_written_is_an_error_in_a_sentence(
    command: str, said: str, args: tuple[str, ...]
) -> None:
    if "full" in command and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    code, err = in_shell(command, *args)
    assert code == 2
    assert err == f"concord: error: {said}\n"


@posix
def test_a_closed_error_stream_costs_nothing() -> None:
    assert in_shell('"$@" 2>&-', "list") == (0, "")
    assert in_shell('"$@" <&- >&- 2>&-', "list")[0] == 2
    assert in_shell('"$@" 2>/dev/full', "lst")[0] == 2


@posix
def test_results_are_whole_though_output_is_closed(tmp_path: Path) -> None:
    """The number of the closed stream must not become that of a file of results."""
    results = tmp_path / "results"
    assert in_shell('"$@" >&- 2>&-', "run", "quarters=1", "--results", str(results), "-q")[0] == 0
    assert (results / "baseline+quarters-1/seed=1/manifest.json").is_file()


@posix
@pytest.mark.parametrize("kind", ["parameters", "rules"])  # more than a buffer holds, and less
def test_a_reader_that_stops_is_no_error(kind: str) -> None:
    code, err = in_shell('set -o pipefail; "$@" | true', "list", kind)
    assert (code, err) == (141, "")


# ------------------------------------------------------------------ few signs


COMPARE = ("compare", "us_withdrawal+quarters=6", "baseline+quarters=6", "--seeds", "1",
           "--measures", "world_trade_change")  # fmt: skip
ENCODINGS = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs to compare, made once."""
    return tmp_path_factory.mktemp("results")


@pytest.mark.parametrize("environment", [ENCODINGS[0], ENCODINGS[-1]], ids=["cp1252", "C"])
def test_a_negative_number_can_be_said_in_any_encoding(
    environment: dict[str, str], results: Path
) -> None:
    done = concord(*COMPARE, "--results", str(results), **environment)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("ascii")  # signs that are not there by what stands for them
    row = next(line for line in text.splitlines() if line.startswith("World trade, change"))
    assert float(row.split()[5]) < -1


@pytest.mark.parametrize("environment", ENCODINGS, ids=lambda e: next(iter(e.values())))
def test_names_survive_an_encoding_that_lacks_them(environment: dict[str, str]) -> None:
    done = concord("list", "states", "--json", **environment)
    states = {one["code"]: one["name"] for one in json.loads(done.stdout.decode("ascii"))}
    assert states["TUR"] == "Türkiye"
    assert done.returncode == 0
    encoding = environment.get("PYTHONIOENCODING", "ascii")
    table = concord("list", "states", **environment).stdout.decode(encoding)
    assert ("Turkiye" if encoding == "ascii" else "Türkiye") in table


def test_a_path_that_is_no_text_in_the_locale_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    place = str(tmp_path / "ñandú")
    done = concord("run", "quarters=1", "--results", place, **ENCODINGS[-1])
    assert done.returncode in {0, 2}
    if done.returncode:
        assert ERROR.fullmatch(done.stderr.decode().splitlines(keepends=True)[-1])
    assert b"Traceback" not in done.stderr


def test_figures_are_drawn_whatever_backend_is_set(results: Path, tmp_path: Path) -> None:
    where = ("--results", str(results), "--output", str(tmp_path), "-q")
    done = concord(*COMPARE, *where, MPLBACKEND="nonsense")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "effects.png").read_bytes().startswith(b"\x89PNG")


# ------------------------------------------------------------------ few columns


class Terminal(io.StringIO):
    """A terminal that remembers what it shows."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 60, 80, 132, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_tables_fit_the_terminal(columns: int, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    listing(kind, None, False)
    shown = unadorned(terminal.getvalue())
    assert max(map(len, shown.splitlines())) <= columns
    for entry in entries(kind):  # names are whole, however narrow it is
        assert str(next(iter(entry.values()))) in shown


@posix
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1:strict"])
def test_a_real_terminal_gets_a_table_that_fits(encoding: str) -> None:
    shown = in_terminal(72, ["list", "states"], {"PYTHONIOENCODING": encoding})
    assert "CHL" in shown
    assert 40 < max(map(len, shown.splitlines())) <= 72
