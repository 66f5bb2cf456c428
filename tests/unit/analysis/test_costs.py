"""Costs on paper against torch: its flop counter, and what autograd really saves."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nodeforge.analysis import Checker, check
from nodeforge.analysis.costs import CostMeter, NetworkCosts, measure
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, SetParameter, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.torch_backend import build
from tests.cost_drawings import LSTM, MLP, TRANSFORMER, resnet18, unet
from tests.drawings import drawing
from tests.saved import saved_bytes

NETWORKS = {
    "MLP": MLP,
    "ResNet-18": resnet18(side=64, classes=10),
    "Transformer": TRANSFORMER,
    "U-Net": unet(),
    "LSTM": LSTM,
}
BATCH = 8


def costs_of(document: Document, batch: int = BATCH) -> NetworkCosts:
    report = check(document)
    assert report.ok, report.diagnostics
    return measure(document, document.main_network, report.networks["main"], batch)


def samples(document: Document, batch: int) -> list[Tensor]:
    """Random tensors for the Input nodes, then the Target nodes."""
    report = check(document)
    nodes = report.networks["main"].nodes
    made = []
    for kind in ("Input", "Target"):
        for node in document.main_network.ordered_nodes():
            if node.kind == kind:
                spec = nodes[node.name].outputs["output"]
                shape = [batch if d == "N" else int(d) for d in spec.shape]
                dtype = getattr(torch, spec.dtype)
                made.append(torch.rand(shape) if dtype.is_floating_point else torch.randint(0, 10, shape))
    return made


@pytest.mark.parametrize("name", NETWORKS)
def test_memory_is_what_autograd_saves(name: str) -> None:
    document = drawing(NETWORKS[name])
    module = build(generate(document, check(document))).train()
    data = samples(document, BATCH)
    kept = saved_bytes(module, lambda: module.objectives(*data))  # type: ignore[operator]
    assert costs_of(document).total.kept == pytest.approx(kept, rel=0.05)


def flops(document: Document) -> int:
    """What torch counts in a forward pass of two samples (BatchNorm wants two), by ways that its counter knows."""
    module = build(generate(document, check(document))).train()
    with (
        torch.backends.mkldnn.flags(enabled=False),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        module.objectives(*samples(document, 2))  # type: ignore[operator]
    return int(counter.get_total_flops())


@pytest.mark.filterwarnings("ignore:TF32 acceleration")  # torch's own switch for oneDNN warns of itself
@pytest.mark.parametrize("name", NETWORKS)
def test_macs_are_half_of_torchs_flops(name: str) -> None:
    document = drawing(NETWORKS[name])
    assert costs_of(document).total.macs * 2 * 2 == flops(document)


def test_resnet18_costs_what_is_published() -> None:
    """11,689,512 parameters and 1.81 billion multiply-accumulates (torchvision's table of models)."""
    total = costs_of(drawing(resnet18()), batch=1).total
    assert total.parameters == 11_689_512
    assert round(total.macs / 1e9, 2) == 1.81


def test_memory_grows_with_the_batch_alone() -> None:
    document = drawing(MLP)
    one, many = (costs_of(document, batch).total for batch in (1, 32))
    assert many.kept == 32 * one.kept
    assert (many.macs, many.parameters) == (one.macs, one.parameters)


def test_nothing_is_kept_where_nothing_learns() -> None:
    document = drawing(
        """
        x = Input(shape=[16])
        bend = Tanh()
        fc = Linear(out_features=4)
        y = Output()
        x -> bend -> fc -> y
        """
    )
    nodes = costs_of(document).nodes
    assert nodes["bend"].kept == 16 * 4 * BATCH  # for the gradient of the weights behind it
    assert (nodes["x"].kept, nodes["fc"].kept) == (0, 0)


def test_a_view_keeps_the_memory_of_what_it_views() -> None:
    document = drawing(
        """
        x = Input(shape=[3, 8, 8])
        conv = Conv2d(out_channels=4, kernel_size=1)
        flat = Flatten()
        fc = Linear(out_features=2)
        y = Output()
        x -> conv -> flat -> fc -> y
        """
    )
    nodes = costs_of(document).nodes
    assert nodes["flat"].kept == 0
    assert nodes["conv"].kept == 4 * 8 * 8 * 4 * BATCH


def test_a_product_with_a_constant_keeps_only_the_constant() -> None:
    document = drawing(
        """
        x = Input(shape=[16])
        mask = Input(shape=[16])
        fc = Linear(out_features=16)
        some = Multiply()
        y = Output()
        x -> fc -> some -> y
        mask -> some
        """
    )
    nodes = costs_of(document).nodes
    assert nodes["mask"].kept == 16 * 4 * BATCH
    assert nodes["fc"].kept == 0


def test_unknown_shapes_are_told_apart_from_no_costs() -> None:
    document = drawing("x = Input(shape=[4])\nfc = Linear()\ny = Output()\nfc -> y")
    costs = measure(document, document.main_network, check(document).networks["main"], BATCH)
    assert not costs.nodes["fc"].known
    assert costs.nodes["x"].known
    assert not costs.total.known


def test_the_meter_follows_edits() -> None:
    document = drawing(MLP)
    meter, checker = CostMeter(), Checker()
    for width in (256, 64, 256):
        apply(document, SetParameter("main", "hidden1", "out_features", width))
        report = checker.check(document).networks["main"]
        assert meter.measure(document, document.main_network, report, BATCH) == costs_of(document)


def test_a_network_as_a_node_costs_what_is_inside_at_every_repeat() -> None:
    """One drawn block repeated, against the same blocks drawn one after another."""
    block = """
        x = Input(shape=[32])
        fc = Linear(out_features=32)
        relu = ReLU()
        y = Output()
        x -> fc -> relu -> y
    """
    around = """
        x = Input(shape=[32])
        first = Linear(out_features=32)
        y = Output()
    """
    nested = drawing(around + "x -> first")
    nested.networks["block"] = drawing(block).main_network
    nested.networks["block"].name = "block"
    apply(nested, AddNode("main", Node(name="blocks", kind="block", parameters={"repeat": 3})))
    apply(nested, Connect("main", Wire("first", "output", "blocks", "x")))
    apply(nested, Connect("main", Wire("blocks", "y", "y", "input")))
    names = [f"{kind}{i}" for i in range(3) for kind in ("fc", "relu")]
    nodes = [f"{n} = {'Linear(out_features=32)' if n[0] == 'f' else 'ReLU()'}" for n in names]
    flat = drawing("\n".join([around, *nodes, f"x -> first -> {' -> '.join(names)} -> y"]))
    assert costs_of(nested).total == costs_of(flat).total
    assert costs_of(nested).nodes["blocks"].parameters == 3 * (32 * 32 + 32)
