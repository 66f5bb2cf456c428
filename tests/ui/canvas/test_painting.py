"""What is on the screen after partial repaints is what a full repaint paints; pictures; themes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from nodeforge.core.edits import MoveNodes
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.canvas.painting.painter import Live
from nodeforge.ui.canvas.painting.snapshot import thumbnail


def pixels(image: QImage) -> np.ndarray:
    """(height, width, 4) uint8."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.bytesPerLine() // 4, 4)[
        :, : image.width()
    ]


def on_screen(canvas) -> np.ndarray:
    """What the window shows now, as painted piece by piece."""
    QApplication.processEvents()
    window = canvas.window()
    return pixels(window.screen().grabWindow(window.winId()).toImage())


def assert_screen_is_right(canvas, tolerance: int = 0) -> None:
    renderings = -1
    while renderings != canvas.minimap.renderings:  # else the map in the corner was made anew between the two
        renderings = canvas.minimap.renderings
        shown = on_screen(canvas).copy()
        canvas.repaint_all()
        fresh = on_screen(canvas)
    differing = np.argwhere((np.abs(shown.astype(int) - fresh) > tolerance).any(axis=2))
    assert not len(differing), f"{len(differing)} stale pixels, the first at {differing[0]}"


@pytest.mark.parametrize("zoom", [0.06, 0.15, 0.4, 1.0, 1.7])
def test_only_what_changed_is_painted_and_nothing_stale_stays(hand, zoom):
    canvas, model = hand.canvas, hand.model
    canvas.minimap.wanted = False  # it follows a moment later, which may be between two looks
    canvas.set_zoom(zoom)
    assert_screen_is_right(canvas)
    for action in (
        lambda: model.select(["conv"]),
        lambda: model.do(MoveNodes("main", {"conv": (300.0, 150.0)})),
        lambda: model.select(["relu", "dropout"]),
        model.undo,
        lambda: canvas.set_lit(["image"]),
        lambda: canvas.set_live({"relu": Live("mean 0.5", 0.7)}),
        lambda: canvas.set_live({}),
        lambda: canvas.set_heat({"relu": Heat(0.6, "1.2 M"), "conv": Heat(1.0, "2 M")}),
        lambda: canvas.set_heat({}),
        lambda: canvas.scroll_to(canvas.scroll_position() + QPoint(31, -17)),
        lambda: canvas.stress_wire(next(model.graph.wires())),
        lambda: canvas.stress_wire(None),
        lambda: canvas.select_wire(next(model.graph.wires())),
        canvas.operations.delete,
    ):
        action()
        assert_screen_is_right(canvas)


def test_a_dragged_node_leaves_nothing_behind(hand):
    x, y = hand.middle("relu")
    hand.press((x, y))
    for step in range(1, 6):
        hand.drag_to((x + 37 * step, y + 23 * step))
        assert_screen_is_right(hand.canvas)
    hand.key(Qt.Key.Key_Escape)
    assert_screen_is_right(hand.canvas)


def grounds_painted(canvas, monkeypatch) -> list[QRectF]:
    """Is filled with the area of every painting of the ground."""
    painted, paint = [], canvas.frames.paint
    monkeypatch.setattr(
        canvas.frames, "paint", lambda p, parts, zoom: (painted.extend(parts), paint(p, parts, zoom))
    )
    return painted


@pytest.mark.parametrize("zoom", [0.1, 0.4, 1.0, 1.7])
@pytest.mark.parametrize("crossed", [False, True], ids=["aside", "over others"])
def test_what_rests_during_a_drag_is_shown_as_it_was(hand, monkeypatch, zoom, crossed):
    hand.canvas.minimap.wanted = False
    hand.canvas.set_zoom(zoom)
    hand.canvas.centerOn(*hand.middle("relu"))
    hand.canvas.set_live({"conv": Live("mean 0.5", 0.7)})
    painted = grounds_painted(hand.canvas, monkeypatch)
    x, y = hand.middle("relu")
    hand.press((x, y))
    for step in range(1, 12):
        hand.drag_to((x + 31 * step, y) if crossed else (x + 7 * step, y + 29 * step))
        QApplication.processEvents()
    assert hand.canvas.visible_area() in painted  # kept as a picture
    painted.clear()
    hand.drag_to((x + 200, y + 40 * (not crossed)))
    QApplication.processEvents()
    assert not painted
    assert_screen_is_right(hand.canvas, tolerance=3)  # a picture on a picture is rounded twice
    assert painted
    hand.key(Qt.Key.Key_Escape)
    assert_screen_is_right(hand.canvas)


