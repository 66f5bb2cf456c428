"""The variables of the project, or the parameters that a network exposes: names, values, where they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from nodeforge.catalog.networks import uses_of
from nodeforge.core.edits import REPEATING, RenameVariable, SetVariables
from nodeforge.core.errors import UserError
from nodeforge.core.expressions import EMPTY, FUNCTIONS, Scope, has_expression, is_expression, scope_of
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Scalar, Value, is_identifier
from nodeforge.session import variables
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.expression_edit import ExpressionEdit
from nodeforge.ui.inspector.name_field import NO_NAME
from nodeforge.ui.inspector.values import parsed, written
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, restyle

FIRST_NAME = "size"
FIRST_VALUE = 16
_NUMBER = Scalar()


class VariableTable(QWidget):
    """Rows to edit in place, and a button that adds one.

    Args:
        model: The open project.
        of_network: Whether it shows what the shown network exposes, instead of the project's variables.
    """

    def __init__(self, model: ProjectModel, *, of_network: bool) -> None:
        super().__init__()
        self._model = model
        self._of_network = of_network
        self.rows: dict[str, VariableRow] = {}
        self._shown_network = ""
        what = "parameter" if of_network else "variable"
        self.add_button = QPushButton(icon("add"), f"Add a {what}")
        self.add_button.setAccessibleName(f"Add a {what}")
        self.add_button.clicked.connect(self.add)
        note = (
            "Each use of this network can set these; inside, expressions name them: =d_model*4."
            if of_network
            else "Numbers with a name. Type = in a field to use one: =width*2."
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("PARAMETERS OF EACH USE" if of_network else "VARIABLES", "section"))
        layout.addWidget(label(note, "muted", wrap=True))
        layout.addLayout(self._list)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def network(self) -> str:
        """The network whose parameters these are; "" for the project's variables."""
        return self._model.network if self._of_network else ""

    @property
    def values(self) -> Mapping[str, Value]:
        return variables.declared(self._model.document, self.network)

    def refresh(self) -> None:
        """Show the document as it is now."""
        if list(self.rows) != list(self.values) or self.network != self._shown_network:
            self._shown_network = self.network
            self._make_rows()
        scope, faults = scope_of(self.values, self._outer)
        for name, row in self.rows.items():
            row.show_value(self.values[name], scope.get(name), faults.get(name, ""))
            row.edit.scope = {other: value for other, value in scope.items() if other != name}
            row.show_places(self._places(name))

    def add(self) -> None:
        """Add a variable with a free name, ready to be called something else."""
        name = Graph().free_name(FIRST_NAME, {*self.values, *self._model.document.variables})
        if self._model.do(
            SetVariables(self.network, {**self.values, name: FIRST_VALUE}), label=f"Add {name}"
        ):
            self.refresh()
            self.rows[name].name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.rows[name].name.selectAll()

    def set_value(self, name: str, value: Value) -> None:
        """Give a variable another value; typing is one undo step."""
        place = self.network
        self._model.do(
            SetVariables(place, {**self.values, name: value}),
            label=f"Set {name}",
            merge_key=f"variable/{place}/{name}",
        )

    def rename(self, name: str, new_name: str) -> None:
        """Call a variable something else, wherever it is named."""
        self._model.do(RenameVariable(self.network, name, new_name), label=f"Rename {name} to {new_name}")

    def remove(self, name: str) -> None:
        """Remove a variable; what names it takes its value."""
        try:
            edit = variables.removal(self._model.document, self.network, name)
        except UserError as error:
            self._model.complained.emit(str(error))
            return
        self._model.do(edit)

    def fault_of(self, name: str, new_name: str) -> str:
        """Why a variable cannot be called something; "" when it can."""
        if name == new_name:
            return ""
        if not is_identifier(new_name):
            return NO_NAME
        if new_name in FUNCTIONS or new_name in REPEATING:
            return f"{new_name} has a meaning of its own."
        return f"There is a {new_name} already." if new_name in self.values else ""

    def fault_in(self, name: str, value: Value) -> str:
        """Why a variable cannot have a value; "" when it can."""
        return scope_of({**self.values, name: value}, self._outer)[1].get(name, "")

    @property
    def _outer(self) -> Scope:
        return self._model.document.scope if self._of_network else EMPTY

    def seal(self) -> None:
        self._model.workspace.history.seal()

    def _make_rows(self) -> None:
        for row in self.rows.values():
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {name: VariableRow(self, name) for name in self.values}
        for row in self.rows.values():
            self._list.addWidget(row)

    def _places(self, name: str) -> list[str]:
        document, network = self._model.document, self.network
        places = variables.named_in(document, network, name)
        if network:
            places += [
                f"set by {node}"
                for place, node in uses_of(document, network)
                if name in document.networks[place].nodes[node].parameters
            ]
        return places


