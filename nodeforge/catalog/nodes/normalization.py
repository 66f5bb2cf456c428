"""Normalization: keeps activations in a range that trains well."""

from __future__ import annotations

import math

from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    LAYOUT,
    TORCH,
    Specs,
    channels_and_space,
    check_divides,
    sample_dims,
    set_parameter,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Optional, Parameter

EPS = Parameter(
    "eps",
    Number(minimum=0.0, exclusive_minimum=True),
    1e-5,
    "Small number added to the variance, against division by zero.",
    advanced=True,
)


_BIAS = Parameter("bias", Boolean(), True, "Whether the offset β is learned too.", advanced=True)


def _affine(call: ShapeCall) -> int:
    """Learned numbers per channel."""
    return 1 + bool(call.values["bias"]) if call.values["affine"] else 0


def _input(doc: str) -> tuple[Port, ...]:
    return (Port(name="input", doc=doc, dtypes=WEIGHT_DTYPES),)


def _batch_channels(call: ShapeCall, axes: int) -> int:
    if axes == 1 and call.input().rank == 2:
        return sample_dims(call)[0]
    return channels_and_space(call, axes)[0]


def _batch_norm(axes: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        _batch_channels(call, axes)
        return {"output": call.input()}

    name = f"BatchNorm{axes}d"
    return Kind(
        name=name,
        category="Normalization",
        summary="Brings each channel to mean 0 and spread 1 over the batch, then rescales it by learned "
        "numbers.",
        doc="Lets deep networks train faster and with larger learning rates. While training it uses the "
        "statistics of "
        "the batch, so batches should not be tiny; afterwards it uses their running mean.",
        formula="y = γ·(x − mean) / √(variance + ε) + β",
        source=TORCH + f"{name}.html",
        keywords=("batch normalization", "bn"),
        common=axes == 2,
        parameters=(
            EPS,
            Parameter(
                "momentum",
                Optional(of=Number(minimum=0.0, maximum=1.0), empty="plain average"),
                0.1,
                "Share of the newest batch in the running mean and variance.",
                advanced=True,
            ),
            Parameter("affine", Boolean(), True, "Whether scale γ and offset β are learned.", advanced=True),
            Parameter(
                "track_running_stats",
                Boolean(),
                True,
                "Keep running statistics for use after training; without them every batch uses its own.",
                advanced=True,
            ),
            _BIAS,
        ),
        inputs=_input(f"N×features or {LAYOUT[1]}" if axes == 1 else LAYOUT[axes]),
        derived=(
            Derived(
                name="num_features",
                compute=lambda call: _batch_channels(call, axes),
                doc="Channels of the input.",
            ),
        ),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=shape,
        module=f"nn.{name}",
        parameter_count=lambda call: _affine(call) * _batch_channels(call, axes),
    )


def _normalized_dims(call: ShapeCall) -> tuple[int, ...]:
    dims, axes = sample_dims(call), call.integer("axes")
    if not dims:
        raise ShapeError(
            f"{call.name} needs at least one axis after the batch; it gets {call.input()}.", port="input"
        )
    if axes > len(dims):
        raise ShapeError(
            f"{call.name} normalizes the last {axes} axes, but {call.input()} has only {len(dims)} after "
            f"the batch.",
            suggestions=(set_parameter("axes", len(dims)),),
        )
    return dims[-axes:]


def normalized_size(call: ShapeCall) -> int | tuple[int, ...]:
    """`normalized_shape` as people write it: a number for one axis."""
    dims = _normalized_dims(call)
    return dims[0] if len(dims) == 1 else dims


def normalized_shape(call: ShapeCall) -> Specs:
    """The rule of what normalizes the last axes."""
    _normalized_dims(call)
    return {"output": call.input()}


def normalized_count(call: ShapeCall) -> int:
    """Learned scales, and offsets where the kind has them."""
    if not call.values["elementwise_affine"]:
        return 0
    return math.prod(_normalized_dims(call)) * (1 + bool(call.values.get("bias")))


def _group_norm_shape(call: ShapeCall) -> Specs:
    check_divides(call, "num_groups", _group_channels(call), "channels")
    return {"output": call.input()}


def _group_channels(call: ShapeCall) -> int:
    dims = sample_dims(call)
    if not dims:
        raise ShapeError(
            f"{call.name} needs a channel axis after the batch; it gets {call.input()}.", port="input"
        )
    return dims[0]


BATCH_NORM1D, BATCH_NORM2D, BATCH_NORM3D = (_batch_norm(axes) for axes in (1, 2, 3))

LAYER_NORM = Kind(
    name="LayerNorm",
    category="Normalization",
    summary="Brings the features of each sample to mean 0 and spread 1, then rescales them by learned "
    "numbers.",
    doc="Does the same whatever the batch, in training and after. The normalization of transformers and "
    "recurrent "
    "networks.",
    formula="y = γ·(x − mean) / √(variance + ε) + β",
    source=TORCH + "LayerNorm.html",
    keywords=("layer normalization", "ln"),
    parameters=(
        Parameter(
            "axes", Integer(minimum=1, maximum=7), 1, "How many of the last axes are normalized together."
        ),
        EPS,
        Parameter(
            "elementwise_affine", Boolean(), True, "Whether scale γ and offset β are learned.", advanced=True
        ),
        _BIAS,
    ),
    inputs=_input("N×…×features"),
    derived=(
        Derived(
            name="normalized_shape",
            compute=normalized_size,
            doc="Sizes of the axes that are normalized.",
        ),
    ),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=normalized_shape,
    module="nn.LayerNorm",
    call_only=("axes",),
    parameter_count=normalized_count,
)

GROUP_NORM = Kind(
    name="GroupNorm",
    category="Normalization",
    summary="Normalizes groups of channels within each sample.",
    doc="Takes the place of BatchNorm where batches are small, since each sample is treated by itself, in "
    "training as after it (Wu and He, 2018). One group is LayerNorm over all channels, as many groups "
    "as channels InstanceNorm.",
    formula="y = γ·(x − mean) / √(variance + ε) + β",
    source=TORCH + "GroupNorm.html",
    keywords=("group normalization", "gn", "instance norm"),
    parameters=(
        Parameter(
            "num_groups", Integer(minimum=1), 1, "Number of groups; must divide the number of channels."
        ),
        EPS,
        Parameter(
            "affine", Boolean(), True, "Whether scale γ and offset β are learned per channel.", advanced=True
        ),
        _BIAS,
    ),
    inputs=_input("N×channels×…"),
    derived=(
        Derived(name="num_channels", compute=_group_channels, doc="Channels of the input.", positional=False),
    ),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_group_norm_shape,
    module="nn.GroupNorm",
    named=("num_groups",),
    parameter_count=lambda call: _affine(call) * _group_channels(call),
)
