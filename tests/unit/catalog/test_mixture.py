"""Mixtures of experts against a loop, gates and balance against their papers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from built import built, layer

EXPERTS = """
    x = Input(shape=[6])
    gate = Gate(experts=3)
    a = Linear(out_features=4)
    b = Linear(out_features=4)
    c = Linear(out_features=4)
    all = Mixture()
    y = Output()
    x -> gate -> all.weights
    x -> a -> all
    x -> b -> all
    x -> c -> all
    all -> y
"""


def test_a_mixture_is_the_weighted_sum_of_its_experts() -> None:
    net = built(EXPERTS)
    x = torch.randn(5, 6)
    weights = net.gate(x)
    for sample, row, found in zip(x, weights, net(x), strict=True):
        expected = sum(w * expert(sample) for w, expert in zip(row, (net.a, net.b, net.c), strict=True))
        torch.testing.assert_close(found, expected)


def test_places_of_a_sequence_are_shared_out_each_by_itself() -> None:
    net = built(EXPERTS.replace("[6]", "[7, 6]"))
    x = torch.randn(2, 7, 6)
    whole = net(x)
    assert whole.shape == (2, 7, 4)
    alone = net(x.flatten(0, 1).unsqueeze(1))
    torch.testing.assert_close(whole.flatten(0, 1), alone.squeeze(1))


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_the_best_experts_share_everything(kept: int) -> None:
    net = layer(f"Gate(experts=5, top_k={kept})", 8).eval()
    x = torch.randn(40, 8)
    weights, scores = net(x), net.layer.scores(x)
    assert ((weights > 0).sum(1) == kept).all()
    torch.testing.assert_close(weights.sum(1), torch.ones(40))
    for row, score in zip(weights, scores, strict=True):
        best = score.argsort(descending=True)[:kept]
        torch.testing.assert_close(row[best], score[best].softmax(0))


def test_equal_scores_do_not_let_more_experts_in() -> None:
    net = layer("Gate(experts=5, top_k=2)", 3)
    assert ((net(torch.zeros(1, 3)) > 0).sum(), (net(torch.randn(9, 3)) > 0).sum()) == (2, 18)


def test_noise_is_for_training_only() -> None:
    net = layer("Gate(experts=4, noisy=True)", 3)
    x = torch.randn(6, 3)
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))
    torch.testing.assert_close(net(x), net.layer.scores(x).softmax(1))


def balance(measure: str, weights: torch.Tensor) -> float:
    net = built(f"""
        x = Input(shape=[{weights.shape[1]}])
        loss = LoadBalance(measure="{measure}", scale=1.0)
        x -> loss
    """)
    return net.objectives(weights)[0]["loss"].item()


def test_balance_is_that_of_the_papers() -> None:
    weights = torch.rand(50, 4).softmax(1) ** 2
    weights /= weights.sum(1, keepdim=True)
    rows = weights.double().numpy()
    importance = rows.sum(0)
    assert balance("importance", weights) == pytest.approx(
        (importance.std() / importance.mean()) ** 2, rel=1e-4
    )
    share = np.bincount(rows.argmax(1), minlength=4) / 50
    assert balance("switch", weights) == pytest.approx(4 * (share * rows.mean(0)).sum(), rel=1e-5)
    mean = rows.mean(0)
    entropy = -(mean * np.log(mean)).sum()
    assert balance("entropy", weights) == pytest.approx(math.log(4) - entropy, rel=1e-3)


@pytest.mark.parametrize(
    ("measure", "least", "most"), [("importance", 0, 3), ("switch", 1, 4), ("entropy", 0, 1.3863)]
)
def test_balance_is_least_when_all_work_and_most_when_one_does(
    measure: str, least: float, most: float
) -> None:
    assert balance(measure, torch.eye(4).repeat(5, 1)) == pytest.approx(least, abs=1e-5)
    one = torch.zeros(20, 4)
    one[:, 2] = 1
    assert balance(measure, one) == pytest.approx(most, rel=1e-4)


def test_four_experts_and_their_gate_have_as_many_weights_as_measured() -> None:
    """Experts of 64-32-10 and a gate of 64-16-4: 10,748."""
    experts = "\n".join(
        f"h{n} = Linear(out_features=32)\nr{n} = ReLU()\nl{n} = Linear(out_features=10)\ns{n} = Softmax()\n"
        f"x -> h{n} -> r{n} -> l{n} -> s{n} -> all"
        for n in range(4)
    )
    net = built(f"""
        x = Input(shape=[64])
        look = Linear(out_features=16)
        relu = ReLU()
        gate = Gate(experts=4)
        all = Mixture()
        y = Output()
        x -> look -> relu -> gate -> all.weights
        {experts}
        all -> y
    """)
    assert sum(weights.numel() for weights in net.parameters()) == 10_748
    torch.testing.assert_close(net(torch.rand(5, 64)).sum(1), torch.ones(5))
