"""Fully connected layers. The perceptron rule and ridge change `weight` and `bias` of Linear, as gradients do."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import rows_of_input, weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, feature_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Parameter


def _shape(call: ShapeCall) -> Specs:
    feature_dims(call)
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:-1], call.integer("out_features")))}


def _count(call: ShapeCall) -> int:
    return (feature_dims(call) + bool(call.values["bias"])) * call.integer("out_features")


_OUT_FEATURES = Parameter(
    "out_features", Integer(minimum=1, maximum=1_000_000), 10, "Number of outputs (neurons).", positional=True
)
_BIAS = Parameter("bias", Boolean(), True, "Whether an offset is learned for each output.")

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
        _OUT_FEATURES,
        _BIAS,
    ),
    inputs=(Port(name="input", doc="N×…×in_features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×out_features"),),
    derived=(Derived(name="in_features", compute=feature_dims, doc="Size of the last axis of the input."),),
    shape=_shape,
    module="nn.Linear",
    parameter_count=_count,
    macs=weights_used(_count, rows_of_input),
    rules=("gradient", "perceptron", "ridge"),
)


def _bilinear(call: ShapeCall) -> Specs:
    feature_dims(call, "input1")
    feature_dims(call, "input2")
    one, two = call.input("input1"), call.input("input2")
    if one.shape[:-1] != two.shape[:-1]:
        raise ShapeError(
            f"{call.name} pairs its inputs, so all axes but the last must be equal; it gets {one} and {two}.",
            port="input2",
        )
    return {"output": one.with_shape((*one.shape[:-1], call.integer("out_features")))}


def _bilinear_count(call: ShapeCall) -> int:
    pairs = feature_dims(call, "input1") * feature_dims(call, "input2")
    return (pairs + bool(call.values["bias"])) * call.integer("out_features")


BILINEAR = Kind(
    name="Bilinear",
    category="Linear",
    summary="Every output is a weighted sum of all products of one value from each of two inputs.",
    doc="Finds out how two things go together: a question and an answer, a user and an article. It has in1·in2 "
    "weights for each output, so keep the inputs small.",
    formula="y = x₁ᵀ·W·x₂ + b",
    source=TORCH + "Bilinear.html",
    keywords=("product", "two inputs", "interaction"),
    parameters=(_OUT_FEATURES, _BIAS),
    inputs=(
        Port(name="input1", doc="N×…×in1_features", dtypes=WEIGHT_DTYPES),
        Port(name="input2", doc="N×…×in2_features", dtypes=WEIGHT_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…×out_features"),),
    derived=(
        Derived(
            name="in1_features",
            compute=lambda call: feature_dims(call, "input1"),
            doc="Size of the last axis of the first input.",
        ),
        Derived(
            name="in2_features",
            compute=lambda call: feature_dims(call, "input2"),
            doc="Size of the last axis of the second input.",
        ),
    ),
    shape=_bilinear,
    module="nn.Bilinear",
    parameter_count=_bilinear_count,
    macs=weights_used(_bilinear_count, rows_of_input),
)
