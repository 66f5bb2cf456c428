"""Losses that compare distributions, and the calm one for outliers."""

from __future__ import annotations

from nodeforge.catalog.kind import (
    FLOAT_DTYPES,
    WEIGHT_DTYPES,
    WIDE_DTYPES,
    Answers,
    CodeCall,
    Port,
    ShapeCall,
)
from nodeforge.catalog.nodes.losses import (
    ANSWER_WEIGHTS,
    REDUCTION,
    VALUES,
    answers_rule,
    objective,
    one_number,
    pairwise,
)
from nodeforge.catalog.rules import Specs, sequence_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter
from nodeforge.core.specs import BATCH, format_shape

_POSITIVE = Number(minimum=0.0, exclusive_minimum=True)
_FULL = Parameter(
    "full", Boolean(), False, "Add the part of the formula that the network cannot change.", advanced=True
)

BCE = objective(
    "BCELoss",
    summary="For yes-or-no answers given as probabilities: punishes confidence in the wrong one.",
    doc="Takes probabilities, so put a Sigmoid before it. BCEWithLogitsLoss does both at once and loses no digits: "
    "prefer it.",
    formula="−t·log x − (1 − t)·log(1 − x)",
    keywords=("binary", "cross entropy", "classification", "sigmoid", "probability"),
    shape=answers_rule,
    answers=Answers.PROBABILITY,
    input_doc="probabilities from 0 to 1, any shape",
    target=Port(name="target", doc="0 or 1, or between, as float; same shape", dtypes=FLOAT_DTYPES),
    parameters=(ANSWER_WEIGHTS,),
)
HUBER = objective(
    "HuberLoss",
    summary="For predicting numbers: squared for small differences, straight for large ones.",
    doc="Calm about outliers like L1Loss, smooth near zero like MSELoss. It is SmoothL1Loss times delta.",
    formula="d²/2 if |d| ≤ δ, else δ·(|d| − δ/2), with d = x − t",
    keywords=("regression", "robust", "outliers"),
    shape=pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=VALUES,
    parameters=(Parameter("delta", _POSITIVE, 1.0, "Where squared turns into straight."),),
)
KL_DIV = objective(
    "KLDivLoss",
    summary="How far a predicted distribution is from the right one.",
    doc="Takes log-probabilities, so put a LogSoftmax before it. Used to teach a small network what a large one "
    "thinks.",
    formula="t·(log t − x)",
    keywords=("kullback leibler", "divergence", "distribution", "distillation"),
    shape=pairwise,
    input_doc="log-probabilities",
    target=Port(name="target", doc="probabilities of the same shape", dtypes=FLOAT_DTYPES),
    parameters=(
        Parameter("log_target", Boolean(), False, "Whether the target holds log-probabilities too."),
    ),
    reduction=Parameter(
        "reduction",
        Choice(options=("batchmean", "sum")),
        "batchmean",
        "Whether the sum of all terms is divided by the number of samples. Torch's own mean is no divergence.",
        advanced=True,
    ),
    named=("reduction",),
)
POISSON_NLL = objective(
    "PoissonNLLLoss",
    summary="For predicting how often something happens: counts of calls, cars, cells.",
    doc="The network gives the logarithm of the expected count, or the count itself if log_input is off.",
    formula="eˣ − t·x, or x − t·log(x + ε)",
    keywords=("count", "regression", "rate"),
    shape=pairwise,
    input_doc="logarithms of the expected counts",
    target=Port(name="target", doc="counts as float, same shape as the input", dtypes=FLOAT_DTYPES),
    parameters=(
        Parameter("log_input", Boolean(), True, "Whether the input is the logarithm of the count."),
        _FULL,
        Parameter(
            "eps", _POSITIVE, 1e-8, "Keeps log away from zero where the input is a count.", advanced=True
        ),
    ),
)


