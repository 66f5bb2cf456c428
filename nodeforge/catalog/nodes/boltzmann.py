"""Boltzmann machines. Contrastive divergence changes `weight`, `hidden_bias` and `visible_bias`, by the probabilities
that the methods `hidden` and `visible` give; gradients change the first two.
"""

from __future__ import annotations

from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, insert_flatten, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Integer, Number, Parameter

_MACHINE = '''\
class RestrictedBoltzmannMachine(nn.Module):
    """Visible units (N, visible) and hidden ones (N, hidden), every pair joined by a weight; Hinton (2002).

    `visible_bias` is a buffer: it is no part of the way up, and learns by contrastive divergence alone.
    """

    def __init__(self, visible: int, hidden: int, units: str = "binary", std: float = 0.01) -> None:
        super().__init__()
        self.units = units
        self.weight = nn.Parameter(torch.randn(hidden, visible) * std)
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.register_buffer("visible_bias", torch.zeros(visible))

    def hidden(self, visible: Tensor) -> Tensor:
        """How probably each hidden unit is on."""
        return torch.sigmoid(nn.functional.linear(visible, self.weight, self.hidden_bias))

    def visible(self, hidden: Tensor) -> Tensor:
        """How probably each visible unit is on; of real numbers, their mean."""
        x = nn.functional.linear(hidden, self.weight.T, self.visible_bias)
        return torch.sigmoid(x) if self.units == "binary" else x

    def forward(self, x: Tensor, reconstruct: bool = True) -> tuple[Tensor, Tensor | None]:
        hidden = self.hidden(x)
        return hidden, self.visible(hidden) if reconstruct else None
'''


def _visible(call: ShapeCall) -> int:
    dims = sample_dims(call)
    if len(dims) != 1:
        raise ShapeError(
            f"{call.name} needs a row of visible units for each sample; it gets {call.input()}.",
            port="input",
            suggestions=(insert_flatten(),) if len(dims) > 1 else (),
        )
    return dims[0]


def _shape(call: ShapeCall) -> Specs:
    visible, spec = _visible(call), call.input()
    return {
        "output": spec.with_shape((spec.shape[0], call.integer("hidden"))),
        "reconstruction": spec.with_shape((spec.shape[0], visible)),
    }


def _count(call: ShapeCall) -> int:
    return (_visible(call) + 1) * call.integer("hidden")


def _macs(call: ShapeCall, outputs: Specs) -> int:
    return _visible(call) * call.integer("hidden")


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(inputs=("input",), outputs=("output",))


def _code(call: CodeCall) -> str:
    unread = "" if "reconstruction" in call.used else ", reconstruct=False"
    return f"self.{call.name}({call.x}{unread})"


RESTRICTED_BOLTZMANN_MACHINE = Kind(
    name="RestrictedBoltzmannMachine",
    category="Architecture",
    summary="Hidden units that learn, without answers, which visible values go together.",
    doc="Every visible unit is joined to every hidden one. Contrastive divergence makes the data more probable than what "
    "the machine dreams up itself. Several, one on top of the other and each learned on what the one below gives, make "
    "a deep belief network; gradients then fine-tune it like layers of Linear and Sigmoid. The visible values should "
    "lie between 0 and 1.",
    formula="h = σ(W·v + c)\nreconstruction = σ(Wᵀ·h + b)",
    source="https://www.cs.toronto.edu/~hinton/absps/guideTR.pdf",
    keywords=("rbm", "dbn", "deep belief", "energy", "contrastive divergence", "unsupervised", "generative"),
    parameters=(
        Parameter(
            "hidden", Integer(minimum=1, maximum=1_000_000), 100, "Number of hidden units.", positional=True
        ),
        Parameter(
            "units",
            Choice(options=("binary", "gaussian")),
            "binary",
            "What visible units are: on or off with a probability, or real numbers with mean 0 and spread 1.",
        ),
        Parameter("std", Number(minimum=0.0), 0.01, "Spread of the weights before training.", advanced=True),
    ),
    inputs=(Port(name="input", doc="N×visible", dtypes=WEIGHT_DTYPES),),
    outputs=(
        Port(name="output", doc="N×hidden: how probably each hidden unit is on"),
        Port(name="reconstruction", doc="N×visible: what the hidden units make of that"),
    ),
    derived=(Derived(name="visible", compute=_visible, doc="Number of values of one sample."),),
    shape=_shape,
    module="RestrictedBoltzmannMachine",
    forward=_code,
    unpack="{output}, {reconstruction}",
    support=_MACHINE,
    parameter_count=_count,
    macs=_macs,
    keeps=_keeps,
    rules=("gradient", "contrastive-divergence"),
)
