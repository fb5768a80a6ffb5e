"""A run is on disk completely or not at all, and the same content has the same bytes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import atomic, provenance
from sim.dataset import parquet_bytes, read_manifest, write_run
from sim.errors import StorageError


def table(value: float = 1.0, rows: int = 3) -> pa.Table:
    metadata = {b"unit": b"%", b"meaning": b"welfare"}
    return pa.table(
        [pa.array([value] * rows)],
        pa.schema([pa.field("welfare", pa.float64(), metadata=metadata)]),
    )


def write(folder: Path, value: float = 1.0) -> dict:
    manifest = {"label": "a", "seed": 1, "fingerprint": f"f{value}"}
    return write_run(folder, {"summary": table(value), "events": table(value, 0)}, manifest)


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "results" / "baseline" / "seed=1"


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


class TestWriting:
    def test_writes_tables_with_units_and_the_manifest_that_describes_them(self, run: Path) -> None:
        manifest = write(run, 2.0)
        assert everything_below(run) == ["events.parquet", "manifest.json", "summary.parquet"]
        assert json.loads((run / "manifest.json").read_text()) == manifest
        assert manifest["format"] == 1
        entry = manifest["tables"]["summary"]
        assert entry["rows"] == 3
        data = (run / "summary.parquet").read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        read = pq.ParquetFile(run / "summary.parquet").read()
        assert read.column("welfare").to_pylist() == [2.0] * 3
        assert read.schema.field("welfare").metadata[b"unit"] == b"%"
        assert read.schema.metadata[b"concord:fingerprint"] == b"f2.0"

    def test_same_content_has_same_bytes_in_another_process(self) -> None:
        program = (
            "import hashlib, pyarrow as pa; from sim.dataset import parquet_bytes;"
            "t = pa.table({'x': [1.5, 2.5], 'n': ['a', 'b']});"
            "print(hashlib.sha256(parquet_bytes(t, {'k': 'v'})).hexdigest())"
        )
        other = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": "7"},
        ).stdout.strip()
        own = parquet_bytes(pa.table({"x": [1.5, 2.5], "n": ["a", "b"]}), {"k": "v"})
        assert hashlib.sha256(own).hexdigest() == other

    def test_replaces_an_older_run_as_a_whole(self, run: Path) -> None:
        write(run, 1.0)
        write_run(run, {"summary": table(2.0)}, {"seed": 1})
        assert everything_below(run) == ["manifest.json", "summary.parquet"]
        assert everything_below(run.parent)[0] == "seed=1"  # nothing hidden beside it

    def test_replaces_in_two_steps_where_folders_cannot_be_exchanged(
        self, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
        write(run, 1.0)
        write(run, 2.0)
        manifest = read_manifest(run)
        assert manifest is not None
        assert manifest["fingerprint"] == "f2.0"
        assert [path.name for path in run.parent.iterdir()] == ["seed=1"]

    def test_a_failed_second_step_puts_the_older_run_back(
        self, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(run, 1.0)
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
        rename = Path.rename

        def interrupted(path: Path, target: Path) -> Path:
            if path.suffix == ".tmp" and not target.exists():
                raise KeyboardInterrupt
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(run, 2.0)
        manifest = read_manifest(run)
        assert manifest is not None
        assert manifest["fingerprint"] == "f1.0"
        assert [path.name for path in run.parent.iterdir()] == ["seed=1"]


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "quota")]
    )
    @pytest.mark.parametrize("at_file", [1, 2, 3])
    def test_a_full_disk_leaves_nothing(
        self, run: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str, at_file: int
    ) -> None:
        count = 0

        def full(handle: int) -> None:
            nonlocal count
            count += 1
            if count == at_file:
                raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", full)
        root = run.parents[2]
        with pytest.raises(StorageError, match=words) as caught:
            write(run)
        assert caught.value.exit_code == 2
        assert str(run) in str(caught.value)
        assert everything_below(root) == []

    def test_a_full_disk_leaves_the_older_run(
        self, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(run, 1.0)
        before = {name: (run / name).read_bytes() for name in everything_below(run)}

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError):
            write(run, 2.0)
        assert {name: (run / name).read_bytes() for name in everything_below(run)} == before
        assert [path.name for path in run.parent.iterdir()] == ["seed=1"]

    def test_ctrl_c_while_writing_leaves_nothing(
        self, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(handle: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(run)
        assert everything_below(run.parents[2]) == []

    def test_a_file_in_the_place_of_the_run(self, run: Path) -> None:
        run.parent.mkdir(parents=True)
        run.write_text("mine")
        with pytest.raises(StorageError, match="this is a file"):
            write(run)
        assert run.read_text() == "mine"

    def test_a_path_through_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StorageError, match="file"):
            write(tmp_path / "file" / "a" / "seed=1")
        with pytest.raises(StorageError, match="file"):
            atomic.check_writable(tmp_path / "file" / "a" / "seed=1")

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder even root cannot write")
    def test_an_unwritable_folder_is_found_before_the_work(self) -> None:
        with pytest.raises(StorageError, match="nothing was written"):
            atomic.check_writable(Path("/proc/results/a"))

    def test_checking_leaves_no_trace(self, tmp_path: Path) -> None:
        atomic.check_writable(tmp_path / "results" / "a" / "seed=1")
        assert everything_below(tmp_path) == []

    def test_a_file_that_cannot_be_written_leaves_the_older_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "new" / "effects.csv"
        atomic.write_file(file, b"old")

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="disk is full"):
            atomic.write_file(file, b"new")
        assert file.read_bytes() == b"old"
        assert everything_below(tmp_path) == ["new", "new/effects.csv"]


class TestLeftovers:
    def leave(self, run: Path, pid: int, suffix: str = "tmp", host: str | None = None) -> Path:
        host = host or atomic._host()
        left = run.with_name(f".{run.name}.{host}.{pid}.0a1b2c3d.{suffix}")
        left.mkdir(parents=True)
        (left / "summary.parquet").write_bytes(b"half")
        return left

    def test_drafts_of_dead_processes_are_removed(self, run: Path) -> None:
        left = self.leave(run, dead_process())
        assert read_manifest(run) is None
        assert not left.exists()

    def test_drafts_of_live_processes_stay(self, run: Path) -> None:
        left = self.leave(run, os.getppid())
        write(run)
        assert left.exists()

    def test_a_draft_with_our_own_number_that_is_not_ours_is_removed(self, run: Path) -> None:
        left = self.leave(run, os.getpid())
        write(run)
        assert not left.exists()

    def test_drafts_of_other_machines_are_removed_after_a_day(self, run: Path) -> None:
        left = self.leave(run, 1, host=f"not-{socket.gethostname()}".replace(".", "-"))
        write(run)
        assert left.exists()
        os.utime(left, (0, 0))
        write(run)
        assert not left.exists()

    def test_a_run_cut_off_while_replaced_comes_back(self, run: Path) -> None:
        write(run, 1.0)
        run.rename(run.with_name(f".{run.name}.{atomic._host()}.{dead_process()}.0a1b2c3d.old"))
        manifest = read_manifest(run)
        assert manifest is not None
        assert manifest["fingerprint"] == "f1.0"
        assert [path.name for path in run.parent.iterdir()] == ["seed=1"]

    def test_other_hidden_files_are_left_alone(self, run: Path) -> None:
        run.parent.mkdir(parents=True)
        mine = run.with_name(f".{run.name}.notes")
        mine.write_text("mine")
        write(run)
        assert mine.read_text() == "mine"


class TestReading:
    def test_no_run(self, run: Path) -> None:
        assert read_manifest(run) is None

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"tables": 3}', '{"seed": 1}'])
    def test_a_broken_manifest_is_no_run(self, run: Path, text: str) -> None:
        write(run)
        (run / "manifest.json").write_text(text)
        assert read_manifest(run) is None

    def test_a_missing_table_makes_it_no_run(self, run: Path) -> None:
        write(run)
        (run / "events.parquet").unlink()
        assert read_manifest(run) is None


WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from sim import atomic
from sim.dataset import write_run
folder, value, can_exchange = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "True"
if not can_exchange:
    atomic._exchange = lambda one, other: False
for _ in range(40):
    write_run(folder, {"summary": pa.table({"x": [value]})}, {"fingerprint": f"f{value}"})
"""


