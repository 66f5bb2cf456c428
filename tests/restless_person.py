"""A restless person in the real window: the canvas most of the time, and everything else that can be touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from person import Person, is_seen
from PySide6.QtCore import QEventLoop, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QInputMethodEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QGraphicsView,
    QKeySequenceEdit,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QSplitterHandle,
    QTabBar,
    QTextEdit,
    QWidget,
)
from restless import Restless

from nodeforge.project import shipped
from nodeforge.session.clipboard import copy_text
from nodeforge.ui.canvas.dropping.drops import KIND_MIME
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.canvas.viewing.minimap import Minimap

Key, Keys, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
NONE, SHIFT, CONTROL, ALT = Keys.NoModifier, Keys.ShiftModifier, Keys.ControlModifier, Keys.AltModifier
_FIELDS = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
_CONTROLS = (
    *(QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QGraphicsView, QKeySequenceEdit),
    *(QMenuBar, QSplitterHandle, QTabBar, Minimap, *_FIELDS),
)
_WORDS = ("3", "0.1", "abc", "-1", "=x", "=width*2", "1e9", "", "é 你 🙂", "a" * 300, "relu", "(1, 28, 28)")
_EXAMPLES = ("iris-mlp", "mnist-cnn", "transformer", "gan", "dbn", "modular-quadrants", "elnino-lstm", "som")
_OTHER_KEYS = (
    *(Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right, Key.Key_Return, Key.Key_Space, Key.Key_Delete),
    *(Key.Key_F2, Key.Key_Menu, Key.Key_Tab, Key.Key_Home, Key.Key_End, Key.Key_A, Key.Key_Escape),
)


class RestlessPerson(QObject):
    """Hands on the canvas most of the time, on panels, commands, dialogs and the window itself otherwise.

    Args:
        person: In whose window.
        project: What is opened when nothing is.
        scratch: Where files may be written.
        random: What is done next.
    """

    def __init__(self, person: Person, project: Path, scratch: Path, random: Random) -> None:
        super().__init__(person.window)
        self.window = person.window
        self.project = project
        self.scratch = scratch
        self.random = random
        self.hands = Restless(self.window.canvas, random)
        self._moves: tuple[tuple[Callable[[], str], int], ...] = (
            (self._on_canvas, 70),
            (self._control, 40),
            (self._command, 14),
            (self._drop, 5),
            (self._train, 4),
            (self._resize, 2),
            (self._open_another, 1),
        )
        self._files = _files(scratch)
        self._is_awake = True
        self._see_to_what_waits()

    def step(self) -> str:
        """One thing; returns what it was."""
        if not self.window.has_project():
            self.window.documents.open(self.project)
            _let_it_happen()
        moves, weights = zip(*self._moves, strict=True)
        told = self.random.choices(moves, weights)[0]()
        _let_it_happen()
        return told

    def rest(self) -> None:
        """No more of it."""
        self._is_awake = False

    # Moves ----------------------------------------------------------------------------------------

    def _on_canvas(self) -> str:
        if not is_seen(self.window.canvas):
            return "no canvas"
        self.window.canvas.setFocus()
        return self.hands.step()

    def _control(self) -> str:
        windows = [each for each in QApplication.topLevelWidgets() if is_seen(each)]
        others = [each for each in windows if each is not self.window and isinstance(each, QDialog)]
        place = self.random.choice(others) if others and self.random.random() < 0.3 else self.window
        if others and self.random.random() < 0.05:
            self.random.choice(others).close()
        return self._touch(place)

    def _command(self) -> str:
        choices = [action for _, action in self.window.commands if action.isEnabled()]
        action = self.random.choice(choices)
        told = action.text()
        action.trigger()
        return f"command {told}"

    def _train(self) -> str:
        key, keys = self.random.choice(
            ((Key.Key_F5, NONE), (Key.Key_F6, NONE), (Key.Key_F7, NONE), (Key.Key_F5, SHIFT))
        )
        QTest.keyClick(self.window, key, keys)
        return f"train {key.name} {keys.name}"

    def _resize(self) -> str:
        window, does = self.window, self.random.randrange(6)
        if does == 0:
            window.showMaximized()
        elif does == 1:
            window.showMinimized()
            QApplication.processEvents()
            window.showNormal()
        else:
            window.showNormal()
            window.resize(self.random.randrange(700, 1600), self.random.randrange(480, 1000))
        return f"window {window.size().toTuple()}"

    def _open_another(self) -> str:
        name = self.random.choice(_EXAMPLES)
        self.window.documents.open_example(name)
        return f"open {name}"

    def _drop(self) -> str:
        """Drag a layer, files or text over the canvas, and most often let go."""
        canvas = self.window.canvas
        if not is_seen(canvas):
            return "no canvas"
        data, told = QMimeData(), ""
        match self.random.randrange(4):
            case 0:
                told = str(self.random.choice(self._files))
                data.setUrls([QUrl.fromLocalFile(told)])
            case 1:
                model = canvas.model
                names = self.random.sample(sorted(model.graph.nodes), min(3, len(model.graph)))
                told = copy_text(model.document, model.network, names) if names else "no nodes"
                data.setText(told)
            case _:
                told = self.random.choice(sorted(canvas.model.kinds))
                data.setData(KIND_MIME, told.encode())
        self._drag_over(canvas, data)
        return f"drop {told[:60]!r}"

    def _drag_over(self, canvas: Canvas, data: QMimeData) -> None:
        viewport, place = canvas.viewport(), self.hands.place()
        held = (Qt.DropAction.CopyAction, data, Button.LeftButton, self.random.choice((NONE, NONE, SHIFT)))
        entering = QDragEnterEvent(place, *held)
        QApplication.sendEvent(viewport, entering)
        if not entering.isAccepted():
            return
        QApplication.sendEvent(viewport, QDragMoveEvent(place, *held))
        if self.random.random() < 0.25:
            QApplication.sendEvent(viewport, QDragLeaveEvent())
        else:
            QApplication.sendEvent(viewport, QDropEvent(QPointF(place), *held))

    # Touching -------------------------------------------------------------------------------------

    def _touch(self, place: QWidget) -> str:
        """Do something to some control, and type where that leads."""
        seen = [
            widget
            for widget in place.findChildren(QWidget)
            if isinstance(widget, _CONTROLS)
            and not isinstance(widget, Canvas)
            and widget.isEnabled()
            and is_seen(widget)
        ]
        if not seen:
            return "nothing to touch"
        widget = self.random.choice(seen)
        told = f"{type(widget).__name__} {widget.accessibleName() or getattr(widget, 'text', str)()!r:.40}"
        target = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
        how = self.random.choices((_click, _double_click, _right_click, _drag, _wheel), (14, 2, 2, 3, 2))[0]
        how(target, self._point(target), self._point(target), self.random)
        self._type(QApplication.focusWidget())
        return f"{how.__name__[1:]} {told}"

    def _point(self, target: QWidget) -> QPoint:
        area = target.rect()
        return QPoint(
            self.random.randrange(max(1, area.width())), self.random.randrange(max(1, area.height()))
        )

    def _type(self, focused: QWidget | None) -> None:
        if focused is None or isinstance(focused, Canvas) or self.random.random() < 0.3:
            return
        if isinstance(focused, _FIELDS) and not focused.property("readOnly"):
            if self.random.random() < 0.5:
                QTest.keyClick(focused, Key.Key_A, CONTROL)
            _write(focused, self.random.choice(_WORDS))
            QTest.keyClick(focused, self.random.choice((Key.Key_Return, Key.Key_Tab, Key.Key_Escape)))
        elif isinstance(focused, QKeySequenceEdit):
            letter = Key(Key.Key_A.value + self.random.randrange(26))
            QTest.keyClick(focused, letter, self.random.choice((NONE, CONTROL, ALT | SHIFT)))
        else:
            QTest.keyClick(
                focused, self.random.choice(_OTHER_KEYS), self.random.choice((NONE, NONE, SHIFT, CONTROL))
            )

    # What waits for an answer ---------------------------------------------------------------------

    def _see_to_what_waits(self) -> None:
        """A menu or dialog that waits gets an answer, which may open the next, with an event loop inside this one."""
        if not self._is_awake:
            return
        QTimer.singleShot(40, self, self._see_to_what_waits)  # a timer does not fire in its own slot
        popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if isinstance(popup, QMenu):
            if self.random.random() < 0.5:
                for _ in range(self.random.randrange(1, 8)):
                    QTest.keyClick(popup, Key.Key_Down)
                QTest.keyClick(popup, Key.Key_Return)
            else:
                popup.close()
        elif popup is not None:
            popup.close()
        elif isinstance(dialog, QFileDialog):
            self._name_a_file(dialog)
        elif isinstance(dialog, QDialog) and self.random.random() < 0.25:
            dialog.reject()
        elif dialog is not None:
            self._touch(dialog)

    def _name_a_file(self, dialog: QFileDialog) -> None:
        if self.random.random() < 0.5:
            dialog.reject()
            return
        opens = dialog.acceptMode() == QFileDialog.AcceptMode.AcceptOpen
        path = (
            self.random.choice((self.project / "project.json", *self._files))
            if opens
            else self.scratch / f"saved{self.random.randrange(4)}"
        )
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        field.setText(str(path))
        QTest.keyClick(field, Key.Key_Return)
        if dialog.isVisible():  # no such file fits what is asked for
            dialog.reject()


def _let_it_happen() -> None:
    """Let the event loop run: only there are widgets deleted that were given up."""
    loop = QEventLoop()
    QTimer.singleShot(1, loop.quit)
    loop.exec()


def _files(folder: Path) -> list[Path]:
    """Files of every kind that a person may drop, some of them no good."""
    table = folder / "flowers.csv"
    table.write_text("a,b,species\n" + "".join(f"{n},{n % 7},{'xyz'[n % 3]}\n" for n in range(60)))
    odd = folder / "odd.csv"
    odd.write_text("a,b\n1\n,,,\n")
    project = folder / "dropped"
    shutil.copytree(shipped.project("perceptron"), project)
    note = folder / "note.bin"
    note.write_bytes(bytes(range(256)))
    broken = folder / "broken.safetensors"
    broken.write_bytes(b"not one")
    return [table, odd, project, project / "project.json", note, broken, folder]


def _write(field: QWidget, text: str) -> None:
    """Letters that no key has come as an input method gives them."""
    if text.isascii():
        QTest.keyClicks(field, text)
    else:
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(field, event)


def _click(target: QWidget, start: QPoint, end: QPoint, random: Random) -> None:
    keys = random.choice((NONE, NONE, NONE, SHIFT, CONTROL))
    QTest.mouseClick(target, Button.LeftButton, keys, start)


def _double_click(target: QWidget, start: QPoint, end: QPoint, random: Random) -> None:
    QTest.mouseDClick(target, Button.LeftButton, NONE, start)


def _right_click(target: QWidget, start: QPoint, end: QPoint, random: Random) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, start, target.mapToGlobal(start))
    QApplication.sendEvent(target, event)


def _drag(target: QWidget, start: QPoint, end: QPoint, random: Random) -> None:
    """Nowhere where rows or a selected text would be dragged, in a loop of its own that waits for a real mouse."""
    if isinstance(target.parentWidget(), (QAbstractItemView, QPlainTextEdit, QTextEdit)):
        return
    if isinstance(target, QLineEdit) and target.hasSelectedText():
        return
    QTest.mousePress(target, Button.LeftButton, NONE, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(target, start + (end - start) * part)
    QTest.mouseRelease(target, Button.LeftButton, NONE, end)


def _wheel(target: QWidget, start: QPoint, end: QPoint, random: Random) -> None:
    turn = QPoint(0, random.choice((-360, -120, 120, 360)))
    place, globally = QPointF(start), QPointF(target.mapToGlobal(start))
    keys = random.choice((NONE, NONE, CONTROL))
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        target, QWheelEvent(place, globally, QPoint(), turn, Button.NoButton, keys, phase, False)
    )
