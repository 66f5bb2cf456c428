"""What `make run` does: a copy of mnist-cnn, ready for Train; without a display, the same job headless.

The copy lies in `run-output/` of the folder it is started in and is kept: what a person changed there is still there
next time.
"""

from __future__ import annotations

import os
from pathlib import Path

from nodeforge.__main__ import has_display
from nodeforge.__main__ import main as command_line

EXAMPLE = "mnist-cnn"


def main() -> int:
    """Open the window, or train, plot and export without one."""
    project = Path("run-output") / EXAMPLE
    if not project.exists():
        project.parent.mkdir(exist_ok=True)
        code = command_line(["new", str(project), "--from", EXAMPLE])
        if code:
            return code
    if has_display():
        return command_line([str(project)])
    print(
        f"There is no display here, so no window can open. The same job without one: train {project}, draw its "
        "plots, export it to ONNX.",
        flush=True,
    )
    return run_headless(project)


def run_headless(project: Path) -> int:
    """Train the project, write its plots as PNG files and the model as ONNX, and say where they are."""
    code = command_line(["train", str(project)])
    if code:
        return code
    model = project / f"{EXAMPLE}.onnx"
    code = command_line(["export", str(project), "--to", "onnx", "--output", str(model)])
    if code:
        return code
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from nodeforge.ui.plots.pictures import save_run_pictures

    pictures = save_run_pictures(project, project / "plots")
    print("\nPlots:")
    for picture in pictures:
        print(f"  {picture}")
    print(f"Model:\n  {model}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
