"""A run is on disk completely or not at all, and the same content has the same bytes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import atomic, provenance
from sim.dataset import FORMAT, parquet_bytes, read_manifest, table_file, write_run
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


def contents(run: Path) -> dict[str, bytes]:
    files = (path for path in run.parent.rglob("*") if path.is_file())
    return {str(path.relative_to(run.parent)): path.read_bytes() for path in files}


EVERYTHING = [
    "events",
    "events/seed=1.parquet",
    "seed=1",
    "seed=1/manifest.json",
    "summary",
    "summary/seed=1.parquet",
]


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
        assert everything_below(run.parent) == EVERYTHING
        assert json.loads((run / "manifest.json").read_text()) == manifest
        assert manifest["format"] == FORMAT
        entry = manifest["tables"]["summary"]
        assert entry["rows"] == 3
        data = table_file(run, "summary").read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        read = pq.ParquetFile(table_file(run, "summary")).read()
        assert read.column_names == ["scenario", "seed", "welfare"]
        assert read.column("seed").to_pylist() == [1] * 3
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

    def test_no_number_is_null_and_not_a_number(self, run: Path) -> None:
        write(run, float("nan"))
        column = pq.ParquetFile(table_file(run, "summary")).read().column("welfare")
        assert column.to_pylist() == [None] * 3

    def test_replaces_an_older_run_as_a_whole(self, run: Path) -> None:
        write(run, 1.0)
        write_run(run, {"summary": table(2.0)}, {"seed": 1})
        assert everything_below(run.parent) == [e for e in EVERYTHING if e != EVERYTHING[1]]

    def test_takes_the_place_of_a_run_of_format_1(self, run: Path) -> None:
        run.mkdir(parents=True)
        (run / "summary.parquet").write_bytes(b"old")
        (run / "manifest.json").write_text('{"format": 1, "tables": {"summary": {}}}')
        assert read_manifest(run) is None
        write(run)
        assert everything_below(run.parent) == EVERYTHING

    @pytest.mark.parametrize("moved", [0, 1, 2])
    def test_what_was_complete_is_finished_wherever_it_was_cut_off(
        self, run: Path, monkeypatch: pytest.MonkeyPatch, moved: int
    ) -> None:
        write(run, 1.0)
        replace, count = Path.replace, 0

        def cut_off(path: Path, target: Path) -> Path:
            nonlocal count
            if count == moved:
                raise KeyboardInterrupt
            count += 1
            return replace(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", cut_off)
            with pytest.raises(KeyboardInterrupt):
                write(run, 2.0)
        assert not (run / "manifest.json").exists()  # nobody takes a half for a whole
        manifest = read_manifest(run)
        assert manifest is not None
        assert manifest["fingerprint"] == "f2.0"
        assert everything_below(run.parent) == EVERYTHING
        for name in ("summary", "events"):
            assert (
                pq.read_metadata(table_file(run, name)).metadata[b"concord:fingerprint"] == b"f2.0"
            )


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
        before = contents(run)

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError):
            write(run, 2.0)
        assert contents(run) == before

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
        (left / "summary.part").write_bytes(b"half")
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
        table_file(run, "events").unlink()
        assert read_manifest(run) is None

    def test_a_table_of_another_run_makes_it_no_run(self, run: Path) -> None:
        write(run.with_name("seed=2"), 2.0)
        write(run, 1.0)
        shutil.copy(table_file(run.with_name("seed=2"), "events"), table_file(run, "events"))
        assert read_manifest(run) is None
        table_file(run, "events").write_bytes(b"PAR1 nonsense")
        assert read_manifest(run) is None


WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from sim.dataset import write_run
folder, value = Path(sys.argv[1]), float(sys.argv[2])
table = pa.table({"x": [value]})
for _ in range(40):
    write_run(folder, {"summary": table, "events": table}, {"fingerprint": f"f{value}"})
"""


def test_two_processes_that_write_one_run_both_end_well(run: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(run), str(value)], cwd=Path(__file__).parents[2]
        )
        for value in (1, 2)
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        with contextlib.suppress(FileNotFoundError):  # between two runs there is none
            seen.add(json.loads((run / "manifest.json").read_text())["fingerprint"])
    assert [writer.wait() for writer in writers] == [0, 0]
    assert seen == {"f1.0", "f2.0"}
    manifest = read_manifest(run)
    assert manifest is not None
    made_by = {
        pq.read_metadata(table_file(run, name)).metadata[b"concord:fingerprint"].decode()
        for name in manifest["tables"]
    }
    assert made_by == {manifest["fingerprint"]}
    assert everything_below(run.parent) == EVERYTHING


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
