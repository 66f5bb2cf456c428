"""Fully connected layers."""

from __future__ import annotations

from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, feature_dims
from nodeforge.core.parameters import Boolean, Integer, Parameter


def _shape(call: ShapeCall) -> Specs:
    feature_dims(call)
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:-1], call.integer("out_features")))}


LINEAR = Kind(
    name="Linear",
    category="Linear",
    summary="Every output is a weighted sum of all inputs plus a bias.",
    doc="Works on the last axis. The basic layer of a multilayer perceptron, and the last layer of most "
    "classifiers, with one output per class.",
    formula="y = x·Wᵀ + b",
    source=TORCH + "Linear.html",
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
    inputs=(Port(name="input", doc="N×…×in_features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×out_features"),),
    derived=(Derived(name="in_features", compute=feature_dims, doc="Size of the last axis of the input."),),
    shape=_shape,
    module="nn.Linear",
    parameter_count=lambda call: (
        (feature_dims(call) + bool(call.values["bias"])) * call.integer("out_features")
    ),
)
