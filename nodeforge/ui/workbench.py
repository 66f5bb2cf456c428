"""Canvas in the middle, panels around it. The panels are made one by one once the window has been painted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QVBoxLayout, QWidget

from nodeforge.ui.banner import Banner
from nodeforge.ui.breadcrumbs import Breadcrumbs
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.palette import LayerPalette
from nodeforge.ui.places import PLACES, Place
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.theme import is_dark
from nodeforge.ui.widgets import first_field

if TYPE_CHECKING:  # numpy and pyqtgraph wait until the window has been painted
    from nodeforge.ui.canvas.view import Canvas
    from nodeforge.ui.costs.panel import CostsPanel
    from nodeforge.ui.evaluation.panel import EvaluationPanel
    from nodeforge.ui.live.panel import LivePanel
    from nodeforge.ui.panels.networks import NetworksPanel
    from nodeforge.ui.panels.problems import ProblemsPanel
    from nodeforge.ui.panels.runs import RunsPanel
    from nodeforge.ui.panels.training import TrainingPanel
    from nodeforge.ui.plots.panel import PlotsPanel

LAYOUT_VERSION = 4
Area = Qt.DockWidgetArea


class Workbench(QMainWindow):
    """The part of the window in which a project is worked on.

    Signals:
        completed: Every panel is there.
    """

    completed = Signal()

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self._model = model
        self._engine = engine
        self.banner = Banner()
        self.canvas = self._make_canvas()
        self.panels: dict[str, QWidget] = {}
        self.docks = {place.name: self._make_dock(place) for place in PLACES}
        self._default_layout()
        self._initial_state = self.saveState(LAYOUT_VERSION)
        self._waiting = [place.name for place in PLACES]
        QTimer.singleShot(0, self, self._make_next)

    @property
    def palette_panel(self) -> LayerPalette:
        return self.panels["palette"]  # type: ignore[return-value]

    @property
    def inspector(self) -> Inspector:
        return self.panels["inspector"]  # type: ignore[return-value]

    @property
    def networks(self) -> NetworksPanel:
        return self.panels["networks"]  # type: ignore[return-value]

    @property
    def runs(self) -> RunsPanel:
        return self.panels["runs"]  # type: ignore[return-value]

    @property
    def plots(self) -> PlotsPanel:
        return self.panels["plots"]  # type: ignore[return-value]

    @property
    def evaluation(self) -> EvaluationPanel:
        return self.panels["evaluation"]  # type: ignore[return-value]

    @property
    def live(self) -> LivePanel:
        return self.panels["live"]  # type: ignore[return-value]

    @property
    def problems(self) -> ProblemsPanel:
        return self.panels["problems"]  # type: ignore[return-value]

    @property
    def costs(self) -> CostsPanel:
        return self.panels["costs"]  # type: ignore[return-value]

    @property
    def training(self) -> TrainingPanel:
        return self.panels["training"]  # type: ignore[return-value]

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def step_focus(self, step: int) -> None:
        """Give the keys to the next area in sight, or the one before: the canvas, then the panels."""
        in_sight = [dock for dock in self.docks.values() if not dock.visibleRegion().isEmpty()]
        areas: list[QWidget] = [self.canvas, *(dock.widget() or dock for dock in in_sight)]
        focus = self.window().focusWidget()
        here = next(
            (i for i, area in enumerate(areas) if focus and (area is focus or area.isAncestorOf(focus))), 0
        )
        area = areas[(here + step) % len(areas)]
        field = area if area is self.canvas else first_field(area)
        if field is not None:
            field.setFocus(Qt.FocusReason.TabFocusReason)

    def layout_state(self) -> QByteArray:
        return self.saveState(LAYOUT_VERSION)

    def restore_layout(self, state: QByteArray) -> None:
        """Put the docks where they were left."""
        self.restoreState(state, LAYOUT_VERSION)

    def reset_layout(self) -> None:
        """Put the docks where they stand at first."""
        self.restoreState(self._initial_state, LAYOUT_VERSION)
        self._default_sizes()

    def _make_canvas(self) -> Canvas:
        from nodeforge.ui.accessibility import canvas as accessibility
        from nodeforge.ui.canvas.view import Canvas

        accessibility.install()
        canvas = Canvas(self._model, is_dark())
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(Breadcrumbs(self._model))
        layout.addWidget(canvas, 1)
        self.setCentralWidget(middle)
        return canvas

    def _make_dock(self, place: Place) -> QDockWidget:
        dock = QDockWidget(place.title, self)
        dock.setObjectName(place.name)
        dock.setWidget(QWidget())
        if place.area != Area.RightDockWidgetArea:
            # Its tab is its title, and what it is dragged by; a floating one gets a bar to bring it back.
            dock.setTitleBarWidget(QWidget())
            dock.topLevelChanged.connect(
                lambda floating: dock.setTitleBarWidget(None if floating else QWidget())  # type: ignore[arg-type]
            )
        self.addDockWidget(place.area, dock)
        return dock

    def _default_layout(self) -> None:
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        below = [self.docks[place.name] for place in PLACES if place.area == Area.BottomDockWidgetArea]
        for first, second in pairwise(below):
            self.tabifyDockWidget(first, second)
        below[0].raise_()
        self.tabifyDockWidget(self.docks["palette"], self.docks["networks"])
        self.docks["palette"].raise_()
        self._default_sizes()

    def _default_sizes(self) -> None:
        docks, vertical = self.docks, Qt.Orientation.Vertical
        self.resizeDocks([docks["palette"], docks["inspector"]], [196, 300], Qt.Orientation.Horizontal)
        self.resizeDocks([docks["training"]], [250], vertical)

    def _make_next(self) -> None:
        """One panel a turn of the event loop, so that the window answers meanwhile."""
        if self._waiting:
            self._make(self._waiting.pop(0))
            QTimer.singleShot(0, self, self._make_next)
        else:
            self.completed.emit()

    def _make(self, name: str) -> None:
        panel = _BUILDERS[name](self._model, self._engine)
        self.panels[name] = panel
        placeholder = self.docks[name].widget()
        self.docks[name].setWidget(panel)
        if placeholder is not None:
            placeholder.deleteLater()
        for bar in self.findChildren(QTabBar):
            bar.setDrawBase(False)
            bar.setExpanding(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # where there is no room, bars scroll


def _problems(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.problems import ProblemsPanel

    return ProblemsPanel(model)


def _code(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.code import CodePanel

    return CodePanel(model)


def _data(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.data import DataPanel

    return DataPanel(model, engine)


def _training(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.training import TrainingPanel

    return TrainingPanel(model, engine)


def _plots(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.plots.panel import PlotsPanel

    return PlotsPanel(model, engine)


def _live(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.live.panel import LivePanel

    return LivePanel(model, engine)


def _runs(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.runs import RunsPanel

    return RunsPanel(model, engine)


def _evaluation(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.evaluation.panel import EvaluationPanel

    return EvaluationPanel(model, engine)


def _costs(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.costs.panel import CostsPanel

    return CostsPanel(model, engine)


def _networks(model: ProjectModel, engine: EngineController) -> QWidget:
    from nodeforge.ui.panels.networks import NetworksPanel

    return NetworksPanel(model)


_BUILDERS: dict[str, Callable[[ProjectModel, EngineController], QWidget]] = {
    "palette": lambda model, engine: LayerPalette(model),
    "inspector": lambda model, engine: Inspector(model),
    "problems": _problems,
    "code": _code,
    "data": _data,
    "training": _training,
    "plots": _plots,
    "live": _live,
    "runs": _runs,
    "networks": _networks,
    "evaluation": _evaluation,
    "costs": _costs,
}
