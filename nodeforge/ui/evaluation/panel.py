"""How good a run is, on the split of one's choice; what is shown follows from what the network is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.errors import UserError
from nodeforge.core.specs import SPLITS
from nodeforge.engine.messages import AnyReply, Evaluated, EvaluateRun, Event, Failed, RunFinished
from nodeforge.project.runs import RunStore
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.evaluation.curves import RankingCard
from nodeforge.ui.evaluation.mistakes import MistakeView
from nodeforge.ui.evaluation.tables import ScoreTable, show_parts, show_scores
from nodeforge.ui.evaluation.values import ForecastCard, ResidualCard
from nodeforge.ui.icons import icon
from nodeforge.ui.plots.card import PlotCard
from nodeforge.ui.plots.confusion import ConfusionCard
from nodeforge.ui.plots.scatter import TruthCard
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import ChoiceBox, label, restyle

NOTHING = "Nothing is measured yet. Train the network; then its newest run can be measured here, and any run under Runs."
MEASURING = "Measuring it on every split, beside simple methods…"


class EvaluationPanel(QWidget):
    """Scores at the left, and at the right what they come from, a tab each.

    A tab is filled when it is first looked at.
    """

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_panel")
        self._model = model
        self._engine = engine
        self._found: Evaluated | None = None
        self._asked: tuple[str, str] = ("", "")
        self._stale: set[str] = set()
        self._wished = ""
        self._make_views()
        self._lay_out()
        model.opened.connect(self._forget)
        engine.event_received.connect(self._on_event)
        self._forget()

    def _make_views(self) -> None:
        self.scores = ScoreTable("Metrics on each split, beside simple methods")
        self.parts = ScoreTable("Scores of each class or value")
        self.confusion = ConfusionCard("For classes: which are taken for which.")
        self.roc = RankingCard(
            "ROC",
            "others taken for it (false positive rate)",
            "found (true positive rate)",
            "area",
            guess=True,
        )
        self.precision_recall = RankingCard(
            "Precision–recall", "found (recall)", "right (precision)", "average precision"
        )
        self.truth = TruthCard("For values: how near the predictions come to the truth.")
        self.residuals = ResidualCard()
        self.forecast = ForecastCard()
        self.mistakes = MistakeView()
        self.pages: dict[str, QWidget] = {
            "Confusion": self.confusion,
            "Forecast": self.forecast,
            "Prediction": self.truth,
            "Residuals": self.residuals,
            "Mistakes": self.mistakes,
            "Classes": self.parts,
            "ROC": self.roc,
            "PR curve": self.precision_recall,
        }
        self._fillers: dict[str, Callable[[Evaluated], object]] = {
            "Confusion": lambda found: self.confusion.set_data(
                found.classes, found.confusion, _caption(found)
            ),
            "Forecast": lambda found: self.forecast.set_data(found.moments, found.truth, found.prediction),
            "Prediction": lambda found: self.truth.set_data(found.truth, found.prediction, _caption(found)),
            "Residuals": lambda found: self.residuals.set_data(found.truth, found.prediction),
            "Mistakes": lambda found: self.mistakes.set_mistakes(found.mistakes, found.split),
            "Classes": lambda found: show_parts(self.parts, found),
            "ROC": lambda found: self.roc.set_curves(found.roc),
            "PR curve": lambda found: self.precision_recall.set_curves(found.precision_recall),
        }
        for page in self.pages.values():
            if isinstance(page, PlotCard):
                page.complained.connect(self._model.complained)
                page.enlarge_requested.connect(self._toggle_scores)

    def _lay_out(self) -> None:
        self.name = label(role="heading")
        self.split_box = ChoiceBox()
        self.split_box.setAccessibleName("Split that is looked at")
        self.split_box.setToolTip("On which samples the run is measured")
        self.split_box.activated.connect(self._choose_split)
        self.verdict = label(wrap=True)
        self.notes = label(role="muted", wrap=True)
        bar = QHBoxLayout()
        bar.addWidget(self.name)
        bar.addStretch()
        bar.addWidget(self.split_box)
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(8, 4, 4, 4)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self.verdict)
        column.addWidget(self.scores, 1)
        column.addWidget(self.notes)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.currentChanged.connect(self._turn)
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        self._right = QWidget()
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._left)
        splitter.addWidget(self._right)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([520, 480])
        splitter.setChildrenCollapsible(False)
        self.message = label(role="muted", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_invitation())
        self._pages.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _make_invitation(self) -> QWidget:
        """What is said while there is nothing to show, and a button that changes it."""
        self.evaluate_button = QPushButton(icon("good"), "Evaluate the newest run")
        self.evaluate_button.setToolTip("Measure it on every split, beside simple methods")
        self.evaluate_button.clicked.connect(lambda: self._evaluate("", "test"))
        invitation = QWidget()
        column = QVBoxLayout(invitation)
        column.addStretch()
        column.addWidget(self.message)
        column.addWidget(self.evaluate_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return invitation

    # What is shown --------------------------------------------------------------------------------

    def show_evaluation(self, found: Evaluated) -> None:
        """Show how good a run is."""
        self._found, self._asked = found, (found.run, found.split)
        self.name.setText(self._name(found.run))
        self._offer_splits(found)
        self.verdict.setText(found.verdict)
        self.verdict.setVisible(bool(found.verdict))
        self.verdict.setProperty("role", "error" if found.beaten else "")
        restyle(self.verdict)
        self.notes.setText(" ".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        show_scores(self.scores, found)
        self._offer(
            [
                name
                for name, content in {
                    "Confusion": found.confusion,
                    "Forecast": found.moments,
                    "Prediction": found.truth,
                    "Residuals": found.truth,
                    "Mistakes": found.mistakes,
                    "Classes": found.parts,
                    "ROC": found.roc,
                    "PR curve": found.precision_recall,
                }.items()
                if content
            ]
        )
        self._pages.setCurrentIndex(1)

    def _offer_splits(self, found: Evaluated) -> None:
        self.split_box.clear()
        for split in SPLITS:
            if split in found.splits:
                self.split_box.addItem(f"{split} data", split)
        self.split_box.setCurrentIndex(self.split_box.findData(found.split))

    def _offer(self, names: list[str]) -> None:
        """Tabs for what there is; the one that was chosen stays where others have it too."""
        self._stale = set(names)
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for name in names:
            self.tabs.addTab(name)
        if names:
            self.tabs.setCurrentIndex(names.index(self._wished) if self._wished in names else 0)
        self.tabs.blockSignals(False)
        self._right.setVisible(bool(names))
        self._show_page()

    def _turn(self, index: int) -> None:
        if index >= 0:
            self._wished = self.tabs.tabText(index)
            self._show_page()

    def _show_page(self) -> None:
        """Fill the page in front if it is out of date."""
        name = self.tabs.tabText(self.tabs.currentIndex())
        if self._found is None or name not in self.pages:
            return
        page = self.pages[name]
        if name in self._stale:
            self._stale.discard(name)
            self._fillers[name](self._found)
        self.stack.setCurrentWidget(page)
        if isinstance(page, PlotCard) and page.dirty:
            page.refresh()

    def _toggle_scores(self) -> None:
        self._left.setVisible(not self._left.isVisible())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._found is not None:
            # Everything wears the colours of its theme once the children have theirs, too.
            QTimer.singleShot(0, self, self._recolor)

    def _recolor(self) -> None:
        if self._found is not None:
            self.show_evaluation(self._found)

    # Where it comes from --------------------------------------------------------------------------

    def _choose_split(self) -> None:
        if self._found is None or self._model.folder is None:
            return
        self._evaluate(self._found.run, self.split_box.currentData())

    def _evaluate(self, run: str, split: str) -> None:
        """Have a run measured; the newest where none is named."""
        self._asked = (run, split)
        request = EvaluateRun(folder=str(self._model.folder), run=run, split=split)
        self._say(MEASURING)
        self._engine.request(request, lambda reply: self._take(request, reply))

    def _take(self, request: EvaluateRun, reply: AnyReply) -> None:
        if (request.run, request.split) != self._asked:
            return  # something else was asked for since
        if isinstance(reply, Evaluated):
            self.show_evaluation(reply)
        elif isinstance(reply, Failed):
            self._asked = ("", "")
            self._say(reply.message)

    def _forget(self) -> None:
        self._found, self._asked = None, ("", "")
        self._say(NOTHING)

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.evaluate_button.setVisible(sentence != MEASURING and self._has_run())
        self._pages.setCurrentIndex(0)

    def _has_run(self) -> bool:
        """Whether there is a trained run."""
        try:
            return self._model.folder is not None and bool(RunStore(self._model.folder).latest())
        except UserError:
            return False

    def _on_event(self, event: Event) -> None:
        if isinstance(event, RunFinished) and self._found is None and self._asked == ("", ""):
            self._say(NOTHING)

    def _name(self, run: str) -> str:
        if self._model.folder is None:
            return run
        names: Mapping[str, str] = {info.id: info.name for info in RunStore(self._model.folder).runs()}
        return names.get(run, run)


def _caption(found: Evaluated) -> str:
    return f"{found.split} data"
