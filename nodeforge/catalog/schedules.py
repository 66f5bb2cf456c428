"""Learning-rate schedules as data, named as in torch.optim.lr_scheduler where torch has them.

All but OneCycleLR and CyclicLR move once an epoch. Left out are arguments that are functions (scale_fn, and with them
LambdaLR and MultiplicativeLR), and schedules made of others (SequentialLR, ChainedScheduler): every schedule can be
begun with a warm-up, by the setting warmup_epochs of a stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nodeforge.core.parameters import (
    Boolean,
    Choice,
    Declaration,
    Integer,
    Integers,
    Number,
    Optional,
    Parameter,
)

_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler."
_POSITIVE = Number(minimum=0.0, exclusive_minimum=True)
_SHRINK = Number(minimum=0.0, maximum=1.0, exclusive_minimum=True)
_ETA_MIN = Parameter("eta_min", Number(minimum=0.0), 0.0, "Learning rate at the end.")

CONSTANT = Declaration(
    name="constant",
    title="Constant",
    summary="The optimizer's learning rate throughout.",
)

STEP = Declaration(
    name="StepLR",
    title="Steps",
    summary="Multiplies the learning rate by a factor every few epochs.",
    source=_DOCS + "StepLR.html",
    parameters=(
        Parameter("step_size", Integer(minimum=1), 10, "Epochs between two drops.", unit="epochs"),
        Parameter("gamma", _SHRINK, 0.1, "Factor of each drop."),
    ),
)

MULTI_STEP = Declaration(
    name="MultiStepLR",
    title="Steps at chosen epochs",
    summary="Multiplies the learning rate by a factor at epochs of your choice.",
    source=_DOCS + "MultiStepLR.html",
    keywords=("milestones",),
    parameters=(
        Parameter(
            "milestones",
            Integers(minimum=1, max_length=1000),
            (5, 8),
            "Epochs after which the learning rate drops.",
            unit="epochs",
        ),
        Parameter("gamma", _SHRINK, 0.1, "Factor of each drop."),
    ),
)

CONSTANT_FACTOR = Declaration(
    name="ConstantLR",
    title="Low at first",
    summary="A fraction of the learning rate for some epochs, then all of it at once.",
    source=_DOCS + "ConstantLR.html",
    parameters=(
        Parameter("factor", _SHRINK, 1 / 3, "Share of the learning rate at the start."),
        Parameter("total_iters", Integer(minimum=1), 5, "Epochs until it is whole.", unit="epochs"),
    ),
)

POLYNOMIAL = Declaration(
    name="PolynomialLR",
    title="Polynomial",
    summary="Lets the learning rate fall to zero along a power of the time that is left.",
    source=_DOCS + "PolynomialLR.html",
    parameters=(
        Parameter(
            "total_iters",
            Optional(of=Integer(minimum=1), empty="all epochs"),
            None,
            "Epochs until it is zero.",
            unit="epochs",
        ),
        Parameter("power", Number(minimum=0.0), 1.0, "1 is a straight line; more falls faster at first."),
    ),
)

EXPONENTIAL = Declaration(
    name="ExponentialLR",
    title="Exponential",
    summary="Multiplies the learning rate by a factor after every epoch.",
    source=_DOCS + "ExponentialLR.html",
    parameters=(Parameter("gamma", _SHRINK, 0.95, "Factor per epoch."),),
)

COSINE = Declaration(
    name="CosineAnnealingLR",
    title="Cosine",
    summary="Lets the learning rate fall along half a cosine: slowly, then fast, then slowly.",
    source=_DOCS + "CosineAnnealingLR.html",
    parameters=(
        Parameter(
            "T_max",
            Optional(of=Integer(minimum=1), empty="all epochs"),
            None,
            "Epochs until the end of the fall.",
            unit="epochs",
            advanced=True,
        ),
        _ETA_MIN,
    ),
)

RESTARTS = Declaration(
    name="CosineAnnealingWarmRestarts",
    title="Cosine with restarts",
    summary="Falls along half a cosine, jumps back up and falls again.",
    doc="Each restart may lead to another valley (Loshchilov and Hutter, 2017).",
    source=_DOCS + "CosineAnnealingWarmRestarts.html",
    keywords=("sgdr", "warm restarts"),
    parameters=(
        Parameter("T_0", Integer(minimum=1), 10, "Epochs of the first fall.", unit="epochs"),
        Parameter("T_mult", Integer(minimum=1), 1, "How many times longer each fall is than the one before."),
        _ETA_MIN,
    ),
)

CYCLIC = Declaration(
    name="CyclicLR",
    title="Cycles",
    summary="Rises and falls between two learning rates, batch by batch, again and again.",
    doc="Saves the search for one best rate (Smith, 2017).",
    source=_DOCS + "CyclicLR.html",
    keywords=("triangular",),
    parameters=(
        Parameter(
            "base_lr",
            Optional(of=_POSITIVE, empty="a tenth of the optimizer's lr"),
            None,
            "Learning rate at the bottom.",
        ),
        Parameter(
            "max_lr", Optional(of=_POSITIVE, empty="the optimizer's lr"), None, "Learning rate at the top."
        ),
        Parameter("step_size_up", Integer(minimum=1), 2000, "Batches of a rise.", unit="steps"),
        Parameter(
            "step_size_down",
            Optional(of=Integer(minimum=1), empty="as a rise"),
            None,
            "Batches of a fall.",
            unit="steps",
            advanced=True,
        ),
        Parameter(
            "mode",
            Choice(options=("triangular", "triangular2", "exp_range")),
            "triangular",
            "Cycles of the same height, each half as high as the one before, or shrinking by gamma a batch.",
        ),
        Parameter(
            "gamma",
            _SHRINK,
            1.0,
            "Factor per batch for exp_range.",
            visible_if=("mode", ("exp_range",)),
        ),
        Parameter(
            "cycle_momentum",
            Boolean(),
            True,
            "Move momentum against the learning rate, where the optimizer has one.",
            advanced=True,
        ),
        Parameter(
            "base_momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.8,
            "Momentum where the learning rate is highest.",
            advanced=True,
            visible_if=("cycle_momentum", (True,)),
        ),
        Parameter(
            "max_momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.9,
            "Momentum where the learning rate is lowest.",
            advanced=True,
            visible_if=("cycle_momentum", (True,)),
        ),
    ),
)

ONE_CYCLE = Declaration(
    name="OneCycleLR",
    title="One cycle",
    summary="Rises to the peak and falls far below the start, batch by batch, over the whole training.",
    doc="Allows large peaks and short trainings (Smith and Topin, 2018). The optimizer's `lr` is the peak "
    "unless set here.",
    source=_DOCS + "OneCycleLR.html",
    keywords=("super-convergence",),
    parameters=(
        Parameter(
            "max_lr", Optional(of=_POSITIVE, empty="the optimizer's lr"), None, "Learning rate at the peak."
        ),
        Parameter(
            "pct_start",
            Number(minimum=0.0, maximum=1.0),
            0.3,
            "Share of the training spent rising.",
        ),
        Parameter(
            "anneal_strategy",
            Choice(options=("cos", "linear")),
            "cos",
            "Shape of rise and fall.",
            advanced=True,
        ),
        Parameter(
            "div_factor", Number(minimum=1.0), 25.0, "The start is the peak divided by this.", advanced=True
        ),
        Parameter(
            "final_div_factor",
            Number(minimum=1.0),
            1e4,
            "The end is the start divided by this.",
            advanced=True,
        ),
        Parameter(
            "three_phase",
            Boolean(),
            False,
            "Fall as long as it rose, then fade out, instead of one long fall.",
            advanced=True,
        ),
        Parameter(
            "cycle_momentum",
            Boolean(),
            True,
            "Move momentum against the learning rate, where the optimizer has one.",
            advanced=True,
        ),
        Parameter(
            "base_momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.85,
            "Momentum where the learning rate is highest.",
            advanced=True,
            visible_if=("cycle_momentum", (True,)),
        ),
        Parameter(
            "max_momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.95,
            "Momentum where the learning rate is lowest.",
            advanced=True,
            visible_if=("cycle_momentum", (True,)),
        ),
    ),
)

PLATEAU = Declaration(
    name="ReduceLROnPlateau",
    title="Drop when stuck",
    summary="Drops the learning rate when the monitored value has stopped improving.",
    doc="Watches what early stopping watches: the validation loss or metric.",
    source=_DOCS + "ReduceLROnPlateau.html",
    keywords=("adaptive", "patience"),
    parameters=(
        Parameter(
            "factor", Number(minimum=0.0, maximum=0.99, exclusive_minimum=True), 0.1, "Factor of each drop."
        ),
        Parameter(
            "patience", Integer(minimum=0), 10, "Epochs without improvement before a drop.", unit="epochs"
        ),
        Parameter(
            "threshold",
            Number(minimum=0.0),
            1e-4,
            "Change that counts as an improvement.",
            advanced=True,
        ),
        Parameter(
            "threshold_mode",
            Choice(options=("rel", "abs")),
            "rel",
            "Whether threshold is a share of the best value, or a difference from it.",
            advanced=True,
        ),
        Parameter(
            "cooldown", Integer(minimum=0), 0, "Epochs to wait after a drop.", unit="epochs", advanced=True
        ),
        Parameter("min_lr", Number(minimum=0.0), 0.0, "Never below this.", advanced=True),
        Parameter("eps", Number(minimum=0.0), 1e-8, "Drops smaller than this are not made.", advanced=True),
    ),
)

WARMUP = Declaration(
    name="LinearLR",
    title="Linear warm-up",
    summary="Starts with a fraction of the learning rate and grows to all of it in a straight line.",
    doc="Keeps the first, wildest gradients from throwing the weights far off.",
    source=_DOCS + "LinearLR.html",
    keywords=("warmup", "ramp"),
    parameters=(
        Parameter("start_factor", _SHRINK, 0.1, "Share of the learning rate at the start."),
        Parameter(
            "end_factor",
            Number(minimum=0.0, maximum=1.0),
            1.0,
            "Share of the learning rate at the end; below the start it falls.",
            advanced=True,
        ),
        Parameter("total_iters", Integer(minimum=1), 5, "Epochs until the end is reached.", unit="epochs"),
    ),
)

WARMUP_COSINE = Declaration(
    name="warmup_cosine",
    title="Warm-up, then cosine",
    summary="A linear warm-up followed by a cosine fall to the end of the training.",
    doc="The usual schedule of transformers.",
    source=_DOCS + "SequentialLR.html",
    keywords=("warmup", "transformer"),
    parameters=(
        Parameter("start_factor", _SHRINK, 0.1, "Share of the learning rate at the start."),
        Parameter(
            "warmup_epochs", Integer(minimum=1), 5, "Epochs until the learning rate is whole.", unit="epochs"
        ),
        _ETA_MIN,
    ),
)

_ALL = MappingProxyType(
    {
        declaration.name: declaration
        for declaration in (
            CONSTANT,
            STEP,
            MULTI_STEP,
            EXPONENTIAL,
            POLYNOMIAL,
            COSINE,
            RESTARTS,
            CONSTANT_FACTOR,
            WARMUP,
            WARMUP_COSINE,
            ONE_CYCLE,
            CYCLIC,
            PLATEAU,
        )
    }
)


def schedules() -> Mapping[str, Declaration]:
    """All schedules by name, the simplest first."""
    return _ALL
