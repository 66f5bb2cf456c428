"""The same work without a window: one command a use case."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code (see `nodeforge.cli.run.ExitCode`)."""
    from nodeforge.cli.run import run

    return run(arguments)
