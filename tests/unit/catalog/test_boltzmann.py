"""Boltzmann machines against numpy, and against the probabilities that their energy defines."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from built import built, layer


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("units", ["binary", "gaussian"])
def test_probabilities_are_those_of_numpy(units: str) -> None:
    net = layer(f'RestrictedBoltzmannMachine(hidden=4, units="{units}", std=1.0)', 6)
    machine = net.layer
    with torch.no_grad():
        machine.hidden_bias.normal_()
        machine.visible_bias.normal_()
    x = torch.rand(5, 6)
    w, b, c = (
        weights.detach().double().numpy()
        for weights in (machine.weight, machine.visible_bias, machine.hidden_bias)
    )
    hidden = sigmoid(x.double().numpy() @ w.T + c)
    back = hidden @ w + b
    output, reconstruction = net(x)
    np.testing.assert_allclose(output.detach().numpy(), hidden, rtol=1e-5)
    expected = sigmoid(back) if units == "binary" else back
    np.testing.assert_allclose(reconstruction.detach().numpy(), expected, rtol=1e-4, atol=1e-6)


def test_hidden_probabilities_follow_from_the_energy() -> None:
    """P(h|v) by adding up exp(-E) over all states, E = -v·W·h - b·v - c·h."""
    net = layer("RestrictedBoltzmannMachine(hidden=3, std=1.0)", 4)
    machine = net.layer
    w = machine.weight.detach().double().numpy()
    v = np.array([1.0, 0.0, 1.0, 1.0])
    states = np.array(list(product([0, 1], repeat=3)), dtype=float)
    chances = np.exp(states @ w @ v)
    chances /= chances.sum()
    found = net(torch.tensor(v, dtype=torch.float32).unsqueeze(0))[0][0]
    np.testing.assert_allclose(found.detach().numpy(), chances @ states, rtol=1e-5)


def test_machines_on_top_of_each_other_learn_by_gradients_what_layers_would() -> None:
    """A deep belief network 64-100-100-10 has 17,610 weights; nobody reads its reconstructions."""
    net = built("""
        x = Input(shape=[64])
        first = RestrictedBoltzmannMachine(hidden=100)
        second = RestrictedBoltzmannMachine(hidden=100)
        scores = Linear(out_features=10)
        y = Output()
        x -> first -> second -> scores -> y
    """)
    assert sum(weights.numel() for weights in net.parameters()) == 17_610
    assert net.source.text.count("reconstruct=False") == 2
    net(torch.rand(2, 64)).sum().backward()
    assert all(weights.grad.abs().sum() > 0 for weights in net.parameters())
    assert {"first.visible_bias", "second.visible_bias"} <= net.state_dict().keys()
