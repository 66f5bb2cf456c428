"""The settings of a stage by what they are about; of each group only what the learning rule follows."""

from __future__ import annotations

from collections.abc import Mapping, Set

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.catalog import recipes
from nodeforge.core.expressions import Scope
from nodeforge.core.parameters import Value
from nodeforge.ui.inspector.form import ParameterForm, Row
from nodeforge.ui.inspector.other_pages import SEED
from nodeforge.ui.widgets import Fold


class StageSettings(QWidget):
    """The first group plainly, the others folded away; the words of a fold count what was set in it.

    Signals:
        edited: (name, value), as of a `ParameterForm`.
        finished: The gesture is over: seal the undo step.

    Attributes:
        rows: Every setting's row by name, the seed of the recipe among them.
    """

    edited = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, Row] = {}
        self.folds: dict[str, Fold] = {}
        self._forms: dict[str, ParameterForm] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for title, names in recipes.GROUPS.items():
            parameters = [p for p in recipes.SETTINGS.parameters if p.name in names]
            form = ParameterForm([*parameters, SEED] if not self._forms else parameters, explained=False)
            form.edited.connect(self.edited)
            form.finished.connect(self.finished)
            self.rows |= form.rows
            if self._forms:
                self.folds[title] = Fold(title, form)
            self._forms[title] = form
            layout.addWidget(self.folds.get(title, form))

    def show_values(
        self, values: Mapping[str, Value], set_names: Set[str], followed: Set[str], scope: Scope
    ) -> None:
        """Show what the document says.

        Args:
            values: Every setting's value, defaults filled in.
            set_names: Those that were set.
            followed: Those that mean something to the stage; no others are shown.
            scope: What the names in expressions stand for.
        """
        for title, form in self._forms.items():
            form.show_values(values, set_names, scope=scope, only=followed)
            fold = self.folds.get(title)
            if fold is not None:
                mine = form.rows.keys() & followed
                told = len(mine & set_names)
                fold.button.setText(f"{title} · {told} set" if told else title)
                fold.setVisible(bool(mine))
