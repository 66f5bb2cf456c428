"""A loss that is drawn: whatever the wires compute is made small."""

from __future__ import annotations

from nodeforge.catalog.kind import WIDE_DTYPES, CodeCall, Kind, Port, Role, ShapeCall
from nodeforge.catalog.nodes.activation import number
from nodeforge.catalog.rules import OPS, Specs
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_WEIGHTED = '''\
def weighted_mean(x: Tensor, weights: Tensor) -> Tensor:
    """The mean of (N, ...), in which each sample or value counts by its weight."""
    weights = weights.reshape(weights.shape + (1,) * (x.dim() - weights.dim())).expand_as(x)
    return (x * weights).sum() / weights.sum()
'''


def _meant(call: ShapeCall) -> Specs:
    spec = call.input()
    if spec.shape[:1] != (BATCH,):
        raise ShapeError(f"{call.name} needs the batch N as the first axis; it gets {spec}.", port="input")
    if "weights" in call.inputs:
        weights = call.input("weights")
        if weights.shape not in ((BATCH,), spec.shape) or weights.dtype != spec.dtype:
            raise ShapeError(
                f"{call.name} needs one {spec.dtype} in weights for each sample, N, or for each value, {spec}; it gets "
                f"{weights} of {weights.dtype}.",
                port="weights",
            )
    return {"loss": TensorSpec((), spec.dtype)}


def _code(call: CodeCall) -> str:
    factor = number(call.values, "factor")
    scale = f" * {factor!r}" if factor != 1.0 else ""
    if "weights" in call.inputs:
        return f"weighted_mean({call.inputs['input'][0]}, {call.inputs['weights'][0]}){scale}"
    return f"{call.inputs['input'][0]}.mean(){scale}"


MINIMIZE = Kind(
    name="Minimize",
    category="Loss",
    role=Role.OBJECTIVE,
    summary="Makes the mean of whatever is wired to it small: a loss of your own.",
    doc="Draw the error of each sample with the kinds of Math and Combine and end here: losses that torch lacks, "
    "penalties on activations, samples that count differently. A negative factor makes the mean large.",
    formula="factor · Σ w·x / Σ w, with w = 1 where nothing is wired",
    source=OPS + "mean.html",
    keywords=("loss", "objective", "custom", "penalty", "regularizer", "sample weights", "mean"),
    parameters=(
        Parameter("factor", Number(), 1.0, "How much it counts beside the other losses of the network."),
    ),
    inputs=(
        Port(name="input", doc="N×…: errors, penalties, whatever must become small", dtypes=WIDE_DTYPES),
        Port(
            name="weights",
            doc="N, or the shape of the input: how much each sample or value counts; all alike if unwired",
            dtypes=WIDE_DTYPES,
            optional=True,
        ),
    ),
    outputs=(Port(name="loss", doc="one number"),),
    shape=_meant,
    forward=_code,
    support=_WEIGHTED,
)
