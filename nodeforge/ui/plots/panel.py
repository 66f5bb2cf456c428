"""The plots of training: fed by the engine's events, one plot redrawn a tick, hidden ones not at all."""

from __future__ import annotations

from itertools import cycle, islice

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nodeforge.engine.messages import EpochEnded, Evaluated, Event, TrainingState
from nodeforge.ui.calm import ComboBox, Slider
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.panels.wording import title_of
from nodeforge.ui.plots.arrangement import Arrangement
from nodeforge.ui.plots.card import PlotCard
from nodeforge.ui.plots.confusion import ConfusionCard
from nodeforge.ui.plots.curve_card import CurveCard, Line
from nodeforge.ui.plots.curves import LEARNING_RATE, SPEED, TRAIN, RunCurves, run_of
from nodeforge.ui.plots.legend import Entry, Legend
from nodeforge.ui.plots.lines import lines_of, losses_differ
from nodeforge.ui.plots.scatter import TruthCard
from nodeforge.ui.plots.stored import RunReader
from nodeforge.ui.project_model import ProjectModel

TICK_MS = 33
DEFAULT_SMOOTHING = 80
HOW_TO_START = "Press Train: the curves appear here while it runs."


class PlotsPanel(QWidget):
    """Plots of the run that trains and of every run that is overlaid."""

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots_panel")
        self._model = model
        self._runs: dict[str, RunCurves] = {}
        self._chosen_metric = ""
        self._epoch_is_new = False
        self._scale_is_chosen = False
        self._reader = RunReader(self)
        self._reader.read.connect(self._take_stored)
        self._reader.failed.connect(lambda run, sentence: model.complained.emit(sentence))
        self._make_plots()
        self._lay_out()
        self._turns = cycle(self.cards)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        engine.event_received.connect(self._on_event)
        model.overlay_changed.connect(self._on_overlay)
        model.opened.connect(self._forget)
        self._rebuild()

    def _make_plots(self) -> None:
        self.loss_card = CurveCard("Loss", HOW_TO_START)
        self.metric_card = CurveCard("Metric", "Accuracy or error on the validation data, after each epoch.")
        self.confusion_card = ConfusionCard("After the first epoch: which classes are taken for which.")
        self.truth_card = TruthCard("After the first epoch: how near the predictions come to the truth.")
        self.rate_card = CurveCard("Learning rate", "The learning rate as its schedule moves it.")
        self.speed_card = CurveCard("Samples per second", "How fast training runs.")
        self.cards: list[PlotCard] = [self.loss_card, self.metric_card, self.confusion_card]
        self.cards += [self.truth_card, self.rate_card, self.speed_card]
        for card in self.cards:
            card.complained.connect(self._model.complained)
            card.enlarge_requested.connect(lambda card=card: self._enlarge(card))

    def _lay_out(self) -> None:
        self.legend = Legend()
        self.metric_box = ComboBox()
        self.metric_box.setAccessibleName("Metric shown")
        self.metric_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.metric_box.setToolTip("Which metric the second plot shows")
        self.metric_box.activated.connect(self._choose_metric)
        self.smoothing = Slider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(DEFAULT_SMOOTHING)
        self.smoothing.setMaximumWidth(110)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip(
            "How much of the past goes into the thick line; the faint line is as measured"
        )
        self.smoothing.valueChanged.connect(self._rebuild)
        self.log_box = QCheckBox("&Log scale")
        self.log_box.setToolTip("Draw the loss on a logarithmic axis")
        self.log_box.toggled.connect(self.loss_card.set_log)
        self.log_box.toggled.connect(self._wake)
        self.log_box.clicked.connect(self._keep_scale)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 0)
        bar.setSpacing(8)
        bar.addWidget(self.legend, 1)
        self._metric_label = QLabel("Metric")
        smoothing_label = QLabel("Smoothing")
        for widget in (self._metric_label, self.metric_box, smoothing_label, self.smoothing, self.log_box):
            bar.addWidget(widget)
        self.arrangement = Arrangement()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.arrangement)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(bar)
        layout.addWidget(self._scroll, 1)

    # What is shown --------------------------------------------------------------------------------

    @property
    def shown_runs(self) -> list[RunCurves]:
        """The overlaid runs whose curves are known, oldest first."""
        return [self._runs[run] for run in self._model.overlay if run in self._runs]

    def show_evaluation(self, evaluated: Evaluated) -> None:
        """Show how a run did on a split: its confusion matrix, or its predictions against the truth."""
        caption = f"{self._name(evaluated.run)}, {evaluated.split}"
        if evaluated.confusion:
            self.confusion_card.set_data(evaluated.classes, evaluated.confusion, caption)
        if evaluated.truth:
            self.truth_card.set_data(evaluated.truth, evaluated.prediction, caption)
        self._epoch_is_new = False
        self._arrange(bool(evaluated.confusion), bool(evaluated.truth))
        self._wake()

    def _rebuild(self) -> None:
        """Make the lines of all plots anew: other runs, another metric or smoothing."""
        runs = self.shown_runs
        self._offer_metrics(runs)
        metric = self.metric_box.currentData() or ""
        self.metric_card.set_title(title_of(metric) if metric else "Metric")
        self.loss_card.set_lines(self._lines(runs, "loss"))
        self.metric_card.set_lines(self._lines(runs, metric))
        self._suit_scale(runs)
        self.rate_card.set_lines(self._lines(runs, LEARNING_RATE))
        self.speed_card.set_lines(self._lines(runs, SPEED))
        borders = runs[0].stages[1:] if len(runs) == 1 else []
        for card in (self.loss_card, self.metric_card, self.rate_card, self.speed_card):
            card.set_borders(borders)
        self._write_legend(runs)
        self._show_newest()
        self._wake()

    def _suit_scale(self, runs: list[RunCurves]) -> None:
        """Losses of stages that learn by different rules are of different size: all are seen on a logarithmic axis."""
        if not self._scale_is_chosen:
            self.log_box.setChecked(len(runs) == 1 and losses_differ(self._model.document.recipe, runs[0]))

    def _keep_scale(self) -> None:
        """The person has said which axis it is to be."""
        self._scale_is_chosen = True

    def _choose_metric(self) -> None:
        self._chosen_metric = self.metric_box.currentData()
        self._rebuild()

    def _lines(self, runs: list[RunCurves], quantity: str) -> list[Line]:
        return lines_of(runs, self._model.overlay, quantity, self.smoothing.value() / 100)

    def _offer_metrics(self, runs: list[RunCurves]) -> None:
        names = list(dict.fromkeys(name for run in runs for name in run.metrics()))
        names.sort(key=lambda name: name != "accuracy")
        if any(("gradient_norm", TRAIN) in run.series for run in runs):
            names.append("gradient_norm")
        if names != [self.metric_box.itemData(index) for index in range(self.metric_box.count())]:
            self.metric_box.clear()
            for name in names:
                self.metric_box.addItem(title_of(name), name)
            self.metric_box.setCurrentIndex(max(0, self.metric_box.findData(self._chosen_metric)))
        for widget in (self._metric_label, self.metric_box):
            widget.setVisible(len(names) > 1)

    def _write_legend(self, runs: list[RunCurves]) -> None:
        overlay = self._model.overlay
        if len(runs) == 1:
            place = overlay[runs[0].run]
            entries: list[Entry] = [
                (f"{runs[0].name} — train", place, False),
                ("validation", place + 1, True),
            ]
        else:
            entries = [(run.name, overlay[run.run], False) for run in runs]
            entries += [("train", None, False), ("validation", None, True)] if runs else []
        self.legend.set_entries(entries)

    def _show_newest(self) -> None:
        """Give the comparison with the truth to the newest shown run that has one."""
        self._epoch_is_new = False
        compared = [run for run in self.shown_runs if run.confusion or run.truth]
        newest = compared[-1] if compared else None
        caption = f"{newest.name}, epoch {newest.epoch}" if newest else ""
        self.confusion_card.set_data(
            newest.classes if newest else [], newest.confusion if newest else [], caption
        )
        self.truth_card.set_data(newest.truth if newest else [], newest.prediction if newest else [], caption)
        self._arrange(bool(newest and newest.confusion), bool(newest and newest.truth))

    def _arrange(self, classes: bool, values: bool) -> None:
        main: list[QWidget] = [self.loss_card, self.metric_card]
        main += [self.truth_card] if values and not classes else [self.confusion_card]
        for card in (self.confusion_card, self.truth_card):
            if card not in main:
                card.hide()
        if main != self.arrangement.main:
            self.arrangement.set_plots(main, [self.rate_card, self.speed_card])
            self._fit()

    def _enlarge(self, card: PlotCard) -> None:
        self.arrangement.toggle_alone(card)
        self._fit()
        self._wake()

    def _fit(self) -> None:
        self.arrangement.setMinimumHeight(self.arrangement.needed_height(self.width() - 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # Where it comes from --------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        run = run_of(event)
        if not run:
            return
        curves = self._runs.get(run)
        if curves is None or run not in self._model.overlay:
            if not isinstance(event, TrainingState) or event.state not in ("starting", "running"):
                return
            self._begin(run)
            return
        before = len(curves.series), len(curves.stages)
        curves.feed(event)
        if (len(curves.series), len(curves.stages)) != before:
            self._rebuild()
        elif isinstance(event, EpochEnded):
            self._epoch_is_new = True
        self._mark_curves_dirty()

    def _begin(self, run: str) -> None:
        """A run starts (or goes on): its curves are the ones to watch."""
        if self._model.folder is not None and run not in self._runs:
            self._reader.start(self._model.folder, run)
        self._runs.setdefault(run, RunCurves(run, self._name(run)))
        self._model.overlay_run(run)

    def _take_stored(self, stored: RunCurves) -> None:
        """What is on disk goes before what came in while it was read."""
        live = self._runs.get(stored.run)
        if live is not None:
            for (quantity, split), series in live.series.items():
                stored.add(quantity, split, series.x, series.y)
            stored.per_step |= live.per_step
            stored.epoch = max(stored.epoch, live.epoch)
            known = {name for name, _ in stored.stages}
            stored.stages += [(name, step) for name, step in live.stages if name not in known]
            stored.step = max(stored.step, live.step)
            stored.classes, stored.confusion = live.classes, live.confusion
            stored.truth, stored.prediction = live.truth, live.prediction
        self._runs[stored.run] = stored
        self._rebuild()

    def _on_overlay(self) -> None:
        for run in self._model.overlay:
            if run not in self._runs and self._model.folder is not None:
                self._reader.start(self._model.folder, run)
        self._rebuild()

    def _forget(self) -> None:
        self._reader.wait()
        self._runs.clear()
        self._scale_is_chosen = False
        self._rebuild()

    def _name(self, run: str) -> str:
        return self._runs[run].name if run in self._runs else run

    # Drawing --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Redraw the next plot that has something new and can be seen; rest when none has anything new."""
        if self._epoch_is_new:
            self._show_newest()
        for card in islice(self._turns, len(self.cards)):
            if card.dirty and not card.visibleRegion().isEmpty():
                card.refresh()
                return
        if not any(
            card.dirty and card.isVisible() for card in self.cards
        ):  # others may be scrolled into sight
            self._timer.stop()

    def _mark_curves_dirty(self) -> None:
        for card in (self.loss_card, self.metric_card, self.rate_card, self.speed_card):
            card.dirty = True
        self._wake()

    def _wake(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wake()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)
