"""The panels around the canvas and where each stands at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

Area = Qt.DockWidgetArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A panel's name in code, its title for people, its area and its sign."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    sign: str


PLACES = (
    Place(name="palette", title="Layers", area=Area.LeftDockWidgetArea, sign="layers"),
    Place(name="inspector", title="Inspector", area=Area.RightDockWidgetArea, sign="inspector"),
    Place(name="training", title="Training", area=Area.BottomDockWidgetArea, sign="train"),
    Place(name="plots", title="Plots", area=Area.BottomDockWidgetArea, sign="plots"),
    Place(name="live", title="Live", area=Area.BottomDockWidgetArea, sign="live"),
    Place(name="data", title="Data", area=Area.BottomDockWidgetArea, sign="data"),
    Place(name="problems", title="Problems", area=Area.BottomDockWidgetArea, sign="problems"),
    Place(name="code", title="Code", area=Area.BottomDockWidgetArea, sign="code"),
    Place(name="runs", title="Runs", area=Area.BottomDockWidgetArea, sign="runs"),
    Place(name="evaluation", title="Evaluation", area=Area.BottomDockWidgetArea, sign="good"),
    Place(name="costs", title="Costs", area=Area.BottomDockWidgetArea, sign="costs"),
    Place(name="networks", title="Networks", area=Area.LeftDockWidgetArea, sign="networks"),
)
