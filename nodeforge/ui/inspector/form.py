"""A form made from declared parameters. The inspector uses it for nodes; any Declaration will do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from nodeforge.core.edits import UNSET
from nodeforge.core.expressions import EMPTY, Scope
from nodeforge.core.parameters import Parameter, Value
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.fields import Field, TextField, make_field
from nodeforge.ui.widgets import Fold, label


class Row(QWidget):
    """Name, field, unit, a button back to the default, and the explanation below."""

    edited = Signal(str, object)
    finished = Signal()
    menu_opening = Signal(str, object)

    def __init__(self, parameter: Parameter, *, explained: bool = True) -> None:
        super().__init__()
        self.parameter = parameter
        self._explained = explained
        self.field: Field = make_field(parameter)
        self.field.edited.connect(lambda value: self.edited.emit(parameter.name, value))
        self.field.refused.connect(self._on_refused)
        self.field.finished.connect(self.finished)
        self.field.menu_opening.connect(lambda menu: self.menu_opening.emit(parameter.name, menu))
        self.name = label(parameter.name)
        self.name.setBuddy(self.field.editor)
        self.unit = label(parameter.unit, "muted")
        self.error = label(role="error", wrap=True)
        self.error.hide()
        self.reset = QToolButton()
        self.reset.setIcon(icon("undo", "muted"))
        self.reset.setAutoRaise(True)
        self.reset.setAccessibleName(f"Back to the default of {parameter.name}")
        self.reset.clicked.connect(self._on_reset)
        self.reset.hide()
        self._differs = False
        self._lay_out()

    def show_value(self, value: Value, *, is_set: bool, several: bool = False) -> None:
        """Show what the document says, and whether it says more than the default."""
        self.field.show_value(value, several=several)
        differs = is_set and not self.parameter.required and (several or value != self.parameter.default)
        if differs != self._differs:
            self._differs = differs
            font = self.name.font()
            font.setBold(differs)
            self.name.setFont(font)
            self.reset.setVisible(differs)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Beside the field, at its name, the menu has what others add to it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_opening.emit(self.parameter.name, menu)
        if menu.isEmpty():
            menu.deleteLater()
            event.ignore()
        else:
            menu.popup(event.globalPos())

    def _lay_out(self) -> None:
        tip = _tip(self.parameter)
        for widget in (self.name, self.field.editor):
            widget.setToolTip(tip)
        self.reset.setToolTip(f"Back to the default: {self.parameter.default}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 2)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, 104)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.unit, 0, 2)
        grid.addWidget(self.reset, 0, 3)
        if isinstance(self.field, TextField):
            grid.addWidget(self.field.result, 1, 1)
        grid.addWidget(self.error, 2, 0, 1, 4)
        if self.parameter.doc and self._explained:
            doc = label(self.parameter.doc, "muted", wrap=True)
            font = doc.font()
            font.setPointSizeF(font.pointSizeF() * 0.9)
            doc.setFont(font)
            grid.addWidget(doc, 3, 0, 1, 4)

    def _on_refused(self, reason: str) -> None:
        end = "" if reason.endswith("?") else "."
        self.error.setText(f"{self.parameter.name} {reason}{end}" if reason else "")
        self.error.setVisible(bool(reason))

    def _on_reset(self) -> None:
        self.edited.emit(self.parameter.name, UNSET)
        self.finished.emit()


class ParameterForm(QWidget):
    """Fields for parameters, the advanced ones folded away at first.

    Signals:
        edited: (name, value): a valid value was given, or `UNSET` for back to the default.
        finished: The gesture is over: seal the undo step.
        menu_opening: (name, menu): a menu opens at a field, for others to add to.
    """

    edited = Signal(str, object)
    finished = Signal()
    menu_opening = Signal(str, object)

    def __init__(
        self, parameters: Iterable[Parameter], parent: QWidget | None = None, *, explained: bool = True
    ) -> None:
        """Without `explained`, what a parameter means stands in its tool tip alone."""
        super().__init__(parent)
        self.rows = {parameter.name: Row(parameter, explained=explained) for parameter in parameters}
        plain, advanced = QVBoxLayout(self), QVBoxLayout()
        plain.setContentsMargins(0, 0, 0, 0)
        advanced.setContentsMargins(0, 0, 0, 0)
        for row in self.rows.values():
            row.edited.connect(self.edited)
            row.finished.connect(self.finished)
            row.menu_opening.connect(self.menu_opening)
            (advanced if row.parameter.advanced else plain).addWidget(row)
        units = max((row.unit.sizeHint().width() for row in self.rows.values()), default=0)
        for row in self.rows.values():
            row.unit.setFixedWidth(units)
        self.advanced: Fold | None = None
        if advanced.count():
            content = QWidget()
            content.setLayout(advanced)
            self.advanced = Fold("Advanced", content)
            plain.addWidget(self.advanced)

    def show_values(
        self,
        values: Mapping[str, Value],
        set_names: Collection[str],
        several: Collection[str] = (),
        scope: Scope = EMPTY,
        only: Collection[str] | None = None,
    ) -> None:
        """Show what the document says.

        Args:
            values: Every parameter's value, defaults filled in.
            set_names: Parameters that were set, so that the default is one click away.
            several: Parameters in which the selected nodes differ.
            scope: What the names in expressions stand for.
            only: Parameters that mean something here; all others are hidden. None: all mean something.
        """
        for name, row in self.rows.items():
            row.field.set_scope(scope)
            row.show_value(values.get(name), is_set=name in set_names, several=name in several)
            condition = row.parameter.visible_if
            told = condition is None or values.get(condition[0]) in condition[1]
            row.setVisible(told and (only is None or name in only))
        if self.advanced is not None:
            advanced = (row for row in self.rows.values() if row.parameter.advanced)
            self.advanced.setVisible(any(not row.isHidden() for row in advanced))


def _tip(parameter: Parameter) -> str:
    """What the field accepts, in a sentence or two."""
    accepts = parameter.type.summary + (f", in {parameter.unit}" if parameter.unit else "")
    accepts += ", or an expression such as =width*2" if parameter.type.numeric else ""
    default = "" if parameter.required else f" Default: {parameter.default}."
    return f"{parameter.doc} Takes {accepts}.{default}".strip()
