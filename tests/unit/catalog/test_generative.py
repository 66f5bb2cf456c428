"""Variational codes against torch.distributions; what adversaries need."""

from __future__ import annotations

import pytest
import torch
from built import built, layer
from torch import Tensor
from torch.distributions import Normal, kl_divergence

CODE = """
    mean = Input(shape=[{size}])
    spread = Input(shape=[{size}])
    {use}
    mean -> node.mean
    spread -> node.log_variance
"""


def divergence(mean: Tensor, log_variance: Tensor, told: str = "") -> float:
    net = built(CODE.format(size=mean.shape[1], use=f"node = KLDivergence({told})"))
    return net.objectives(mean, log_variance)[0]["node"].item()


def test_the_divergence_is_that_of_torch_distributions() -> None:
    mean, log_variance = torch.randn(9, 5), torch.randn(9, 5)
    each = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    assert divergence(mean, log_variance) == pytest.approx(each.sum(1).mean().item(), rel=1e-5)
    assert divergence(mean, log_variance, "reduction='sum'") == pytest.approx(each.sum().item(), rel=1e-5)
    assert divergence(mean, log_variance, "beta=4.0") == pytest.approx(
        4 * each.sum(1).mean().item(), rel=1e-5
    )


def test_the_standard_normal_diverges_from_itself_by_nothing() -> None:
    assert divergence(torch.zeros(3, 2), torch.zeros(3, 2)) == 0


def test_free_bits_cost_nothing_more() -> None:
    mean = torch.tensor([[0.1, 2.0], [0.1, 2.0]])
    each = 0.5 * mean[0].square()  # at variance 1
    assert divergence(mean, torch.zeros(2, 2), "free_bits=0.5") == pytest.approx(0.5 + each[1].item())
    assert divergence(mean, torch.zeros(2, 2), "free_bits=0.5, reduction='sum'") == pytest.approx(5.0)


def test_codes_are_drawn_while_training_and_means_afterwards() -> None:
    net = built(CODE.format(size=1, use="node = Reparameterize()\ny = Output()\nnode -> y"))
    mean = torch.full((40_000, 1), 2.0, requires_grad=True)
    log_variance = torch.full((40_000, 1), -1.0, requires_grad=True)
    codes = net(mean, log_variance)
    assert codes.mean().item() == pytest.approx(2.0, abs=0.02)
    assert codes.var().item() == pytest.approx(torch.tensor(-1.0).exp().item(), rel=0.03)
    codes.square().mean().backward()  # E z² = μ² + σ², so the gradients are 2μ and σ²
    assert mean.grad.sum().item() == pytest.approx(4.0, rel=0.02)
    assert log_variance.grad.sum().item() == pytest.approx(torch.tensor(-1.0).exp().item(), rel=0.05)
    assert torch.equal(net.eval()(mean, log_variance), mean)


def test_a_reversed_gradient_teaches_the_opposite() -> None:
    net = layer("GradientReversal(scale=0.5)", 3)
    x = torch.randn(2, 3, requires_grad=True)
    weights = torch.randn(2, 3)
    (net(x) * weights).sum().backward()
    torch.testing.assert_close(x.grad, -0.5 * weights)
    torch.testing.assert_close(net(x), x)


def test_a_batch_of_the_same_shows() -> None:
    net = layer("MinibatchStd()", 3, 4, 4)
    same = torch.randn(1, 3, 4, 4).expand(8, -1, -1, -1)
    assert net(same)[:, 3].max() < 1e-3
    varied = torch.randn(8, 3, 4, 4)
    answer = net(varied)
    assert torch.equal(answer[:, :3], varied)
    spread = varied.double().numpy().std(axis=0).mean()
    torch.testing.assert_close(answer[:, 3], torch.full((8, 4, 4), float(spread)))
