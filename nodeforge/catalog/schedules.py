"""Learning-rate schedules as data, named as in torch.optim.lr_scheduler where torch has them.

All but OneCycleLR move once an epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nodeforge.core.parameters import Choice, Declaration, Integer, Number, Optional, Parameter

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
            "Relative change that counts as an improvement.",
            advanced=True,
        ),
        Parameter(
            "cooldown", Integer(minimum=0), 0, "Epochs to wait after a drop.", unit="epochs", advanced=True
        ),
        Parameter("min_lr", Number(minimum=0.0), 0.0, "Never below this.", advanced=True),
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
        Parameter("total_iters", Integer(minimum=1), 5, "Epochs until it is whole.", unit="epochs"),
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
            EXPONENTIAL,
            COSINE,
            WARMUP,
            WARMUP_COSINE,
            ONE_CYCLE,
            PLATEAU,
        )
    }
)


def schedules() -> Mapping[str, Declaration]:
    """All schedules by name, the simplest first."""
    return _ALL
