"""Random layers that never learn: all their numbers are buffers. A Linear layer behind them learns, by ridge."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import rows_of_input
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, feature_dims, sequence_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Integer, Number, Optional, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_RESERVOIR = '''\
class Reservoir(nn.Module):
    """An echo state network without its readout: (N, steps, features) to (N, steps - washout, units); Jaeger (2001).

    The buffers `input_weight`, `bias` and `weight` are random and stay as they are.
    """

    def __init__(
        self,
        features: int,
        units: int,
        spectral_radius: float = 0.9,
        input_scaling: float = 0.5,
        bias_scaling: float = 0.0,
        leak: float = 1.0,
        density: float = 0.1,
        washout: int = 0,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.leak, self.washout = leak, washout
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        weight = torch.rand(units, units, generator=generator) * 2 - 1
        weight *= torch.rand(units, units, generator=generator) < density
        largest = torch.linalg.eigvals(weight).abs().max()  # 0 where connections form no circle
        weight *= torch.where(largest > 1e-6, spectral_radius / largest, 1.0)
        self.register_buffer("weight", weight)
        draws = torch.rand(units, features + 1, generator=generator) * 2 - 1
        self.register_buffer("input_weight", draws[:, 1:] * input_scaling)
        self.register_buffer("bias", draws[:, 0] * bias_scaling)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The states after the washout, and the last one."""
        drive = nn.functional.linear(x, self.input_weight, self.bias)
        weight = self.weight.T
        state = torch.zeros_like(drive[:, 0])
        states = []
        for step in drive.unbind(dim=1):
            new = torch.tanh(torch.addmm(step, state, weight))
            state = new if self.leak == 1 else torch.lerp(state, new, self.leak)
            states.append(state)
        return torch.stack(states[self.washout :], dim=1), state
