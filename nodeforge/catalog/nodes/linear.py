"""Fully connected layers."""

from __future__ import annotations

from nodeforge.catalog.kind import FLOAT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _features(call: ShapeCall) -> int:
    """Size of the last axis."""
    spec = call.input()
    if spec.rank < 2 or spec.shape[-1] == BATCH:
        raise ShapeError(
            f"{call.name} needs at least one feature axis after the batch; it gets {spec}.", port="input"
        )
    size = spec.shape[-1]
    assert isinstance(size, int)
    return size


def _shape(call: ShapeCall) -> dict[str, TensorSpec]:
    _features(call)
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:-1], call.integer("out_features")))}


LINEAR = Kind(
    name="Linear",
    category="Linear",
    summary="Every output is a weighted sum of all inputs plus a bias.",
    doc="Works on the last axis. The basic layer of a multilayer perceptron, and the last layer of most classifiers, "
    "with one output per class.",
    formula="y = x·Wᵀ + b",
    source="https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html",
    keywords=("dense", "fully connected", "fc", "perceptron", "neuron"),
    parameters=(
        Parameter(
            "out_features",
            Integer(minimum=1, maximum=1_000_000),
            10,
            "Number of outputs (neurons).",
            positional=True,
        ),
        Parameter("bias", Boolean(), True, "Whether an offset is learned for each output."),
    ),
    inputs=(Port(name="input", doc="N×…×in_features", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×out_features"),),
    derived=(Derived(name="in_features", compute=_features, doc="Size of the last axis of the input."),),
    shape=_shape,
    module="nn.Linear",
    parameter_count=lambda call: (_features(call) + bool(call.values["bias"])) * call.integer("out_features"),
)
