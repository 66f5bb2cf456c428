"""A person at the real window: a mouse, a keyboard, and eyes that find things by the names they have on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from nodeforge.engine.client import ChildEngine
from nodeforge.ui.main_window import MainWindow

W = TypeVar("W", bound=QWidget)
Key, Keys, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
PATIENCE_MS = 60_000


class Person:
    """Works in one window. Whatever is found must be visible: nobody clicks what cannot be seen."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot

    # Eyes -----------------------------------------------------------------------------------------

    def sees(self, kind: type[W], name: str, place: QWidget | None = None) -> list[W]:
        """Visible widgets with this text or accessible name (titles without their & and …)."""
        found = (place or self.window).findChildren(kind)
        return [widget for widget in found if name in _names(widget) and is_seen(widget)]

    def find(self, kind: type[W], name: str, place: QWidget | None = None) -> W:
        """The one visible widget with this text or accessible name."""
        found = self.sees(kind, name, place)
        assert len(found) == 1, f"{len(found)} × {name!r}"
        return found[0]

    def wait(self, condition: Callable[[], object]) -> None:
        """Watch until something is so."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def wait_for_engine(self) -> None:
        """Until the engine's process is warm."""
        self.wait(lambda: self.window.engine.state == "ready")

    @property
    def engine(self) -> ChildEngine:
        """The engine's process, to do it harm."""
        engine = self.window.engine._engine
        assert isinstance(engine, ChildEngine)
        return engine

    # Hands ----------------------------------------------------------------------------------------

    def press(self, key: Qt.Key, keys: Qt.KeyboardModifier = Keys.NoModifier) -> None:
        """A key, to whatever has the focus."""
        QTest.keyClick(self._focused(), key, keys)

    def type(self, text: str) -> None:
        """Text, to whatever has the focus."""
        QTest.keyClicks(self._focused(), text)

    def _focused(self) -> QWidget:
        """Where keys go."""
        if QApplication.focusWidget() is None and QApplication.activeModalWidget() is None:
            self.window.activateWindow()  # without a window manager nobody gives the focus back
            self.wait(self.window.isActiveWindow)
        return QApplication.focusWidget() or self.window

    def click(self, name: str, place: QWidget | None = None) -> None:
        """A button."""
        QTest.mouseClick(self.find(QAbstractButton, name, place), Left)

    def enter(self, name: str, text: str, place: QWidget | None = None) -> None:
        """Put a text into the field of a name."""
        field = self.find(QLineEdit, name, place)
        QTest.mouseClick(field, Left)
        self.press(Key.Key_A, Keys.ControlModifier)
        self.type(text)
        self.press(Key.Key_Return)

    def choose(self, name: str, choice: str, place: QWidget | None = None) -> None:
        """One of the choices of a combo box, by typing it while the box has the focus."""
        box = self.find(QComboBox, name, place)
        box.setFocus(Qt.FocusReason.TabFocusReason)
        self.type(choice)
        assert box.currentText() == choice

    def panel(self, name: str) -> QWidget:
        """Bring a panel to the front by its command's keys."""
        action = self.window.commands[f"view.{name}"]
        panel = self.window.workbench.panels[name]
        if not is_seen(panel):
            combination = action.shortcut()[0]
            self.press(combination.key(), combination.keyboardModifiers())
        self.wait(lambda: is_seen(panel))
        return panel

    # Canvas ---------------------------------------------------------------------------------------

    def at(self, x: float, y: float) -> QPoint:
        """A place of the canvas, in pixels of its viewport."""
        return self.window.canvas.mapFromScene(QPointF(x, y))

    def click_canvas(self, place: QPoint) -> None:
        """Click at a place of the canvas, in pixels of its viewport."""
        QTest.mouseClick(self.window.canvas.viewport(), Left, Keys.NoModifier, place)

    def draw_wire(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        """From an output to an input, with the mouse."""
        canvas = self.window.canvas
        start = canvas.mapFromScene(canvas.port_place(source, output=True))
        end = canvas.mapFromScene(canvas.port_place(target, output=False))
        QTest.mouseMove(canvas.viewport(), start)
        QTest.mousePress(canvas.viewport(), Left, Keys.NoModifier, start)
        for place in (start + QPoint(9, 9), end - QPoint(5, 5), end):
            QTest.mouseMove(canvas.viewport(), place)
        QTest.mouseRelease(canvas.viewport(), Left, Keys.NoModifier, end)

    def drag_layer(self, name: str, goal: QPoint) -> None:
        """Search the list of layers and drag the first answer onto the canvas."""
        self.press(Key.Key_L, Keys.ControlModifier)
        self.type(name)
        tree = self.window.workbench.palette_panel.tree
        item = tree.topLevelItem(0)
        assert item is not None
        start = tree.visualItemRect(item).center()
        if QGuiApplication.platformName() == "offscreen":  # it has no dragging between widgets
            _drop(self.window.canvas.viewport(), tree.mimeData([item]), goal)
        else:
            self._drag(tree.viewport(), start, self.window.canvas.viewport(), goal)

    def _drag(self, source: QWidget, start: QPoint, target: QWidget, goal: QPoint) -> None:
        """A real drag, which has an event loop of its own until the button is released over the target."""
        window, handle = self.window, self.window.windowHandle()
        begin, end = source.mapTo(window, start), target.mapTo(window, goal)
        hand = _DraggingHand(
            target,
            move=lambda wobble: QTest.mouseMove(handle, end - QPoint(wobble, 0)),
            release=lambda: QTest.mouseRelease(handle, Left, Keys.NoModifier, end),
        )
        QTest.mousePress(handle, Left, Keys.NoModifier, begin)
        hand.step()
        QTest.mouseMove(handle, begin + QPoint(12, 3))
        QTest.mouseMove(handle, begin + QPoint(30, 6))
        self.wait(lambda: hand.done)

    # Dialogs --------------------------------------------------------------------------------------

    def when_asked(self, answer: Callable[[QDialog], object], kind: type[QDialog] = QDialog) -> None:
        """Answer the next dialog of a kind as soon as it is seen; whoever opened it may be waiting for it."""
        timer = QTimer(self.window, interval=10)

        def look() -> None:
            dialog, focused = QApplication.activeModalWidget(), QApplication.focusWidget()
            if isinstance(dialog, kind) and focused is not None and dialog.isAncestorOf(focused):
                timer.stop()
                timer.deleteLater()
                try:
                    answer(dialog)
                except BaseException:
                    dialog.reject()
                    raise

        timer.timeout.connect(look)
        timer.start()

    def name_file_when_asked(self, path: Path) -> None:
        """Type a path into the next file dialog and press Enter."""

        def name(_: QDialog) -> None:
            self.press(Key.Key_A, Keys.ControlModifier)
            self.type(str(path))
            self.press(Key.Key_Return)

        self.when_asked(name, QFileDialog)


class _DraggingHand(QObject):
    """Wobbles over the target until the drag has arrived there, then lets go.

    Each step is a timer of its own: a drag runs in an event loop inside one of them.
    """

    def __init__(self, target: QWidget, move: Callable[[int], object], release: Callable[[], object]) -> None:
        super().__init__(target)
        self._move, self._release = move, release
        self._arrived = False
        self._wobble = 0
        self.done = False
        target.installEventFilter(self)

    def step(self) -> None:
        if self._arrived:
            self._release()
            self.done = True
            return
        QTimer.singleShot(30, self, self.step)
        self._wobble = 1 - self._wobble
        self._move(self._wobble)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._arrived |= event.type() == QEvent.Type.DragMove
        return False


Start = Callable[..., Person]
"""Starts the program, with a project or without."""


def is_seen(widget: QWidget) -> bool:
    """Whether any of it can be seen: neither hidden nor out of what its parents show, as a covered dock is."""
    area, part = widget.rect(), widget
    while not part.isWindow():
        area = area.translated(part.pos()) & part.parentWidget().rect()
        part = part.parentWidget()
    return widget.isVisible() and not area.isEmpty()


def _drop(target: QWidget, data: QMimeData, goal: QPoint) -> None:
    """The events of a drag that the platform cannot make."""
    held = (Qt.DropAction.CopyAction, data, Left, Keys.NoModifier)
    for event in (QDragEnterEvent(goal, *held), QDragMoveEvent(goal, *held)):
        QApplication.sendEvent(target, event)
        assert event.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(goal), *held))


def _names(widget: QWidget) -> Sequence[str]:
    text = getattr(widget, "text", str)()
    return (widget.accessibleName(), text.replace("&", "").rstrip("…")) if isinstance(text, str) else ()
