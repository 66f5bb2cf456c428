"""Random layers: what makes a reservoir one, and that nothing of them learns."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from built import layer
from torch import nn


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.3])
def test_the_spectral_radius_is_what_numpy_finds(radius: float) -> None:
    net = layer(f"Reservoir(units=60, spectral_radius={radius}, density=0.2)", 5, 1)
    weight = net.layer.weight.double().numpy()
    assert np.abs(np.linalg.eigvals(weight)).max() == pytest.approx(radius, rel=1e-3)
    assert np.mean(weight != 0) == pytest.approx(0.2, abs=0.05)
    assert net.layer.input_weight.abs().max() <= 0.5


def test_connections_without_a_circle_stay_as_they_were_drawn() -> None:
    """Then every eigenvalue is 0, and nothing could scale them to another."""
    drawn = [layer(f"Reservoir(units=4, density=0.15, seed={seed})", 5, 1).layer.weight for seed in range(20)]
    circleless = [w for w in drawn if w.any() and not torch.linalg.matrix_power(w, 4).any()]
    assert len(circleless) > 3
    assert all(weight.abs().max() <= 1 for weight in circleless)


def forget(radius: float) -> float:
    """How far apart two states are that differ in their first inputs only, 150 steps later."""
    net = layer(f"Reservoir(units=60, spectral_radius={radius}, input_scaling=0.05)", 160, 1)
    x = torch.randn(1, 160, 1)
    other = x.clone()
    other[:, :10] += 20
    return float((net(x)[1] - net(other)[1]).abs().max())


def test_echoes_fade_below_a_radius_of_1_and_not_far_above() -> None:
    assert forget(0.8) < 1e-5
    assert forget(3.0) > 1e-2


def test_states_are_those_of_a_loop_in_numpy() -> None:
    net = layer("Reservoir(units=12, leak=0.3, bias_scaling=0.4, washout=4)", 10, 3)
    x = torch.randn(2, 10, 3)
    states, last = net(x)
    own = {name: buffer.double().numpy() for name, buffer in net.layer.named_buffers()}
    for sample, found, end in zip(x.double().numpy(), states.numpy(), last.numpy(), strict=True):
        state, expected = np.zeros(12), []
        for u in sample:
            state = 0.7 * state + 0.3 * np.tanh(own["input_weight"] @ u + own["bias"] + own["weight"] @ state)
            expected.append(state)
        np.testing.assert_allclose(found, expected[4:], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(end, state, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("use", ["Reservoir(units=9", "RandomFeatures(units=9"])
def test_a_seed_of_its_own_makes_it_the_same_for_every_training(use: str) -> None:
    def numbers(text: str, seed: int) -> list[torch.Tensor]:
        return list(layer(text, 6, 2, seed=seed).buffers())

    assert all(map(torch.equal, numbers(f"{use}, seed=3)", 0), numbers(f"{use}, seed=3)", 1)))
    assert not torch.equal(numbers(f"{use}, seed=4)", 0)[0], numbers(f"{use}, seed=3)", 0)[0])
    assert not torch.equal(numbers(f"{use})", 0)[0], numbers(f"{use})", 1)[0])
    layer(f"{use}, seed=3)", 6, 2, seed=0)
    after = torch.get_rng_state()
    torch.manual_seed(0)
    assert torch.equal(after, torch.get_rng_state()), "other layers would get other weights"


@pytest.mark.parametrize("use", ["Reservoir(units=9)", "RandomFeatures(units=9)"])
def test_nothing_learns_and_everything_is_saved(use: str) -> None:
    net = layer(use, 6, 2)
    assert list(net.parameters()) == []
    assert {name.removeprefix("layer.") for name in net.state_dict()} >= {"weight", "bias"}


def test_random_features_have_the_spread_of_their_inputs() -> None:
    net = layer("RandomFeatures(units=4000, weight_scale=2.0, bias_scale=0.5)", 400)
    assert float((net.layer.weight @ torch.randn(400)).std()) == pytest.approx(2.0, rel=0.1)
    assert float(net.layer.bias.std()) == pytest.approx(0.5, rel=0.1)


class ByHand(nn.Module):
    """A reservoir as one would write it in a hurry."""

    def __init__(self, of: nn.Module) -> None:
        super().__init__()
        self.w_in, self.w, self.leak = of.input_weight, of.weight, of.leak

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = torch.zeros(len(x), len(self.w))
        states = []
        for t in range(x.shape[1]):
            new = torch.tanh(x[:, t] @ self.w_in.T + state @ self.w.T)
            state = (1 - self.leak) * state + self.leak * new
            states.append(state)
        return torch.stack(states, 1)


def test_it_is_no_slower_than_a_plain_loop() -> None:
    net = layer("Reservoir(units=100, leak=0.5)", 200, 1)
    plain, x = ByHand(net.layer), torch.randn(16, 200, 1)

    def seconds(module: nn.Module) -> float:
        start = time.process_time()
        with torch.no_grad():
            module(x)
        return time.process_time() - start

    pairs = [(seconds(net), seconds(plain)) for _ in range(8)]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    assert ours < 1.1 * theirs
