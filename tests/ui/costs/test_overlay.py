"""Nodes coloured by what they cost, and the legend."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import RemoveNode, SetParameter
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas.overlays import Overlay
from nodeforge.ui.canvas.painting.heat import shade
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.costs.measures import MEASURES
from nodeforge.ui.costs.overlay import CostColouring
from nodeforge.ui.costs.source import CostSource
from nodeforge.ui.project_model import ProjectModel


@pytest.fixture
def model() -> Iterator[ProjectModel]:
    model = ProjectModel(Workspace.from_example("mnist-cnn"))
    yield model
    model.workspace.close()


@pytest.fixture
def source(model: ProjectModel) -> CostSource:
    return CostSource(model, model)


@pytest.fixture
def overlay(qtbot: QtBot, model: ProjectModel, source: CostSource) -> Overlay:
    canvas = Canvas(model)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 500)
    canvas.show()
    canvas.fit()
    made = Overlay(canvas, [CostColouring(measure, source) for measure in MEASURES])
    made.choose("macs")
    return made


@pytest.fixture
def shown(qtbot: QtBot, overlay: Overlay, source: CostSource) -> Overlay:
    with qtbot.waitSignal(source.measured):
        overlay.show(True)
    return overlay


def canvas_of(overlay: Overlay) -> Canvas:
    return overlay._canvas


def body_color(overlay: Overlay, name: str) -> QColor:
    """What the middle of a node's upper edge is painted in."""
    canvas = canvas_of(overlay)
    x, y, width, _ = canvas.mirror.rects[canvas.mirror.nodes.index[name]].tolist()
    return canvas.viewport().grab().toImage().pixelColor(canvas.mapFromScene(x + width * 0.6, y + 5))


def warmth(color: QColor) -> int:
    return color.red() - color.blue()


@pytest.mark.parametrize("zoom", [0.15, 0.4, 1.0])
def test_the_dearest_node_is_the_warmest(shown: Overlay, zoom: float) -> None:
    canvas_of(shown).set_zoom(zoom)
    canvas_of(shown).centerOn(*canvas_of(shown).model.graph.nodes["conv1"].position)
    dearest, cheaper, free = (warmth(body_color(shown, name)) for name in ("conv2", "conv1", "relu1"))
    assert dearest > cheaper > free
    shown.show(False)
    assert warmth(body_color(shown, "conv2")) < cheaper


def test_another_cost_colours_other_nodes(shown: Overlay) -> None:
    by_macs = warmth(body_color(shown, "relu1"))
    shown.legend.choices.setCurrentIndex(shown.legend.choices.findData("kept"))
    assert shown.shows("kept")
    assert warmth(body_color(shown, "relu1")) > by_macs
    assert shown.legend.most.text().endswith("MB")


def test_colours_follow_edits(qtbot: QtBot, shown: Overlay, model: ProjectModel, source: CostSource) -> None:
    with qtbot.waitSignal(source.measured):
        shown.choose("parameters")
    assert shown.legend.most.text() == "100 k"
    with qtbot.waitSignal(source.measured):
        model.do(SetParameter("main", "fc1", "out_features", 1))
    assert shown.legend.most.text() == "4.64 k"
    with qtbot.waitSignal(source.measured):
        model.do(RemoveNode("main", "conv2"))
    canvas_of(shown).viewport().grab()


def test_the_legend_closes_the_overlay(qtbot: QtBot, shown: Overlay) -> None:
    assert shown.legend.isVisible()
    with qtbot.waitSignal(shown.shown_changed):
        shown.legend.close_button.click()
    assert not shown.shown
    assert not shown.legend.isVisible()


def test_a_hidden_overlay_costs_nothing(
    qtbot: QtBot, overlay: Overlay, model: ProjectModel, source: CostSource
) -> None:
    assert not overlay.shown
    with qtbot.assertNotEmitted(source.measured, wait=100):
        model.do(SetParameter("main", "fc1", "out_features", 5))


def test_shades_grow_with_the_share() -> None:
    from nodeforge.ui.canvas.style import DARK, LIGHT

    for palette in (LIGHT, DARK):
        alphas = [shade(share, palette).alphaF() for share in np.linspace(0, 1, 9)]
        assert alphas == sorted(alphas)
        assert alphas[0] == 0
