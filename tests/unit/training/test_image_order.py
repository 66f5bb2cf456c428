"""Images with their channels last: the same numbers, and no gradient that a pool has to bring into order first."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nodeforge.training.image_order import keep_channels_last

POOLS = {
    "max": nn.MaxPool2d(2),
    "max, overlapping": nn.MaxPool2d(3, stride=1, padding=1),
    "average": nn.AvgPool2d(2),
    "average, overlapping": nn.AvgPool2d(3, stride=1),
    "adaptive average": nn.AdaptiveAvgPool2d(3),
}
IMAGES = torch.randn(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def network(pool: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), copy.deepcopy(pool), nn.Flatten())
    layers.append(nn.Linear(layers(IMAGES).shape[1], 2))
    return layers


def gradients(module: nn.Module) -> list[torch.Tensor]:
    module(IMAGES.contiguous(memory_format=torch.channels_last)).square().sum().backward()
    return [parameter.grad for parameter in module.parameters()]


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
def test_gradients_are_those_of_the_bare_network_bit_for_bit(pool):
    bare = network(pool).to(memory_format=torch.channels_last)
    for ours, expected in zip(gradients(keep_channels_last(network(pool))), gradients(bare), strict=True):
        assert torch.equal(ours, expected)


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
def test_a_pool_gets_its_gradient_with_channels_last(pool):
    module = keep_channels_last(network(pool))
    arrived: list[torch.Tensor] = []

    def listen(pool, given, output):
        output.register_hook(arrived.append)

    module[1].register_forward_hook(listen)
    gradients(module)
    (gradient,) = arrived
    assert gradient.is_contiguous(memory_format=torch.channels_last)
    assert not gradient.is_contiguous()


def test_pools_of_other_shapes_are_left_alone():
    """One that also tells where the largest values are, and an image without a batch."""
    module = keep_channels_last(nn.MaxPool2d(2, return_indices=True))
    image = torch.randn(2, 3, 4, 4, requires_grad=True)
    largest, places = module(image)
    largest.sum().backward()
    assert places.shape == (2, 3, 2, 2)
    assert torch.equal(image.grad.sum((2, 3)), torch.full((2, 3), 4.0))
    single = torch.randn(3, 4, 4, requires_grad=True)
    module(single)[0].sum().backward()
    assert torch.equal(single.grad.sum((1, 2)), torch.full((3,), 4.0))


def test_what_stands_before_flatten_gets_its_gradient_with_channels_last():
    module = keep_channels_last(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()))
    arrived: list[torch.Tensor] = []

    def listen(flatten, given):
        given[0].register_hook(arrived.append)

    module[2].register_forward_pre_hook(listen)
    gradients(module)
    (gradient,) = arrived
    assert gradient.is_contiguous(memory_format=torch.channels_last)
    assert not gradient.is_contiguous()
