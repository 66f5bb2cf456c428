"""Taking a trained network away as a file that is proven to compute the same."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nodeforge.engine.messages import AnyReply, Exported, ExportModel, Failed
from nodeforge.project.runs import RunStore
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.panels.wording import measured
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, restyle

CHECKPOINTS = {"best": "Best on the validation data", "last": "Last"}
EXPLANATION = (
    "The file is run in ONNX Runtime on samples that training never saw, and only kept if it gives the same "
    "answers as the network."
)


class ExportDialog(QDialog):
    """Chooses run, checkpoint and place; shows how well the file agrees with the network."""

    def __init__(
        self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None, *, run: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export to ONNX")
        self.setMinimumWidth(520)
        self._model = model
        self._engine = engine
        self._store = RunStore(model.folder) if model.folder is not None else None
        self._written: Path | None = None
        self.run_box, self.checkpoint_box = QComboBox(), QComboBox()
        self.path = QLineEdit()
        self.path.setAccessibleName("File to write")
        self.browse = QPushButton("Browse…")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        self.busy.hide()
        self.outcome = label(wrap=True)
        self.show_button = QPushButton("Show in folder")
        self.show_button.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export_button = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.ActionRole)
        self.export_button.setDefault(True)
        self._lay_out()
        self._connect()
        self._list_runs(run)

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.path, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.addRow("&Run", self.run_box)
        form.addRow("&Weights", self.checkpoint_box)
        file_label = QLabel("&File")
        file_label.setBuddy(self.path)
        form.addRow(file_label, place)
        for button in (self.browse, self.show_button):  # Enter is for Export
            button.setAutoDefault(False)
        outcome = QHBoxLayout()
        outcome.addWidget(self.outcome, 1)
        outcome.addWidget(self.show_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label(EXPLANATION, "muted", wrap=True))
        layout.addLayout(form)
        layout.addWidget(self.busy)
        layout.addLayout(outcome)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.run_box.currentIndexChanged.connect(self._list_checkpoints)
        self.browse.clicked.connect(self._browse)
        self.path.textChanged.connect(self._enable)
        self.export_button.clicked.connect(self._export)
        self.show_button.clicked.connect(self._show_in_folder)
        self.buttons.rejected.connect(self.reject)

    def _list_runs(self, chosen: str) -> None:
        for run in self._store.runs() if self._store else []:
            if self._checkpoints(run.id):
                metrics = measured(run.metrics.get("validation", {}))
                self.run_box.addItem(f"{run.name} — {metrics}" if metrics else run.name, run.id)
        self.run_box.setCurrentIndex(max(0, self.run_box.findData(chosen)))
        self._list_checkpoints()
        if self._model.folder is not None:
            name = re.sub(r"[^\w-]+", "-", self._model.document.title).strip("-").lower() or "network"
            self.path.setText(str(self._model.folder / f"{name}.onnx"))
        if not self.run_box.count():
            self._say("There is no trained run to export yet: train the project first.", "muted")
        self._enable()

    def _list_checkpoints(self) -> None:
        self.checkpoint_box.clear()
        for name in self._checkpoints(self.run_box.currentData() or ""):
            self.checkpoint_box.addItem(CHECKPOINTS[name], name)

    def _checkpoints(self, run: str) -> list[str]:
        if self._store is None or not run:
            return []
        folder = self._store.folder / run
        return [name for name in CHECKPOINTS if (folder / f"{name}.safetensors").is_file()]

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Export to ONNX", self.path.text(), "ONNX models (*.onnx)"
        )
        if path:
            self.path.setText(path if Path(path).suffix else f"{path}.onnx")

    def _export(self) -> None:
        self._written = None
        self.show_button.hide()
        self.busy.show()
        self._say("Writing and checking…", "muted")
        request = ExportModel(
            folder=str(self._model.folder),
            run=self.run_box.currentData(),
            format="onnx",
            output=str(Path(self.path.text()).expanduser().absolute()),
            checkpoint=self.checkpoint_box.currentData(),
        )
        self._engine.request(request, self._take)
        self._enable()

    def _take(self, reply: AnyReply) -> None:
        if not isValid(self):
            return  # closed while the engine was at work
        self.busy.hide()
        if isinstance(reply, Exported):
            self._written = Path(reply.output)
            self.show_button.show()
            self._say(words_of(reply))
        elif isinstance(reply, Failed):
            self._say(reply.message, "error")
        self._enable()

    def _enable(self) -> None:
        ready = self.run_box.count() > 0 and bool(self.path.text().strip()) and self.busy.isHidden()
        self.export_button.setEnabled(ready)

    def _say(self, sentence: str, role: str = "") -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)

    def _show_in_folder(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))


def words_of(exported: Exported) -> str:
    """What was written and how well it agrees."""
    batches = ", ".join(map(str, exported.checked_batches))
    return (
        f"{Path(exported.output).name} is written (opset {exported.opset}). Largest difference from the trained "
        f"network: {exported.max_abs_difference:.1e}, over batches of {batches} samples."
    )
