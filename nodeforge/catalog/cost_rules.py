"""What the costs of many kinds share: how often weights are used, and what autograd keeps for the backward pass.

What is kept follows torch 2's formulas (`derivatives.yaml`) on a processor. Small tensors that hardly count, such as
the statistics of BatchNorm, are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from nodeforge.catalog.kind import CostRule, KeepRule, Kept, ShapeCall
from nodeforge.core.specs import TensorSpec

Specs = Mapping[str, TensorSpec]


def weights_used(count: Callable[[ShapeCall], int], places: CostRule) -> CostRule:
    """Every weight but the biases is multiplied once at each of so many places."""

    def macs(call: ShapeCall, outputs: Specs) -> int:
        return count(replace(call, values={**call.values, "bias": False})) * places(call, outputs)

    return macs


def rows_of_input(call: ShapeCall, outputs: Specs) -> int:
    """Vectors along the last axis of one sample: where a Linear layer is used."""
    return math.prod(d for d in call.input().shape[:-1] if isinstance(d, int))


def places_of_output(call: ShapeCall, outputs: Specs) -> int:
    """Places of the output's space, channels left out: where the filters of a convolution are used."""
    return math.prod(d for d in outputs["output"].shape[2:] if isinstance(d, int))


def places_of_input(call: ShapeCall, outputs: Specs) -> int:
    """Places of the input's space: where the filters of a transposed convolution are used."""
    return math.prod(d for d in call.input().shape[2:] if isinstance(d, int))


def keeps_nothing(call: ShapeCall, outputs: Specs) -> Kept:
    """Its gradient needs no values: sums, copies, borders of zeros."""
    return Kept()


def keeps_outputs(call: ShapeCall, outputs: Specs) -> Kept:
    """Its gradient is told by what it gave: ReLU, Sigmoid, Softmax."""
    return Kept(outputs=tuple(outputs))


def keeps_both(call: ShapeCall, outputs: Specs) -> Kept:
    """Its gradient compares what came with what left: Max, Norm."""
    return Kept(inputs=tuple(call.inputs), outputs=tuple(outputs))


def keeps_factors(call: ShapeCall, outputs: Specs) -> Kept:
    """A product: the gradient of each factor needs the others."""
    return Kept(inputs=tuple(call.inputs), crossed=True)


def keeps_places(call: ShapeCall, outputs: Specs) -> Kept:
    """Input, and for each value of the output where it was the largest."""
    return Kept(inputs=tuple(call.inputs), inside=(TensorSpec(outputs["output"].shape, "int64"),))


def keeps_mask(call: ShapeCall, outputs: Specs) -> Kept:
    """What was drawn for each value."""
    return Kept(inside=(call.input(),))


def keeps_channel_mask(call: ShapeCall, outputs: Specs) -> Kept:
    """What was drawn for each channel."""
    spec = call.input()
    return Kept(inside=(spec.with_shape((*spec.shape[:2], *(1 for _ in spec.shape[2:]))),))


def keeps_sample_mask(call: ShapeCall, outputs: Specs) -> Kept:
    """What was drawn for each sample."""
    spec = call.input()
    return Kept(inside=(spec.with_shape((*spec.shape[:1], *(1 for _ in spec.shape[1:]))),))


def keeps_flags(count: int) -> KeepRule:
    """So many times yes or no for each value."""
    return lambda call, outputs: Kept(inside=(TensorSpec(call.input().shape, "bool"),) * count)


def keeps_ranks(call: ShapeCall, outputs: Specs) -> Kept:
    """For each value that was picked, the place that it came from."""
    return Kept(inside=(TensorSpec(next(iter(outputs.values())).shape, "int64"),))


def keeps_ports(*ports: str) -> KeepRule:
    """Exactly these inputs, where they are wired."""
    return lambda call, outputs: Kept(inputs=tuple(port for port in ports if port in call.inputs))


def keeps_copies(count: int) -> KeepRule:
    """Its inputs, and so many values in between for each value of the first."""
    return lambda call, outputs: Kept(inputs=tuple(call.inputs), inside=(call.input(),) * count)
