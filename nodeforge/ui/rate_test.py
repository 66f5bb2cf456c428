"""The learning-rate range test: the loss over growing learning rates, and a rate to take from it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from nodeforge.core.edits import SetRecipe
from nodeforge.engine.messages import AnyReply, Failed, RatesTried, TryRates
from nodeforge.project import schema
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.plots.curve_card import FARTHEST_POWER
from nodeforge.ui.plots.style import PlotStyle
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, restyle

EXPLANATION = (
    "Takes a hundred steps from the beginning of a training, each at a larger learning rate than the one before. Where "
    "the loss falls is the place to train; where it rises, steps go too far. Your project and your runs stay as they are."
)
_ABOVE = 1.15
"""The plot reaches so far above the first loss; what runs away leaves it."""


class RateTestDialog(QDialog):
    """Tests the learning rates of a stage, shows the curve, and sets the rate that is suggested if asked."""

    def __init__(
        self, model: ProjectModel, engine: EngineController, stage: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Learning-rate test")
        self.setModal(False)
        self.resize(640, 520)
        self._model = model
        self._engine = engine
        self._stage = stage
        self._asked = 0
        self.tried: RatesTried | None = None
        """What the last test gave."""
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        self.plot = pg.PlotWidget(background=None)
        self.plot.setAccessibleName("Loss over learning rate")
        self.outcome = label(wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.use_button = self.buttons.addButton("Use", QDialogButtonBox.ButtonRole.ActionRole)
        self.again_button = self.buttons.addButton("Test again", QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out()
        self.use_button.clicked.connect(self.use)
        self.again_button.clicked.connect(self.run)
        self.buttons.rejected.connect(self.close)
        model.opened.connect(self.close)
        self.run()

    def run(self) -> None:
        """Test the project as it is now."""
        self.tried = None
        if not self._model.workspace.report.ok:
            self._finish("The drawing has problems to solve before the network can run.", "error")
            return
        self._asked += 1
        asked = self._asked
        self._say("The network takes its steps…", "muted")
        self.busy.show()
        self.again_button.setEnabled(False)
        self.use_button.setEnabled(False)
        request = TryRates(
            document=schema.encode(self._model.document),
            folder=str(self._model.folder or Path.cwd()),
            stage=self._stage,
        )
        self._engine.request(request, lambda reply: self._take(reply, asked))

    def use(self) -> None:
        """Set the suggested rate in the stage, one step to undo."""
        if self.tried is None:
            return
        tried, recipe = self.tried, self._model.document.recipe
        stages = tuple(
            replace(
                stage,
                optimizer=replace(
                    stage.optimizer, parameters={**stage.optimizer.parameters, "lr": tried.suggestion}
                ),
            )
            if stage.name == tried.stage
            else stage
            for stage in recipe.stages
        )
        self._model.do(SetRecipe(replace(recipe, stages=stages)), label="Set lr to what the test suggests")
        self._say(
            f"Stage {tried.stage} trains at {tried.suggestion:g} from now on. Undo takes that back.", ""
        )
        self.use_button.setEnabled(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.tried is not None:
            self._draw(self.tried)

    def _take(self, reply: AnyReply, asked: int) -> None:
        if not isValid(self) or asked != self._asked:
            return  # closed, or asked again meanwhile
        if isinstance(reply, RatesTried):
            self.tried = reply
            self._draw(reply)
            self._finish(reply.note)
        elif isinstance(reply, Failed):
            self._finish(reply.message, "error")

    def _finish(self, sentence: str, role: str = "") -> None:
        self.busy.hide()
        self.again_button.setEnabled(True)
        rate = self.tried.suggestion if self.tried else 0.0
        self.use_button.setEnabled(bool(rate))
        self.use_button.setText(f"Use {rate:g}" if rate else "Use")
        self._say(sentence, role)

    def _say(self, sentence: str, role: str) -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)

    def _draw(self, tried: RatesTried) -> None:
        style = PlotStyle.of(self.palette())
        item = self.plot.getPlotItem()
        item.clear()
        item.setLogMode(x=True, y=False)
        item.setLimits(xMin=-FARTHEST_POWER, xMax=FARTHEST_POWER)
        for name, title in (("bottom", "learning rate"), ("left", "loss")):
            axis = item.getAxis(name)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pg.mkPen(style.grid))
            axis.setTextPen(style.muted)
            axis.setLabel(title, color=style.muted.name())
        item.showGrid(x=True, y=True, alpha=0.12)
        item.plot(tried.rates, tried.losses, pen=pg.mkPen(style.grid, width=1))
        item.plot(tried.rates, tried.smoothed, pen=pg.mkPen(style.accent, width=2), antialias=True)
        low, high = min(tried.smoothed), max(tried.smoothed[0], min(tried.smoothed) + 1e-9)
        item.setYRange(low - 0.05 * (high - low), low + _ABOVE * (high - low), padding=0)
        if tried.suggestion:
            line = pg.InfiniteLine(
                angle=90, label=f"{tried.suggestion:g}", labelOpts={"position": 0.06, "color": style.color(2)}
            )
            line.setPen(pg.mkPen(style.color(2), width=2, style=Qt.PenStyle.DashLine))
            line.setValue(math.log10(tried.suggestion))  # the axis is logarithmic
            item.addItem(line)

    def _lay_out(self) -> None:
        self.plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label(EXPLANATION, "muted", wrap=True))
        layout.addWidget(self.busy)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self.buttons)
