"""Many values of an axis become one."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_both, keeps_nothing, keeps_ranks
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, KeepRule, Kind, Port, ShapeCall, ShapeRule
from nodeforge.catalog.rules import OPS, Specs, batch_free_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Parameter
from nodeforge.core.specs import TensorSpec

_INPUT = (Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),)
_CONDITIONS = (Port(name="input", doc="true or false, any shape", dtypes=frozenset({"bool"})),)
_DIM = Parameter("dim", Integer(), -1, "The axis whose values become one; -1 is the last.")
_KEEP = Parameter("keepdim", Boolean(), False, "Keep the axis, with size 1.", advanced=True)


def _reduced(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    kept = (1,) if call.values["keepdim"] else ()
    return {"output": spec.with_shape((*spec.shape[:axis], *kept, *spec.shape[axis + 1 :]))}


def _spread(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    if spec.shape[axis] == 1:
        raise ShapeError(
            f"{call.name} needs two values or more; axis {axis} of {spec} has one.", port="input"
        )
    return _reduced(call)


def _place(call: ShapeCall) -> Specs:
    return {"output": TensorSpec(_reduced(call)["output"].shape, "int64")}


def _code(call: CodeCall, method: str) -> str:
    arguments = [f"dim={call.values['dim']}"]
    if "p" in call.values:
        arguments.insert(0, f"ord={call.values['p']!r}")
    if call.values["keepdim"]:
        arguments.append("keepdim=True")
    joined = ", ".join(arguments)
    return f"{method}({call.x}, {joined})" if "." in method else f"{call.x}.{method}({joined})"


def _reduction(
    name: str,
    method: str,
    summary: str,
    doc: str,
    formula: str,
    *keywords: str,
    keeps: KeepRule | None = None,
    shape: ShapeRule = _reduced,
    inputs: tuple[Port, ...] = _INPUT,
    pick: str = "",
) -> Kind:
    """A method of tensors that makes one value of an axis; `pick` takes it out of what the method gives."""
    return Kind(
        name=name,
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"{method}.html",
        keywords=("reduce", "axis", *keywords),
        parameters=(_DIM, _KEEP),
        inputs=inputs,
        outputs=(Port(name="output", doc="the shape of the input without dim"),),
        shape=shape,
        forward=lambda call: _code(call, method) + pick,
        keeps=keeps,
    )


SUM = _reduction(
    "Sum",
    "sum",
    "Adds the values of an axis up.",
    "A total over time, space or features: energy of a signal, votes for a class. Mean does not grow "
    "with the size.",
    "y = Σ x",
    "total",
    "add",
    keeps=keeps_nothing,
)
MAX = _reduction(
    "Max",
    "amax",
    "The largest value of an axis.",
    "Over the time axis it keeps the strongest sign that was seen anywhere.",
    "y = max x",
    "maximum",
    "pooling",
    keeps=keeps_both,
)
MIN = _reduction(
    "Min",
    "amin",
    "The smallest value of an axis.",
    "The nearest of several distances, the weakest link of a chain. The gradient goes to the place of "
    "the smallest value only.",
    "y = min x",
    "minimum",
    keeps=keeps_both,
)
ARGMAX = _reduction(
    "ArgMax",
    "argmax",
    "The place of the largest value of an axis.",
    "From scores to the number of the chosen class. No gradient passes.",
    "y = argmax x",
    "index",
    "class",
    "prediction",
    shape=_place,
    keeps=keeps_nothing,
)
STD = _reduction(
    "Std",
    "std",
    "The spread of the values of an axis.",
    "The standard deviation, with n − 1 in the divisor. Needs two values or more.",
    "y = √(Σ (x − mean)² / (n − 1))",
    "standard deviation",
    "variance",
    shape=_spread,
    keeps=keeps_both,
)
ARGMIN = _reduction(
    "ArgMin",
    "argmin",
    "The place of the smallest value of an axis.",
    "From distances to the number of the nearest. No gradient passes.",
    "y = argmin x",
    "index",
    "nearest",
    shape=_place,
    keeps=keeps_nothing,
)
PROD = _reduction(
    "Prod",
    "prod",
    "Multiplies the values of an axis.",
    "The probability that several things happen at once. Long products vanish or explode: prefer a Sum of Log.",
    "y = Π x",
    "product",
    "multiply",
    keeps=keeps_both,
)
VAR = _reduction(
    "Var",
    "var",
    "The variance of the values of an axis.",
    "The square of the spread, with n − 1 in the divisor. Needs two values or more.",
    "y = Σ (x − mean)² / (n − 1)",
    "variance",
    "spread",
    shape=_spread,
)
LOG_SUM_EXP = _reduction(
    "LogSumExp",
    "logsumexp",
    "A soft maximum: the logarithm of the sum of exponentials.",
    "Lets all values take part, the largest most. Joins log-probabilities without losing digits.",
    "y = ln Σ eˣ",
    "soft maximum",
    "log-probability",
    keeps=keeps_both,
)
MEDIAN = _reduction(
    "Median",
    "median",
    "The value in the middle of an axis when it is put in order.",
    "Not moved by outliers as the mean is. Of an even number it is the lower of the two in the middle.",
    "y = middle value of x",
    "middle",
    "robust",
    "outliers",
    pick=".values",
    keeps=keeps_ranks,
)
ANY = _reduction(
    "Any",
    "any",
    "True where any value of an axis is true.",
    "Whether something was seen anywhere. Compare makes conditions.",
    "y = x₁ or x₂ or …",
    "or",
    "mask",
    inputs=_CONDITIONS,
)
ALL = _reduction(
    "All",
    "all",
    "True where all values of an axis are true.",
    "Whether a condition holds everywhere. Compare makes conditions.",
    "y = x₁ and x₂ and …",
    "and",
    "mask",
    inputs=_CONDITIONS,
)


def _running(
    name: str, method: str, *, summary: str, doc: str, formula: str, word: str, keeps: KeepRule
) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        batch_free_axis(call)
        return {"output": call.input()}

    return Kind(
        name=name,
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"{method}.html",
        keywords=("cumulative", "running", "axis", word),
        parameters=(Parameter("dim", Integer(), -1, "The axis to run along; -1 is the last."),),
        inputs=_INPUT,
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=shape,
        forward=lambda call: f"{call.x}.{method}(dim={call.values['dim']})",
        keeps=keeps,
    )


CUM_SUM = _running(
    "CumSum",
    "cumsum",
    summary="Running totals along an axis.",
    doc="From steps to positions, from a density to a distribution. Each place sees itself and what lies before it.",
    formula="y[i] = x[1] + … + x[i]",
    word="sum",
    keeps=keeps_nothing,
)
CUM_PROD = _running(
    "CumProd",
    "cumprod",
    summary="Running products along an axis.",
    doc="What is left after each step, as light behind several panes of glass. Long products vanish or explode.",
    formula="y[i] = x[1] · … · x[i]",
    word="product",
    keeps=keeps_both,
)
NORM = Kind(
    name="Norm",
    category="Math",
    summary="The length of the vectors along an axis.",
    doc="With p = 2 it is the Euclidean length; the length of a capsule says how sure it is.",
    formula="y = (Σ |x|ᵖ)^(1/p)",
    source=OPS + "linalg.vector_norm.html",
    keywords=("reduce", "axis", "length", "euclidean", "magnitude"),
    parameters=(
        Parameter("p", Number(minimum=0.0, exclusive_minimum=True), 2.0, "Which length."),
        _DIM,
        _KEEP,
    ),
    inputs=_INPUT,
    outputs=(Port(name="output", doc="the shape of the input without dim"),),
    shape=_reduced,
    forward=lambda call: _code(call, "torch.linalg.vector_norm"),
    keeps=keeps_both,
)
