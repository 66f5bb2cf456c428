"""Mixtures of experts: networks that share the work, and a gate that says who is asked."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_both, rows_of_input
from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, feature_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Optional, Parameter

_GATE = '''\
class Gate(nn.Module):
    """Shares each sample out among experts: (N, ..., features) to weights (N, ..., experts) that add up to 1.

    With `top_k`, all but the largest are 0; noise in training lets others be tried; Shazeer et al. (2017).
    """

    def __init__(
        self, features: int, experts: int, top_k: int | None = None, noisy: bool = False
    ) -> None:
        super().__init__()
        self.top_k = top_k
        self.scores = nn.Linear(features, experts)
        self.noise = nn.Linear(features, experts) if noisy else None

    def forward(self, x: Tensor) -> Tensor:
        scores = self.scores(x)
        if self.noise is not None and self.training:
            scores = scores + torch.randn_like(scores) * nn.functional.softplus(self.noise(x))
        if self.top_k is not None:
            best, places = scores.topk(self.top_k, dim=-1)
            scores = torch.full_like(scores, -torch.inf).scatter(-1, places, best)
        return scores.softmax(dim=-1)
'''

_MIXTURE = '''\
def mixture(experts: list[Tensor], weights: Tensor) -> Tensor:
    """The weighted sum of what experts say, each (N, ...); weights (N, experts) or (N, length, experts)."""
    said = torch.stack(experts, dim=-1)
    between = [1] * (said.dim() - weights.dim())
    return (said * weights.reshape(*weights.shape[:-1], *between, len(experts))).sum(dim=-1)
'''


def _gate(call: ShapeCall) -> Specs:
    feature_dims(call)
    experts, kept, spec = call.integer("experts"), call.values["top_k"], call.input()
    if isinstance(kept, int) and kept > experts:
        raise ShapeError(
            f"{call.name} has top_k {kept}, but there are only {experts} experts.",
            suggestions=(set_parameter("top_k", experts), set_parameter("top_k", None)),
        )
    return {"output": spec.with_shape((*spec.shape[:-1], experts))}


def _gate_count(call: ShapeCall) -> int:
    one = (feature_dims(call) + 1) * call.integer("experts")
    return 2 * one if call.values["noisy"] else one


def _gate_macs(call: ShapeCall, outputs: Specs) -> int:
    one = feature_dims(call) * call.integer("experts") * rows_of_input(call, outputs)
    return 2 * one if call.values["noisy"] else one


def _mixture(call: ShapeCall) -> Specs:
    experts, weights = call.inputs["experts"], call.input("weights")
    for spec in experts[1:]:
        if spec != experts[0]:
            raise ShapeError(
                f"{call.name} adds up what its experts give, so it must be alike; it gets {experts[0]} and {spec}.",
                port="experts",
            )
    if feature_dims(call, "weights") != len(experts):
        raise ShapeError(
            f"{call.name} has {len(experts)} experts wired to it, and {feature_dims(call, 'weights')} weights: set "
            f"experts of the gate to {len(experts)}.",
            port="weights",
        )
    if experts[0].shape[: weights.rank - 1] != weights.shape[:-1]:
        raise ShapeError(
            f"{call.name} needs one weight of each expert for each sample, or each place of a sequence; its experts "
            f"give {experts[0]}, its weights are {weights}.",
            port="weights",
        )
    return {"output": experts[0]}


def _mixture_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """What the experts gave, side by side."""
    return Kept(inputs=("weights",), inside=call.inputs["experts"])


def _mixture_code(call: CodeCall) -> str:
    return f"mixture([{', '.join(call.inputs['experts'])}], {call.inputs['weights'][0]})"


GATE = Kind(
    name="Gate",
    category="Architecture",
    summary="Decides for each sample how much each expert is asked.",
    doc="A Linear layer and a softmax. With top_k, only the best experts count, and the rest get exactly 0. Wire it to "
    "`weights` of a Mixture, and to LoadBalance, or a few experts will get all the work. For a cleverer gate, put "
    "layers before it.",
    formula="w = softmax(top_k(W·x + b + ε·softplus(V·x + c)))",
    source="https://arxiv.org/abs/1701.06538",
    keywords=("mixture of experts", "moe", "router", "switch", "modular", "softmax"),
    parameters=(
        Parameter(
            "experts",
            Integer(minimum=1, maximum=10_000),
            4,
            "Number of experts to choose from.",
            positional=True,
        ),
        Parameter(
            "top_k",
            Optional(of=Integer(minimum=1), empty="all"),
            None,
            "How many experts count for each sample.",
        ),
        Parameter(
            "noisy",
            Boolean(),
            False,
            "Whether learned noise is added while training, so that other experts are tried too.",
        ),
    ),
    inputs=(Port(name="input", doc="N×…×features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×experts: weights that add up to 1"),),
    derived=(Derived(name="features", compute=feature_dims, doc="Size of the last axis of the input."),),
    shape=_gate,
    module="Gate",
    support=_GATE,
    parameter_count=_gate_count,
    macs=_gate_macs,
    keeps=keeps_both,
)

MIXTURE = Kind(
    name="Mixture",
    category="Architecture",
    summary="Adds up what several experts say, each as much as the gate has it.",
    doc="Wire the experts in the order of the gate's weights. All of them compute all samples, also those that get a "
    "weight of 0. A mixture of classifiers that each end in Softmax gives probabilities.",
    formula="y = Σ w[e]·y[e]",
    source="https://doi.org/10.1162/neco.1991.3.1.79",
    keywords=("mixture of experts", "moe", "weighted sum", "ensemble", "modular", "combine"),
    inputs=(
        Port(
            name="experts",
            doc="what each expert gives, N×…, in the order of the weights",
            dtypes=WEIGHT_DTYPES,
            many=True,
        ),
        Port(name="weights", doc="N×experts, or N×length×experts", dtypes=WEIGHT_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…"),),
    shape=_mixture,
    forward=_mixture_code,
    support=_MIXTURE,
    keeps=_mixture_keeps,
)