@pytest.mark.parametrize("can_exchange", [True, False])
def test_two_processes_that_write_one_run_both_end_well(run: Path, can_exchange: bool) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(run), str(value), str(can_exchange)],
            cwd=Path(__file__).parents[2],
        )
        for value in (1, 2)
    ]
    seen = 0
    while any(writer.poll() is None for writer in writers):
        if can_exchange and run.exists():
            fingerprint = json.loads((run / "manifest.json").read_text())["fingerprint"]
            assert fingerprint in {"f1.0", "f2.0"}
            seen += 1
    assert [writer.wait() for writer in writers] == [0, 0]
    assert seen or not can_exchange
    assert read_manifest(run) is not None
    assert [path.name for path in run.parent.iterdir()] == ["seed=1"]


class TestProvenance:
    def test_everything_that_decides_the_outcome_changes_the_fingerprint(self) -> None:
        base = provenance.fingerprint({"quarters": 4}, 1, {"states": "s"}, "code")
        others = [
            provenance.fingerprint({"quarters": 5}, 1, {"states": "s"}, "code"),
            provenance.fingerprint({"quarters": 4}, 2, {"states": "s"}, "code"),
            provenance.fingerprint({"quarters": 4}, 1, {"states": "t"}, "code"),
            provenance.fingerprint({"quarters": 4}, 1, {"states": "s"}, "other"),
            provenance.fingerprint({"quarters": 4}, 1, {"states": "s"}),
        ]
        assert len({base, *others}) == 6

    def test_order_of_keys_does_not(self) -> None:
        one = provenance.fingerprint({"a": 1, "b": {"c": 2, "d": 3}}, 1, {})
        assert one == provenance.fingerprint({"b": {"d": 3, "c": 2}, "a": 1}, 1, {})

    def test_dates_are_spelt_and_not_a_number_is_refused(self) -> None:
        from datetime import date

        assert provenance.canonical({"start": date(2024, 1, 1)}) == '{"start":"2024-01-01"}'
        with pytest.raises(ValueError, match="JSON"):
            provenance.canonical({"x": float("nan")})

    def test_code_hash_covers_the_source(self, tmp_path: Path) -> None:
        assert provenance.code_hash() == provenance.code_hash.__wrapped__()
        assert len(provenance.code_hash()) == 64

    def test_versions_and_checksums(self, tmp_path: Path) -> None:
        assert provenance.versions()["pyarrow"] == pa.__version__
        file = tmp_path / "x"
        file.write_bytes(b"abc")
        assert provenance.sha256_of(file) == hashlib.sha256(b"abc").hexdigest()
