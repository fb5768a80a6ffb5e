"""How commands end: what is the user's to mend is one message on stderr and an exit code."""

from __future__ import annotations

import contextlib
import difflib
import errno
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import click

from experiments import streams

__all__ = ["Cli", "told_to_end"]

_INTERRUPTED, _BROKEN_PIPE, _TERMINATED = 130, 141, 143
_NO_TEXT = "is no text in this locale. Expected a UTF-8 locale, such as LC_ALL=C.UTF-8."


class _Terminated(KeyboardInterrupt):
    """Another program wants us to end (SIGTERM): as after Ctrl-C, but for the exit code."""


class _Interrupted(Exception):  # noqa: N818  not an error
    """Ctrl-C was pressed, or we were told to end."""

    def __init__(self, cause: KeyboardInterrupt) -> None:
        super().__init__()
        self.code = _TERMINATED if isinstance(cause, _Terminated) else _INTERRUPTED
        self.args = cause.args


class _Unheard(Exception):  # noqa: N818  Click would leave with a 1 at an error of the system
    """Standard output could not be written while a command ran."""

    def __init__(self, cause: streams.StdoutError) -> None:
        super().__init__()
        self.cause = cause


class Cli(click.Group):
    """A group of commands whose errors are one message on stderr and an exit code."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Ask for a command where one is missing; click would show its help as an error."""
        if not args and not self.invoke_without_command:
            names = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"{ctx.command_path}: no command. Expected one of: {names}.")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which are like it."""
        known = self.list_commands(ctx)
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in known:
            near = difflib.get_close_matches(name, known, cutoff=0.5)
            said = f"{' or '.join(map(repr, near))} (nearest), or one of: " if near else "one of: "
            raise click.UsageError(f"unknown command {name!r}. Expected {said}{', '.join(known)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C passes click as an exception of ours, which it does not know."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as cause:
            raise _Interrupted(cause) from None
        except streams.StdoutError as error:
            raise _Unheard(error) from None

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run, and turn what is the user's to mend into a message and an exit code."""
        if not standalone_mode:
            return self._run(*args, **kwargs)
        return sys.exit(_guarded(lambda: self._run(*args, **kwargs)))

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        return super().main(*args, **kwargs)


def _guarded(run: Callable[[], Any]) -> int:
    from sim.errors import ConcordError

    try:
        code = run()
        sys.stdout.flush()
    except (_Interrupted, KeyboardInterrupt, click.Abort) as cause:
        code = getattr(cause, "code", _INTERRUPTED)
        left = str(cause) or "what was not complete is not there"
        return _complain(f"interrupted; {left}", code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except (_Unheard, streams.StdoutError, BrokenPipeError) as raised:
        streams.give_up_stdout()
        return _unheard(raised.cause if isinstance(raised, _Unheard) else raised)
    except UnicodeEncodeError as error:
        return _complain(f"{error.object!a} {_NO_TEXT}", 2)
    except Exception as error:
        if not isinstance(error, ConcordError) and not _is_of_analysis(error):
            raise  # a fault of the program, to be shown in full
        if "--debug" in sys.argv:
            traceback.print_exc()
        return _complain(str(error), getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


def _unheard(cause: streams.StdoutError | BrokenPipeError) -> int:
    """A reader that went away (`concord list parameters | head`) is nobody's fault."""
    if isinstance(cause, BrokenPipeError) or cause.errno == errno.EPIPE:
        return _BROKEN_PIPE
    return _complain(cause.found, 2)


def _complain(text: str, code: int) -> int:
    is_error = code not in {_INTERRUPTED, _TERMINATED}
    with contextlib.suppress(OSError):  # nobody listens; the exit code has to do
        sys.stderr.write(f"concord: {'error: ' if is_error else ''}{text}\n")
    return code


def _is_of_analysis(error: Exception) -> bool:
    """Whether it is an `AnalysisError`, asked without importing the analysis."""
    module = sys.modules.get("analysis.errors")
    return module is not None and isinstance(error, module.AnalysisError)


def told_to_end(number: int, _: Any) -> None:
    """Handle SIGTERM as Ctrl-C, but for the exit code."""
    signal.signal(number, signal.SIG_IGN)  # once is enough, and tidying up takes a moment
    raise _Terminated
