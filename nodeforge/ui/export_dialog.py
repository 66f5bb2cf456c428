"""Taking a network away as a file or as code that is proven to compute the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
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
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.panels.wording import measured
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, restyle

CHECKPOINTS = {"best": "Best on the validation data", "last": "Last"}
UNTRAINED = "Not trained: the drawing as it is, without weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One of the formats to choose from.

    Attributes:
        title: Its name in the list.
        explanation: What is written, and how it is proven.
        place: What is written to, for the label ("&File").
        ending: Of the name that is proposed.
    """

    title: str
    explanation: str
    place: str
    ending: str


FORMATS = {
    "onnx": Format(
        title="ONNX file",
        explanation="A file that ONNX Runtime and many other programs run, without Python. It is run on samples that "
        "training never saw, and only kept if it gives the same answers as the network.",
        place="&File",
        ending=".onnx",
    ),
    "pytorch": Format(
        title="PyTorch code",
        explanation="A folder with the network, its training and its samples as code to read and change. It trains "
        "without NodeForge and gives the same losses. It is read back, and only kept if it gives the same answers as "
        "the network.",
        place="&Folder",
        ending="-pytorch",
    ),
}


class ExportDialog(QDialog):
    """Chooses format, run, checkpoint and place; shows how well what was written agrees with the network."""

    def __init__(
        self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None, *, run: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export the model")
        self.setMinimumWidth(520)
        self._model = model
        self._engine = engine
        self._store = RunStore(model.folder) if model.folder is not None else None
        self._written: Path | None = None
        self._explanation = label("", "muted", wrap=True)
        self._place_label = QLabel()
        self.format_box, self.run_box, self.checkpoint_box = ComboBox(), ComboBox(), ComboBox()
        for name, format in FORMATS.items():
            self.format_box.addItem(format.title, name)
        self.path = QLineEdit()
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
        self._show_format(run)

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.path, 1)
        place.addWidget(self.browse)
        self._form = form = QFormLayout()
        form.addRow("Forma&t", self.format_box)
        form.addRow(self._explanation)
        form.addRow("&Run", self.run_box)
        form.addRow("&Weights", self.checkpoint_box)
        self._place_label.setBuddy(self.path)
        form.addRow(self._place_label, place)
        for button in (self.browse, self.show_button):  # Enter is for Export
            button.setAutoDefault(False)
        outcome = QHBoxLayout()
        outcome.addWidget(self.outcome, 1)
        outcome.addWidget(self.show_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.busy)
        layout.addLayout(outcome)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.format_box.currentIndexChanged.connect(lambda: self._show_format(self.run_box.currentData()))
        self.run_box.currentIndexChanged.connect(self._list_checkpoints)
        self.browse.clicked.connect(self._browse)
        self.path.textChanged.connect(self._enable)
        self.export_button.clicked.connect(self._export)
        self.show_button.clicked.connect(self._show_in_folder)
        self.buttons.rejected.connect(self.reject)

    @property
    def format(self) -> str:
        """The chosen format's name."""
        return str(self.format_box.currentData())

    def _show_format(self, run: str | None) -> None:
        """Say what the format is, list what can be exported to it, and propose a place."""
        format = FORMATS[self.format]
        self._explanation.setText(format.explanation)
        self._place_label.setText(format.place)
        self.path.setAccessibleName(f"{format.place.removeprefix('&')} to write")
        name = re.sub(r"[^\w-]+", "-", self._model.document.title).strip("-").lower() or "network"
        self.path.setText(str((self._model.folder or Path.home()) / f"{name}{format.ending}"))
        self._written = None
        self.show_button.hide()
        self._list_runs(run)

    def _list_runs(self, chosen: str | None) -> None:
        self.run_box.clear()
        for run in self._store.runs() if self._store else []:
            if self._checkpoints(run.id):
                metrics = measured(run.metrics.get("validation", {}))
                self.run_box.addItem(f"{run.name} — {metrics}" if metrics else run.name, run.id)
        if self.format == "pytorch":
            self.run_box.addItem(UNTRAINED, "")
        self.run_box.setCurrentIndex(max(0, self.run_box.findData(chosen or "")))
        self._list_checkpoints()
        nothing = "There is no trained run to export yet: train the project first, or choose PyTorch code."
        self._say("" if self.run_box.count() else nothing, "muted")
        self._enable()

    def _list_checkpoints(self) -> None:
        self.checkpoint_box.clear()
        for name in self._checkpoints(self.run_box.currentData() or ""):
            self.checkpoint_box.addItem(CHECKPOINTS[name], name)
        self._form.setRowVisible(self.checkpoint_box, self.checkpoint_box.count() > 0)

    def _checkpoints(self, run: str) -> list[str]:
        if self._store is None or not run:
            return []
        folder = self._store.folder / run
        return [name for name in CHECKPOINTS if (folder / f"{name}.safetensors").is_file()]

    def _browse(self) -> None:
        if self.format == "pytorch":
            path = QFileDialog.getExistingDirectory(
                self, "Export the model into", str(Path(self.path.text()).parent)
            )
            if path:
                self.path.setText(str(Path(path) / Path(self.path.text()).name))
            return
        path, _ = QFileDialog.getSaveFileName(
            self, "Export the model", self.path.text(), "ONNX models (*.onnx)"
        )
        if path:
            self.path.setText(path if Path(path).suffix else f"{path}.onnx")

    def _export(self) -> None:
        self._written = None
        self.show_button.hide()
        self.busy.show()
        self._say("Writing and checking…", "muted")
        run = str(self.run_box.currentData())
        request = ExportModel(
            folder=str(self._model.folder or Path.cwd()),
            run=run,
            format=self.format,
            output=str(Path(self.path.text()).expanduser().absolute()),
            checkpoint=self.checkpoint_box.currentData() or "best",
            document=b"" if run else schema.encode(self._model.document),
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
        idle = self.busy.isHidden()
        self.format_box.setEnabled(idle)  # the answer is about the format that was asked for
        self.export_button.setEnabled(idle and self.run_box.count() > 0 and bool(self.path.text().strip()))

    def _say(self, sentence: str, role: str = "") -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)

    def _show_in_folder(self) -> None:
        if self._written is not None:
            folder = self._written if self._written.is_dir() else self._written.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def words_of(exported: Exported) -> str:
    """What was written and how well it agrees."""
    batches = ", ".join(map(str, exported.checked_batches))
    opset = f" (opset {exported.opset})" if exported.opset else ""
    largest = f"{exported.max_abs_difference:.1e}" if exported.max_abs_difference else "none"
    return (
        f"{Path(exported.output).name} is written{opset}. Largest difference from the network here: {largest}, "
        f"over batches of {batches} samples."
    )
