"""Yes and no: masks that are joined, and the larger or smaller of several values."""

from __future__ import annotations

import functools

from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port
from nodeforge.catalog.nodes.combining import combined
from nodeforge.catalog.nodes.math_elementwise import two
from nodeforge.catalog.rules import OPS, same_as_input

_BOOL = frozenset({"bool"})


def _logical(name: str, sign: str, *, summary: str, doc: str, formula: str) -> Kind:
    return Kind(
        name=f"Logical{name}",
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"logical_{name.lower()}.html",
        keywords=(name.lower(), "mask", "condition", "boolean"),
        inputs=(
            Port(
                name="inputs",
                doc="two or more, true or false; same shape, or 1 where it repeats",
                dtypes=_BOOL,
                many=True,
                repeats=True,
            ),
        ),
        outputs=(Port(name="output", doc="true or false, the shape of the inputs"),),
        shape=combined,
        forward=lambda call: f" {sign} ".join(call.inputs["inputs"]),
    )


LOGICAL_AND = _logical(
    "And",
    "&",
    summary="True where all its inputs are true.",
    doc="Joins masks that must all hold: a value within bounds, a place that is neither padding nor future.",
    formula="y = a and b and …",
)
LOGICAL_OR = _logical(
    "Or",
    "|",
    summary="True where any of its inputs is true.",
    doc="Joins masks of what must not be seen: a place is hidden if it is padding or lies in the future.",
    formula="y = a or b or …",
)
LOGICAL_XOR = _logical(
    "Xor",
    "^",
    summary="True where one of its two inputs is true and the other is not.",
    doc="Tells where two masks differ. Of more than two inputs: true where an odd number of them is.",
    formula="y = a ≠ b",
)
LOGICAL_NOT = Kind(
    name="LogicalNot",
    category="Math",
    summary="True becomes false, and false true.",
    doc="Turns a mask of what may be seen into one of what may not: the attention kinds of torch differ in "
    "what true means.",
    formula="y = not x",
    source=OPS + "logical_not.html",
    keywords=("not", "invert", "mask", "boolean"),
    inputs=(Port(name="input", doc="true or false, any shape", dtypes=_BOOL),),
    outputs=(Port(name="output", doc="true or false, the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"~{call.x}",
)


def _nested(function: str, expressions: tuple[str, ...]) -> str:
    return functools.reduce(lambda one, other: f"torch.{function}({one}, {other})", expressions)


def _extreme(name: str, *, summary: str, doc: str, formula: str) -> Kind:
    return Kind(
        name=name,
        category="Combine",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"{name.lower()}.html",
        keywords=("merge", "elementwise", "larger", "smaller"),
        inputs=(
            Port(
                name="inputs",
                doc="two or more, same shape, or 1 where it repeats",
                dtypes=FLOAT_DTYPES,
                many=True,
                repeats=True,
            ),
        ),
        outputs=(Port(name="output", doc="the shape of the inputs"),),
        shape=combined,
        forward=lambda call: _nested(name.lower(), call.inputs["inputs"]),
    )


MAXIMUM = _extreme(
    "Maximum",
    summary="The largest of its inputs, value by value.",
    doc="Joins paths so that the strongest sign wins. Max is for the values of one axis. The gradient goes to the "
    "winner.",
    formula="y = max(a, b, …)",
)
MINIMUM = _extreme(
    "Minimum",
    summary="The smallest of its inputs, value by value.",
    doc="Joins paths so that the weakest sign wins. Min is for the values of one axis. The gradient goes to the "
    "winner.",
    formula="y = min(a, b, …)",
)

_PAIR = (
    Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES, repeats=True),
    Port(name="other", doc="same shape, or 1 where it repeats", dtypes=FLOAT_DTYPES, repeats=True),
)
REMAINDER = Kind(
    name="Remainder",
    category="Math",
    summary="What is left when the first input is divided by the second, value by value.",
    doc="Wraps angles and hours into one turn. The result has the sign of the second input.",
    formula="y = a − b·⌊a / b⌋",
    source=OPS + "remainder.html",
    keywords=("modulo", "mod", "wrap", "periodic"),
    inputs=_PAIR,
    outputs=(Port(name="output", doc="the shape of the inputs"),),
    shape=two,
    forward=lambda call: f"{call.inputs['input'][0]} % {call.inputs['other'][0]}",
)
ATAN2 = Kind(
    name="Atan2",
    category="Math",
    summary="The angle of a point, from its height and its width.",
    doc="Knows all four quarters of the circle, which Atan of the ratio does not. Gives −π to π.",
    formula="y = angle of the point (b, a)",
    source=OPS + "atan2.html",
    keywords=("angle", "direction", "polar", "arctan"),
    inputs=_PAIR,
    outputs=(Port(name="output", doc="angles, the shape of the inputs"),),
    shape=two,
    forward=lambda call: f"torch.atan2({call.arguments})",
)
