"""Radial basis functions. The k-means rule sets `centres` and `widths`; gradients move them where they are learned."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import rows_of_input
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, feature_dims
from nodeforge.core.parameters import Boolean, Integer, Number, Parameter
from nodeforge.core.specs import TensorSpec

SQUARED_DISTANCES = '''\
def squared_distances(x: Tensor, points: Tensor) -> Tensor:
    """Squared distances of vectors (N, ..., features) from points (units, features): (N, ..., units)."""
    middle = points.detach().mean(dim=0)  # measured from here, large coordinates lose no digits
    x, points = x - middle, points - middle
    distances = x.square().sum(dim=-1, keepdim=True) - x @ (2 * points).T + points.square().sum(dim=-1)
    return distances.clamp_min(0.0)
'''

_RADIAL_BASIS = '''\
class RadialBasis(nn.Module):
    """Gaussian bells around centres: (N, ..., features) to (N, ..., units).

    `centres` (units, features) and `widths` (units,) are parameters if learned, else buffers.
    """

    def __init__(self, features: int, units: int, width: float = 1.0, learned: bool = True) -> None:
        super().__init__()
        centres, widths = torch.randn(units, features), torch.full((units,), width)
        if learned:
            self.centres, self.widths = nn.Parameter(centres), nn.Parameter(widths)
        else:
            self.register_buffer("centres", centres)
            self.register_buffer("widths", widths)

    def forward(self, x: Tensor) -> Tensor:
        spread = 2 * self.widths.square() + 1e-12  # two centres in one place have no width
        return torch.exp(-squared_distances(x, self.centres) / spread)
'''


def _shape(call: ShapeCall) -> Specs:
    feature_dims(call)
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:-1], call.integer("units")))}


def _count(call: ShapeCall) -> int:
    return (feature_dims(call) + 1) * call.integer("units") if call.values["learned"] else 0


def _macs(call: ShapeCall, outputs: Specs) -> int:
    return feature_dims(call) * call.integer("units") * rows_of_input(call, outputs)


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """Input and centres, both moved to the middle; distances and what is made of them; the bells."""
    centres, bells = TensorSpec((call.integer("units"), feature_dims(call))), outputs["output"]
    return Kept(outputs=("output",), inside=(call.input(), centres, centres, bells, bells))


RADIAL_BASIS = Kind(
    name="RadialBasis",
    category="Architecture",
    summary="Every unit answers to what lies near its centre: 1 there, falling off like a bell.",
    doc="The hidden layer of a radial basis function network; a Linear layer behind it adds the bells up. Each unit has "
    "a centre c and a width σ. The classic way puts the centres by k-means, makes each width the distance to the next "
    "centres, and solves the Linear layer in closed form: turn `learned` off, and let one stage learn by k-means and "
    "one by ridge. Gradients can also move centres and widths: leave it on. Bring the features to one scale first, "
    "since near means near in all of them.",
    formula="y[j] = exp(−‖x − c[j]‖² / (2·σ[j]²))",
    source="https://en.wikipedia.org/wiki/Radial_basis_function_network",
    keywords=("rbf", "gaussian", "kernel", "bell", "centres", "k-means"),
    parameters=(
        Parameter(
            "units", Integer(minimum=1, maximum=100_000), 20, "Number of centres (neurons).", positional=True
        ),
        Parameter(
            "width",
            Number(minimum=0.0, exclusive_minimum=True),
            1.0,
            "How far each bell reaches before training: at this distance it has fallen to 0.61.",
        ),
        Parameter(
            "learned",
            Boolean(),
            True,
            "Whether gradients move centres and widths. Off: they stay where k-means puts them.",
        ),
    ),
    inputs=(Port(name="input", doc="N×…×features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×units, from 0 to 1"),),
    derived=(Derived(name="features", compute=feature_dims, doc="Size of the last axis of the input."),),
    shape=_shape,
    module="RadialBasis",
    support=f"{SQUARED_DISTANCES}\n\n{_RADIAL_BASIS}",
    parameter_count=_count,
    macs=_macs,
    keeps=_keeps,
    rules=("gradient", "k-means"),
)
