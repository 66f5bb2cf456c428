"""Spiking neurons: values become pulses in time, and learn through a smooth stand-in for their gradient."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, CodeCall, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, sample_dims
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter

_NEURON = '''\
class Firing(torch.autograd.Function):
    """All steps of leaky integrate-and-fire neurons; the backward pass goes through them in reverse.

    A spike is a jump, which has no useful gradient: that of a smooth curve takes its place, a surrogate,
    1 at the threshold and falling off to both sides. No gradient flows through the reset.
    """

    @staticmethod
    def forward(ctx, x: Tensor, beta: float, threshold: float, reset: str, surrogate: str, slope: float):
        rest, potentials = torch.zeros_like(x[:, 0]), []
        for current in x.unbind(dim=1):
            potential = torch.add(current, rest, alpha=beta)
            potentials.append(potential)
            after = potential - threshold if reset == "subtract" else torch.zeros_like(potential)
            rest = torch.where(potential >= threshold, after, potential)
        u = torch.stack(potentials, dim=1)
        ctx.save_for_backward(u)
        ctx.told = beta, threshold, reset, surrogate, slope
        return (u >= threshold).to(u.dtype), u

    @staticmethod
    def backward(ctx, of_spikes: Tensor, of_potentials: Tensor):
        (u,) = ctx.saved_tensors
        beta, threshold, reset, surrogate, slope = ctx.told
        distance = (u - threshold).abs() * slope
        if surrogate == "fast sigmoid":
            of_spikes = of_spikes / (1 + distance).square()
        elif surrogate == "arctan":
            of_spikes = of_spikes / (1 + distance.square())
        elif surrogate == "triangle":
            of_spikes = of_spikes * (1 - distance).relu()  # "straight through" leaves it as it is
        steps = (of_spikes + of_potentials).unbind(dim=1)
        later, gradients = torch.zeros_like(steps[0]), []
        for potential, step in zip(reversed(u.unbind(dim=1)), reversed(steps)):
            if reset == "zero":
                later = later * (potential < threshold)
            later = torch.add(step, later, alpha=beta)
            gradients.append(later)
        return torch.stack(gradients[::-1], dim=1), None, None, None, None, None


class LeakyIntegrateAndFire(nn.Module):
    """Neurons that gather what arrives, leak, and spike at the threshold; (N, steps, ...) in and out."""

    def __init__(
        self,
        beta: float = 0.9,
        threshold: float = 1.0,
        reset: str = "subtract",
        surrogate: str = "fast sigmoid",
        slope: float = 25.0,
    ) -> None:
        super().__init__()
        self.beta, self.threshold, self.reset = beta, threshold, reset
        self.surrogate, self.slope = surrogate, slope

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Spikes, and the potentials that decided on them."""
        return Firing.apply(x, self.beta, self.threshold, self.reset, self.surrogate, self.slope)
'''

_ENCODER = '''\
def spike_encoding(x: Tensor, steps: int, coding: str) -> Tensor:
    """Values from 0 to 1 as spikes over time: (N, ...) to (N, steps, ...); direct ones pass gradients."""
    repeated = x.unsqueeze(1).expand(-1, steps, *x.shape[1:])
    if coding == "direct":
        return repeated
    x = x.detach().clamp(0, 1).unsqueeze(1)
    if coding == "rate":
        return torch.bernoulli(x.expand_as(repeated))
    time = torch.arange(steps, device=x.device).view(-1, *[1] * (x.dim() - 2))
    if coding == "latency":
        return ((time == ((1 - x) * (steps - 1)).round()) & (x > 0)).to(x.dtype)
    return ((time + 1) * x).floor() - (time * x).floor()  # regular
