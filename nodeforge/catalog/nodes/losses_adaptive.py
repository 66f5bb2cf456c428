"""The loss for very many classes, with the layer that it needs."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kind, Port, Role, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, insert_flatten, sample_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Integers, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _features(call: ShapeCall) -> int:
    dims = sample_dims(call)
    if len(dims) != 1:
        raise ShapeError(
            f"{call.name} needs N×features; it gets {call.input()}.",
            port="input",
            suggestions=(insert_flatten(),) if len(dims) > 1 else (),
        )
    return dims[0]


def _cutoffs(call: ShapeCall) -> tuple[int, ...]:
    cutoffs, classes = call.values["cutoffs"], call.integer("n_classes")
    assert isinstance(cutoffs, tuple)
    if sorted(set(cutoffs)) != list(cutoffs) or cutoffs[-1] >= classes:
        raise ShapeError(
            f"{call.name} has cutoffs {', '.join(map(str, cutoffs))}: they must grow and stay below its {classes} "
            "classes.",
            suggestions=(set_parameter("cutoffs", (max(1, classes // 10),)),) if classes > 1 else (),
        )
    return cutoffs


def _tails(call: ShapeCall) -> list[tuple[int, int]]:
    """Inner size and classes of each group of rare classes."""
    features, ends = _features(call), (*_cutoffs(call), call.integer("n_classes"))
    divisor = call.values["div_value"]
    assert isinstance(divisor, float)
    return [(int(features // divisor ** (i + 1)), ends[i + 1] - ends[i]) for i in range(len(ends) - 1)]


def _shape(call: ShapeCall) -> Specs:
    if min(size for size, _ in _tails(call)) < 1:
        raise ShapeError(
            f"{call.name} leaves no features for its rarest classes: {_features(call)} divided by div_value for each "
            "cutoff is less than 1.",
            suggestions=(set_parameter("div_value", 1.0),),
        )
    if call.input("target").shape != (BATCH,):
        raise ShapeError(
            f"{call.name} needs one class label per sample, N; it gets {call.input('target')}.", port="target"
        )
    return {"loss": TensorSpec((), "float32")}


def _count(call: ShapeCall) -> int:
    features, tails = _features(call), _tails(call)
    head = _cutoffs(call)[0] + len(tails)
    tail = sum(size * (features + classes) for size, classes in tails)
    return head * (features + bool(call.values["head_bias"])) + tail


def _code(call: CodeCall) -> str:
    return f"self.{call.name}({call.arguments}).loss"


ADAPTIVE_LOG_SOFTMAX = Kind(
    name="AdaptiveLogSoftmaxWithLoss",
    category="Loss",
    role=Role.OBJECTIVE,
    summary="For choosing one of very many classes, such as all words: rare ones get fewer weights.",
    doc="Layer and loss in one, so its input are features, not scores. Number the classes from frequent to rare "
    "(Grave et al., 2017).",
    formula="−log p(target), with rare classes grouped behind the frequent ones",
    source=TORCH + "AdaptiveLogSoftmaxWithLoss.html",
    keywords=("loss", "objective", "classification", "vocabulary", "language model", "hierarchical softmax"),
    parameters=(
        Parameter(
            "n_classes",
            Integer(minimum=2, maximum=10_000_000),
            1000,
            "Number of classes.",
            positional=True,
        ),
        Parameter(
            "cutoffs",
            Integers(min_length=1),
            (100,),
            "Where groups of rarer classes begin, from frequent to rare; below the number of classes.",
            positional=True,
        ),
        Parameter(
            "div_value",
            Number(minimum=1.0),
            4.0,
            "How many times fewer features each rarer group gets.",
            advanced=True,
        ),
        Parameter(
            "head_bias",
            Boolean(),
            False,
            "Whether offsets are learned for the frequent classes.",
            advanced=True,
        ),
    ),
    inputs=(
        Port(name="input", doc="N×features", dtypes=WEIGHT_DTYPES),
        Port(name="target", doc="N: the number of the right class, from 0", dtypes=frozenset({"int64"})),
    ),
    outputs=(Port(name="loss", doc="one number, the mean over the batch"),),
    derived=(Derived(name="in_features", compute=_features, doc="Number of features."),),
    shape=_shape,
    module="nn.AdaptiveLogSoftmaxWithLoss",
    forward=_code,
    parameter_count=_count,
    macs=weights_used(_count, lambda call, outputs: 1),
)
