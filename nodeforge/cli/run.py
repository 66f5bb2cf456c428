"""From a command line to an exit code: parsing, carrying out, and what a fault looks like."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from nodeforge.cli import parser
from nodeforge.core.errors import UserError, one_line, system_fault
from nodeforge.project.places import log_file

logger = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    USER_FAULT = 1
    USAGE = 2
    OUR_FAULT = 3


class UsageError(Exception):
    """The command line asks for something that cannot be."""


Handler = Callable[[argparse.Namespace], int]
"""Carries a command out; returns the exit code."""


def run(arguments: Sequence[str] | None = None, others: Mapping[str, Handler] | None = None) -> int:
    """Parse a command line and carry it out.

    Args:
        arguments: Those of the process when None.
        others: Commands that this room cannot carry out, by name.
    """
    try:
        options = parser.command_parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what there was to say
        return int(ended.code or 0)
    return guarded(lambda: _carry_out(options, others or {}))


def _carry_out(options: argparse.Namespace, others: Mapping[str, Handler]) -> int:
    from nodeforge.cli import inspecting, preparing, trust, working

    commands: dict[str, Handler] = {
        **others,
        "examples": inspecting.examples,
        "new": inspecting.new,
        "check": inspecting.check,
        "runs": inspecting.runs,
        "train": working.train,
        "weights": preparing.weights,
        "lr-range": preparing.lr_range,
        "evaluate": working.evaluate,
        "predict": working.predict,
        "export": working.export,
        "trust": trust.trust_project,
    }
    return commands[options.command](options)


def guarded(action: Callable[[], int]) -> int:
    """The action's exit code; faults become one line on stderr, and ours go to the log with all they tell."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not know ×
            stream.reconfigure(errors="replace")
    try:
        code = action()
        sys.stdout.flush()
        return code
    except UsageError as error:
        return _complain(str(error), ExitCode.USAGE)
    except UserError as error:
        return _complain(str(error), ExitCode.USER_FAULT)
    except KeyboardInterrupt:
        return _complain("Interrupted.", ExitCode.USER_FAULT)
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough. Keep Python from flushing into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except OSError as error:
        return _complain(system_fault(error), ExitCode.USER_FAULT)
    except Exception as error:
        return _complain(_log_bug(error), ExitCode.OUR_FAULT)


def _complain(sentence: str, code: ExitCode) -> int:
    print(f"nodeforge: {one_line(sentence)}", file=sys.stderr)
    return code


def _log_bug(error: Exception) -> str:
    """Write the traceback to the log, and say so."""
    summary = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
    with contextlib.suppress(OSError):
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        logger.error("unexpected", exc_info=error)
        handler.close()
        logger.removeHandler(handler)
        return f"This is a mistake in NodeForge ({summary}). What happened is in {path}."
    return f"This is a mistake in NodeForge ({summary})."
