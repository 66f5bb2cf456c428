"""What the layers of single architectures cost: multiply-accumulates and kept memory against torch's own counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from nodeforge.analysis import check
from nodeforge.analysis.costs import NodeCosts, measure
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.torch_backend import build
from tests.drawings import drawing
from tests.saved import saved_bytes

BATCH = 16


def between(sample: list[int], use: str, port: str = "") -> str:
    """A node behind weights, so that a gradient is asked of its input."""
    before = "Conv2d(out_channels=3, kernel_size=1)" if len(sample) == 3 else "Linear(out_features=12)"
    return f"""
        x = Input(shape={sample})
        before = {before}
        node = {use}
        y = Output()
        x -> before -> node
        node{port} -> y
    """


ROW, SEQUENCE, IMAGE = [12], [9, 12], [3, 8, 8]
CODE = """
    x = Input(shape=[12])
    mean = Linear(out_features=6)
    spread = Linear(out_features=6)
    node = {use}
    x -> mean -> node.mean
    x -> spread -> node.log_variance
"""
NETWORKS = {
    "RadialBasis": between(ROW, "RadialBasis(units=30)"),
    "RandomFeatures": between(SEQUENCE, "RandomFeatures(units=30)"),
    "sine features": between(SEQUENCE, "RandomFeatures(units=30, activation='sin')"),
    "SelfOrganizingMap": between(ROW, "SelfOrganizingMap(rows=4, columns=5)", ".error"),
    "RestrictedBoltzmannMachine": between(ROW, "RestrictedBoltzmannMachine(hidden=30)"),
    "PrimaryCapsules": between(IMAGE, "PrimaryCapsules(groups=2, dim=4, kernel_size=3)"),
    "Capsules": between(SEQUENCE, "Capsules(capsules=5, dim=7)"),
    "one round of Capsules": between(SEQUENCE, "Capsules(capsules=5, dim=7, iterations=1)"),
    "ClassMask": between(SEQUENCE, "ClassMask()"),
    "Reservoir": between(SEQUENCE, "Reservoir(units=20, leak=0.5)"),
    "LeakyIntegrateAndFire": between(SEQUENCE, "LeakyIntegrateAndFire()"),
    "neurons from zero": between(SEQUENCE, "LeakyIntegrateAndFire(reset='zero')"),
    "SpikeCount": between(SEQUENCE, "SpikeCount()"),
    "SpikeEncoder": between(ROW, "SpikeEncoder(coding='direct')"),
    "PatchEmbedding": between(IMAGE, "PatchEmbedding(features=10, patch_size=2)"),
    "ClassToken": between(SEQUENCE, "ClassToken()"),
    "RotaryPositionalEncoding": between(SEQUENCE, "RotaryPositionalEncoding()"),
    "Gate": between(SEQUENCE, "Gate(experts=4)"),
    "GradientReversal": between(ROW, "GradientReversal()"),
    "MinibatchStd": between(IMAGE, "MinibatchStd()"),
    "Mixture": """
        x = Input(shape=[12])
        gate = Gate(experts=2)
        a = Linear(out_features=40)
        b = Linear(out_features=40)
        all = Mixture()
        y = Output()
        x -> gate -> all.weights
        x -> a -> all
        x -> b -> all
        all -> y
    """,
    "Reparameterize": CODE.format(use="Reparameterize()\ny = Output()\nnode -> y"),
    "KLDivergence": CODE.format(use="KLDivergence()"),
}


def costs_of(document: Document) -> NodeCosts:
    return measure(document, document.main_network, check(document).networks["main"], BATCH).total


def training_pass(document: Document) -> tuple[nn.Module, Callable[[], object]]:
    """The module, and one pass through it: to the loss where there is one."""
    module = build(generate(document, check(document)))
    spec = check(document).networks["main"].nodes["x"].outputs["output"]
    x = torch.rand(BATCH, *(int(d) for d in spec.sample_shape))
    forward = module.objectives if hasattr(module, "objectives") else module
    return module, lambda: forward(x)  # type: ignore[operator]


@pytest.mark.parametrize("name", NETWORKS)
def test_memory_is_what_autograd_saves(name: str) -> None:
    document = drawing(NETWORKS[name])
    assert costs_of(document).kept == pytest.approx(saved_bytes(*training_pass(document)), rel=0.05)


@pytest.mark.parametrize("name", NETWORKS)
def test_multiplications_are_those_that_torch_counts(name: str) -> None:
    document = drawing(NETWORKS[name])
    _, forward = training_pass(document)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        forward()
    assert costs_of(document).macs == counter.get_total_flops() // (2 * BATCH)
