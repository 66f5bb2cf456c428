"""Activations: what bends the straight lines of Linear and convolution layers.

Those that work value by value carry their curve in plain Python, for the inspector.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from nodeforge.catalog.cost_rules import keeps_copies, keeps_mask, keeps_outputs
from nodeforge.catalog.kind import (
    FLOAT_DTYPES,
    WEIGHT_DTYPES,
    Curve,
    Derived,
    KeepRule,
    Kind,
    Port,
    ShapeCall,
    ShapeRule,
)
from nodeforge.catalog.rules import TORCH, Specs, same_as_input, sample_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter, Value
from nodeforge.core.specs import BATCH

Values = Mapping[str, Value]
Function = Callable[[float, Values], float]

_POSITIVE = Number(minimum=0.0, exclusive_minimum=True)
_ANY_FLOAT = (Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),)


def number(values: Values, name: str) -> float:
    """A parameter as a float, for arithmetic."""
    value = values[name]
    assert isinstance(value, (int, float)), (name, value)
    return float(value)


def _scalar(
    name: str,
    function: Function,
    *,
    formula: str,
    summary: str,
    doc: str,
    keywords: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    domain: tuple[float, float] = (-5.0, 5.0),
    shape: ShapeRule = same_as_input,
    keeps: KeepRule | None = None,
    view: bool = False,
) -> Kind:
    """An activation of torch.nn without weights."""
    return Kind(
        name=name,
        category="Activation",
        summary=summary,
        doc=doc,
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("activation", "nonlinearity", *keywords),
        parameters=parameters,
        inputs=_ANY_FLOAT,
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=shape,
        module=f"nn.{name}",
        curve=Curve(function, domain),
        keeps=keeps,
        view=view,
    )


def sigmoid(x: float) -> float:
    """1 / (1 + e^(-x)), without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def softplus(x: float) -> float:
    """ln(1 + e^x), without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def elu(x: float, alpha: float) -> float:
    """x above zero, bending towards -alpha below."""
    return x if x > 0 else alpha * math.expm1(x)


def _gelu(x: float, values: Values) -> float:
    if values["approximate"] == "tanh":
        return 0.5 * x * (1.0 + math.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1.0 + math.erf(x / math.sqrt(2.0)))


def _softplus(x: float, values: Values) -> float:
    beta = number(values, "beta")
    return x if x * beta > number(values, "threshold") else softplus(beta * x) / beta


RELU = _scalar(
    "ReLU",
    lambda x, _: max(x, 0.0),
    formula="y = max(0, x)",
    summary="Lets positive values through and cuts negative ones to zero.",
    doc="The usual first choice: cheap, and its gradient does not fade for positive values.",
    keywords=("rectifier",),
    keeps=keeps_outputs,
)
LEAKY_RELU = _scalar(
    "LeakyReLU",
    lambda x, v: x if x >= 0 else number(v, "negative_slope") * x,
    formula="y = x if x ≥ 0, else slope·x",
    summary="A ReLU that lets a little of the negative side through.",
    doc="Keeps a gradient on the negative side, so that no neuron dies for good.",
    keywords=("rectifier",),
    parameters=(Parameter("negative_slope", Number(), 0.01, "Slope for negative values.", positional=True),),
)


def _prelu_count(call: ShapeCall) -> int:
    if not call.values["per_channel"]:
        return 1
    dims = sample_dims(call)
    if not dims:
        raise ShapeError(
            f"{call.name} is set to one slope per channel, but {call.input()} has no channel axis.",
            port="input",
            suggestions=(set_parameter("per_channel", False),),
        )
    return dims[0]


def _prelu_shape(call: ShapeCall) -> Specs:
    _prelu_count(call)
    return {"output": call.input()}


PRELU = Kind(
    name="PReLU",
    category="Activation",
    summary="A ReLU whose slope on the negative side is learned.",
    doc="One slope for all values, or one for each channel: the network decides how much of the negative "
    "side to let through (He et al., 2015). Leave it out of weight decay, which would pull the slopes "
    "to zero.",
    formula="y = x if x ≥ 0, else a·x, with a learned",
    source=TORCH + "PReLU.html",
    keywords=("activation", "nonlinearity", "parametric", "rectifier"),
    parameters=(
        Parameter("per_channel", Boolean(), False, "Whether each channel (axis 1) has a slope of its own."),
        Parameter("init", Number(), 0.25, "Slope before training.", advanced=True),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=WEIGHT_DTYPES),),
    derived=(
        Derived(
            name="num_parameters",
            compute=_prelu_count,
            doc="Number of slopes.",
            positional=False,
            default=1,
        ),
    ),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_prelu_shape,
    module="nn.PReLU",
    call_only=("per_channel",),
    parameter_count=_prelu_count,
    curve=Curve(lambda x, v: x if x >= 0 else number(v, "init") * x),
)
ELU = _scalar(
    "ELU",
    lambda x, v: elu(x, number(v, "alpha")),
    formula="y = x if x > 0, else α·(eˣ − 1)",
    summary="Like ReLU, but bends smoothly towards −α on the negative side.",
    doc="Pushes mean activations towards zero (Clevert et al., 2016).",
    keywords=("exponential",),
    parameters=(
        Parameter("alpha", _POSITIVE, 1.0, "The value that very negative inputs approach, negated."),
    ),
)
SELU = _scalar(
    "SELU",
    lambda x, _: 1.0507009873554805 * elu(x, 1.6732632423543772),
    formula="y = 1.0507·(x if x > 0, else 1.6733·(eˣ − 1))",
    summary="An ELU scaled so that plain deep networks keep mean 0 and spread 1 by themselves.",
    doc="Meant for networks of Linear layers without normalization (Klambauer et al., 2017).",
    keywords=("self-normalizing", "exponential"),
)
CELU = _scalar(
    "CELU",
    lambda x, v: elu(x / number(v, "alpha"), 1.0) * number(v, "alpha"),
    formula="y = max(0, x) + min(0, α·(e^(x/α) − 1))",
    summary="An ELU without a kink whatever α is.",
    doc="An ELU whose slope has no kink at zero, whatever alpha is (Barron, 2017). Try it where ELU serves "
    "well.",
    keywords=("exponential",),
    parameters=(
        Parameter("alpha", _POSITIVE, 1.0, "The value that very negative inputs approach, negated."),
    ),
)
GELU = _scalar(
    "GELU",
    _gelu,
    formula="y = x·Φ(x)",
    summary="A smooth ReLU that weighs each value by how likely a normal variable lies below it.",
    doc="The usual activation of transformers (Hendrycks and Gimpel, 2016).",
    keywords=("gaussian", "transformer"),
    parameters=(
        Parameter(
            "approximate",
            Choice(options=("none", "tanh")),
            "none",
            "Exact, or a faster formula.",
            advanced=True,
        ),
    ),
)
SILU = _scalar(
    "SiLU",
    lambda x, _: x * sigmoid(x),
    formula="y = x·σ(x)",
    summary="A smooth ReLU: each value is weighed by its own sigmoid.",
    doc="Also known as Swish (Elfwing et al., 2017): smooth, and slightly below zero for small negative "
    "values. The usual choice in EfficientNet and in recent language models.",
    keywords=("swish",),
)
MISH = _scalar(
    "Mish",
    lambda x, _: x * math.tanh(softplus(x)),
    formula="y = x·tanh(ln(1 + eˣ))",
    summary="A smooth ReLU that dips a little below zero.",
    doc="Smooth and close to SiLU, a little more expensive (Misra, 2019). Known from YOLOv4.",
)
SIGMOID = _scalar(
    "Sigmoid",
    lambda x, _: sigmoid(x),
    formula="y = 1 / (1 + e⁻ˣ)",
    summary="Squeezes values into 0 to 1.",
    doc="For gates and for probabilities of yes. Its gradient fades far from zero, so deep networks learn "
    "slowly with "
    "it. Leave it out before BCEWithLogitsLoss.",
    keywords=("logistic", "probability", "gate"),
    domain=(-8.0, 8.0),
    keeps=keeps_outputs,
)
TANH = _scalar(
    "Tanh",
    lambda x, _: math.tanh(x),
    formula="y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
    summary="Squeezes values into −1 to 1.",
    doc="Centred on zero, which trains better than Sigmoid inside a network. For outputs between −1 and 1, "
    "such as generated images; its gradient fades for large values.",
    keywords=("hyperbolic tangent",),
    keeps=keeps_outputs,
)


def _clipped(call: ShapeCall) -> Specs:
    low, high = number(call.values, "min_val"), number(call.values, "max_val")
    if low >= high:
        raise ShapeError(
            f"{call.name} has min_val {low:g} and max_val {high:g}: the highest value must be above the lowest.",
            suggestions=(set_parameter("max_val", low + 1.0),),
        )
    return {"output": call.input()}


HARDTANH = _scalar(
    "Hardtanh",
    lambda x, v: min(max(x, number(v, "min_val")), number(v, "max_val")),
    formula="y = min(max(x, min_val), max_val)",
    summary="Cuts values off below and above.",
    doc="A cheap Tanh made of straight lines: values within the bounds pass as they are. No gradient "
    "passes outside them.",
    shape=_clipped,
    keywords=("clip", "clamp"),
    parameters=(
        Parameter("min_val", Number(), -1.0, "Lowest value."),
        Parameter("max_val", Number(), 1.0, "Highest value; more than the lowest."),
    ),
)
HARDSIGMOID = _scalar(
    "Hardsigmoid",
    lambda x, _: min(max(x / 6.0 + 0.5, 0.0), 1.0),
    formula="y = min(max(x/6 + 1/2, 0), 1)",
    summary="A cheap Sigmoid made of straight lines.",
    doc="A Sigmoid made of straight lines, cheap where every step counts: in networks for small devices "
    "such as MobileNetV3.",
    keywords=("gate", "mobile"),
)
HARDSWISH = _scalar(
    "Hardswish",
    lambda x, _: x * min(max(x / 6.0 + 0.5, 0.0), 1.0),
    formula="y = x·min(max(x/6 + 1/2, 0), 1)",
    summary="A cheap SiLU made of simple pieces.",
    doc="SiLU with straight lines in place of its Sigmoid, for networks on small devices: MobileNetV3 "
    "(Howard et al., 2019).",
    keywords=("mobile", "swish"),
)
RELU6 = _scalar(
    "ReLU6",
    lambda x, _: min(max(x, 0.0), 6.0),
    formula="y = min(max(0, x), 6)",
    summary="A ReLU that stops at 6.",
    doc="Used in networks for small devices, where numbers have few bits.",
    keywords=("rectifier", "mobile", "clip"),
    domain=(-4.0, 10.0),
)
SOFTPLUS = _scalar(
    "Softplus",
    _softplus,
    formula="y = ln(1 + e^(β·x)) / β",
    summary="A smooth ReLU that is always positive.",
    doc="For outputs that must be positive, such as a variance or a rate.",
    parameters=(
        Parameter("beta", _POSITIVE, 1.0, "Sharpness of the bend."),
        Parameter("threshold", Number(), 20.0, "From β·x above this on it is simply x.", advanced=True),
    ),
)
SOFTSIGN = _scalar(
    "Softsign",
    lambda x, _: x / (1.0 + abs(x)),
    formula="y = x / (1 + |x|)",
    summary="Squeezes values into −1 to 1, more gently than Tanh.",
    doc="Like Tanh, but it approaches its limits slowly, so its gradient fades slowly too.",
    keeps=keeps_copies(1),
)
LOG_SIGMOID = _scalar(
    "LogSigmoid",
    lambda x, _: -softplus(-x),
    formula="y = ln σ(x)",
    summary="The logarithm of Sigmoid, computed without loss of digits.",
    doc="The logarithm of a probability without losing digits: used inside losses that compare "
    "probabilities or rank pairs.",
    keywords=("logistic", "log"),
    keeps=keeps_copies(1),
)
SOFTSHRINK = _scalar(
    "Softshrink",
    lambda x, v: math.copysign(max(abs(x) - number(v, "lambd"), 0.0), x),
    formula="y = sign(x)·max(|x| − λ, 0)",
    summary="Moves values towards zero by λ, and small ones to zero.",
    doc="Small values become zero and large ones come closer to it: makes codes sparse and takes noise away. The step "
    "that the lasso solves by.",
    keywords=("sparse", "denoise"),
    parameters=(Parameter("lambd", Number(minimum=0.0), 0.5, "How far values are moved."),),
)
HARDSHRINK = _scalar(
    "Hardshrink",
    lambda x, v: x if abs(x) > number(v, "lambd") else 0.0,
    formula="y = x if |x| > λ, else 0",
    summary="Sets small values to zero and leaves the others.",
    doc="Small values become zero, large ones stay as they are: makes codes sparse without shrinking what remains. It "
    "jumps at ±lambd.",
    keywords=("sparse", "denoise"),
    parameters=(Parameter("lambd", Number(minimum=0.0), 0.5, "Values up to this size become zero."),),
)
TANHSHRINK = _scalar(
    "Tanhshrink",
    lambda x, _: x - math.tanh(x),
    formula="y = x − tanh(x)",
    summary="Flattens values near zero and leaves large ones nearly as they are.",
    doc="What Softshrink is to noise, in a smooth form: small values nearly vanish, large ones lose one. "
    "What Softshrink is to noise, in a smooth form: small values nearly vanish, large ones "
    "lose one. Used in sparse coding.",
    keywords=("sparse",),
    keeps=keeps_mask,
)
THRESHOLD = _scalar(
    "Threshold",
    lambda x, v: x if x > number(v, "threshold") else number(v, "value"),
    formula="y = x if x > threshold, else value",
    summary="Keeps what lies above a threshold and replaces the rest by a constant.",
    doc="Values above the threshold pass, all others become one fixed value. With threshold 0 and value 0 "
    "it is ReLU.",
    parameters=(
        Parameter("threshold", Number(), 0.0, "What lies above is kept.", positional=True),
        Parameter("value", Number(), 0.0, "What the rest becomes.", positional=True),
    ),
)
STEP = Kind(
    name="Step",
    category="Activation",
    summary="One at and above the threshold, zero below.",
    doc="The activation of the first perceptrons. Its gradient is zero everywhere, so layers before it "
    "cannot learn by "
    "back-propagation.",
    formula="y = 1 if x ≥ threshold, else 0",
    source="https://docs.pytorch.org/docs/stable/generated/torch.ge.html",
    keywords=("activation", "heaviside", "binary", "perceptron"),
    parameters=(Parameter("threshold", Number(), 0.0, "Where it jumps."),),
    inputs=_ANY_FLOAT,
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"({call.x} >= {call.values['threshold']!r}).to({call.x}.dtype)",
    curve=Curve(lambda x, v: float(x >= number(v, "threshold"))),
    blocks_gradient=True,
)
IDENTITY = _scalar(
    "Identity",
    lambda x, _: x,
    formula="y = x",
    summary="Passes everything through unchanged.",
    doc="A place holder: gives a point of the network a name, or takes the place of a layer that is tried "
    "without.",
    keywords=("linear", "pass", "none"),
    view=True,
)


def over_axis(call: ShapeCall) -> Specs:
    """The rule of what happens along one axis, `dim`, which must not be the batch."""
    spec, dim = call.input(), call.integer("dim")
    if not -spec.rank <= dim < spec.rank:
        raise ShapeError(
            f"{call.name} has dim {dim}, but {spec} has axes 0 to {spec.rank - 1}.",
            suggestions=(set_parameter("dim", -1),) if spec.rank else (),
        )
    if spec.shape[dim] == BATCH:
        raise ShapeError(
            f"{call.name} would make the samples of a batch share out one: axis {dim} of {spec} is the "
            f"batch.",
            suggestions=(set_parameter("dim", spec.rank - 1),) if spec.rank > 1 else (),
        )
    return {"output": spec}


def softmax_kind(name: str, *, formula: str, summary: str, doc: str, keywords: tuple[str, ...]) -> Kind:
    """A kind of the softmax family."""
    return Kind(
        name=name,
        category="Activation",
        summary=summary,
        doc=doc,
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("activation", "probability", *keywords),
        parameters=(Parameter("dim", Integer(), -1, "The axis whose values share; -1 is the last."),),
        inputs=_ANY_FLOAT,
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=over_axis,
        module=f"nn.{name}",
        named=("dim",),
        keeps=keeps_outputs,
    )


SOFTMAX = softmax_kind(
    "Softmax",
    formula="yᵢ = e^xᵢ / Σⱼ e^xⱼ",
    summary="Turns scores into probabilities that add up to 1.",
    doc="Leave it out before CrossEntropyLoss, which takes the raw scores.",
    keywords=("classes", "normalize"),
)
LOG_SOFTMAX = softmax_kind(
    "LogSoftmax",
    formula="yᵢ = xᵢ − ln Σⱼ e^xⱼ",
    summary="The logarithm of Softmax, computed without loss of digits.",
    doc="The logarithm of Softmax without losing digits: what NLLLoss and KLDivLoss take. Before "
    "CrossEntropyLoss leave it out.",
    keywords=("classes", "log"),
)
