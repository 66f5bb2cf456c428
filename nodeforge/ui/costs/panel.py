"""The costs panel: what each node costs, what a training will need, and the way to other programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Event, MemoryMeasured
from nodeforge.project.files import write_atomic
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.session.costing import count, csv_header, csv_rows, size
from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.costs.memory import MemoryBox
from nodeforge.ui.costs.source import CostSource
from nodeforge.ui.costs.table import CostTable
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.icons import icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label


class CostsPanel(QWidget):
    """Costs of the shown network, worked out while somebody looks.

    Signals:
        overlay_requested: The canvas should show costs.

    Attributes:
        source: Where the costs come from; the overlay on the canvas uses it too.
    """

    overlay_requested = Signal()

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.source = CostSource(model, self)
        self.table = CostTable(model)
        self.memory = MemoryBox()
        self.totals = label("", "muted")
        self.colour = QPushButton(icon("costs"), "On the canvas")
        self.colour.setToolTip("Colour the nodes by what they cost")
        self.colour.clicked.connect(self.overlay_requested)
        self.save = QPushButton(icon("export"), "CSV…")
        self.save.setToolTip("Save the table for a spreadsheet")
        self.save.clicked.connect(self._ask_where)
        self._lay_out()
        self._measuring = WhenSeen(self, self.source.ask)
        self._reading = WhenSeen(self, self._show_newest_run)
        self.source.outdated.connect(self._measuring.ask)
        self.source.measured.connect(self._show)
        model.opened.connect(self._reading.ask)
        engine.event_received.connect(self._on_event)
        self._measuring.ask()
        self._reading.ask()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 8, 2)
        bar.addWidget(self.totals, 1)
        bar.addWidget(self.colour)
        bar.addWidget(self.save)
        self.totals.setMinimumWidth(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self.memory)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([640, 230])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _show(self) -> None:
        picture = self.source.picture
        assert picture is not None
        self.table.show_costs(picture)
        total, batch = picture.total, picture.costs.batch
        known = "" if total.known else ", as far as shapes are known"
        self.totals.setText(
            f"{total.parameters:,} parameters · {count(total.macs)} MACs · {size(total.kept)} kept{known}"
        )
        self.totals.setToolTip(
            f"{total.macs:,} multiply-accumulates a sample; {total.kept:,} bytes of activations for a batch of {batch:,}"
        )
        self.memory.show_forecast(picture.use, picture.stage, batch)

    # What runs have measured ----------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        if isinstance(event, MemoryMeasured):
            self._reading.ask()

    def _show_newest_run(self) -> None:
        run = self._newest_measured()
        self.memory.show_measured(run.name if run else "", run.memory if run else {})

    def _newest_measured(self) -> RunInfo | None:
        runs = RunStore(self._model.folder).runs() if self._model.folder else []
        return next((run for run in runs if run.memory), None)

    # CSV ------------------------------------------------------------------------------------------

    def _ask_where(self) -> None:
        start = (self._model.folder or Path.home()) / f"{self._model.network}-costs.csv"
        path, _ = QFileDialog.getSaveFileName(self, "Save the costs", str(start), "Table (*.csv)")
        if path:
            self.save_csv(Path(path))

    def save_csv(self, path: Path) -> None:
        """Write the costs of the shown network; a fault of the disk is told to the person."""
        picture = self.source.picture
        if picture is None:
            return
        text = csv_header() + csv_rows(picture.network, picture.report, picture.costs)
        try:
            write_atomic(path, text.encode())
        except UserError as error:
            self._model.complained.emit(str(error))
