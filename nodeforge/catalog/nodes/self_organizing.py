"""Kohonen's map. The competitive rule pulls `prototypes` to the samples, near units by `grid_distances` too."""

from __future__ import annotations

from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.radial_basis import SQUARED_DISTANCES
from nodeforge.catalog.rules import Specs, insert_flatten, sample_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_MAP = '''\
class SelfOrganizingMap(nn.Module):
    """A grid of prototypes, each a point among the samples (N, features); Kohonen (1982).

    The buffer `prototypes` (rows * columns, features) holds them row by row, `places` where they stand.
    """

    def __init__(self, features: int, rows: int, columns: int, toroidal: bool = False) -> None:
        super().__init__()
        self.rows, self.columns, self.toroidal = rows, columns, toroidal
        self.register_buffer("prototypes", torch.randn(rows * columns, features))
        places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns))
        self.register_buffer("places", places, persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The unit whose prototype is nearest, how far that is (with a gradient), and how far each unit is."""
        distances = squared_distances(x.detach(), self.prototypes)
        unit = distances.argmin(dim=1)
        error = (x - self.prototypes[unit]).norm(dim=1)
        return unit, error, distances.sqrt().unflatten(1, (self.rows, self.columns))

    def grid_distances(self, units: Tensor) -> Tensor:
        """Squared distances on the grid from units (N,) to all: (N, rows * columns)."""
        steps = (self.places[units].unsqueeze(1) - self.places).abs()
        if self.toroidal:
            steps = torch.minimum(steps, steps.new_tensor([self.rows, self.columns]) - steps)
        return steps.square().sum(dim=-1)
'''

_LARGEST = 10_000


def _features(call: ShapeCall) -> int:
    dims = sample_dims(call)
    if len(dims) != 1:
        raise ShapeError(
            f"{call.name} needs a row of features for each sample; it gets {call.input()}.",
            port="input",
            suggestions=(insert_flatten(),) if len(dims) > 1 else (),
        )
    return dims[0]


def _shape(call: ShapeCall) -> Specs:
    _features(call)
    rows, columns = call.integer("rows"), call.integer("columns")
    if rows * columns > _LARGEST:
        raise ShapeError(
            f"{call.name} has {rows}×{columns} units; {_LARGEST:,} is the most that a map may have.",
            suggestions=(set_parameter("columns", _LARGEST // rows),),
        )
    return {
        "unit": TensorSpec((BATCH,), "int64"),
        "error": TensorSpec((BATCH,)),
        "distances": TensorSpec((BATCH, rows, columns)),
    }


def _macs(call: ShapeCall, outputs: Specs) -> int:
    return _features(call) * call.integer("rows") * call.integer("columns")


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """The difference from the winner, and its length."""
    return Kept(inside=(call.input(),), outputs=("error",))


def _size(name: str, doc: str) -> Parameter:
    return Parameter(name, Integer(minimum=1, maximum=1000), 10, doc, positional=True)


SELF_ORGANIZING_MAP = Kind(
    name="SelfOrganizingMap",
    category="Architecture",
    summary="Lays samples out on a grid, so that similar ones come to lie side by side.",
    doc="Every unit of the grid holds a prototype. The unit whose prototype is nearest to a sample wins; while learning "
    "by the competitive rule, the winner and its neighbours on the grid move towards the sample, at first far around, "
    "later the winner alone. No answers are needed, and no gradients. `error` averaged over the data is the "
    "quantization error.",
    formula="unit = argmin ‖x − p[j]‖\nerror = ‖x − p[unit]‖",
    source="https://doi.org/10.1007/BF00337288",
    keywords=("som", "kohonen", "competitive", "clustering", "unsupervised", "quantization", "map"),
    parameters=(
        _size("rows", "Rows of the grid."),
        _size("columns", "Columns of the grid."),
        Parameter(
            "toroidal",
            Boolean(),
            False,
            "Whether opposite edges of the grid are neighbours, so that no unit stands at a border.",
        ),
    ),
    inputs=(Port(name="input", doc="N×features", dtypes=WEIGHT_DTYPES),),
    outputs=(
        Port(name="unit", doc="N: the number of the winner, counted row by row from 0"),
        Port(name="error", doc="N: distance from the winner's prototype"),
        Port(name="distances", doc="N×rows×columns: distance from every prototype"),
    ),
    derived=(Derived(name="features", compute=_features, doc="Number of values of one sample."),),
    shape=_shape,
    module="SelfOrganizingMap",
    unpack="{unit}, {error}, {distances}",
    support=f"{SQUARED_DISTANCES}\n\n{_MAP}",
    macs=_macs,
    keeps=_keeps,
    rules=("competitive",),
    views=("map",),
)
