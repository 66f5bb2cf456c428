"""One field for each type of parameter. A field shows a value and says when a person gave another."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget
from shiboken6 import isValid

from nodeforge.core.expressions import EMPTY, Scope
from nodeforge.core.parameters import Boolean, Choice, Optional, Parameter, Text, Value
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.expression_edit import ExpressionEdit
from nodeforge.ui.inspector.values import parsed, result, stepped, written
from nodeforge.ui.widgets import restyle

SEVERAL = "several"
"""Stands in a field when the selected nodes differ."""


class Field(QWidget):
    """Base of the fields.

    Signals:
        edited: A valid value was given.
        refused: Why the text that stands there means no value; "" once it does again.
        finished: The gesture is over (Enter pressed, focus left): the next edit is a step of its own.
        menu_opening: The menu that opens at the field, for others to add to.
    """

    edited = Signal(object)
    refused = Signal(str)
    finished = Signal()
    menu_opening = Signal(object)

    def __init__(self, parameter: Parameter, editor: QWidget) -> None:
        super().__init__()
        self.parameter = parameter
        self.editor = editor
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.setAccessibleName(parameter.name)
        editor.setAccessibleDescription(parameter.doc)
        self.setFocusProxy(editor)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(editor, 1)

    def show_value(self, value: Value, *, several: bool = False) -> None:
        """Show what the document says; `several` when the nodes differ."""
        raise NotImplementedError

    def set_scope(self, scope: Scope) -> None:
        """Say what the names in expressions stand for, before a value is shown."""


class _LineEdit(ExpressionEdit):
    """Steps numbers by arrow keys, and by the wheel once it has the focus."""

    def __init__(self, field: TextField) -> None:
        super().__init__()
        self._field = field

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if steps is not None and self._field.step(steps):
            return
        if event.key() == Qt.Key.Key_Escape and self.property("invalid"):
            self._field.restore()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        up = event.angleDelta().y()
        if not (self.hasFocus() and up and self._field.step(1 if up > 0 else -1)):
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._field.menu_opening.emit(menu)
        menu.popup(event.globalPos())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if isValid(self._field):  # a page that goes takes the focus from its fields
            self._field.settle()


class TextField(Field):
    """Numbers, sizes, lists and text, typed. Text that means no value is marked and goes nowhere.

    Attributes:
        result: What an expression comes to; laid out by whoever lays out the field.
    """

    def __init__(self, parameter: Parameter) -> None:
        self._edit = _LineEdit(self)
        super().__init__(parameter, self._edit)
        self._shown: tuple[Value, bool] = (None, False)
        self._scope: Scope = EMPTY
        self.result = self._edit.result
        self._edit.textEdited.connect(self._on_text)
        self._edit.completed.connect(self._on_text)
        self._edit.returnPressed.connect(self.finished)
        self._empty = parameter.type.empty if isinstance(parameter.type, Optional) else ""
        if _wants_path(parameter):
            self._add_browse()

    def set_scope(self, scope: Scope) -> None:
        self._scope = scope
        self._edit.scope = scope if self.parameter.type.numeric else EMPTY

    def show_value(self, value: Value, *, several: bool = False) -> None:
        self._shown = (value, several)
        self._edit.show_result("" if several else result(self.parameter.type, value, self._scope))
        self._edit.setPlaceholderText(SEVERAL if several else self._empty)
        if not several and self._edit.hasFocus() and self._means(value):
            self._mark("")
            return  # what is being typed says the same: leave the cursor and the person's spelling alone
        text = "" if several else written(self.parameter.type, value)
        if text != self._edit.text():
            self._edit.setText(text)
            self._edit.setCursorPosition(0)
        self._mark("")

    def restore(self) -> None:
        """Put back what the document says."""
        value, several = self._shown
        self._edit.setText("" if several else written(self.parameter.type, value))
        self.show_value(value, several=several)

    def step(self, steps: int) -> bool:
        """Step the number; whether there was one to step."""
        text = stepped(self.parameter.type, self._edit.text(), steps)
        if text is None:
            return False
        self._edit.setText(text)
        self._on_text(text)
        return True

    def settle(self) -> None:
        """Typing is over: half a name that was left standing is a fault now."""
        text = self._edit.text()
        try:
            if "=" in text:
                parsed(self.parameter.type, text, self._scope)
        except ValueError as error:
            self._mark(str(error))
        self.finished.emit()

    def _on_text(self, text: str) -> None:
        try:
            value = parsed(self.parameter.type, text, self._scope)
        except ValueError as error:
            self._edit.show_result("")
            self._mark("" if self._edit.is_offering else str(error))
        else:
            self._mark("")
            self.edited.emit(value)

    def _means(self, value: Value) -> bool:
        try:
            return parsed(self.parameter.type, self._edit.text(), self._scope) == value
        except ValueError:
            return False

    def _mark(self, reason: str) -> None:
        if bool(reason) != bool(self._edit.property("invalid")):
            self._edit.setProperty("invalid", bool(reason))
            restyle(self._edit)
        self.refused.emit(reason)

    def _add_browse(self) -> None:
        button = QToolButton()
        button.setIcon(icon("open"))
        what = "a folder" if _wants_folder(self.parameter) else "a file"
        button.setToolTip(f"Choose {what}")
        button.setAccessibleName(f"Choose {what} for {self.parameter.name}")
        button.clicked.connect(self._browse)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)

    def _browse(self) -> None:
        title = f"Choose {self.parameter.name}"
        if _wants_folder(self.parameter):
            path = QFileDialog.getExistingDirectory(self, title, self._edit.text())
        else:
            path, _ = QFileDialog.getOpenFileName(self, title, self._edit.text())
        if path:
            self._edit.setText(path)
            self._on_text(path)
            self.finished.emit()


class SwitchField(Field):
    """True or false."""

    def __init__(self, parameter: Parameter) -> None:
        self._box = QCheckBox()
        super().__init__(parameter, self._box)
        self._box.clicked.connect(self._on_click)

    def show_value(self, value: Value, *, several: bool = False) -> None:
        self._box.setTristate(several)
        if several:
            self._box.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self._box.setChecked(value is True)
        self._box.setText(SEVERAL if several else "yes" if value is True else "no")

    def _on_click(self) -> None:
        self.edited.emit(self._box.checkState() != Qt.CheckState.Unchecked)
        self.finished.emit()


class ChoiceField(Field):
    """One of a few words; an optional one has its word for nothing as the first."""

    def __init__(self, parameter: Parameter) -> None:
        self._box = ComboBox()
        super().__init__(parameter, self._box)
        inner = parameter.type
        if isinstance(inner, Optional):
            self._box.addItem(inner.empty, None)
            inner = inner.of
        options = ((True, "yes"), (False, "no")) if isinstance(inner, Boolean) else _words(inner)
        for value, text in options:
            self._box.addItem(text, value)
        self._box.setPlaceholderText(SEVERAL)
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(6)
        self._box.activated.connect(self._on_choice)

    def show_value(self, value: Value, *, several: bool = False) -> None:
        values = [self._box.itemData(index) for index in range(self._box.count())]
        known = not several and value in values
        self._box.setCurrentIndex(values.index(value) if known else -1)
        self._box.setPlaceholderText(SEVERAL if several else str(value))

    def _on_choice(self, index: int) -> None:
        self.edited.emit(self._box.itemData(index))
        self.finished.emit()


def make_field(parameter: Parameter) -> Field:
    """The field that suits a parameter's type."""
    inner = parameter.type.of if isinstance(parameter.type, Optional) else parameter.type
    if isinstance(parameter.type, Boolean):
        return SwitchField(parameter)
    if isinstance(inner, (Boolean, Choice)):
        return ChoiceField(parameter)
    return TextField(parameter)


def _words(type_: object) -> tuple[tuple[Value, str], ...]:
    assert isinstance(type_, Choice)
    return tuple((option, option) for option in type_.options)


def _wants_path(parameter: Parameter) -> bool:
    inner = parameter.type.of if isinstance(parameter.type, Optional) else parameter.type
    return isinstance(inner, Text) and inner.path


def _wants_folder(parameter: Parameter) -> bool:
    return isinstance(parameter.type, Text) and parameter.type.folder
