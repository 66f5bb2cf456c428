"""Automatic layout of drawings, in layers along the way of the wires (Sugiyama, Tagawa and Toda, 1981).

Plain functions over numbers: what a node is, and how wires are painted, is the caller's business.
"""

from nodeforge.session.layout.arrange import BETWEEN_LAYERS, GAPS, CancelledError, arrange
from nodeforge.session.layout.clusters import held, parents
from nodeforge.session.layout.sketch import Fence, Plan, Sketch

__all__ = [
    "BETWEEN_LAYERS",
    "GAPS",
    "CancelledError",
    "Fence",
    "Plan",
    "Sketch",
    "arrange",
    "held",
    "parents",
]