'''


def _over_time(call: ShapeCall) -> Specs:
    _check_time(call)
    return {"output": call.input(), "potential": call.input()}


def _neuron_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(outputs=("potential",))


def _check_time(call: ShapeCall) -> None:
    if sample_dims(call):
        return
    raise ShapeError(
        f"{call.name} needs an axis of time after the batch; it gets {call.input()}.",
        port="input",
        suggestions=(Suggestion(label="Insert SpikeEncoder", insert=("SpikeEncoder", {})),),
    )


def _counted(call: ShapeCall) -> Specs:
    _check_time(call)
    spec = call.input()
    return {"output": spec.with_shape((spec.shape[0], *spec.shape[2:]))}


def _encoded(call: ShapeCall) -> Specs:
    dims, spec = sample_dims(call), call.input()
    return {"output": spec.with_shape((spec.shape[0], call.integer("steps"), *dims))}


def _encoder_code(call: CodeCall) -> str:
    return f'spike_encoding({call.x}, steps={call.values["steps"]}, coding="{call.values["coding"]}")'


def _count_code(call: CodeCall) -> str:
    return f"{call.x}.{'mean' if call.values['rate'] else 'sum'}(dim=1)"


LEAKY_INTEGRATE_AND_FIRE = Kind(
    name="LeakyIntegrateAndFire",
    category="Architecture",
    summary="Neurons that gather what arrives, leak, and send a spike when they are full.",
    doc="The layer of a spiking network, in place of an activation: put a Linear before it, which works on every step "
    "alike, and SpikeCount behind the last. A spike is 0 or 1, with a gradient of zero, so learning takes that of a "
    "smooth curve instead, a surrogate; no gradient flows through the reset. All steps are computed one after the "
    "other, and an exported file holds one copy of them for each.",
    formula="u[t] = β·r[t−1] + x[t]\ns[t] = 1 if u[t] ≥ θ, else 0\nr[t] = u[t] − θ·s[t], or u[t]·(1 − s[t])",
    source="https://arxiv.org/abs/2109.12894",
    keywords=("snn", "spiking", "lif", "neuron", "surrogate gradient", "neuromorphic", "membrane"),
    parameters=(
        Parameter(
            "beta",
            Number(minimum=0.0, maximum=1.0),
            0.9,
            "Share of the potential that is left after a step; 1 leaks nothing.",
        ),
        Parameter(
            "threshold", Number(minimum=0.0, exclusive_minimum=True), 1.0, "Potential at which it spikes."
        ),
        Parameter(
            "reset",
            Choice(options=("subtract", "zero")),
            "subtract",
            "After a spike, take the threshold off the potential, or start again from zero.",
        ),
        Parameter(
            "surrogate",
            Choice(options=("fast sigmoid", "arctan", "triangle", "straight through")),
            "fast sigmoid",
            "Shape of the gradient around the threshold: 1/(1 + k|d|)², 1/(1 + (k·d)²), max(0, 1 − k|d|), or 1 "
            "everywhere; d is the distance from it.",
        ),
        Parameter(
            "slope",
            Number(minimum=0.0, exclusive_minimum=True),
            25.0,
            "How quickly the surrogate falls off (k); smaller reaches more neurons.",
            visible_if=("surrogate", ("fast sigmoid", "arctan", "triangle")),
        ),
    ),
    inputs=(Port(name="input", doc="N×steps×…: what flows in at each step", dtypes=WIDE_DTYPES),),
    outputs=(
        Port(name="output", doc="N×steps×…: spikes, 0 or 1"),
        Port(name="potential", doc="N×steps×…: potential at each step, before the reset"),
    ),
    shape=_over_time,
    module="LeakyIntegrateAndFire",
    unpack="{output}, {potential}",
    support=_NEURON,
    keeps=_neuron_keeps,
    views=("spikes",),
)

SPIKE_ENCODER = Kind(
    name="SpikeEncoder",
    category="Architecture",
    summary="Spreads values over time, as spikes for a spiking network.",
    doc="Takes values from 0 to 1. Rate: at each step, a spike with the value as its probability, drawn anew each time, "
    "also after training. Regular: as many spikes, evenly spaced. Latency: one spike, the earlier the larger the value. "
    "Direct: the value itself at every step, which the first layer of neurons turns into spikes.",
    formula="rate: s[t] = 1 with probability x\nregular: s[t] = ⌊(t+1)·x⌋ − ⌊t·x⌋\nlatency: s[t] = 1 at t = (1 − x)·(T − 1)\n"
    "direct: s[t] = x",
    source="https://arxiv.org/abs/2109.12894",
    keywords=("snn", "spiking", "poisson", "rate coding", "latency coding", "time"),
    parameters=(
        Parameter("steps", Integer(minimum=1, maximum=10_000), 20, "Length of time.", unit="steps"),
        Parameter(
            "coding",
            Choice(options=("rate", "regular", "latency", "direct")),
            "rate",
            "How a value becomes spikes.",
        ),
    ),
    inputs=(Port(name="input", doc="N×…: values from 0 to 1", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="N×steps×…"),),
    shape=_encoded,
    forward=_encoder_code,
    support=_ENCODER,
    keeps=keeps_nothing,
    views=("spikes",),
)

SPIKE_COUNT = Kind(
    name="SpikeCount",
    category="Architecture",
    summary="Counts the spikes of each neuron over time.",
    doc="The readout of a spiking network: the class whose neuron spikes most wins. The counts can go to "
    "CrossEntropyLoss as scores.",
    formula="y = Σ s[t], or its mean",
    source="https://arxiv.org/abs/2109.12894",
    keywords=("snn", "spiking", "readout", "rate", "sum"),
    parameters=(
        Parameter("rate", Boolean(), False, "Whether to give spikes per step instead of their number."),
    ),
    inputs=(Port(name="input", doc="N×steps×…: spikes", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="N×…"),),
    shape=_counted,
    forward=_count_code,
    keeps=keeps_nothing,
)
