"""The live views of the run that trains, or of the one that was last chosen to be shown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, cycle, islice

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nodeforge.analysis.views import offered
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import AnyReply, Event, Failed, LiveShown, TrainingState, WatchLive, Wish
from nodeforge.project.runs import RunStore
from nodeforge.ui.attention import WhenSeen, in_sight
from nodeforge.ui.calm import ComboBox, SpinBox
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.icons import icon
from nodeforge.ui.live.card import LiveCard, Offers
from nodeforge.ui.plots.arrangement import Arrangement
from nodeforge.ui.project_model import ProjectModel

TICK_MS = 33
SIGHT_MS = 200
FIRST_VIEWS = 3
MOST_VIEWS = 8
EMPTY = (
    "Nothing to look at yet. Press Train, and see here what the network makes of a sample while it learns; or show a "
    "run that has ended under Runs."
)
UNCHECKED = "The drawing has problems to solve before anything can be seen of it."
_GENERAL = ("forward", "activations", "weights", "gradients", "flow", "vitals")
"""What nearly every network offers; views of its own come first."""


def first_choice(offers: Offers) -> list[tuple[str, str]]:
    """The views that are opened by themselves, with their nodes: those that only such a network has come first."""
    own = [view for view in offers if view not in _GENERAL][: FIRST_VIEWS - 1]
    general = [view for view in ("activations", "gradients", "forward") if view in offers]
    return [(view, offers[view][0]) for view in (*own, *general)][:FIRST_VIEWS]


class LivePanel(QWidget):
    """Several views side by side, fed by the engine while the panel is in sight."""

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live_panel")
        self._model, self._engine = model, engine
        self._keys = count(1)
        self._offers: Offers = {}
        self._run = self._name = ""
        self._asked: WatchLive | None = None
        self._held = False
        self.cards: list[LiveCard] = []
        self._turns = cycle(self.cards)
        self._lay_out()
        self._update = WhenSeen(self, self._ask)
        self._timer = self._make_timer(TICK_MS, self.tick)
        self._sight = self._make_timer(SIGHT_MS, self._look_after_sight)
        engine.event_received.connect(self._on_event)
        engine.state_changed.connect(self._on_engine_state)
        model.opened.connect(self._on_open)
        model.checked.connect(self._update.ask)
        model.overlay_changed.connect(self._on_overlay)
        self._update.ask()

    def _make_timer(self, interval_ms: int, work: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.timeout.connect(work)
        return timer

    def _lay_out(self) -> None:
        self.run_label = QLabel()
        self.run_label.setProperty("role", "muted")
        self.split_box = ComboBox()
        self.split_box.setAccessibleName("Split")
        for split in ("train", "validation", "test"):
            self.split_box.addItem(split)
        self.split_box.activated.connect(self._update_wishes)
        self.sample_box = SpinBox()
        self.sample_box.setAccessibleName("Sample")
        self.sample_box.setRange(1, 1)
        self.sample_box.setKeyboardTracking(False)
        self.sample_box.valueChanged.connect(self._update_wishes)
        self.hold_button = QPushButton("Hold")
        self.hold_button.setCheckable(True)
        self.hold_button.setToolTip("Keep what is shown, while the training goes on")
        self.hold_button.toggled.connect(self._hold)
        self.add_button = QPushButton("Add view")
        self.add_button.setIcon(icon("add"))
        self.add_button.clicked.connect(self._add_next)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 0)
        bar.setSpacing(8)
        bar.addWidget(self.run_label, 1)
        for widget in (QLabel("Sample"), self.split_box, self.sample_box, self.hold_button, self.add_button):
            bar.addWidget(widget)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self.arrangement = Arrangement()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.arrangement)
        self._empty = QLabel(EMPTY)
        self._empty.setWordWrap(True)
        self._empty.setMargin(24)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("role", "muted")
        full = QWidget()
        inside = QVBoxLayout(full)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self._bar)
        inside.addWidget(scroll, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    # Which views there are ------------------------------------------------------------------------

    def add(self, view: str, node: str = "") -> LiveCard:
        """One more view."""
        card = LiveCard(next(self._keys), view, node, self._offers)
        card.wish_changed.connect(self._update_wishes)
        card.close_requested.connect(lambda: self.remove(card))
        card.complained.connect(self._model.complained)
        card.enlarge_requested.connect(lambda: self._enlarge(card))
        self.cards.append(card)
        self._arrange()
        self._update.ask()
        return card

    def remove(self, card: LiveCard) -> None:
        """Close a view."""
        self.cards.remove(card)
        card.hide()
        card.deleteLater()
        self._arrange()
        self._update.ask()

    def _add_next(self) -> None:
        """The first view that is not open yet, else the first of all."""
        opened = {card.view for card in self.cards}
        view = next((name for name in self._offers if name not in opened), next(iter(self._offers)))
        self.add(view, self._offers[view][0])

    def _arrange(self) -> None:
        self._turns = cycle(self.cards)
        if self.arrangement.alone not in (None, *self.cards):
            self.arrangement.toggle_alone(self.arrangement.alone)  # type: ignore[arg-type]
        self.arrangement.set_plots(self.cards, [])
        self.add_button.setEnabled(len(self.cards) < MOST_VIEWS)
        self._fit()

    def _enlarge(self, card: LiveCard) -> None:
        self.arrangement.toggle_alone(card)
        self._fit()

    def _fit(self) -> None:
        self.arrangement.setMinimumHeight(self.arrangement.needed_height(self.width() - 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # What the engine is asked ---------------------------------------------------------------------

    def _ask(self) -> None:
        """Bring offers and cards up to date, and tell the engine what is looked at. Only in sight."""
        self._offers = offered(self._model.document, self._model.report)
        self._empty.setText(EMPTY if self._offers or not self._run else UNCHECKED)
        ready = bool(self._run and self._offers)
        self._pages.setCurrentIndex(1 if ready else 0)
        if not ready:
            self._watch([])
            return
        if not self.cards:
            for view, node in first_choice(self._offers):
                self.add(view, node)
        for card in self.cards:
            card.offer(self._offers)
        split, sample = self.split_box.currentText(), self.sample_box.value() - 1
        self._watch([] if self._held else [card.wish(split, sample) for card in self.cards])
        self._sight.start()

    def _watch(self, wishes: list[Wish]) -> None:
        request = WatchLive(folder=str(self._model.folder or ""), run=self._run, wishes=wishes)
        if request == self._asked or (not wishes and (self._asked is None or not self._asked.wishes)):
            return
        self._asked = request
        self._engine.request(request, self._on_reply)

    def _on_reply(self, reply: AnyReply) -> None:
        if isinstance(reply, Failed):
            self._asked = None

    def _update_wishes(self) -> None:
        self._update.ask()

    def _hold(self, held: bool) -> None:
        self._held = held
        self._update.ask()

    def _look_after_sight(self) -> None:
        """Nobody looks any more: nothing needs to be drawn until somebody does."""
        if not in_sight(self):
            self._sight.stop()
            self._watch([])
            self._update.ask()

    # What is told ---------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        if isinstance(event, TrainingState):
            if event.state in ("starting", "running") and event.run != self._run:
                self._show_run(event.run)
        elif isinstance(event, LiveShown) and event.run == self._run and not self._held:
            self._take(event)

    def _take(self, shown: LiveShown) -> None:
        for card in self.cards:
            if card.key == shown.key:
                card.set_shown(shown)
        if shown.samples:
            self.sample_box.setMaximum(shown.samples)
            self.sample_box.setSuffix(f" of {shown.samples:,}")
        when = "best checkpoint" if shown.step < 0 else f"step {shown.step:,}"
        self.run_label.setText(f"{self._name}, {when}")
        if not self._timer.isActive():
            self._timer.start()

    def _show_run(self, run: str) -> None:
        self._run, self._asked, self._name = run, None, self._name_of(run)
        self.run_label.clear()
        for card in self.cards:
            card.forget()
        self._update.ask()

    def _name_of(self, run: str) -> str:
        """What the person calls a run."""
        if not run or self._model.folder is None:
            return ""
        try:
            return RunStore(self._model.folder).info(run).name
        except UserError:  # its folder was taken away meanwhile
            return run

    def _on_overlay(self) -> None:
        """Of the runs that are shown, the one chosen last is looked at, unless it is already among them."""
        runs = list(self._model.overlay)
        if runs and self._run not in runs:
            self._show_run(runs[-1])

    def _on_open(self) -> None:
        for card in list(self.cards):
            self.remove(card)
        self.hold_button.setChecked(False)
        self._show_run("")

    def _on_engine_state(self, state: str, sentence: str) -> None:
        """A fresh engine knows of no wishes."""
        self._asked = None
        if state == "ready":
            self._update.ask()

    # Drawing --------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Draw the next view that has something new and can be seen; rest when none has anything new."""
        for card in islice(self._turns, len(self.cards)):
            if card.dirty and not card.visibleRegion().isEmpty():
                card.refresh()
                return
        # One that has something new may yet be scrolled into sight.
        if not any(card.dirty and card.isVisible() for card in self.cards):
            self._timer.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)