def _gaussian(call: ShapeCall) -> Specs:
    outputs = pairwise(call)
    values, var = call.input(), call.input("var")
    alike = var.shape == values.shape or (values.rank > 0 and var.shape == (*values.shape[:-1], 1))
    if not alike or var.dtype != values.dtype:
        raise ShapeError(
            f"{call.name} needs a variance for each value of {values}, or one for each row; it gets {var}.",
            port="var",
        )
    return outputs


GAUSSIAN_NLL = objective(
    "GaussianNLLLoss",
    summary="For predicting numbers together with how sure the network is of each.",
    doc="The network gives a mean and a variance; being wrong costs less where it said that it is unsure. Variances "
    "must not be negative: put a Softplus before `var`.",
    formula="(log var + (x − t)² / var) / 2",
    keywords=("regression", "uncertainty", "variance", "heteroscedastic", "negative log likelihood"),
    shape=_gaussian,
    answers=Answers.VALUES,
    inputs=(
        Port(name="input", doc="predicted means, any shape", dtypes=WIDE_DTYPES),
        Port(name="target", doc="the right values, same shape as the input", dtypes=WIDE_DTYPES),
        Port(
            name="var",
            doc="predicted variances, same shape, or 1 in place of the last axis",
            dtypes=WIDE_DTYPES,
        ),
    ),
    parameters=(_FULL, Parameter("eps", _POSITIVE, 1e-6, "Smallest variance.", advanced=True)),
)


def _ctc(call: ShapeCall) -> Specs:
    _, classes = sequence_dims(call, "log_probs")
    if call.integer("blank") >= classes:
        raise ShapeError(
            f"{call.name} has blank {call.integer('blank')}, but its {classes} classes are numbered 0 to "
            f"{classes - 1}.",
            suggestions=(set_parameter("blank", 0),),
        )
    targets = call.input("targets")
    if targets.rank != 2 or targets.shape[0] != BATCH:
        raise ShapeError(f"{call.name} needs targets N×symbols; it gets {targets}.", port="targets")
    for port in ("input_lengths", "target_lengths"):
        if call.input(port).shape != (BATCH,):
            raise ShapeError(
                f"{call.name} needs one length per sample in {port}, {format_shape((BATCH,))}; it gets "
                f"{call.input(port)}.",
                port=port,
            )
    return one_number(call)


def _ctc_code(call: CodeCall) -> str:
    first, *others = (port[0] for port in call.inputs.values())
    # torch wants time first here, whatever the rest of the network does.
    return f"self.{call.name}({first}.transpose(0, 1), {', '.join(others)})"


_INT64 = frozenset({"int64"})

CTC = objective(
    "CTCLoss",
    summary="For reading a sequence of symbols from a longer one, without knowing which symbol stands where.",
    doc="Speech to letters, handwriting to text. Every place gives a score for each symbol and for the blank, which "
    "means nothing new; all ways to spell the target count (Graves et al., 2006). Put a LogSoftmax before it.",
    formula="−log Σ over all spellings of Π exp(log_probs)",
    keywords=("speech", "handwriting", "alignment", "transcription", "connectionist temporal classification"),
    shape=_ctc,
    inputs=(
        Port(name="log_probs", doc="N×length×classes: log-probabilities", dtypes=WEIGHT_DTYPES),
        Port(name="targets", doc="N×symbols: the right symbols, filled up at the end", dtypes=_INT64),
        Port(name="input_lengths", doc="N: how many places of each sample count", dtypes=_INT64),
        Port(name="target_lengths", doc="N: how many symbols of each target count", dtypes=_INT64),
    ),
    parameters=(
        Parameter("blank", Integer(minimum=0), 0, "Number of the class that means nothing new."),
        Parameter(
            "zero_infinity",
            Boolean(),
            False,
            "Count nothing, instead of infinity, where a target is too long for its input.",
        ),
    ),
    reduction=REDUCTION,
    forward=_ctc_code,
)
