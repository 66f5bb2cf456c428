"""Choosing a declared thing by name and setting its parameters: a data source, an optimizer, a schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.core.document import Component
from nodeforge.core.edits import Unset
from nodeforge.core.expressions import EMPTY, Scope
from nodeforge.core.parameters import Declaration, Value, Values
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.widgets import ChoiceBox, label


def with_value(values: Values, name: str, value: Value | Unset) -> dict[str, Value]:
    """The values with one set, or taken back to its default."""
    changed = {key: old for key, old in values.items() if key != name}
    if not isinstance(value, Unset):
        changed[name] = value
    return changed


class ComponentForm(QWidget):
    """A choice of declarations, the summary of the chosen one, and a form of its parameters.

    Signals:
        edited: (component, what was edited): another was chosen ("kind"), or a parameter was set (its name).
        finished: The gesture is over: seal the undo step.
    """

    edited = Signal(object, str)
    finished = Signal()

    def __init__(
        self,
        title: str,
        declarations: Callable[[], Mapping[str, Declaration]],
        parent: QWidget | None = None,
        *,
        placeholder: str = "",
    ) -> None:
        super().__init__(parent)
        self._declarations = declarations()
        self._component: Component | None = None
        self._form: ParameterForm | None = None
        self.choice = ChoiceBox()
        self.choice.setAccessibleName(title)
        self.choice.setPlaceholderText(placeholder)
        self._first: Sequence[str] = ()
        self._offer(list(self._declarations))
        self.choice.activated.connect(self._choose)
        self._summary = label(role="muted", wrap=True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.choice)
        self._layout.addWidget(self._summary)

    @property
    def form(self) -> ParameterForm | None:
        """The form of the chosen component's parameters; None while nothing is chosen."""
        return self._form

    def put_first(self, names: Sequence[str]) -> None:
        """Offer these before all others, with a line between them."""
        if names == self._first:
            return
        self._first = names
        kind = self.choice.currentData()
        self.choice.clear()
        self._offer(names)
        others = [name for name in self._declarations if name not in names]
        if names and others:
            self.choice.insertSeparator(self.choice.count())
        self._offer(others)
        self.choice.setCurrentIndex(self.choice.findData(kind))

    def _offer(self, names: Sequence[str]) -> None:
        for name in names:
            declaration = self._declarations[name]
            self.choice.addItem(declaration.label, name)
            self.choice.setItemData(self.choice.count() - 1, declaration.summary, Qt.ItemDataRole.ToolTipRole)

    def show_component(self, component: Component | None, scope: Scope = EMPTY) -> None:
        """Show what the document says; its expressions may name what is in the scope."""
        kind = component.kind if component else ""
        declaration = self._declarations.get(kind)
        if self._form is None or self._component is None or self._component.kind != kind:
            self._make_form(declaration)
        self._component = component
        self.choice.setCurrentIndex(self.choice.findData(kind))
        if kind and declaration is None:
            self.choice.setPlaceholderText(f"{kind} (unknown)")
        self._summary.setText(declaration.summary if declaration else "")
        self._summary.setVisible(bool(declaration))
        if component and declaration and self._form:
            values = declaration.complete(component.parameters)
            self._form.show_values(values, component.parameters.keys(), scope=scope)

    def _make_form(self, declaration: Declaration | None) -> None:
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if declaration is not None:
            self._form = ParameterForm(declaration.parameters, explained=False)
            self._form.edited.connect(self._set)
            self._form.finished.connect(self.finished)
            self._layout.addWidget(self._form)
            self._form.show()  # now, with its room; the layout would show it later, squeezed

    def _choose(self, index: int) -> None:
        """Another kind: what both declare keeps its value."""
        kind = self.choice.itemData(index)
        if self._component and kind == self._component.kind:
            return
        old = self._component.parameters if self._component else {}
        kept = {p.name: old[p.name] for p in self._declarations[kind].parameters if p.name in old}
        self.edited.emit(Component(kind=kind, parameters=kept), "kind")
        self.finished.emit()

    def _set(self, name: str, value: Value | Unset) -> None:
        if self._component:
            parameters = with_value(self._component.parameters, name, value)
            self.edited.emit(Component(kind=self._component.kind, parameters=parameters), name)
