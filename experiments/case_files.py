"""Cases of history as files: one YAML file is one case, of the package or of a user's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from experiments.library import Library
from experiments.reading import model_of, read_yaml, shown
from sim.errors import ConfigError, unknown

__all__ = ["read_cases"]


class CaseFile(Protocol):
    """A pydantic model of what a file holds, with `folder`: where such files lie."""

    folder: ClassVar[str]
    model_fields: ClassVar[dict[str, Any]]


C = TypeVar("C", bound=CaseFile)


def read_cases(
    model: type[C], asked: Sequence[str] = (), config_dir: Path | None = None
) -> list[C]:
    """Cases by name, file or folder; all of the package and of the user's folder when none.

    Parameters
    ----------
    model
        What a case is; its `name` is the file's, and its `folder`, in `scenarios/` and in the
        user's own, is what messages call a case.

    Raises
    ------
    ConfigError
        An unknown name, a folder without cases, a file with a fault in it, a name given twice.

    Examples
    --------
    >>> from experiments.episodes import Episode
    >>> [one.name for one in read_cases(Episode, ["ftaa", "rcep"])]
    ['ftaa', 'rcep']
    """
    word = model.folder.replace("_", " ")
    known: dict[str, Path] = {}
    for root in Library.of(config_dir).roots:
        for file in sorted((root / model.folder).glob("*.yaml")):
            if file.stem in known:
                raise ConfigError(
                    f"there is {_a(word)} {file.stem!r} already",
                    where=shown(file),
                    expected=f"another name, such as {f'my_{file.stem}'!r}",
                )
            known[file.stem] = file
    files = (
        [file for one in asked for file in _files(one, known, word)]
        if asked
        else list(known.values())
    )
    unique = list(dict.fromkeys(files))
    names = [file.stem for file in unique]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two files are called {name!r}", expected="names of their own")
    return [_read(model, file) for file in unique]


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _files(asked: str, known: dict[str, Path], word: str) -> list[Path]:
    path = Path(asked).expanduser()
    if path.is_dir():
        inside = sorted(path.glob("*.yaml"))
        if not inside:
            raise ConfigError(f"no {word}s in the folder", where=asked, expected="NAME.yaml files")
        return inside
    if path.suffix or len(path.parts) > 1:
        if not path.is_file():
            raise ConfigError(
                "there is no such file", where=asked, expected="a YAML file or folder"
            )
        return [path]
    if asked not in known:
        raise unknown(word, asked, known)
    return [known[asked]]


def _read(model: type[C], file: Path) -> C:
    content = read_yaml(file)
    if "name" in content:
        allowed = [name for name in model.model_fields if name != "name"]
        raise unknown("key", "name", allowed, shown(file))
    return model_of(model, {"name": file.stem, **content}, file)