def test_what_changes_during_a_drag_is_seen_at_once(hand):
    hand.canvas.minimap.wanted = False
    x, y = hand.middle("relu")
    hand.press((x, y))
    for change in (
        lambda: hand.canvas.set_live({"conv": Live("mean 0.5", 0.7)}),
        lambda: hand.canvas.set_heat({"conv": Heat(1.0, "2 M")}),
        lambda: hand.canvas.scroll_to(hand.canvas.scroll_position() + QPoint(31, -17)),
        lambda: hand.canvas.set_theme(dark=True),
        lambda: hand.canvas.stress_wire(next(hand.model.graph.wires())),
    ):
        for step in range(8):
            hand.drag_to((x + 7 * step, y + 29 * step))
            QApplication.processEvents()
        change()
        assert_screen_is_right(hand.canvas, tolerance=3)
    hand.key(Qt.Key.Key_Escape)
    assert_screen_is_right(hand.canvas)


def test_a_theme_is_worn_at_once(hand):
    hand.canvas.set_theme(True)
    corner = on_screen(hand.canvas)[2, 2, :3].tolist()
    dark = style.DARK.background
    assert corner == [dark.blue(), dark.green(), dark.red()]


def test_errors_are_red_at_every_zoom(hand, qtbot):
    from nodeforge.core.edits import Disconnect

    hand.model.do(Disconnect("main", next(hand.model.graph.wires_into("relu"))))
    with qtbot.waitSignal(hand.model.checked):
        pass
    red = style.LIGHT.error
    for zoom in (0.15, 0.4, 1.0):
        hand.canvas.set_zoom(zoom)
        shown = on_screen(hand.canvas)
        assert (shown[:, :, :3] == (red.blue(), red.green(), red.red())).all(axis=2).any(), zoom


def test_a_thumbnail_has_the_size_and_ground_that_were_asked_for(canvas):
    model = canvas.model
    for dark in (False, True):
        image = thumbnail(model.graph, model.report, model.kinds, QSize(320, 180), dark)
        assert image.size() == QSize(320, 180)
        assert image.pixelColor(1, 1) == style.palette_for(dark).background
        assert len(np.unique(pixels(image).reshape(-1, 4), axis=0)) > 20


def middle_is_shown(canvas) -> bool:
    """Whether the drawing lies in the middle of the view."""
    apart = canvas.visible_area().center() - canvas.mirror.bounds().center()
    return apart.manhattanLength() * canvas.zoom < 3


def test_the_whole_network_stays_in_the_middle_when_the_window_changes(canvas):
    canvas.fit()
    for width, height in ((700, 400), (1300, 800)):
        canvas.resize(width, height)
        assert middle_is_shown(canvas)
        assert canvas.visible_area().contains(canvas.mirror.bounds())


@pytest.mark.parametrize(
    "own_view",
    [
        lambda canvas: canvas.zoom_in(),
        lambda canvas: canvas.reset_zoom(),
        lambda canvas: canvas.scroll_to(canvas.scroll_position() + QPoint(40, 0)),
    ],
)
def test_what_a_person_has_chosen_to_see_stays_when_the_window_changes(canvas, own_view):
    canvas.fit()
    own_view(canvas)
    zoom, corner = canvas.zoom, canvas.visible_area().topLeft()
    canvas.resize(700, 400)
    assert canvas.zoom == zoom
    assert (canvas.visible_area().topLeft() - corner).manhattanLength() * zoom < 3


@pytest.mark.parametrize("own_view", [False, True])
def test_a_layer_added_from_elsewhere_comes_into_view(canvas, own_view):
    canvas.resize(700, 250)
    canvas.fit()
    if own_view:
        canvas.set_zoom(1.0)
    name = canvas.add_node("ReLU")
    x, y, width, height = canvas.mirror.rects[canvas.mirror.nodes.index[name]].tolist()
    assert canvas.visible_area().contains(QRectF(x, y, width, height))
