"""Composition root: chooses window or command line, and hosts the engine when started as its child."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nodeforge.cli import parser
from nodeforge.cli.run import UsageError, guarded, run
from nodeforge.core.errors import UserError
from nodeforge.project import files


def main(arguments: Sequence[str] | None = None) -> int:
    """What the `nodeforge` command does; returns its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["--engine-child"]:  # how a frozen app starts its engine
        from nodeforge.engine.child import main as host_engine

        return host_engine()
    if _is_command(arguments):
        return run(arguments, {"picture": _draw_picture})
    try:
        options, rest = parser.window_parser().parse_known_args(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    return guarded(lambda: _open_window(options.project, options.engine, rest))


def _draw_picture(options: argparse.Namespace) -> int:
    """The one command that needs the room of the window."""
    from nodeforge.ui.picture_command import draw_picture

    draw_picture(options)
    sys.stdout.write(f"{options.output}\n")
    return 0


def _is_command(arguments: Sequence[str]) -> bool:
    return bool(arguments) and arguments[0] in (*parser.COMMANDS, "-h", "--help", "--version")


def _open_window(project: Path | None, engine: str, rest: Sequence[str]) -> int:
    if project is not None and not project.exists():
        near = parser.near_command(str(project))
        if near or rest:
            hint = f"Did you mean {near}?" if near else "`nodeforge --help` lists the commands."
            raise UsageError(f"There is no command and no project called {project}. {hint}")
    if rest:
        raise UsageError(f"{rest[0]} was not expected here; `nodeforge --help` tells what can be typed.")
    folder = files.project_folder(project) if project is not None else None
    if not has_display():
        name = project or "PROJECT"
        raise UserError(
            "There is no display here, so the window cannot open. Work without it (nodeforge check "
            f"{name}, nodeforge train {name}), or start it where DISPLAY or WAYLAND_DISPLAY is set."
        )
    from nodeforge.ui.app import run as run_window

    return run_window(folder, engine)


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    raise SystemExit(main())
