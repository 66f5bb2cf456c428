"""Functions of one number, value by value, beside the common ones of `math_elementwise`."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_nothing, keeps_outputs
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, CodeCall, Curve, Kind, Port
from nodeforge.catalog.nodes.activation import number
from nodeforge.catalog.nodes.math_elementwise import function
from nodeforge.catalog.rules import OPS, same_as_input
from nodeforge.core.parameters import Number, Parameter

SQUARE = function(
    "Square",
    "square",
    "Multiplies every value by itself.",
    "Drops the sign and makes large values much larger. The errors of MSELoss are squares.",
    "y = x²",
    "power",
    curve=lambda x: x * x,
)
RECIPROCAL = function(
    "Reciprocal",
    "reciprocal",
    "One divided by every value.",
    "Turns a distance into a weight. Zero gives infinity: keep values away from it.",
    "y = 1 / x",
    "inverse",
    "divide",
    keeps=keeps_outputs,
)
RSQRT = function(
    "Rsqrt",
    "rsqrt",
    "One divided by the square root of every value.",
    "Multiplied with values it divides them by their spread, as normalizations do. Only for values above zero.",
    "y = 1 / √x",
    "inverse",
    "square root",
    keeps=keeps_outputs,
)
LOG1P = function(
    "Log1p",
    "log1p",
    "The natural logarithm of one plus every value.",
    "Tames counts and prices that spread over many sizes: zero stays zero. Exact for tiny values, where Log of 1 + x "
    "is not. Only for values above −1.",
    "y = ln(1 + x)",
    "logarithm",
    "counts",
)
EXPM1 = function(
    "Expm1",
    "expm1",
    "Raises e to the power of every value and takes one away.",
    "Turns Log1p back, exactly for tiny values too: from tamed counts or prices to the real ones.",
    "y = eˣ − 1",
    "exponential",
    curve=math.expm1,
    keeps=keeps_outputs,
)
SIGN = function(
    "Sign",
    "sign",
    "The sign of every value: −1, 0 or 1.",
    "Which way something goes, without how far. No gradient passes.",
    "y = −1 if x < 0, 0 if x = 0, 1 if x > 0",
    "direction",
    curve=lambda x: float((x > 0) - (x < 0)),
    keeps=keeps_nothing,
    blocks_gradient=True,
)
FLOOR = function(
    "Floor",
    "floor",
    "The largest whole number that is not above each value.",
    "Rounds down, for bins and grid cells. No gradient passes.",
    "y = ⌊x⌋",
    "round",
    "integer",
    curve=lambda x: float(math.floor(x)),
    keeps=keeps_nothing,
    blocks_gradient=True,
)
CEIL = function(
    "Ceil",
    "ceil",
    "The smallest whole number that is not below each value.",
    "Rounds up, for how many whole pieces are needed. No gradient passes.",
    "y = ⌈x⌉",
    "round",
    "integer",
    curve=lambda x: float(math.ceil(x)),
    keeps=keeps_nothing,
    blocks_gradient=True,
)
ROUND = function(
    "Round",
    "round",
    "The whole number that is nearest to each value.",
    "Halves go to the even neighbour. No gradient passes; put StopGradient and Add around it to let one by.",
    "y = nearest whole number",
    "integer",
    "quantize",
    curve=lambda x: float(round(x)),
    keeps=keeps_nothing,
    blocks_gradient=True,
)
TAN = function(
    "Tan",
    "tan",
    "The tangent of every value.",
    "Sine over cosine; it jumps from plus to minus infinity at odd multiples of π/2.",
    "y = tan x",
    "angle",
    keeps=keeps_outputs,
)
ATAN = function(
    "Atan",
    "atan",
    "The angle whose tangent is each value.",
    "Squeezes all numbers between −π/2 and π/2, slower than Tanh does.",
    "y = arctan x",
    "angle",
    "arctan",
    "inverse",
    curve=math.atan,
)
SINH = function(
    "Sinh",
    "sinh",
    "The hyperbolic sine of every value.",
    "Near zero it hardly changes a value, far from zero it grows like Exp in both directions.",
    "y = (eˣ − e⁻ˣ) / 2",
    "hyperbolic",
    curve=math.sinh,
)
COSH = function(
    "Cosh",
    "cosh",
    "The hyperbolic cosine of every value.",
    "Its logarithm is a loss that is square near zero and straight far away.",
    "y = (eˣ + e⁻ˣ) / 2",
    "hyperbolic",
    curve=math.cosh,
)
ASINH = function(
    "Asinh",
    "asinh",
    "The inverse of the hyperbolic sine of every value.",
    "A logarithm for both signs: tames large values and leaves small ones as they are.",
    "y = ln(x + √(x² + 1))",
    "hyperbolic",
    "symmetric logarithm",
    curve=math.asinh,
)
ERF = function(
    "Erf",
    "erf",
    "The error function of every value.",
    "Twice the share of a bell curve that lies between 0 and x·√2; the exact GELU is made of it.",
    "y = 2/√π · ∫₀ˣ e^(−t²) dt",
    "bell curve",
    "gaussian",
    curve=math.erf,
)


def _scale_code(call: CodeCall) -> str:
    scale, shift = number(call.values, "scale"), number(call.values, "shift")
    if not shift:
        return f"{call.x} * {scale!r}"
    sign = "+" if shift > 0 else "-"
    return (
        f"{call.x} * {scale!r} {sign} {abs(shift)!r}" if scale != 1.0 else f"{call.x} {sign} {abs(shift)!r}"
    )


SCALE_SHIFT = Kind(
    name="ScaleShift",
    category="Math",
    summary="Multiplies every value by a number and adds another.",
    doc="Brings values to another range: pixels from 0…1 to −1…1 with scale 2 and shift −1, or 1 − x with scale −1 "
    "and shift 1. The numbers are fixed; Parameter with Multiply learns them.",
    formula="y = scale·x + shift",
    source=OPS + "mul.html",
    keywords=("multiply", "add", "constant", "affine", "scalar", "temperature", "one minus"),
    parameters=(
        Parameter("scale", Number(), 1.0, "What every value is multiplied by."),
        Parameter("shift", Number(), 0.0, "What is added then."),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=_scale_code,
    curve=Curve(lambda x, v: number(v, "scale") * x + number(v, "shift")),
    keeps=keeps_nothing,
)
NAN_TO_NUM = Kind(
    name="NanToNum",
    category="Math",
    summary="Writes a number where a value is missing (NaN).",
    doc="For tables with gaps. Infinite values become the largest finite ones. Where NaN comes from the network "
    "itself, mend its cause instead.",
    formula="y = nan if x is NaN, else x",
    source=OPS + "nan_to_num.html",
    keywords=("missing", "nan", "impute", "infinite"),
    parameters=(Parameter("nan", Number(), 0.0, "What stands for a missing value."),),
    inputs=(Port(name="input", doc="any shape", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"{call.x}.nan_to_num({call.values['nan']!r})",
)