class VariableRow(QWidget):
    """One variable."""

    def __init__(self, table: VariableTable, name: str) -> None:
        super().__init__()
        self._table, self._variable = table, name
        self.name = _Line(self._rename)
        self.name.setText(name)
        self.name.setAccessibleName(f"Name of {name}")
        self.name.textEdited.connect(self._judge_name)
        self.edit = _ValueEdit(table.seal)
        self.edit.setAccessibleName(f"Value of {name}")
        self.edit.setToolTip("A number, or an expression over other variables: =width*2.")
        self.edit.textEdited.connect(self._on_text)
        self.edit.completed.connect(self._on_text)
        self.edit.returnPressed.connect(table.seal)
        self.places: QLabel = label(role="muted")
        self.delete = QToolButton()
        self.delete.setIcon(icon("delete", "muted"))
        self.delete.setAutoRaise(True)
        self.delete.setAccessibleName(f"Remove {name}")
        self.delete.setToolTip(f"Remove {name}; what names it takes its value")
        self.delete.clicked.connect(lambda: table.remove(name))
        self.error = label(role="error", wrap=True)
        self.error.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        for column, widget in enumerate((self.name, self.edit, self.places, self.delete)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.edit.result, 1, 1)
        grid.addWidget(self.error, 2, 0, 1, 4)

    def show_value(self, value: Value, result: int | float | None, fault: str) -> None:
        """Show what the document says, what that comes to, and what is wrong with it."""
        is_expression = has_expression(value)
        self.edit.show_result(written(_NUMBER, result) if is_expression and result is not None else "")
        if not (self.edit.hasFocus() and self._means(value)):
            self.edit.setText(written(_NUMBER, value))
        self._mark(self.edit, fault)

    def show_places(self, places: list[str]) -> None:
        """Show how often it is named, and where."""
        self.places.setText(f"{len(places)}×")
        self.places.setToolTip("Named in " + ", ".join(places) if places else "Named nowhere yet")
        self.places.setAccessibleName(self.places.toolTip())

    def _means(self, value: Value) -> bool:
        try:
            return _typed(self.edit.text()) == value
        except ValueError:
            return False

    def _on_text(self, text: str) -> None:
        try:
            value = _typed(text)
            fault = self._table.fault_in(self._variable, value)
        except ValueError as error:
            fault = str(error)
        if not fault:
            self._table.set_value(self._variable, value)
            return
        self.edit.show_result("")
        self._mark(self.edit, "" if self.edit.is_offering else fault)

    def _judge_name(self, text: str) -> None:
        self._mark(self.name, self._table.fault_of(self._variable, text))

    def _rename(self) -> None:
        wish = self.name.text().strip()
        if wish != self._variable and not self._table.fault_of(self._variable, wish):
            self._table.rename(self._variable, wish)
        elif wish != self._variable:
            self.name.setText(self._variable)
            self._mark(self.name, "")

    def _mark(self, line: QLineEdit, fault: str) -> None:
        end = "" if fault.endswith(("?", ".")) else "."
        about = f"{self._variable} " if line is self.edit else ""
        self.error.setText(f"{about}{fault}{end}" if fault else "")
        self.error.setVisible(bool(fault))
        if bool(fault) != bool(line.property("invalid")):
            line.setProperty("invalid", bool(fault))
            restyle(line)


def _typed(text: str) -> Value:
    """What a text means: an expression as it stands, or a number.

    Raises:
        ValueError: It is no number.
    """
    return text.strip() if is_expression(text.strip()) else parsed(_NUMBER, text)


class _Line(QLineEdit):
    """Says when its text is meant: Enter was pressed, or it was left."""

    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__()
        self.editingFinished.connect(done)


class _ValueEdit(ExpressionEdit):
    """Ends the undo step when it is left."""

    def __init__(self, left: Callable[[], None]) -> None:
        super().__init__()
        self._on_left = left

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._on_left()
