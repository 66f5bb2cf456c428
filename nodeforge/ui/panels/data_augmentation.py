"""What is done to training batches: a list of augmentations, each with its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from nodeforge.core.document import Component
from nodeforge.core.edits import Unset
from nodeforge.core.expressions import EMPTY, Scope
from nodeforge.core.parameters import Value
from nodeforge.data.augmentation import augmentations
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.panels.component_form import with_value
from nodeforge.ui.widgets import clear, label

Parts = tuple[Component, ...]


class AugmentationForm(QWidget):
    """The list in its order, a menu that adds one, a button on each that takes it out.

    Signals:
        edited: (all augmentations as they are to be, what was edited).
        finished: The gesture is over: seal the undo step.
    """

    edited = Signal(tuple, str)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Parts = ()
        self._scope: Scope = EMPTY
        self.forms: list[ParameterForm | None] = []
        self.add_button = QPushButton(icon("add"), "Add augmentation")
        self.add_button.setToolTip("Change training samples a little, anew in every epoch.")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for name, declaration in augmentations().items():
            action = self.menu.addAction(declaration.label)
            action.setToolTip(declaration.summary)
            action.triggered.connect(lambda _=False, name=name: self.add(name))
        self.add_button.setMenu(self.menu)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._rows)
        layout.addWidget(self.add_button)

    def show_parts(self, parts: Sequence[Component], scope: Scope = EMPTY) -> None:
        """Show what the document says."""
        same = [part.kind for part in parts] == [part.kind for part in self._parts]
        self._parts, self._scope = tuple(parts), scope
        if not same:
            self._make_rows()
        for part, form in zip(self._parts, self.forms, strict=True):
            declaration = augmentations().get(part.kind)
            if form is not None and declaration is not None:
                form.show_values(declaration.complete(part.parameters), part.parameters.keys(), scope=scope)

    def add(self, name: str) -> None:
        """One more at the end."""
        self._change((*self._parts, Component(kind=name)), f"add {name}")

    def remove(self, index: int) -> None:
        """One less."""
        kept = tuple(part for place, part in enumerate(self._parts) if place != index)
        self._change(kept, f"remove {self._parts[index].kind}")

    def _change(self, parts: Parts, what: str) -> None:
        self.edited.emit(parts, what)
        self.finished.emit()

    def _make_rows(self) -> None:
        clear(self._rows)
        self.forms = []
        for index, part in enumerate(self._parts):
            row, form = self._row(index, part)
            self._rows.addWidget(row)
            self.forms.append(form)

    def _row(self, index: int, part: Component) -> tuple[QWidget, ParameterForm | None]:
        declaration = augmentations().get(part.kind)
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        head = QHBoxLayout()
        title = label(declaration.label if declaration else f"{part.kind} (unknown)")
        title.setToolTip(declaration.summary if declaration else "There is no augmentation of this name.")
        button = QToolButton()
        button.setIcon(icon("close"))
        button.setAutoRaise(True)
        button.setToolTip("Take it out")
        button.setAccessibleName(f"Take out {part.kind}")
        button.clicked.connect(lambda: self.remove(index))
        head.addWidget(title, 1)
        head.addWidget(button)
        column.addLayout(head)
        if declaration is None:
            return row, None
        form = ParameterForm(declaration.parameters, explained=False)
        form.edited.connect(lambda name, value: self._set(index, name, value))
        form.finished.connect(self.finished)
        column.addWidget(form)
        return row, form

    def _set(self, index: int, name: str, value: Value | Unset) -> None:
        part = self._parts[index]
        changed = replace(part, parameters=with_value(part.parameters, name, value))
        parts = tuple(changed if place == index else old for place, old in enumerate(self._parts))
        self.edited.emit(parts, f"{part.kind} {name}")
