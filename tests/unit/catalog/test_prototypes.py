"""Layers that compare samples with points: radial bases against scikit-learn, maps against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from built import built, layer
from sklearn.metrics.pairwise import rbf_kernel

from nodeforge.analysis import check
from nodeforge.compiler import generate
from tests.drawings import drawing


@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_bells_are_the_kernel_of_scikit_learn(learned: bool, offset: float) -> None:
    net = layer(f"RadialBasis(units=7, width=1.7, learned={learned})", 5)
    with torch.no_grad():
        net.layer.centres.add_(offset)
    x = torch.randn(20, 5) + offset
    centres = net.layer.centres.detach().double().numpy()
    expected = rbf_kernel(x.double().numpy(), centres, gamma=1 / (2 * 1.7**2))
    np.testing.assert_allclose(net(x).detach().numpy(), expected, rtol=1e-4, atol=1e-6)


def test_each_unit_has_a_width_of_its_own() -> None:
    net = layer("RadialBasis(units=3, learned=False)", 2)
    net.layer.centres.zero_()
    net.layer.widths.copy_(torch.tensor([0.5, 1.0, 4.0]))
    answer = net(torch.tensor([[0.0, 2.0]]))[0]
    np.testing.assert_allclose(answer.numpy(), np.exp(-4 / (2 * np.array([0.25, 1.0, 16.0]))), rtol=1e-5)


def test_what_is_not_learned_is_saved_but_has_no_gradient() -> None:
    fixed, learned = (layer(f"RadialBasis(units=3, learned={value})", 2) for value in (False, True))
    assert fixed.state_dict().keys() == learned.state_dict().keys()
    assert list(fixed.parameters()) == []
    learned(torch.randn(4, 2)).sum().backward()
    assert all(weights.grad.abs().sum() > 0 for weights in learned.parameters())


def test_centres_that_coincide_give_no_nan() -> None:
    net = layer("RadialBasis(units=2, learned=False)", 2)
    net.layer.centres.zero_()
    net.layer.widths.zero_()
    assert net(torch.tensor([[0.0, 0.0], [1.0, 0.0]])).tolist() == [[1.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_the_winner_is_the_nearest_prototype(offset: float) -> None:
    net = layer("SelfOrganizingMap(rows=4, columns=6)", 3)
    net.layer.prototypes.add_(offset)
    x = torch.randn(50, 3) + offset
    unit, error, distances = net(x)
    points = net.layer.prototypes.double().numpy()
    expected = np.linalg.norm(x.double().numpy()[:, None] - points, axis=2)
    np.testing.assert_array_equal(unit.numpy(), expected.argmin(1))
    np.testing.assert_allclose(error.numpy(), expected.min(1), rtol=1e-3)
    np.testing.assert_allclose(distances.numpy(), expected.reshape(-1, 4, 6), rtol=1e-3)


@pytest.mark.parametrize("toroidal", [False, True])
def test_grid_distances_are_those_of_the_grid(toroidal: bool) -> None:
    net = layer(f"SelfOrganizingMap(rows=4, columns=5, toroidal={toroidal})", 2)
    found = net.layer.grid_distances(torch.arange(20))
    for one in range(20):
        for other in range(20):
            rows, columns = abs(one // 5 - other // 5), abs(one % 5 - other % 5)
            if toroidal:
                rows, columns = min(rows, 4 - rows), min(columns, 5 - columns)
            assert found[one, other] == rows**2 + columns**2


def test_what_two_kinds_share_stands_in_the_file_once() -> None:
    document = drawing("""
        x = Input(shape=[4])
        bells = RadialBasis(units=5)
        map = SelfOrganizingMap(rows=2, columns=2)
        y = Output()
        winner = Output()
        x -> bells -> y
        bells -> map -> winner
    """)
    text = generate(document, check(document)).text
    assert text.count("def squared_distances(") == 1
    assert text.index("def squared_distances(") < text.index("class RadialBasis(")


def test_an_rbf_network_learns_a_circle() -> None:
    net = built("""
        x = Input(shape=[2])
        label = Target()
        bells = RadialBasis(units=8)
        scores = Linear(out_features=2)
        y = Output()
        loss = CrossEntropyLoss()
        x -> bells -> scores -> y
        scores -> loss
        label -> loss.target
    """)
    x = torch.randn(300, 2)
    labels = (x.norm(dim=1) < 1.1).long()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        net.objectives(x, labels)[0]["loss"].backward()
        optimizer.step()
    assert (net(x).argmax(1) == labels).float().mean() > 0.95
