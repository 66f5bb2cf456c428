"""Every kind's multiply-accumulates and kept memory are what torch counts and keeps."""

from __future__ import annotations

import pytest
import torch
from contract.cases import NAMES, Case, cases
from contract.drawing import document, tensors
from contract.test_kinds import drawn, run, specs_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nodeforge.analysis import check
from nodeforge.analysis.costs import measure
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Role
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.torch_backend import build
from tests.saved import saved_bytes

BATCH = 3

few = settings(drawn, max_examples=max(2, drawn.max_examples // 3))
"""Counting takes longer than computing."""

UNCOUNTED = {
    "Bilinear": "torch's counter does not know its operation",
    "RestrictedBoltzmannMachine": "its reconstruction, computed only where it is wired, is left out",
    "AdaptiveLogSoftmaxWithLoss": "torch visits only the clusters that the answers lie in; we count all",
    "Einsum": "torch takes no matrix product where a sum has one term",
}
"""Kinds whose multiply-accumulates torch's counter tells otherwise."""


@pytest.mark.filterwarnings("ignore:TF32 acceleration")  # torch's own switch for oneDNN warns of itself
@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNCOUNTED])
@few
@given(data=st.data())
def test_macs_are_half_of_torchs_flops(name: str, data: st.DataObject) -> None:
    case: Case = data.draw(cases(name))
    specs = specs_of(case)
    # Of sequences with lengths torch counts what the data says, we the longest.
    assume(specs is not None and not ("lengths" in case.inputs and case.kind.macs))
    assert specs is not None
    drawing = document(case)
    module = build(generate(drawing, check(drawing))).train()
    samples = tensors(case, BATCH)
    with (
        torch.backends.mkldnn.flags(enabled=False),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        run(module, case, samples)
    counted = case.kind.macs(case.call, specs) if case.kind.macs else 0
    assert counted * 2 * BATCH == counter.get_total_flops()


SHAPES = ((96,), (24, 32), (8, 16, 16), (4, 8, 8, 8))
"""Samples of which a kind takes one: large enough that small tensors hardly count."""


def around(kind: Kind, shape: tuple[int, ...]) -> Document:
    """A node of a kind behind a Linear layer, so that a gradient is wanted."""
    drawing = Document()
    nodes = (
        Node(name="x", kind="Input", parameters={"shape": shape}),
        Node(name="fc", kind="Linear", parameters={"out_features": shape[-1]}),
        Node(name="subject", kind=kind.name),
        Node(name="y", kind="Output"),
    )
    wires = (
        Wire("x", "output", "fc", "input"),
        Wire("fc", "output", "subject", kind.inputs[0].name),
        Wire("subject", kind.outputs[0].name, "y", "input"),
    )
    for edit in (*(AddNode("main", node) for node in nodes), *(Connect("main", wire) for wire in wires)):
        apply(drawing, edit)
    return drawing


def fitting(kind: Kind) -> Document | None:
    """A use of the kind with its default parameters and one input; None where it needs more."""
    required = [port for port in kind.inputs if not port.optional]
    if kind.role is not Role.LAYER or len(required) != 1 or "float32" not in required[0].dtypes:
        return None
    drawings = (around(kind, shape) for shape in SHAPES)
    return next((drawing for drawing in drawings if check(drawing).ok), None)


APART = {
    **dict.fromkeys(("Maximum", "Minimum"), "a single input passes as it is"),
    "Bernoulli": "takes probabilities only",
}
"""Kinds of which one input of any numbers says nothing."""

ALONE = {name: drawing for name, kind in kinds().items() if (drawing := fitting(kind)) is not None}


@pytest.mark.parametrize("name", [name for name in ALONE if name not in APART])
def test_kept_memory_is_what_autograd_saves(name: str) -> None:
    drawing = ALONE[name]
    report = check(drawing).networks["main"]
    spec = report.nodes["x"].outputs["output"]
    samples: list[Tensor] = [torch.rand(32, *(int(d) for d in spec.sample_shape))]
    module = build(generate(drawing, check(drawing))).train()
    counted = measure(drawing, drawing.main_network, report, 32).total.kept
    assert counted == pytest.approx(saved_bytes(module, lambda: module(*samples)), rel=0.15)


def test_most_kinds_are_compared() -> None:
    assert len(ALONE) > 100
