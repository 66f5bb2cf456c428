"""What tells nodes and wires apart at a glance: size, mode, and being looked at."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from nodeforge.catalog import kinds
from nodeforge.core.edits import Collapse, SetDirection, SetMode, SetParameter
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.anatomy import Caption
from nodeforge.ui.canvas.geometry.hit import Part, hit
from nodeforge.ui.canvas.painting.lettering import Lettering


def picture(canvas) -> QImage:
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def color_at(canvas, x: float, y: float) -> QColor:
    """What is painted at a place in canvas units."""
    return picture(canvas).pixelColor(canvas.mapFromScene(x, y))


def node_picture(canvas, name: str) -> np.ndarray:
    """(height, width) int: the node's brightness."""
    x, y, width, height = canvas.mirror.rects[canvas.mirror.nodes.index[name]].tolist()
    corner = canvas.mapFromScene(x, y)
    image = picture(canvas).copy(corner.x(), corner.y(), round(width), round(height))
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.array(grey.constBits()).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].astype(int)


BETWEEN = {"image": (210.0, 28.0), "relu": (680.0, 28.0)}
"""A place on the wire that leaves a node, beside the text on it."""


def test_wires_of_the_node_under_a_resting_pointer_are_lit_and_others_dim(hand, qtbot):
    canvas = hand.canvas
    canvas.looking._rest.setInterval(0)
    usual = color_at(canvas, *BETWEEN["relu"])
    hand.canvas.mouse.hover(canvas.mouse.hit(canvas.mapToScene(hand.at(*hand.middle("conv")))))
    qtbot.waitUntil(lambda: canvas.wire_painter.looked_at == {"conv"})
    lit = color_at(canvas, *BETWEEN["image"])
    assert abs(lit.hue() - canvas.palette_colors.selection.hue()) < 10
    assert lit.saturation() > usual.saturation() + 60
    dim = color_at(canvas, *BETWEEN["relu"])
    ground = canvas.palette_colors.background
    assert abs(dim.lightness() - ground.lightness()) < abs(usual.lightness() - ground.lightness()) * 0.5
    canvas.mouse.hover(canvas.mouse.hit(canvas.mapToScene(hand.at(0, 320))))
    qtbot.waitUntil(lambda: not canvas.wire_painter.looked_at)
    assert color_at(canvas, *BETWEEN["relu"]) == usual


def test_without_a_node_under_the_pointer_the_selection_is_looked_at(canvas):
    canvas.model.select(["relu"])
    canvas.looking.look()
    assert canvas.wire_painter.looked_at == {"relu"}
    canvas.set_zoom(style.FLAT_BELOW / 2)
    canvas.looking.look()
    assert not canvas.wire_painter.looked_at
    canvas.set_zoom(1.0)
    canvas.operations.select_all()
    canvas.looking.look()
    assert not canvas.wire_painter.looked_at
    canvas.model.select(["dropout"])  # it has no wires
    canvas.looking.look()
    assert not canvas.wire_painter.looked_at


def test_what_is_lit_stays_while_a_hand_works(hand):
    hand.model.select(["relu"])
    hand.canvas.looking.look()
    hand.press(hand.middle("relu"))
    hand.drag_to((700, 200))
    hand.canvas.looking.hover("image")
    hand.canvas.looking.look()
    assert hand.canvas.wire_painter.looked_at == {"relu"}
    hand.release((700, 200))


def wire_height(canvas, x: float, y: float) -> int:
    """How many pixels high a level wire is there."""
    at, image = canvas.mapFromScene(x, y), picture(canvas)
    ground = canvas.palette_colors.background.lightness()
    column = [image.pixelColor(at.x(), at.y() + step).lightness() for step in range(-6, 7)]
    return sum(abs(lightness - ground) > 25 for lightness in column)


def test_a_wire_is_the_thicker_the_larger_its_tensor(canvas, qtbot):
    canvas.show_grid = False
    canvas.set_zoom(2.0)
    canvas.centerOn(200, 28)
    thin = wire_height(canvas, *BETWEEN["image"])
    with qtbot.waitSignal(canvas.model.checked):
        canvas.model.do(SetParameter("main", "image", "shape", (3, 1024, 1024)))
    slot = canvas.mirror.wires.index[Wire("image", "output", "conv", "input")]
    assert canvas.mirror.sizes[slot] == 3
    assert wire_height(canvas, *BETWEEN["image"]) > thin


@pytest.mark.parametrize("dark", [False, True])
def test_what_a_node_does_shows_without_colour(canvas, dark):
    canvas.set_theme(dark)
    seen = {}
    for mode in ("active", "bypassed", "muted"):
        canvas.model.do(SetMode("main", "dropout", mode))
        seen[mode] = node_picture(canvas, "dropout")
    for one, other in (("active", "bypassed"), ("active", "muted"), ("bypassed", "muted")):
        clearly = np.abs(seen[one] - seen[other]) > 25
        assert clearly.sum() > 100, (one, other)
    middle = (
        seen["bypassed"][27:30, 50:150].min(axis=0)
        if not dark
        else -seen["bypassed"][27:30, 50:150].max(axis=0)
    )
    assert len(np.unique(middle)) > 1  # dashes: line and gap alternate


def test_small_nodes_carry_their_name_and_their_wires(canvas):
    wide = canvas.port_place(("conv", "output"), output=True)
    canvas.model.do(Collapse("main", {"conv": True}))
    small = canvas.port_place(("conv", "output"), output=True)
    assert small.x() < wide.x()
    assert hit(canvas.mirror, small.x(), small.y(), 1.0).part is Part.OUTPUT
    node = node_picture(canvas, "conv")
    assert node.shape == (round(style.SMALL_HEIGHT), round(style.SMALL_WIDTH))
    assert np.ptp(node[6:20, 14:60]) > 100  # letters


def test_downwards_wires_leave_below_and_enter_above(canvas):
    canvas.model.do(SetDirection("main", "down"))
    tail = canvas.port_place(("image", "output"), output=True)
    head = canvas.port_place(("conv", "input"), output=False)
    assert (tail.x(), tail.y()) == (80, 56)
    assert (head.x(), head.y()) == (320, 0)
    assert hit(canvas.mirror, 80, 57, 1.0).part is Part.OUTPUT
    canvas.model.undo()
    assert canvas.port_place(("image", "output"), output=True).x() == 160


def test_no_kind_is_cut_on_its_node(qapp):
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    letters = Lettering()
    room = 160.0 - style.STRIP - 18
    with QPainter(image) as painter:
        letters.begin(painter, style.LIGHT, 1.0, scaled=False)
        for kind in kinds().values():
            lines = letters.lines_of(Caption("x", kind.label), room)
            assert "".join(lines) == kind.label
            assert all(letters._width(line, letters._tiny[0]) <= room for line in lines), kind.label
        both = letters.lines_of(Caption("x", "RestrictedBoltzmannMachine", "64, 1"), room)
    assert both == ("RestrictedBoltzmann", "Machine  64, 1")
