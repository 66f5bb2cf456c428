"""What the layers of single architectures cost: multiply-accumulates and kept memory against torch's own counts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from nodeforge.analysis import check
from nodeforge.analysis.costs import measure
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.torch_backend import build
from tests.drawings import drawing

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


def run(document: Document) -> None:
    """One training pass, to the loss where there is one."""
    module = build(generate(document, check(document)))
    spec = check(document).networks["main"].nodes["x"].outputs["output"]
    x = torch.rand(BATCH, *(int(d) for d in spec.sample_shape))
    (module.objectives if hasattr(module, "objectives") else module)(x)  # type: ignore[operator]


def saved(document: Document) -> int:
    """Bytes that autograd still holds when the pass is over, weights left out."""
    module = build(generate(document, check(document)))
    own = {tensor.untyped_storage().data_ptr() for tensor in (*module.parameters(), *module.buffers())}
    spec = check(document).networks["main"].nodes["x"].outputs["output"]
    x = torch.rand(BATCH, *(int(d) for d in spec.sample_shape))
    held: dict[int, Tensor] = {}

    class Held:
        """Lives as long as the pass needs the tensor."""

        def __init__(self, tensor: Tensor) -> None:
            self.tensor = tensor
            held[id(self)] = tensor

        def __del__(self) -> None:
            held.pop(id(self), None)

    with torch.autograd.graph.saved_tensors_hooks(Held, lambda kept: kept.tensor):
        answer = (module.objectives if hasattr(module, "objectives") else module)(x)  # type: ignore[operator]
        sizes = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in held.values()
        }
    del answer
    return sum(size for place, size in sizes.items() if place not in own)


@pytest.mark.parametrize("name", NETWORKS)
def test_memory_is_what_autograd_holds(name: str) -> None:
    document = drawing(NETWORKS[name])
    report = check(document).networks["main"]
    costs = measure(document, document.main_network, report, BATCH)
    assert costs.total.kept == pytest.approx(saved(document), rel=0.05)


@pytest.mark.parametrize("name", NETWORKS)
def test_multiplications_are_those_that_torch_counts(name: str) -> None:
    document = drawing(NETWORKS[name])
    report = check(document).networks["main"]
    costs = measure(document, document.main_network, report, BATCH)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run(document)
    assert costs.total.macs == counter.get_total_flops() // (2 * BATCH)
