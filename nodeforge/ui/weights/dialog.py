"""The dialog in which weights to begin with are named, given to nodes and compared with what is drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nodeforge.core.changes import Change
from nodeforge.core.document import SHIPPED_WEIGHTS, Recipe, WeightSource
from nodeforge.core.edits import SetRecipe
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import AnyReply, Failed, MatchWeights, WeightMatch, WeightsMatched
from nodeforge.project import schema, shipped
from nodeforge.project.runs import RunStore
from nodeforge.session.starting_weights import WEIGHT_FILES, begins_with, weight_source
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.icons import icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.weights.report_tree import ReportTree
from nodeforge.ui.weights.words import receivers, title_of, verdict
from nodeforge.ui.widgets import ChoiceBox, label, restyle

_EXPLANATION = (
    "A training begins with random weights, or with those of a run of this project or of a file. "
    "Tensors are matched by name and shape; what is not found begins as drawn."
)
_WHOLE = "the whole network"
_FILTER = f"Weights ({' '.join('*' + suffix for suffix in WEIGHT_FILES)})"


class WeightsDialog(QDialog):
    """Sources on the left; on the right what the chosen one is for, and what of it fits. Each change is an undo step."""

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Weights to begin with")
        self.setModal(False)
        self.resize(760, 480)
        self._model = model
        self._engine = engine
        self._asked = 0
        self._make_parts()
        self._lay_out()
        model.changed.connect(self._on_change)
        model.opened.connect(self.close)
        self._show_sources(0)

    @property
    def recipe(self) -> Recipe:
        return self._model.document.recipe

    @property
    def current(self) -> WeightSource | None:
        """The source that is chosen."""
        row = self.sources.currentRow()
        return self.recipe.weights[row] if 0 <= row < len(self.recipe.weights) else None

    # Editing --------------------------------------------------------------------------------------

    def add(self, source: str, into: str = "") -> None:
        """Begin with a run or a file; what the node began with until now is replaced.

        Args:
            source: As in `WeightSource`.
            into: Path of the node that gets it; "" for the whole network.
        """
        try:
            made = weight_source(self._model.folder, source, into=into)
        except UserError as error:
            self.outcome.setText(str(error))
            return
        self._model.do(begins_with(self._model.document, made), label=f"Begin with {title_of(made, None)}")
        self._show_sources(len(self.recipe.weights) - 1)

    def remove(self) -> None:
        """Begin without the chosen source."""
        source = self.current
        if source is not None:
            rest = tuple(each for each in self.recipe.weights if each is not source)
            self._set(rest, f"Begin without {title_of(source, self._model.folder)}")

    def _set_into(self, index: int) -> None:
        source, into = self.current, str(self.into.itemData(index))
        if source is not None and into != source.into:
            self._put(replace(source, into=into), f"Give weights to {into or _WHOLE}", "")

    def _set_prefix(self, prefix: str) -> None:
        source = self.current
        if source is not None and prefix != source.prefix:
            self._put(replace(source, prefix=prefix), "Set the prefix of weights", "prefix of weights")

    def _put(self, source: WeightSource, words: str, key: str) -> None:
        row = self.sources.currentRow()
        weights = self.recipe.weights
        others = [each for place, each in enumerate(weights) if place == row or each.into != source.into]
        place = others.index(weights[row])
        others[place] = source
        self.sources.setCurrentRow(place)
        self._set(tuple(others), words, key)

    def _set(self, weights: tuple[WeightSource, ...], words: str, key: str = "") -> None:
        self._model.do(SetRecipe(replace(self.recipe, weights=weights)), label=words, merge_key=key)

    def _choose_file(self) -> None:
        start = str(self._model.folder or Path.home())
        path, _ = QFileDialog.getOpenFileName(self, "Weights to begin with", start, _FILTER)
        if path:
            self.add(path)

    def _offer_runs(self) -> None:
        """The runs of this project, the newest first."""
        self.run_menu.clear()
        folder = self._model.folder
        for run in RunStore(folder).runs() if folder else []:
            self.run_menu.addAction(f"{run.name}  ({run.status})", partial(self.add, run.id))
        if self.run_menu.isEmpty():
            self.run_menu.addAction("This project has no runs yet").setEnabled(False)

    # Showing --------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if "recipe" in change.settings:
            self._show_sources(self.sources.currentRow())
        elif change.affects_meaning:
            self._ask()

    def _show_sources(self, row: int) -> None:
        folder = self._model.folder
        titles = [
            title_of(source, folder) + (f"   →   {source.into}" if source.into else "")
            for source in self.recipe.weights
        ]
        self.sources.blockSignals(True)
        self.sources.clear()
        self.sources.addItems(titles)
        self.sources.setCurrentRow(min(max(row, 0), len(titles) - 1))
        self.sources.blockSignals(False)
        self._show_current()

    def _show_current(self) -> None:
        source = self.current
        for part in (self.into, self.prefix, self.remove_button):
            part.setEnabled(source is not None)
        self._fill_into(source.into if source else "")
        prefix = source.prefix if source else ""
        if prefix != self.prefix.text():
            self.prefix.setText(prefix)
        self._ask()

    def _fill_into(self, into: str) -> None:
        main = self._model.report.networks.get(self._model.document.main)
        known = [*receivers(main)] if main else []
        self.into.clear()
        self.into.addItem(_WHOLE, "")
        for path in known if into in ("", *known) else [*known, into]:
            self.into.addItem(path, path)
        self.into.setCurrentIndex(self.into.findData(into))

    def _ask(self) -> None:
        """Let the engine compare the chosen source with what is drawn."""
        self._asked += 1
        asked, source = self._asked, self.current
        self.tree.show_match(None)
        if source is None:
            self._say("No weights are named yet: the training begins with random ones.", "muted")
            return
        self._say("The names and shapes are compared…", "muted")
        document = self._model.document.copy()
        document.recipe = replace(document.recipe, weights=(source,))
        request = MatchWeights(document=schema.encode(document), folder=str(self._model.folder or Path.cwd()))
        self._engine.request(request, lambda reply: self._take(reply, asked))

    def _take(self, reply: AnyReply, asked: int) -> None:
        if not isValid(self) or asked != self._asked:
            return
        if isinstance(reply, WeightsMatched):
            self._show_match(reply.matches[0])
        elif isinstance(reply, Failed):
            self._say(reply.message, "error")

    def _show_match(self, match: WeightMatch) -> None:
        self.tree.show_match(match)
        self._say(verdict(match), "")

    def _say(self, sentence: str, role: str) -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)

    # Parts ----------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.sources = QListWidget()
        self.sources.setAccessibleName("Weights to begin with")
        self.sources.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sources.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.sources.currentRowChanged.connect(self._show_current)
        self.run_menu = QMenu(self)
        self.run_menu.aboutToShow.connect(self._offer_runs)
        self.run_button = QPushButton(icon("runs"), "Add a run")
        self.run_button.setMenu(self.run_menu)
        self.shipped_menu = QMenu(self)
        for name in shipped.weights():
            self.shipped_menu.addAction(name, partial(self.add, SHIPPED_WEIGHTS + name))
        self.shipped_button = QPushButton(icon("book"), "Add shipped weights")
        self.shipped_button.setMenu(self.shipped_menu)
        self.file_button = QPushButton(icon("open"), "Add a file…")
        self.file_button.clicked.connect(self._choose_file)
        self.remove_button = QPushButton(icon("delete"), "Remove")
        self.remove_button.clicked.connect(self.remove)
        self.into = ChoiceBox()
        self.into.setAccessibleName("Who gets the weights")
        self.into.activated.connect(self._set_into)
        self.prefix = QLineEdit()
        self.prefix.setAccessibleName("Beginning of the names")
        self.prefix.setPlaceholderText("any, or for example backbone.")
        self.prefix.setToolTip("Only tensors whose names begin so are taken, without it.")
        self.prefix.textEdited.connect(self._set_prefix)
        self.outcome = label(wrap=True)
        self.tree = ReportTree()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.close)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(label("SOURCES", "section"))
        left.addWidget(self.sources, 1)
        for button in (self.run_button, self.shipped_button, self.file_button, self.remove_button):
            button.setAutoDefault(False)
            left.addWidget(button)
        form = QFormLayout()
        form.addRow("&For", self.into)
        form.addRow("Names &beginning with", self.prefix)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(form)
        right.addWidget(self.outcome)
        right.addWidget(self.tree, 1)
        halves = QHBoxLayout()
        halves.setSpacing(16)
        halves.addLayout(left, 3)
        halves.addLayout(right, 5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label(_EXPLANATION, "muted", wrap=True), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(halves, 1)
        layout.addWidget(self.buttons)
