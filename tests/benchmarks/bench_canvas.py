"""What the canvas costs: process CPU milliseconds per frame, by number of nodes (and about as many wires).

Each figure is the median of several frames painted by the real widget at 1600×1000. Where NodeGraphQt can be
imported, its viewer does the same beside it.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, MoveNodes, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas.mirror import Mirror
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.project_model import ProjectModel
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import cpu_seconds

SIZES = (100, 1_000, 5_000, 10_000)
MOST_OF_NODEGRAPHQT = 1_000
"""More nodes than this take it minutes to make."""
FRAMES = 7
COLUMNS = 100
KINDS = ("Linear", "ReLU", "Conv2d", "Dropout")

FRAME_MS = 1000 / 60

Costs = dict[str, float]
"""Milliseconds by what was done."""


def drawing(count: int) -> Document:
    """Chains of common layers, row below row."""
    document = Document()
    edits = []
    for i in range(count):
        place = (240.0 * (i % COLUMNS), 120.0 * (i // COLUMNS))
        edits.append(AddNode("main", Node(name=f"n{i}", kind=KINDS[i % len(KINDS)], position=place)))
    wires = [Wire(f"n{i}", "output", f"n{i + 1}", "input") for i in range(count - 1) if (i + 1) % COLUMNS]
    apply(document, Batch((*edits, *(Connect("main", wire) for wire in wires))))
    return document


def cpu_ms(action: Callable[[], object]) -> float:
    """Process CPU of one call with the painting that follows from it."""

    def act_and_paint() -> None:
        action()
        QApplication.sendPostedEvents()
        QApplication.processEvents()

    return cpu_seconds(act_and_paint) * 1e3


def median_ms(action: Callable[[int], object]) -> float:
    return statistics.median(cpu_ms(lambda i=i: action(i)) for i in range(FRAMES))


@contextmanager
def shown(document: Document) -> Iterator[Canvas]:
    model = ProjectModel(Workspace(document))
    canvas = Canvas(model)
    model.setParent(canvas)
    canvas.resize(1600, 1000)
    canvas.show()
    QApplication.processEvents()
    try:
        yield canvas
    finally:
        canvas.close()
        canvas.deleteLater()
        QApplication.processEvents()


def measure(count: int) -> Costs:
    """What the canvas costs with so many nodes."""
    document = drawing(count)
    build = statistics.median(cpu_ms(lambda: Mirror(document.main_network)) for _ in range(3))
    with shown(document) as canvas:
        view = canvas.viewport()
        canvas.fit()
        fit_zoom = canvas.zoom
        fit_frame = median_ms(lambda _: view.update())
        zoom_step = median_ms(lambda i: canvas.set_zoom(fit_zoom * (1.0 if i % 2 else 1.1)))
        canvas.set_zoom(fit_zoom * 2)
        pan = median_ms(lambda i: canvas.scroll_to(canvas.scroll_position() + QPoint(9, 5)))
        canvas.set_zoom(0.5)
        overview = median_ms(lambda i: canvas.set_zoom(0.5 if i % 2 else 0.45))
        canvas.set_zoom(1.0)
        natural = median_ms(lambda _: view.update())
        drag = median_ms(lambda i: canvas.model.do(MoveNodes("main", {"n0": (float(i), float(i))})))
        everything = canvas.mirror.slots_of(document.main_network.nodes)
        start = canvas.mirror.rects[everything, :2].copy()

        def drag_all(i: int) -> None:
            canvas.mirror.move(everything, start + np.float64(i))
            view.update()

        canvas.fit()
        drag_every = median_ms(drag_all)
    return {
        "build": build,
        "fit frame": fit_frame,
        "zoom step": zoom_step,
        "zoom step with names": overview,
        "pan": pan,
        "1:1 frame": natural,
        "drag one": drag,
        "drag all": drag_every,
    }


def measure_nodegraphqt(count: int) -> Costs | None:
    """The same for NodeGraphQt's viewer; None where it is not installed."""
    try:
        from NodeGraphQt import BaseNode, NodeGraph
    except ImportError:
        return None

    class Layer(BaseNode):
        __identifier__ = "bench"
        NODE_NAME = "Layer"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("input")
            self.add_output("output")

    graph = NodeGraph()
    graph.register_node(Layer)
    nodes: list[BaseNode] = []

    def build() -> None:
        for i in range(count):
            place = [240.0 * (i % COLUMNS), 120.0 * (i // COLUMNS)]
            nodes.append(graph.create_node("bench.Layer", pos=place, selected=False, push_undo=False))
        for i in range(count - 1):
            if (i + 1) % COLUMNS:
                nodes[i].output(0).connect_to(nodes[i + 1].input(0), push_undo=False)

    row: Costs = {"build": cpu_ms(build)}
    viewer = graph.viewer()
    viewer.resize(1600, 1000)
    viewer.show()
    graph.fit_to_selection()
    QApplication.processEvents()
    view = viewer.viewport()
    row["fit frame"] = median_ms(lambda _: view.update())
    row["zoom step"] = median_ms(lambda i: graph.set_zoom(graph.get_zoom() + (0.1 if i % 2 else -0.1)))
    row["pan"] = median_ms(lambda _: viewer._set_viewer_pan(9, 5))
    graph.reset_zoom()
    row["1:1 frame"] = median_ms(lambda _: view.update())
    row["drag one"] = median_ms(lambda i: nodes[0].view.setPos(float(i), float(i)))
    viewer.close()
    return row


def run(sizes: tuple[int, ...] = SIZES) -> Iterator[Row]:
    """A row for each size and action; wanted is that a frame fits between two refreshes of the screen."""
    app = QApplication.instance() or QApplication([])
    for count in sizes:
        ours = measure(count)
        theirs = measure_nodegraphqt(count) if count <= MOST_OF_NODEGRAPHQT else None
        if theirs is None and count <= MOST_OF_NODEGRAPHQT:
            yield Row(name=f"canvas, {count:,} nodes", ours="", baseline="NodeGraphQt is not installed")
        for action, cost in ours.items():
            other = theirs.get(action) if theirs else None
            build = action == "build"
            yield Row(
                name=f"canvas, {count:,} nodes: {action}",
                ours=f"{cost:.1f} ms",
                baseline=f"NodeGraphQt {other:.1f} ms" if other else "",
                result=f"{other / cost:.1f}×" if other else f"{cost:.1f} ms",
                target="" if build else f"≤ {FRAME_MS:.1f} ms",
                met=None if build else cost <= FRAME_MS,
            )
    del app


if __name__ == "__main__":
    print(format_table(run()))
