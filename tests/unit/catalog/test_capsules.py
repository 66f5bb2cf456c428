"""Capsules against the equations of Sabour et al. (2017), in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from built import built, layer

Array = np.ndarray


def squash(s: Array) -> Array:
    """Equation 1."""
    size = np.sqrt((s**2).sum(-1, keepdims=True))
    return size**2 / (1 + size**2) * s / size


def routing(votes: Array, iterations: int) -> Array:
    """Procedure 1 for votes (inputs, capsules, dim) of one sample."""
    b = np.zeros(votes.shape[:2])
    for _ in range(iterations):
        c = np.exp(b) / np.exp(b).sum(1, keepdims=True)
        v = squash((c[:, :, None] * votes).sum(0))
        b = b + (votes * v[None]).sum(-1)
    return v


@pytest.mark.parametrize("iterations", [1, 2, 3, 5])
def test_routing_is_that_of_the_paper(iterations: int) -> None:
    net = layer(f"Capsules(capsules=4, dim=6, iterations={iterations})", 9, 5)
    x = torch.randn(3, 9, 5) * 3
    capsules, lengths = net(x)
    weight = net.layer.weight.detach().double().numpy()
    for sample, found in zip(x.double().numpy(), capsules.detach().numpy(), strict=True):
        votes = np.einsum("id,idce->ice", sample, weight)
        np.testing.assert_allclose(found, routing(votes, iterations), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(lengths, capsules.norm(dim=-1))


def test_votes_that_agree_win() -> None:
    net = layer("Capsules(capsules=2, dim=2, iterations=5)", 4, 2)
    one, other = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    agreeing = torch.stack([one, one, one, one])
    scattered = torch.stack([one, -one, other, -other])
    with torch.no_grad():  # every input capsule (1, 0) casts exactly these votes
        net.layer.weight.zero_()
        net.layer.weight[:, 0] = torch.stack([agreeing, scattered], dim=1)
        _, lengths = net(one.expand(1, 4, 2))
    assert lengths[0, 0] > 0.9
    assert lengths[0, 1] < 1e-3


def test_lengths_stay_between_0_and_1_and_zero_has_a_gradient() -> None:
    net = layer("PrimaryCapsules(groups=2, dim=4, kernel_size=3, stride=1)", 1, 6, 6)
    long = net(1000 * torch.randn(2, 1, 6, 6)).norm(dim=-1)
    assert 0.99 < long.min() <= long.max() <= 1.0
    with torch.no_grad():
        net.layer.conv.bias.zero_()
    nothing = torch.zeros(2, 1, 6, 6, requires_grad=True)
    net(nothing).sum().backward()
    assert nothing.grad is not None
    assert nothing.grad.isfinite().all()
    assert net.layer.conv.weight.grad.isfinite().all()


def test_margin_loss_is_equation_4() -> None:
    net = built("""
        x = Input(shape=[5])
        label = Target()
        loss = MarginLoss()
        x -> loss
        label -> loss.target
    """)
    lengths, labels = torch.rand(7, 5), torch.randint(0, 5, (7,))
    losses, _ = net.objectives(lengths, labels)
    t = np.eye(5)[labels.numpy()]
    v = lengths.numpy()
    expected = t * np.maximum(0, 0.9 - v) ** 2 + 0.5 * (1 - t) * np.maximum(0, v - 0.1) ** 2
    assert losses["loss"].item() == pytest.approx(expected.sum(1).mean(), rel=1e-5)


def test_the_mask_keeps_the_capsule_of_the_label_else_the_longest() -> None:
    x = torch.tensor([[[1.0, 1.0], [3.0, 0.0], [0.5, 0.5]]])
    longest = layer("ClassMask()", 3, 2)(x)
    assert longest.tolist() == [[[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]]]
    told = built("""
        x = Input(shape=[3, 2])
        label = Input(shape=[], dtype="int64")
        mask = ClassMask()
        y = Output()
        x -> mask -> y
        label -> mask.label
    """)
    assert told(x, torch.tensor([2])).tolist() == [[[0.0, 0.0], [0.0, 0.0], [0.5, 0.5]]]


def test_a_capsule_network_has_as_many_weights_as_measured() -> None:
    """Convolution, 8×8D primary capsules, ten 16D capsules and a decoder for 8×8 digits: 211,520."""
    net = built("""
        x = Input(shape=[1, 8, 8])
        label = Target()
        conv = Conv2d(out_channels=32, kernel_size=3)
        relu = ReLU()
        parts = PrimaryCapsules(kernel_size=3, stride=1)
        digits = Capsules()
        y = Output()
        loss = MarginLoss()
        mask = ClassMask()
        flat = Flatten()
        hidden = Linear(out_features=128)
        act = ReLU()
        pixels = Linear(out_features=64)
        drawn = Sigmoid()
        flat_image = Flatten()
        likeness = MSELoss(reduction="sum")
        x -> conv -> relu -> parts -> digits
        digits.lengths -> y
        digits.lengths -> loss
        label -> loss.target
        digits -> mask -> flat -> hidden -> act -> pixels -> drawn -> likeness
        label -> mask.label
        x -> flat_image -> likeness.target
    """)
    assert sum(weights.numel() for weights in net.parameters()) == 211_520
    images, labels = torch.rand(64, 1, 8, 8), torch.arange(64) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        losses, lengths = net.objectives(images, labels)
        (losses["loss"] + 0.0005 * losses["likeness"]).backward()
        optimizer.step()
    assert (lengths.argmax(1) == labels).float().mean() > 0.9