'''

_RANDOM = '''\
class RandomFeatures(nn.Module):
    """A hidden layer that stays random: (N, ..., features) to (N, ..., units); Huang et al. (2006).

    The buffers `weight` and `bias` hold it.
    """

    def __init__(
        self,
        features: int,
        units: int,
        activation: str = "tanh",
        weight_scale: float = 1.0,
        bias_scale: float = 1.0,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.activation = getattr(torch, activation)
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        weight = torch.randn(units, features, generator=generator) * (weight_scale / features**0.5)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", torch.randn(units, generator=generator) * bias_scale)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(nn.functional.linear(x, self.weight, self.bias))
'''


def _states(call: ShapeCall) -> Specs:
    steps, _ = sequence_dims(call)
    washout, units = call.integer("washout"), call.integer("units")
    if washout >= steps:
        raise ShapeError(
            f"{call.name} leaves out the first {washout} steps of sequences that have only {steps}.",
            suggestions=(set_parameter("washout", steps - 1),),
        )
    return {"output": TensorSpec((BATCH, steps - washout, units)), "last": TensorSpec((BATCH, units))}


def _states_macs(call: ShapeCall, outputs: Specs) -> int:
    (steps, features), units = sequence_dims(call), call.integer("units")
    return steps * units * (features + units)


def _states_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """What tanh gave at each step."""
    return Kept(inside=(TensorSpec((BATCH, sequence_dims(call)[0], call.integer("units"))),))


def _projected(call: ShapeCall) -> Specs:
    feature_dims(call)
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:-1], call.integer("units")))}


def _projected_macs(call: ShapeCall, outputs: Specs) -> int:
    return feature_dims(call) * call.integer("units") * rows_of_input(call, outputs)


def _projected_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """The gradient of a sine needs what came in, that of the others what they gave."""
    if call.values["activation"] == "sin":
        return Kept(inside=(outputs["output"],))
    return Kept(outputs=("output",))


def _units(default: int, maximum: int) -> Parameter:
    kind = Integer(minimum=1, maximum=maximum)
    return Parameter("units", kind, default, "Number of random neurons.", positional=True)


_SEED = Parameter(
    "seed",
    Optional(of=Integer(minimum=0, maximum=2**31 - 1), empty="that of the training"),
    None,
    "Number that the random weights follow from, to get the same ones whatever the seed of the training.",
    advanced=True,
)

RESERVOIR = Kind(
    name="Reservoir",
    category="Architecture",
    summary="A large random recurrent network that never learns: it turns a sequence into echoes of its past.",
    doc="The heart of an echo state network. A sequence sets off waves in it; a Linear layer behind it learns in closed "
    "form, by ridge, to read the answer from them. A spectral radius below 1 lets echoes fade, so that old inputs are "
    "forgotten; nearer to 1 they last longer. Leave out the first steps with washout, since they still know the "
    "start. `last` is the state after the final step.",
    formula="x[t] = (1 − a)·x[t−1] + a·tanh(Win·u[t] + b + W·x[t−1])",
    source="https://doi.org/10.1007/978-3-642-35289-8_36",
    keywords=("echo state network", "esn", "recurrent", "reservoir computing", "random", "time series"),
    parameters=(
        _units(100, 5000),
        Parameter(
            "spectral_radius",
            Number(minimum=0.0),
            0.9,
            "How strongly a state feeds the next: the largest eigenvalue of the recurrent weights.",
        ),
        Parameter(
            "input_scaling", Number(minimum=0.0), 0.5, "Largest weight of an input; larger bends more."
        ),
        Parameter("bias_scaling", Number(minimum=0.0), 0.0, "Largest offset of a neuron.", advanced=True),
        Parameter(
            "leak",
            Number(minimum=0.0, maximum=1.0, exclusive_minimum=True),
            1.0,
            "Share of a state that is new at each step; small for slow sequences.",
        ),
        Parameter(
            "density",
            Number(minimum=0.0, maximum=1.0, exclusive_minimum=True),
            0.1,
            "Share of all pairs of neurons that are connected.",
            advanced=True,
        ),
        Parameter("washout", Integer(minimum=0), 0, "Steps at the start that are left out.", unit="steps"),
        _SEED,
    ),
    inputs=(Port(name="input", doc="N×steps×features", dtypes=WEIGHT_DTYPES),),
    outputs=(
        Port(name="output", doc="N×(steps − washout)×units: every state"),
        Port(name="last", doc="N×units: the last state"),
    ),
    derived=(
        Derived(name="features", compute=lambda call: sequence_dims(call)[1], doc="Size of the last axis."),
    ),
    shape=_states,
    module="Reservoir",
    unpack="{output}, {last}",
    support=_RESERVOIR,
    macs=_states_macs,
    keeps=_states_keeps,
    views=("states", "weights"),
)

RANDOM_FEATURES = Kind(
    name="RandomFeatures",
    category="Architecture",
    summary="A hidden layer of random weights that never learns.",
    doc="The hidden layer of an extreme learning machine: many random features, of which a Linear layer behind it learns "
    "in closed form, by ridge, to take what it needs. No gradients and no epochs. More units fit better, as long as "
    "there are more samples than units.",
    formula="y = f(W·x + b), W and b random",
    source="https://doi.org/10.1016/j.neucom.2005.12.126",
    keywords=("extreme learning machine", "elm", "random projection", "fixed", "kitchen sinks"),
    parameters=(
        _units(500, 100_000),
        Parameter(
            "activation",
            Choice(options=("tanh", "sigmoid", "relu", "sin")),
            "tanh",
            "What bends the features.",
        ),
        Parameter(
            "weight_scale",
            Number(minimum=0.0),
            1.0,
            "Spread of the weighted sums, for inputs with spread 1.",
        ),
        Parameter("bias_scale", Number(minimum=0.0), 1.0, "Spread of the offsets."),
        _SEED,
    ),
    inputs=(Port(name="input", doc="N×…×features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×units"),),
    derived=(Derived(name="features", compute=feature_dims, doc="Size of the last axis of the input."),),
    shape=_projected,
    module="RandomFeatures",
    support=_RANDOM,
    macs=_projected_macs,
    keeps=_projected_keeps,
    views=("weights",),
)
