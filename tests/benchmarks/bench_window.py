"""What the window's thread computes for one step of everyday work, on a small and on a large drawing.

Processor time of the UI thread alone, so that other programs do not count. `turn` is the longest single turn of the
event loop: while it lasts, nothing is painted and no key answers.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.project import files
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.main_window import MainWindow
from tests.benchmarks.bench_ui import own_settings
from tests.benchmarks.table import Row, format_table

REPEATS = 15
SETTLE_S = 0.3
"""How long after a step its consequences are counted: some work waits until the hand rests."""
SMALL_MS = 16.0
LARGE_MS = 50.0
LARGE = 2000

Step = Callable[[int], None]


def run() -> Iterator[Row]:
    """Measure each step on each drawing."""
    with tempfile.TemporaryDirectory() as folder:
        own_settings(folder)
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        files.copy_example("mnist-cnn", Path(folder) / "mnist-cnn")
        files.save(long_chain(LARGE), Path(folder) / "large")
        for name, title, node, limit in (
            ("mnist-cnn", "mnist-cnn", "conv2", SMALL_MS),
            ("large", f"{LARGE:,} nodes", "linear_501", LARGE_MS),
        ):
            yield from _measure(Path(folder) / name, title, node, limit)


def long_chain(nodes: int) -> Document:
    """Linear and ReLU in turns, in rows of forty."""
    document = Document(title="Long chain")
    kinds = [("Input", {"shape": (16,)}), *((kind, {}) for kind in ("Linear", "ReLU") * (nodes // 2 - 1))]
    edits: list[AddNode | Connect] = []
    before = ""
    for index, (kind, parameters) in enumerate([*kinds, ("Output", {})]):
        name = f"{kind.lower()}_{index}" if kind in ("Linear", "ReLU") else kind.lower()
        parameters = {"out_features": 16} if kind == "Linear" else parameters
        place = (240.0 * (index % 40), 120.0 * (index // 40))
        edits.append(AddNode("main", Node(name=name, kind=kind, parameters=parameters, position=place)))
        if before:
            edits.append(Connect("main", Wire(before, "output", name, "input")))
        before = name
    apply(document, Batch(tuple(edits)))
    return document


def _measure(project: Path, title: str, node: str, limit_ms: float) -> Iterator[Row]:
    start, EngineController.start = EngineController.start, lambda self: None  # no training here
    try:
        window = _open(project)
    finally:
        EngineController.start = start
    try:
        for name, step in _steps(window, node):
            computed, turns = zip(*(_cost(step, index) for index in range(REPEATS)), strict=True)
            ours, turn = statistics.median(computed[1:]), statistics.median(turns[1:])
            judged = ours if limit_ms == SMALL_MS else turn
            yield Row(
                name=f"{name}, {title}",
                ours=f"{ours:.1f} ms in all, longest turn {turn:.1f} ms, first time {computed[0]:.1f} ms",
                result=f"{judged:.1f} ms",
                target=f"≤ {limit_ms:.0f} ms",
                met=judged <= limit_ms,
            )
    finally:
        window.documents.may_leave = lambda: True  # type: ignore[method-assign]
        window.close()
        window.deleteLater()


def _open(project: Path) -> MainWindow:
    window = MainWindow(project)
    window.resize(1366, 768)
    loop = QEventLoop()
    window.ready.connect(loop.quit)
    window.show()
    loop.exec()
    _settle()
    return window


def _steps(window: MainWindow, node: str) -> Iterator[tuple[str, Step]]:
    """A person's steps, by mouse and keys where the way there is part of the cost."""
    model, canvas = window.model, window.canvas
    canvas.reveal(node)
    kind = "ReLU"
    others = [each.name for each in model.graph.ordered_nodes() if each.kind == kind][:2]
    chosen = [node, *others]

    def select(index: int) -> None:
        model.select([chosen[index % 3]])

    def type_digit(index: int) -> None:
        QTest.keyClicks(field, "8" if index % 2 == 0 else "\b")

    def move(index: int) -> None:
        QTest.mouseMove(canvas.viewport(), start + QPoint(10 + 3 * index, 4))

    yield "select a node", select
    model.select([node])
    _settle()
    field = _field(window)
    field.setFocus()
    field.end(False)
    yield "type into a field", type_digit
    yield "undo", lambda index: model.undo() if index % 2 == 0 else model.redo()
    start = canvas.mapFromScene(canvas.port_place((node, "output"), output=True) - QPointF(60, 0))
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    yield "drag a node by a step", move
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton)
    yield "add a node", lambda _: canvas.add_node(kind) and None


def _field(window: MainWindow) -> QLineEdit:
    page = window.workbench.inspector.page
    names = ("out_channels", "out_features")
    return next(field for field in page.findChildren(QLineEdit) if field.accessibleName() in names)


def _cost(step: Step, index: int) -> tuple[float, float]:
    """Milliseconds that the UI thread computes for a step, and its longest turn of the event loop."""
    begin = time.thread_time()
    step(index)
    longest = time.thread_time() - begin
    total, end = longest, time.perf_counter() + SETTLE_S
    while time.perf_counter() < end:
        begin = time.thread_time()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        turn = time.thread_time() - begin
        if turn > 5e-5:  # an idle turn
            total, longest = total + turn, max(longest, turn)
        else:
            time.sleep(0.001)
    return total * 1000, longest * 1000


def _settle() -> None:
    _cost(lambda _: None, 0)


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
