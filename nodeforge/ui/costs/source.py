"""Works out the costs of what is shown, for all that show them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from nodeforge.analysis.costs import CostMeter, NetworkCosts, NodeCosts
from nodeforge.analysis.forecast import MemoryUse, batch_of, forecast
from nodeforge.analysis.report import NetworkReport
from nodeforge.core.document import Document, Stage
from nodeforge.ui.background import Background
from nodeforge.ui.project_model import ProjectModel


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPicture:
    """Costs at one moment.

    Attributes:
        network: The network that was shown.
        report: What the checker knew of it.
        costs: Its costs at the batch of the recipe.
        total: Their sum.
        stage: The stage of the recipe that needs most memory.
        use: The memory that this stage needs to train the main network.
    """

    network: str
    report: NetworkReport
    costs: NetworkCosts
    total: NodeCosts
    stage: Stage
    use: MemoryUse


class CostSource(QObject):
    """Measures on another thread, and only when somebody asks. Lives on the UI thread.

    Signals:
        outdated: Network, recipe or data have changed: those who show costs should ask again.
        measured: A fresh `picture`.

    Attributes:
        picture: The newest costs; None before the first.
    """

    outdated = Signal()
    measured = Signal()

    def __init__(self, model: ProjectModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._background = Background(self)
        self._shown, self._main = CostMeter(), CostMeter()
        self.picture: CostPicture | None = None
        model.checked.connect(lambda _: self.outdated.emit())
        model.network_changed.connect(lambda _: self.outdated.emit())

    def ask(self) -> None:
        """Measure what is shown now; `measured` tells when it is done."""
        model = self._model
        report, main = model.network_report, model.report.networks.get(model.document.main)
        if report is None or main is None:
            return
        document, network, facts = model.document.copy(), model.network, model.workspace.facts

        def work() -> CostPicture:
            stages = [(stage, batch_of(stage, facts)) for stage in document.recipe.stages]
            uses = [(self._forecast(document, main, stage, batch), stage, batch) for stage, batch in stages]
            use, stage, batch = max(uses, key=lambda each: each[0].total)
            costs = self._shown.measure(document, document.networks[network], report, batch)
            return CostPicture(
                network=network, report=report, costs=costs, total=costs.total, stage=stage, use=use
            )

        self._background.start(work, self._take)

    def _forecast(self, document: Document, main: NetworkReport, stage: Stage, batch: int) -> MemoryUse:
        return forecast(self._main.measure(document, document.main_network, main, batch), stage)

    def _take(self, picture: CostPicture) -> None:
        self.picture = picture
        self.measured.emit()
