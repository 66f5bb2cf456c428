"""From a run in a project's folder to a proven file."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Exported
from nodeforge.export.onnx import export_onnx
from nodeforge.training import load_run

FORMATS = {"onnx": export_onnx}
"""By name, what writes a trained run to a file and proves it."""


def export_run(
    *, folder: Path, run: str, checkpoint: str = "best", format: str = "onnx", output: Path
) -> Exported:
    """Write a run's network to a file that was proven to compute the same.

    Args:
        folder: The project's folder.
        run: The run's id; "" for the newest that was trained.
        checkpoint: "best" or "last".
        format: A key of FORMATS.
        output: The file; what is there is replaced once the new one is proven.

    Raises:
        UserError: The run, the format or the place is at fault, or the check failed; there is no new file then.
    """
    if format not in FORMATS:
        raise UserError(f"There is no export to {format!r}: choose one of {', '.join(FORMATS)}.")
    return FORMATS[format](load_run(folder, run, checkpoint), output)
