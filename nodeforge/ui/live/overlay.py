"""How layers fare while they learn, as colours of nodes: gradients, activations, silent units."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import AnyReply, Event, Failed, LiveShown, TrainingState, WatchLive, Wish
from nodeforge.project.runs import RunStore
from nodeforge.ui.canvas.overlays import Colouring, Tint
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.project_model import ProjectModel

_WATCHER = "canvas"
_KEY = 0
_DECADES = 4
"""Powers of ten from no colour to the warmest: a gradient that is smaller by so much has vanished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """One of the numbers that the view `vitals` tells of each node.

    Attributes:
        name, title, doc: As in `Colouring`.
        place: Its place in `Row.values`.
        text: How it is written.
        shares: From the numbers by node, to how warm each is; to what the ends of the scale stand for.
    """

    name: str
    title: str
    doc: str
    place: int
    text: Callable[[float], str]
    shares: Callable[[Mapping[str, float]], tuple[dict[str, float], str, str]]


def _by_decades(values: Mapping[str, float]) -> tuple[dict[str, float], str, str]:
    most = max(values.values(), default=0.0)
    if not (most > 0 and math.isfinite(most)):
        return {name: float(not math.isfinite(value)) for name, value in values.items()}, "0", f"{most:.1e}"
    shares = {
        # Squared, for shades go by the root of a share.
        name: max(0.0, 1 + math.log10(value / most) / _DECADES) ** 2 if value > 0 else 0.0
        for name, value in values.items()
    }
    return shares, f"{most * 10**-_DECADES:.0e}", f"{most:.1e}"


def _by_largest(values: Mapping[str, float]) -> tuple[dict[str, float], str, str]:
    most = max(values.values(), default=0.0)
    scale = most if most > 0 and math.isfinite(most) else 1.0
    return {name: value / scale for name, value in values.items()}, "0", f"{most:.3g}"


def _as_they_are(values: Mapping[str, float]) -> tuple[dict[str, float], str, str]:
    return dict(values), "0 %", "100 %"


VITALS = (
    Vital(
        name="gradient",
        title="Gradient",
        doc="Norm of the gradient of each layer's weights in the newest step; colours go by powers of ten.",
        place=0,
        text=lambda value: f"{value:.1e}",
        shares=_by_decades,
    ),
    Vital(
        name="spread",
        title="Activations: spread",
        doc="Standard deviation of what each node gives, over some samples.",
        place=2,
        text=lambda value: f"{value:.2g}",
        shares=_by_largest,
    ),
    Vital(
        name="silent",
        title="Activations: silent units",
        doc="Share of the units of each node that give 0 for all of some samples.",
        place=3,
        text=lambda value: f"{value:.0%}",
        shares=_as_they_are,
    ),
)


class VitalSigns(QObject):
    """What is known of the layers of the run that trains, or of the newest one; fed while somebody looks.

    Signals:
        changed: There is something new, or another run.

    Attributes:
        shown: The newest; None before the first.
    """

    changed = Signal()

    def __init__(self, model: ProjectModel, engine: EngineController) -> None:
        super().__init__(engine)
        self._model, self._engine = model, engine
        self._run = ""
        self._is_wanted = False
        self._asked: WatchLive | None = None
        self.shown: LiveShown | None = None
        engine.event_received.connect(self._on_event)
        engine.state_changed.connect(self._on_engine_state)
        model.opened.connect(lambda: self._follow(""))

    @property
    def has_run(self) -> bool:
        """Whether there is a run to look at."""
        return bool(self._run)

    def want(self, wanted: bool) -> None:
        """Begin or end to look."""
        self._is_wanted = wanted
        if wanted and not self._run:
            self._run = self._newest()
        self._watch()

    def _watch(self) -> None:
        wishes = [Wish(key=_KEY, view="vitals")] if self._is_wanted and self._run else []
        request = WatchLive(
            folder=str(self._model.folder or ""), run=self._run, wishes=wishes, watcher=_WATCHER
        )
        if request != self._asked and (wishes or (self._asked is not None and self._asked.wishes)):
            self._asked = request
            self._engine.request(request, self._on_reply)

    def _on_reply(self, reply: AnyReply) -> None:
        if isinstance(reply, Failed):
            self._asked = None

    def _on_event(self, event: Event) -> None:
        if isinstance(event, TrainingState) and event.state in ("starting", "running"):
            if event.run != self._run:
                self._follow(event.run)
        elif (
            isinstance(event, LiveShown) and event.key == _KEY and event.run == self._run and self._is_wanted
        ):
            self.shown = event
            self.changed.emit()

    def _follow(self, run: str) -> None:
        self._run, self.shown = run, None
        self._watch()
        self.changed.emit()

    def _on_engine_state(self, state: str, sentence: str) -> None:
        """A fresh engine knows of no wishes."""
        self._asked = None
        if state == "ready":
            self._watch()

    def _newest(self) -> str:
        if self._model.folder is None:
            return ""
        try:
            return RunStore(self._model.folder).latest().id
        except UserError:  # nothing was trained yet
            return ""


class VitalColouring(Colouring):
    """Nodes coloured by one of these numbers."""

    def __init__(self, vital: Vital, signs: VitalSigns, model: ProjectModel) -> None:
        super().__init__(vital.name, vital.title, vital.doc, signs)
        self._vital, self._signs, self._model = vital, signs, model
        signs.changed.connect(self.changed)

    def begin(self) -> None:
        self._signs.want(True)

    def end(self) -> None:
        self._signs.want(False)

    def tint(self) -> Tint:
        shown, vital = self._signs.shown, self._vital
        if shown is None:
            waiting = "Waiting for the network…" if self._signs.has_run else "Train the network to see this."
            return Tint(note=waiting)
        if shown.fault:
            return Tint(note=shown.fault)
        values = self._of_shown_nodes({row.name: row.values[vital.place] for row in shown.rows})
        shares, least, most = vital.shares(values)
        heat = {name: Heat(share, vital.text(values[name])) for name, share in shares.items()}
        when = "the best checkpoint" if shown.step < 0 else f"step {shown.step:,}"
        return Tint(heat=heat, least=least, most=most, note=f"Of {when}.")

    def _of_shown_nodes(self, values: Mapping[str, float]) -> dict[str, float]:
        """By node of the shown network; a network that stands as a node has the gradient of all that is inside."""
        inside = "".join(f"{name}." for name in self._model.path)
        found: dict[str, float] = {}
        for name in self._model.graph.nodes:
            path = f"{inside}{name}"
            value = values.get(path, math.nan)
            if math.isnan(value) and self._vital.name == "gradient":
                parts = [v for p, v in values.items() if p.startswith(f"{path}.") and not math.isnan(v)]
                value = math.hypot(*parts) if parts else math.nan
            if not math.isnan(value):
                found[name] = value
        return found
