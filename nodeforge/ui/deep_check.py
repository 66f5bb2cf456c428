"""The deep check's window: each property with its verdict and time, and what is wrong with buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nodeforge.core.changes import Change
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.engine.messages import (
    AnyReply,
    CancelDeepCheck,
    DeepCheck,
    DeepCheckAdvanced,
    DeepChecked,
    DeepVerdict,
    Event,
    Failed,
)
from nodeforge.project import schema
from nodeforge.session.deep_checking import diagnostics_of
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.findings import FindingCard
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import clear, label, quiet_button, restyle

EXPLANATION = (
    "Builds the network with fresh weights, runs it on samples and tries what no look at the drawing can tell. "
    "Your project and your runs stay as they are."
)
CAUSAL = "Sequences run in time: no output may look ahead"
_SIGNS = {
    "held": ("good", "good"),
    "skipped": ("skipped", "muted"),
    "unfinished": ("pause", "warning"),
    "waiting": ("waiting", "muted"),
}
_SIGN_SIZE = QSize(18, 18)


class DeepCheckDialog(QDialog):
    """Runs deep checks of the open project and shows how they come out. Begins with one as it opens."""

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Deep check")
        self.setModal(False)
        self.resize(640, 620)
        self._model = model
        self._engine = engine
        self._asked = 0
        self._is_running = False
        self.causal = QCheckBox(CAUSAL)
        self.causal.setToolTip("A causal layer is always held to that; this asks it of every network.")
        self.busy = QProgressBar()
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        self.outcome = label(wrap=True)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(10)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.run_button = self.buttons.addButton("Check again", QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel_button = self.buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out()
        self.run_button.clicked.connect(self.run)
        self.cancel_button.clicked.connect(self.cancel)
        self.buttons.rejected.connect(self.close)
        engine.event_received.connect(self._on_event)
        model.changed.connect(self._on_change)
        model.opened.connect(self.close)
        self.run()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.addLayout(self.rows)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label(EXPLANATION, "muted", wrap=True))
        layout.addWidget(self.causal)
        layout.addWidget(self.busy)
        layout.addWidget(area, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self.buttons)

    def run(self) -> None:
        """Check the project as it is now."""
        clear(self.rows)
        if not self._model.workspace.report.ok:
            self._finish("The drawing has problems to solve before the network can run.", "error")
            return
        self._asked += 1
        asked = self._asked
        self._is_running = True
        self.busy.setRange(0, 0)
        self._say("The network is built…", "muted")
        self._enable()
        request = DeepCheck(
            document=schema.encode(self._model.document),
            folder=str(self._model.folder or Path.cwd()),
            causal=self.causal.isChecked(),
        )
        self._engine.request(request, lambda reply: self._take(reply, asked))

    def cancel(self) -> None:
        """End the check; what it has found so far is shown."""
        if self._is_running:
            self._engine.request(CancelDeepCheck(), lambda reply: None)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel()
        super().closeEvent(event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, DeepCheckAdvanced) and self._is_running:
            self.busy.setRange(0, len(event.titles))
            self.busy.setValue(len(event.verdicts))
            self._show(event.verdicts, event.titles[len(event.verdicts) :])
            waiting = event.titles[len(event.verdicts) : len(event.verdicts) + 1]
            self._say(f"{waiting[0]}?" if waiting else "", "muted")

    def _take(self, reply: AnyReply, asked: int) -> None:
        if not isValid(self) or asked != self._asked:
            return  # closed, or asked again meanwhile
        if isinstance(reply, DeepChecked):
            self._show(reply.verdicts, [])
            self._finish(summary(reply))
        elif isinstance(reply, Failed):
            self._finish(reply.message, "error")

    def _finish(self, sentence: str, role: str = "") -> None:
        self._is_running = False
        self._say(sentence, role)
        self._enable()

    def _enable(self) -> None:
        self.busy.setVisible(self._is_running)
        self.run_button.setVisible(not self._is_running)
        self.cancel_button.setVisible(self._is_running)
        self.causal.setEnabled(not self._is_running)

    def _on_change(self, change: Change) -> None:
        if change.affects_meaning and not self._is_running:
            self._say("The project has changed since. Check again to see how it stands now.", "muted")

    def _say(self, sentence: str, role: str = "") -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)

    def _show(self, verdicts: Sequence[DeepVerdict], waiting: Sequence[str]) -> None:
        clear(self.rows)
        for verdict in verdicts:
            self.rows.addWidget(self._row(verdict))
        for title in waiting:
            self.rows.addWidget(self._row(DeepVerdict(check="", title=title, outcome="waiting")))

    def _row(self, verdict: DeepVerdict) -> QWidget:
        findings = diagnostics_of(self._model.document, [verdict])
        sign, color = _SIGNS.get(verdict.outcome) or _sign_of(findings)
        picture = QLabel()
        picture.setPixmap(icon(sign, color).pixmap(_SIGN_SIZE))
        picture.setAccessibleName(verdict.outcome)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(verdict.title, "muted" if verdict.outcome == "waiting" else "", wrap=True))
        if verdict.note:
            words.addWidget(label(verdict.note, "muted", wrap=True))
        for finding in findings:
            words.addWidget(FindingCard(self._model, finding))
            if finding.node:
                words.addWidget(self._way_to(finding), 0, Qt.AlignmentFlag.AlignLeft)
        row = QFrame()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        if verdict.outcome in ("held", "broken"):
            layout.addWidget(label(_duration(verdict.seconds), "muted"), 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _way_to(self, finding: Diagnostic) -> QWidget:
        button = quiet_button(f"Show {finding.node}", "Show the node on the canvas")
        button.clicked.connect(lambda: self._model.reveal(finding.network, finding.node))
        return button


def _sign_of(findings: Sequence[Diagnostic]) -> tuple[str, str]:
    severity = str(findings[0].severity) if findings else "error"
    return severity, severity


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def summary(checked: DeepChecked) -> str:
    """How a deep check came out, in a sentence."""
    outcomes = [verdict.outcome for verdict in checked.verdicts]
    tried = len(outcomes) - outcomes.count("skipped") - outcomes.count("unfinished")
    parts = [f"{outcomes.count('held')} of {tried} properties hold"]
    if skipped := outcomes.count("skipped"):
        parts.append(f"{skipped} had nothing to try")
    if unfinished := outcomes.count("unfinished"):
        parts.append(f"{unfinished} not finished")
    return f"{', '.join(parts)}. It took {_duration(checked.seconds)} on the {checked.device}."
