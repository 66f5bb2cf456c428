"""A restless person: real mouse and key events at random, at places of the canvas where something is.

The moves know nothing of what they will do. Whatever a press, a drag, a key or a menu begins is seen through or
given up half-way, so every gesture that has a way in is tried, and new ones without a word here.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from hands import ALT, CONTROL, NONE, SHIFT
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

from nodeforge.project import schema
from nodeforge.ui.canvas.geometry.mirror import Mirror, State
from nodeforge.ui.canvas.view import Canvas

Key, Keys, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton

_WORDS = ("conv 8 3", "linear 10", "relu", "add", "drop .3", "input", "c2d", "zzz", "", "concat", "cross")
_LETTERS = [Key(Key.Key_A.value + place) for place in range(26)]
_SPECIAL = [
    *(Key.Key_Delete, Key.Key_Backspace, Key.Key_Tab, Key.Key_Space, Key.Key_Return, Key.Key_Escape),
    *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_F2, Key.Key_Home, Key.Key_Plus),
    *(Key.Key_Minus, Key.Key_0, Key.Key_1, Key.Key_2, Key.Key_Menu, Key.Key_BracketLeft, Key.Key_Slash),
]


class Restless:
    """Random hands on one canvas.

    Args:
        canvas: Where they are.
        random: What they do next; the same seed does the same.
    """

    def __init__(self, canvas: Canvas, random: Random) -> None:
        self.canvas = canvas
        self.random = random
        self._moves: tuple[tuple[Callable[[], str], int], ...] = (
            (self._click, 10),
            (self._drag, 22),
            (self._double_click, 4),
            (self._key, 14),
            (self._context_menu, 6),
            (self._undo, 8),
            (self._redo, 6),
            (self._copy_and_paste, 4),
            (self._select_some, 8),
            (self._wheel, 3),
        )

    def step(self) -> str:
        """Do something and see to what it opens; returns what it was."""
        moves, weights = zip(*self._moves, strict=True)
        told = self.random.choices(moves, weights)[0]()
        QApplication.processEvents()
        answers = [self._answer() for _ in range(4)]
        if self.canvas.mouse.busy and self.random.random() < 0.5:  # a key may ask for the next drag
            QTest.keyClick(self.canvas, Key.Key_Escape)
            assert not self.canvas.mouse.busy, "Esc ends a gesture"
        self._keep_small()
        return " / ".join(filter(None, (told, *answers)))

    # Places ---------------------------------------------------------------------------------------

    def place(self) -> QPoint:
        """Somewhere in view, most often on something."""
        for _ in range(8):
            point = self.canvas.mapFromScene(self._wish())
            if self.canvas.viewport().rect().adjusted(2, 2, -2, -2).contains(point):
                return point
        area = self.canvas.viewport().rect()
        return QPoint(self.random.randrange(4, area.width() - 4), self.random.randrange(4, area.height() - 4))

    def _wish(self) -> QPointF:
        canvas, pick = self.canvas, self.random
        graph, mirror = canvas.model.graph, canvas.mirror
        wires = list(graph.wires())
        chosen = pick.random()
        if graph.nodes and chosen < 0.45:
            x, y, width, height = mirror.rects[mirror.nodes.index[pick.choice(list(graph.nodes))]].tolist()
            return QPointF(x + pick.uniform(2, width - 2), y + pick.uniform(2, height - 2))
        if graph.nodes and chosen < 0.65:
            name = pick.choice(list(graph.nodes))
            anatomy = mirror.anatomy(name)
            ports = [(port, True) for port in anatomy.outputs] + [(port, False) for port in anatomy.inputs]
            if ports:
                port, is_output = pick.choice(ports)
                return canvas.port_place((name, port), output=is_output)
        if wires and chosen < 0.8:
            wire = pick.choice(wires)
            bends = graph.drawing.bends.get(wire)
            if bends and pick.random() < 0.5:
                return QPointF(*pick.choice(bends))
            x0, y0, x1, y1 = mirror.wire_ends(np.array([mirror.wires.index[wire]]))[0].tolist()
            share = pick.choice((0.1, 0.5, 0.9))
            return QPointF(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        if graph.drawing.frames and chosen < 0.9:
            left, top, width, height = pick.choice(list(graph.drawing.frames.values())).area
            return QPointF(
                left + width * pick.choice((0.0, 0.3, 1.0)), top + height * pick.choice((0.0, 1.0))
            )
        seen = canvas.visible_area()
        return QPointF(pick.uniform(seen.left(), seen.right()), pick.uniform(seen.top(), seen.bottom()))

    def _held(self) -> Qt.KeyboardModifier:
        return self.random.choices(
            (NONE, SHIFT, CONTROL, ALT, CONTROL | SHIFT, ALT | SHIFT), (16, 3, 3, 3, 2, 1)
        )[0]

    # Moves ----------------------------------------------------------------------------------------

    def _click(self) -> str:
        place, keys = self.place(), self._held()
        QTest.mouseClick(self.canvas.viewport(), Button.LeftButton, keys, place)
        return f"click {place.toTuple()} {_said(keys)}"

    def _double_click(self) -> str:
        place, keys = self.place(), self._held()
        QTest.mouseClick(self.canvas.viewport(), Button.LeftButton, keys, place)
        QTest.mouseDClick(self.canvas.viewport(), Button.LeftButton, keys, place)
        QTest.mouseRelease(self.canvas.viewport(), Button.LeftButton, keys, place)
        return f"double-click {place.toTuple()}"

    def _drag(self) -> str:
        viewport, keys = self.canvas.viewport(), self._held()
        button = self.random.choices(
            (Button.LeftButton, Button.MiddleButton, Button.RightButton), (10, 1, 1)
        )[0]
        start, end = self.place(), self.place()
        QTest.mousePress(viewport, button, keys, start)
        for part in (0.2, 0.6, 1.0):
            here = start + (end - start) * part
            event = QMouseEvent(
                QEvent.Type.MouseMove,
                QPointF(here),
                QPointF(viewport.mapToGlobal(here)),
                Button.NoButton,
                button,
                keys,
            )
            QApplication.sendEvent(viewport, event)
        given_up = self.random.random() < 0.2
        before = schema.encode(self.canvas.model.document)
        if given_up and self.canvas.mouse.busy:
            QTest.keyClick(self.canvas, Key.Key_Escape)
            assert not self.canvas.mouse.busy, "Esc ends a gesture"
            assert schema.encode(self.canvas.model.document) == before, "Esc leaves the document as it is"
        QTest.mouseRelease(viewport, button, keys, end)
        return f"drag {button.name} {_said(keys)} {start.toTuple()} -> {end.toTuple()}{' Esc' * given_up}"

    def _key(self) -> str:
        key = self.random.choice(self.random.choice((_LETTERS, _SPECIAL)))
        keys = self._held()
        QTest.keyClick(self.canvas, key, keys)
        return f"key {_said(keys)} {key.name}"

    def _context_menu(self) -> str:
        place = self.place()
        viewport = self.canvas.viewport()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport, event)
        return f"menu {place.toTuple()}"

    def _undo(self) -> str:
        for _ in range(self.random.choice((1, 1, 3))):
            QTest.keyClick(self.canvas, Key.Key_Z, CONTROL)
        return "undo"

    def _redo(self) -> str:
        QTest.keyClick(self.canvas, Key.Key_Z, CONTROL | SHIFT)
        return "redo"

    def _copy_and_paste(self) -> str:
        QTest.keyClick(self.canvas, self.random.choice((Key.Key_C, Key.Key_X)), CONTROL)
        QTest.mouseMove(self.canvas.viewport(), self.place())
        QTest.keyClick(self.canvas, Key.Key_V, CONTROL)
        return "copy and paste"

    def _select_some(self) -> str:
        names = sorted(self.canvas.model.graph.nodes)
        chosen = self.random.sample(names, min(len(names), self.random.randrange(4)))
        self.canvas.model.select(chosen)
        return f"select {chosen}"

    def _wheel(self) -> str:
        place, turn = self.place(), self.random.choice((-240, -120, 120, 240))
        viewport = self.canvas.viewport()
        event = QWheelEvent(
            QPointF(place),
            QPointF(viewport.mapToGlobal(place)),
            QPoint(),
            QPoint(0, turn),
            Button.NoButton,
            self._held(),
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)
        return f"wheel {turn}"

    # What opens -----------------------------------------------------------------------------------

    def _answer(self) -> str:
        """See to the menu or field that is open, if any."""
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            return self._choose(popup)
        if popup is not None:
            popup.close()
            return "close"
        if self.canvas._search is not None:
            field = self.canvas._search.field
            field.setText(self.random.choice(_WORDS))
            return self._end(field)
        field = QApplication.focusWidget()
        if isinstance(field, (QLineEdit, QTextEdit, QPlainTextEdit)) and self.canvas.isAncestorOf(field):
            if self.random.random() < 0.6:
                QTest.keyClicks(field, self.random.choice(("stem", "a b", "9", "conv", "x_1")))
            return self._end(field)
        if field is not self.canvas:
            self.canvas.setFocus()
        return ""

    def _end(self, field: QWidget) -> str:
        key = self.random.choice((Key.Key_Return, Key.Key_Return, Key.Key_Escape))
        told = getattr(field, "text", str)()
        QTest.keyClick(field, key, NONE)
        QApplication.processEvents()
        if isValid(field) and field.isVisible() and QApplication.focusWidget() is field:
            QTest.keyClick(field, Key.Key_Escape)
        QApplication.processEvents()
        return f"{told!r} {key.name}"

    def _choose(self, menu: QMenu) -> str:
        actions = [action for action in menu.actions() if action.isEnabled() and not action.isSeparator()]
        if not actions or self.random.random() < 0.15:
            QTest.keyClick(menu, Key.Key_Escape)
            return "no choice"
        action = self.random.choice(actions)
        if action.menu() is not None:
            inner = [each for each in action.menu().actions() if each.isEnabled() and not each.isSeparator()]
            action = self.random.choice(inner or actions)
        told = action.text()
        menu.close()
        action.trigger()
        QApplication.processEvents()
        return told

    def _keep_small(self) -> None:
        """A drawing that only grows would make every step slower than the one before."""
        if len(self.canvas.model.graph) > 40:
            names = sorted(self.canvas.model.graph.nodes)
            self.canvas.model.select(self.random.sample(names, len(names) - 12))
            QTest.keyClick(self.canvas, Key.Key_Delete)
        if self.random.random() < 0.1 or not self._sees_something():
            self.canvas.fit()

    def _sees_something(self) -> bool:
        area = self.canvas.mirror.bounds()
        return area.isEmpty() or self.canvas.visible_area().intersects(QRectF(area))


def _said(keys: Qt.KeyboardModifier) -> str:
    names = {SHIFT: "Shift", CONTROL: "Ctrl", ALT: "Alt"}
    return "+".join(name for key, name in names.items() if keys & key)


def picture(mirror: Mirror) -> dict[str, dict[object, object]]:
    """What a mirror would paint, by names: two mirrors of one graph must agree."""
    nodes = {
        name: (mirror.rects[slot].tolist(), mirror.look_list[int(mirror.looks[slot])], mirror.caption(name))
        for name, slot in mirror.nodes.index.items()
    }
    wires = {
        wire: (mirror.wire_ends(np.array([slot]))[0].round(6).tolist(), int(mirror.tones[slot]))
        for wire, slot in mirror.wires.index.items()
    }
    return {"nodes": nodes, "wires": wires}


def assert_shows_the_graph(canvas: Canvas) -> None:
    """The scene is exactly what a canvas would show that has just been opened on this graph."""
    model, mirror = canvas.model, canvas.mirror
    assert mirror.graph is model.graph
    fresh = Mirror(model.graph, model.kinds)
    fresh.take_report(model.network, model.report, model.place.report(model.report))
    fresh.follow_manners(mirror._manners)
    shown, wanted = picture(mirror), picture(fresh)
    for sort, things in wanted.items():
        differing = {
            key: (shown[sort].get(key), thing)
            for key, thing in things.items()
            if shown[sort].get(key) != thing
        }
        assert not differing, f"{sort} are shown otherwise than they are: {differing}"
        assert shown[sort].keys() == things.keys()
    selected = {name for name, slot in mirror.nodes.index.items() if mirror.states[slot] & State.SELECTED}
    assert selected == model.selection
    faults = int(State.ERROR | State.WARNING)
    for name, slot in fresh.nodes.index.items():
        assert fresh.states[slot] & faults == mirror.states[mirror.nodes.index[name]] & faults, name
