"""Spiking neurons against a loop in numpy, and their gradient against its formula."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from built import built, layer
from torch import Tensor, nn

SURROGATES = {
    "fast sigmoid": lambda d, k: 1 / (1 + k * np.abs(d)) ** 2,
    "arctan": lambda d, k: 1 / (1 + (k * d) ** 2),
    "triangle": lambda d, k: np.maximum(0, 1 - k * np.abs(d)),
    "straight through": lambda d, k: np.ones_like(d),
}


def simulate(
    x: np.ndarray, beta: float, threshold: float, *, subtract: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Spikes and potentials of (steps, neurons), neuron by neuron."""
    spikes, potentials = np.zeros_like(x), np.zeros_like(x)
    for n in range(x.shape[1]):
        rest = 0.0
        for t in range(x.shape[0]):
            u = beta * rest + x[t, n]
            potentials[t, n] = u
            if u >= threshold:
                spikes[t, n] = 1
                rest = u - threshold if subtract else 0.0
            else:
                rest = u
    return spikes, potentials


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_neurons_spike_as_in_a_loop(reset: str) -> None:
    net = layer(f'LeakyIntegrateAndFire(beta=0.8, threshold=1.2, reset="{reset}")', 30, 4)
    x = torch.rand(3, 30, 4)
    spikes, potentials = net(x)
    assert 0.1 < spikes.mean() < 0.9
    for n, sample in enumerate(x.numpy()):
        expected = simulate(sample, 0.8, 1.2, subtract=reset == "subtract")
        np.testing.assert_array_equal(spikes[n].numpy(), expected[0])
        np.testing.assert_allclose(potentials[n].numpy(), expected[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("surrogate", SURROGATES)
def test_the_gradient_of_one_step_is_the_formula(surrogate: str) -> None:
    net = layer(f'LeakyIntegrateAndFire(surrogate="{surrogate}", slope=3.0)', 1, 101)
    x = torch.linspace(-2, 4, 101).reshape(1, 1, 101).requires_grad_()
    net(x)[0].sum().backward()
    expected = SURROGATES[surrogate](x.detach().numpy() - 1.0, 3.0)
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_the_gradient_through_time_is_that_of_the_chain_rule(reset: str) -> None:
    """With a detached reset, ∂u[t]/∂x[s] is β^(t−s), cut by each reset to zero in between."""
    net = layer(f'LeakyIntegrateAndFire(beta=0.7, reset="{reset}", slope=5.0)', 6, 1)
    x = torch.tensor([0.6, 0.9, 0.4, 0.8, 0.3, 0.9]).reshape(1, 6, 1).requires_grad_()
    spikes, potentials = net(x)
    spikes.sum().backward()
    slope = SURROGATES["fast sigmoid"](potentials.detach().numpy()[0, :, 0] - 1.0, 5.0)
    fired = spikes.detach().numpy()[0, :, 0]
    assert 0 < fired[:-1].sum() < 5
    for s in range(6):
        total, passed = 0.0, 1.0
        for t in range(s, 6):
            total += slope[t] * passed
            passed *= 0.7 * (1 - fired[t] if reset == "zero" else 1)
        assert x.grad[0, s, 0].item() == pytest.approx(total, rel=1e-5)


def test_spikes_are_exactly_0_or_1() -> None:
    net = layer("LeakyIntegrateAndFire()", 50, 20)
    assert set(net(torch.randn(4, 50, 20) * 2)[0].unique().tolist()) == {0.0, 1.0}


def encoded(coding: str, x: Tensor, steps: int = 20) -> Tensor:
    return layer(f'SpikeEncoder(steps={steps}, coding="{coding}")', *x.shape[1:])(x)


def test_rates_are_the_values() -> None:
    x = torch.tensor([[0.0, 0.1, 0.5, 1.0]])
    drawn = encoded("rate", x, 4000)[0].mean(0)
    np.testing.assert_allclose(drawn.numpy(), x[0].numpy(), atol=0.03)
    assert drawn[0] == 0
    assert drawn[3] == 1


def test_regular_spikes_are_as_many_and_evenly_spaced() -> None:
    spikes = encoded("regular", torch.tensor([[0.0, 0.25, 0.5, 1.0]]))[0]
    assert spikes.sum(0).tolist() == [0, 5, 10, 20]
    assert spikes[:, 1].nonzero().flatten().tolist() == [3, 7, 11, 15, 19]


def test_latency_is_earlier_for_more() -> None:
    spikes = encoded("latency", torch.tensor([[0.0, 0.1, 0.5, 1.0, 7.0]]), 11)[0]
    assert spikes.sum(0).tolist() == [0, 1, 1, 1, 1]
    assert [int(spikes[:, n].argmax()) for n in range(1, 5)] == [9, 5, 0, 0]


def test_direct_coding_repeats() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(encoded("direct", x, 5), torch.stack([x] * 5, 1))


def test_counts_and_rates() -> None:
    spikes = torch.bernoulli(torch.full((3, 8, 5), 0.4))
    assert torch.equal(layer("SpikeCount()", 8, 5)(spikes), spikes.sum(1))
    torch.testing.assert_close(layer("SpikeCount(rate=True)", 8, 5)(spikes), spikes.mean(1))


def test_a_spiking_network_learns_xor() -> None:
    net = built("""
        x = Input(shape=[2])
        label = Target()
        time = SpikeEncoder(steps=10, coding="direct")
        hidden = Linear(out_features=20)
        lif = LeakyIntegrateAndFire(slope=5.0)
        scores = Linear(out_features=2)
        out = LeakyIntegrateAndFire(slope=5.0)
        count = SpikeCount()
        y = Output()
        loss = CrossEntropyLoss()
        x -> time -> hidden -> lif -> scores -> out -> count -> y
        count -> loss
        label -> loss.target
    """)
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([0, 1, 1, 0])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        net.objectives(x, labels)[0]["loss"].backward()
        optimizer.step()
    assert net(x).argmax(1).tolist() == labels.tolist()


class ByHand(nn.Module):
    """The neurons as one would write them with the same surrogate, by detaching."""

    def forward(self, x: Tensor) -> Tensor:
        u, spikes = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            u = 0.9 * u + x[:, t]
            d = u - 1.0
            smooth = d / (1 + 25 * d.abs())
            s = (d >= 0).float() + (smooth - smooth.detach())
            spikes.append(s)
            u = u - s.detach()
        return torch.stack(spikes, 1)


def test_it_is_no_slower_than_a_plain_loop() -> None:
    net, plain = layer("LeakyIntegrateAndFire()", 20, 128), ByHand()
    x = torch.rand(64, 20, 128, requires_grad=True)
    torch.testing.assert_close(net(x)[0], plain(x))

    def seconds(module: nn.Module) -> float:
        start = time.process_time()
        answer = module(x)
        (answer[0] if isinstance(answer, tuple) else answer).sum().backward()
        return time.process_time() - start

    pairs = [(seconds(net), seconds(plain)) for _ in range(8)]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    assert ours < 1.1 * theirs
