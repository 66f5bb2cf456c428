"""The borders of a network: what comes in, what goes out, what it should have been."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import Kind, Port, Role, ShapeCall
from nodeforge.core.parameters import Choice, Integers, Parameter, Text
from nodeforge.core.specs import BATCH, DTYPES, Dim, TensorSpec

FIELD_DOC = "Which field of the data feeds this node. Empty: the first that fits."


def _declared(call: ShapeCall) -> dict[str, TensorSpec]:
    shape = call.values["shape"]
    assert isinstance(shape, tuple)
    dims: tuple[Dim, ...] = (BATCH, *shape)
    return {"output": TensorSpec(dims, str(call.values["dtype"]))}


INPUT = Kind(
    name="Input",
    category="Ports",
    role=Role.INPUT,
    summary="Where a batch of samples enters the network.",
    doc="Give the shape of one sample; the batch axis is left out and appears on the wire as N. "
    "An image of 28×28 grey pixels is 1×28×28: channels, height, width.",
    keywords=("data", "source", "x", "features"),
    parameters=(
        Parameter("shape", Integers(min_length=0), doc="Shape of one sample, without the batch axis."),
        Parameter("dtype", Choice(options=DTYPES), "float32", "Element type of the samples."),
        Parameter("field", Text(), "", FIELD_DOC, advanced=True),
    ),
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_declared,
)

TARGET = Kind(
    name="Target",
    category="Ports",
    role=Role.TARGET,
    summary="The right answer for each sample, for the loss to compare with.",
    doc="Class labels are whole numbers: shape empty, int64. Values to predict are float32 with the shape "
    "of the prediction.",
    keywords=("label", "ground truth", "y"),
    parameters=(
        Parameter(
            "shape",
            Integers(min_length=0),
            (),
            "Shape of one answer, without the batch axis; empty for a class label.",
        ),
        Parameter(
            "dtype",
            Choice(options=DTYPES),
            "int64",
            "Element type: int64 for class labels, float32 for values.",
        ),
        Parameter("field", Text(), "", FIELD_DOC, advanced=True),
    ),
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_declared,
)

OUTPUT = Kind(
    name="Output",
    category="Ports",
    role=Role.OUTPUT,
    summary="What the network gives back: the prediction that is measured and exported.",
    doc="What lies between Input and Output is the model that is exported; losses and targets are left out.",
    keywords=("prediction", "result", "y"),
    inputs=(Port(name="input", doc="The prediction, any shape."),),
    outputs=(),
    shape=lambda call: {},
    keeps=keeps_nothing,
)
