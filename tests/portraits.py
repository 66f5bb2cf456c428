"""Pictures of the shipped projects while they are trained, for their pages.

`python -m tests.portraits [PROJECT…]` opens each in the real window, trains it for a while with its live views in front, and
writes `projects/NAME/training.png`. A quarter of an hour for all, on an idle machine.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.project import shipped
from nodeforge.project.places import STATE_VARIABLE
from nodeforge.ui import theme
from nodeforge.ui.main_window import MainWindow

SIZE = (1366, 768)
BELOW = 330
"""Height of the live views."""
TRAINED_S = 15.0
LONGER_S = {"transformer": 120.0}
"""Before that it writes nothing that looks like words."""
PATIENCE_S = 180.0
COLOURS = 128


def portray(name: str, folder: Path) -> QPixmap:
    """The window while a copy of the project is trained, or after a training that was quicker than that."""
    shutil.copytree(shipped.project(name), folder / name, ignore=shutil.ignore_patterns("runs"))
    window = MainWindow(folder / name)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*SIZE)
    ready: list[bool] = []
    window.ready.connect(lambda: ready.append(True))
    window.show()
    _wait(lambda: ready and window.engine.state == "ready" and window.model.workspace.facts)
    bench = window.workbench
    bench.show_panel("live")
    bench.resizeDocks([bench.docks["live"]], [BELOW], Qt.Orientation.Vertical)
    QTest.keyClick(window.canvas, Qt.Key.Key_F)
    QTest.keyClick(window.canvas, Qt.Key.Key_F5)
    _wait(lambda: bench.training.state != "idle")
    end = time.monotonic() + LONGER_S.get(name, TRAINED_S)
    _wait(lambda: bench.training.state == "idle" or time.monotonic() > end)
    if bench.training.state != "idle":
        QTest.keyClick(window.canvas, Qt.Key.Key_F6)
        _wait(lambda: bench.training.state in ("paused", "idle"))
    _wait(lambda: bench.live.cards and all(card.has_data for card in bench.live.cards))
    QTest.qWait(1_000)
    picture = window.grab()
    window.documents.may_leave = lambda: True  # type: ignore[method-assign]
    window.close()
    window.deleteLater()
    QTest.qWait(200)
    return picture


def _wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window does not come so far.")
        QTest.qWait(50)


def save(picture: QPixmap, file: Path) -> None:
    """With few colours, which a window of flat areas does with."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    picture.save(buffer, "PNG")
    image = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def _clear(folder: Path, name: str) -> None:
    """Take away what a portrait leaves; others may be made in the same folder."""
    for left in (folder / name, folder / f"{name}-state"):
        shutil.rmtree(left, ignore_errors=True)


def main() -> None:
    """Portray those named, or all."""
    app = QApplication(sys.argv[:1])
    theme.follow(app, "light")
    for name in sys.argv[1:] or shipped.project_names():
        folder = Path(tempfile.gettempdir()) / "nodeforge"  # the pictures show it
        os.environ[STATE_VARIABLE] = str(folder / f"{name}-state")
        file = Path("projects") / name / "training.png"
        _clear(folder, name)
        save(portray(name, folder), file)
        _clear(folder, name)
        print(name, file.stat().st_size // 1024, "kB", flush=True)


if __name__ == "__main__":
    main()
