"""Costs as colours of nodes."""

from __future__ import annotations

from nodeforge.ui.canvas.overlays import Colouring, Tint
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.costs.measures import Measure
from nodeforge.ui.costs.source import CostSource


class CostColouring(Colouring):
    """Nodes coloured by one of their costs."""

    def __init__(self, measure: Measure, source: CostSource) -> None:
        super().__init__(measure.name, measure.title, measure.doc, source)
        self._measure = measure
        self._source = source
        self._is_wanted = False
        source.outdated.connect(self._ask)
        source.measured.connect(self.changed)

    def begin(self) -> None:
        self._is_wanted = True
        self._ask()

    def end(self) -> None:
        self._is_wanted = False

    def tint(self) -> Tint | None:
        picture, measure = self._source.picture, self._measure
        if picture is None:
            return None
        values = {name: measure.of(costs) for name, costs in picture.costs.nodes.items() if costs.known}
        most = max(values.values(), default=0)
        heat = {name: Heat(value / most, measure.text(value)) for name, value in values.items() if value}
        return Tint(heat=heat, least=measure.text(0), most=measure.text(most))

    def _ask(self) -> None:
        if self._is_wanted:
            self._source.ask()
