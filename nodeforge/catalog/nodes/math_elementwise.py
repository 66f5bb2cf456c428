"""Arithmetic, value by value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from nodeforge.catalog.cost_rules import keeps_nothing, keeps_outputs, keeps_ports
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, Curve, KeepRule, Kind, Port, ShapeCall, ShapeRule
from nodeforge.catalog.nodes.activation import number
from nodeforge.catalog.rules import OPS, Specs, broadcast, same_as_input, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Number, Optional, Parameter, Value
from nodeforge.core.specs import TensorSpec

_COUNTED = frozenset(FLOAT_DTYPES | {"int64", "int32"})
_PAIR = (
    Port(name="input", doc="any shape", dtypes=_COUNTED, repeats=True),
    Port(name="other", doc="same shape, or 1 where it repeats", dtypes=_COUNTED, repeats=True),
)


def two(call: ShapeCall) -> Specs:
    """Two partners, value by value; axes of 1 are repeated."""
    return {"output": broadcast(call, "input", "other")}


def _divided(call: ShapeCall) -> Specs:
    spec = broadcast(call, "input", "other")
    return {"output": spec if spec.dtype in FLOAT_DTYPES else TensorSpec(spec.shape, "float32")}


def _pair(
    name: str,
    sign: str,
    *,
    summary: str,
    doc: str,
    formula: str,
    keywords: tuple[str, ...],
    shape: ShapeRule,
    keeps: KeepRule | None = None,
    blocks_gradient: bool = False,
) -> Kind:
    return Kind(
        name=name,
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + {"-": "sub", "/": "div"}[sign] + ".html",
        keywords=keywords,
        inputs=_PAIR,
        outputs=(Port(name="output", doc="the shape of the inputs, axes of 1 repeated"),),
        shape=shape,
        forward=lambda call: f"{call.inputs['input'][0]} {sign} {call.inputs['other'][0]}",
        keeps=keeps,
    )


SUBTRACT = _pair(
    "Subtract",
    "-",
    summary="Takes the second input away from the first, value by value.",
    doc="The difference of two paths. Both need the same shape; an axis of 1 is repeated.",
    formula="y = a − b",
    keywords=("minus", "difference", "sub"),
    shape=two,
    keeps=keeps_nothing,
)
DIVIDE = _pair(
    "Divide",
    "/",
    summary="Divides the first input by the second, value by value.",
    doc="Where the second is zero the result is infinite and training stops: keep it away from zero.",
    formula="y = a / b",
    keywords=("ratio", "quotient", "div"),
    shape=_divided,
)

_SIGNS = {"equal": "==", "not equal": "!=", "less": "<", "less or equal": "<=", "greater": ">"} | {
    "greater or equal": ">="
}


def _compared(call: ShapeCall) -> Specs:
    if "other" not in call.inputs:
        return {"output": TensorSpec(call.input().shape, "bool")}
    return {"output": TensorSpec(broadcast(call, "input", "other").shape, "bool")}


def _compare_code(call: CodeCall) -> str:
    other = call.inputs["other"][0] if "other" in call.inputs else repr(call.values["value"])
    return f"{call.inputs['input'][0]} {_SIGNS[str(call.values['comparison'])]} {other}"


COMPARE = Kind(
    name="Compare",
    category="Math",
    summary="Tells where a comparison holds: true or false for every value.",
    doc="Compares with the second input, or with a number where that is unwired. Makes masks for attention and for "
    "Where. No gradient passes.",
    formula="y = a < b, and the like",
    source=OPS + "lt.html",
    keywords=("equal", "less", "greater", "mask", "condition"),
    parameters=(
        Parameter("comparison", Choice(options=tuple(_SIGNS)), "greater", "What is asked."),
        Parameter("value", Number(), 0.0, "The number to compare with, where `other` is unwired."),
    ),
    inputs=(_PAIR[0], replace(_PAIR[1], optional=True)),
    outputs=(Port(name="output", doc="true or false"),),
    shape=_compared,
    forward=_compare_code,
    keeps=keeps_nothing,
)


def _chosen(call: ShapeCall) -> Specs:
    result = broadcast(call, "input", "other")
    condition = TensorSpec(call.input("condition").shape, result.dtype)
    if condition.shape != result.shape:
        raise ShapeError(
            f"{call.name} needs a condition for each value of {result}; it gets {call.input('condition')}.",
            port="condition",
        )
    return {"output": result}


WHERE = Kind(
    name="Where",
    category="Math",
    summary="Takes a value from the first input where a condition is true, from the second where it is not.",
    doc="A switch for every value: piecewise functions, safe defaults, masks that are more than zero. "
    "Compare makes conditions.",
    formula="y = a where condition, else b",
    source=OPS + "where.html",
    keywords=("if", "condition", "mask", "switch", "select"),
    inputs=(
        Port(name="condition", doc="true or false, the shape of the result", dtypes=frozenset({"bool"})),
        *_PAIR,
    ),
    outputs=(Port(name="output", doc="the shape of the inputs, axes of 1 repeated"),),
    shape=_chosen,
    forward=lambda call: f"torch.where({call.arguments})",
    keeps=keeps_ports("condition"),
)


def _clamped(call: ShapeCall) -> Specs:
    low, high = call.values["min"], call.values["max"]
    if low is None and high is None:
        raise ShapeError(
            f"{call.name} has neither min nor max, so it would do nothing.",
            suggestions=(set_parameter("min", 0.0),),
        )
    if low is not None and high is not None and number(call.values, "min") > number(call.values, "max"):
        raise ShapeError(
            f"{call.name} has min {low:g} above max {high:g}.", suggestions=(set_parameter("max", None),)
        )
    return {"output": call.input()}


def _clamp(x: float, values: Mapping[str, Value]) -> float:
    low, high = values["min"], values["max"]
    x = max(x, number(values, "min")) if low is not None else x
    return min(x, number(values, "max")) if high is not None else x


def _clamp_code(call: CodeCall) -> str:
    bounds = [f"{name}={call.values[name]!r}" for name in ("min", "max") if call.values[name] is not None]
    return f"{call.x}.clamp({', '.join(bounds)})"


CLAMP = Kind(
    name="Clamp",
    category="Math",
    summary="Cuts values off below, above, or both.",
    doc="Keeps a variance positive or a picture within its range. No gradient passes where it cuts.",
    formula="y = min(max(x, min), max)",
    source=OPS + "clamp.html",
    keywords=("clip", "limit", "bound"),
    parameters=(
        Parameter("min", Optional(of=Number(), empty="no limit"), 0.0, "Lowest value."),
        Parameter("max", Optional(of=Number(), empty="no limit"), None, "Highest value."),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_clamped,
    forward=_clamp_code,
)


def function(
    name: str,
    method: str,
    summary: str,
    doc: str,
    formula: str,
    *keywords: str,
    curve: Callable[[float], float] | None = None,
    keeps: KeepRule | None = None,
    blocks_gradient: bool = False,
) -> Kind:
    """A method of tensors that works value by value, without parameters."""
    return Kind(
        name=name,
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"{method}.html",
        keywords=("function", *keywords),
        inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=same_as_input,
        forward=lambda call: f"{call.x}.{method}()",
        curve=Curve(lambda x, _: curve(x)) if curve else None,
        keeps=keeps,
        blocks_gradient=blocks_gradient,
    )


EXP = function(
    "Exp",
    "exp",
    "Raises e to the power of every value.",
    "Turns logarithms back, and any number into a positive one. Grows very fast.",
    "y = eˣ",
    "exponential",
    keeps=keeps_outputs,
)
LOG = function(
    "Log",
    "log",
    "The natural logarithm of every value.",
    "Only for positive values: zero gives minus infinity. Clamp them first.",
    "y = ln x",
    "logarithm",
    "ln",
)
SQRT = function(
    "Sqrt",
    "sqrt",
    "The square root of every value.",
    "Only for values of zero and more. Its gradient is infinite at zero.",
    "y = √x",
    "square root",
    keeps=keeps_outputs,
)
ABS = function(
    "Abs",
    "abs",
    "Drops the sign of every value.",
    "The size of a number, whichever way it points: differences, amplitudes, penalties on weights.",
    "y = |x|",
    "absolute",
    curve=abs,
)
NEGATE = function(
    "Negate",
    "neg",
    "Turns the sign of every value.",
    "Turns a score to be raised into one to be lowered, a distance into a similarity.",
    "y = −x",
    "minus",
    "negative",
    curve=lambda x: -x,
    keeps=keeps_nothing,
)
SIN = function(
    "Sin",
    "sin",
    "The sine of every value.",
    "For waves and angles; an activation of networks that store pictures and fields.",
    "y = sin x",
    "wave",
    "siren",
    curve=math.sin,
)
COS = function(
    "Cos",
    "cos",
    "The cosine of every value.",
    "For waves and angles; beside Sin it tells the hour of a day or a direction without a jump.",
    "y = cos x",
    "wave",
    curve=math.cos,
)
POW = Kind(
    name="Pow",
    category="Math",
    summary="Raises every value to a power.",
    doc="A power of 2 squares. Negative values have no fractional powers.",
    formula="y = xᵖ",
    source=OPS + "pow.html",
    keywords=("power", "square", "exponent"),
    parameters=(Parameter("exponent", Number(), 2.0, "The power p."),),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"{call.x}.pow({call.values['exponent']!r})",
)
STOP_GRADIENT = Kind(
    name="StopGradient",
    category="Math",
    summary="Passes values on, but lets no gradient back.",
    doc="What lies before it does not learn from what lies behind it.",
    formula="y = x, ∂y/∂x = 0",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html",
    keywords=("detach", "freeze", "block"),
    inputs=(Port(name="input", doc="any shape"),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"{call.x}.detach()",
    view=True,
    blocks_gradient=True,
)
