"""Numbers that are not finite stop a training before they reach the weights, and the node is named."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nodeforge.compiler import Slot, Source
from nodeforge.core.document import Component, Stage
from nodeforge.core.specs import TensorSpec
from nodeforge.engine.messages import TrainingState
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training import load_run
from nodeforge.training.batches import Batch
from nodeforge.training.loop import stage_settings
from nodeforge.training.material import gather
from nodeforge.training.nonfinite import find_origin
from nodeforge.training.randomness import permutation
from nodeforge.training.rules import Context
from nodeforge.training.rules.gradient import GradientRule
from tests.training_jobs import fingerprint, iris, run, stop_after, weights

EXPLODING = Component(kind="SGD", parameters={"lr": 99.0, "momentum": 0.99})

VALUES_NET = """
    x = Input(shape=[4])
    wide = Linear(out_features=64)
    deep = Linear(out_features=64)
    narrow = Linear(out_features=3)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> wide -> deep -> narrow -> y
    narrow -> loss.input
    t -> loss.target
"""


def test_a_loss_that_explodes_halts_before_the_update_and_names_the_node(tmp_path):
    document = iris(VALUES_NET, optimizer=EXPLODING, epochs=50)
    summary, seen = run(document, tmp_path)
    assert summary.status == "failed"
    failed = seen.of(TrainingState)[-1]
    assert failed.state == "failed"
    assert failed.node in ("wide", "deep", "narrow", "loss")
    assert "Lower the learning rate" in failed.message
    told = seen.column("loss")
    assert all(torch.tensor(list(told.values())).isfinite())
    assert f"at step {max(told) + 1}:" in failed.message
    kept = weights(tmp_path, summary.id)
    assert all(tensor.isfinite().all() for tensor in kept.values())
    info = RunStore(tmp_path).info(summary.id)
    assert (info.status, info.message) == ("failed", failed.message)


def test_the_weights_kept_are_those_before_the_bad_step(tmp_path):
    summary, seen = run(iris(VALUES_NET, optimizer=EXPLODING, epochs=50), tmp_path)
    good = max(seen.column("loss"))
    module = load_run(tmp_path, summary.id, "last").module
    expected = _by_hand(tmp_path, good)
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, expected[name]), name


def _by_hand(folder, steps: int) -> dict[str, torch.Tensor]:
    material = gather(iris(VALUES_NET), folder)
    torch.manual_seed(0)
    module = build(material.source)
    optimizer = torch.optim.SGD(module.parameters(), lr=99.0, momentum=0.99, fused=True)
    fields = material.dataset.splits["train"]
    names = {f.role: f.name for f in material.dataset.facts.fields}
    x, t = torch.tensor(fields[names["input"]]), torch.tensor(fields[names["target"]])
    batches = (places for epoch in range(50) for places in permutation(0, 0, epoch, len(x)).split(16))
    for _, places in zip(range(steps), batches, strict=False):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(x[places]), t[places]).backward()
        optimizer.step()
    return module.state_dict()


def test_running_statistics_do_not_keep_what_the_bad_batch_left(tmp_path):
    net = VALUES_NET.replace("deep ->", "norm -> deep ->") + "\n    norm = BatchNorm1d()"
    net = "\n".join(sorted(net.splitlines(), key=lambda line: "->" in line))
    document = iris(net, optimizer=EXPLODING, epochs=50)
    summary, seen = run(document, tmp_path)
    assert summary.status == "failed"
    same, _ = stop_after(document, tmp_path, max(seen.column("loss")))
    assert "model/norm.running_mean" in weights(tmp_path, same)
    assert fingerprint(weights(tmp_path, summary.id)) == fingerprint(weights(tmp_path, same))


class Root(nn.Module):
    """Finite forwards, with an infinite gradient at 0: the root of a product with weights of 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))
        self.other = nn.Parameter(torch.ones(3))

    def objectives(self, x, t):
        return {"loss": ((x * self.weight).abs().sqrt() * self.other).sum()}, x


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop"])
def test_a_gradient_that_is_not_finite_is_refused_though_the_loss_is(optimizer):
    module = Root()
    before = {name: p.clone() for name, p in module.named_parameters()}
    stage = Stage(optimizer=Component(kind=optimizer))
    context = Context(
        module=module,
        stage=stage,
        settings=stage_settings(stage),
        device=torch.device("cpu"),
        epochs=1,
        batches=1,
        samples=2,
        material=None,
    )
    rule = GradientRule(context)
    assert not rule.refused()
    result = rule.step(Batch((torch.ones(2, 3),), (torch.zeros(2),)))
    assert result.loss.isfinite()
    assert rule.refused()
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter, before[name])
    rule.step(Batch((torch.ones(2, 3),), (torch.zeros(2),)))
    assert rule.refused()


FILE = "<a network of a test>"
TEXT = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def objectives(self, x, t):
        masked = x.masked_fill(t > 0, float("-inf"))
        share = masked.softmax(1)
        far = self.fc(x * 1e30)
        square = far * far
        return {"loss": (square + share).mean()}, square
"""
LINES = {
    number: line.split(" =")[0].strip()
    for number, line in enumerate(TEXT.splitlines(), start=1)
    if " = " in line
}


def test_the_line_that_went_first_is_found_and_masks_are_not_blamed():
    namespace: dict = {}
    exec(compile(TEXT, FILE, "exec"), namespace)
    spec = TensorSpec(("N", 2))
    source = Source(
        text=TEXT,
        class_name="Net",
        filename=FILE,
        node_lines={},
        line_nodes=LINES,
        attributes={},
        inputs=(Slot(node="x", spec=spec),),
        targets=(Slot(node="t", spec=spec),),
    )
    torch.manual_seed(0)
    module = namespace["Net"]()
    mask = torch.tensor([[0.0, 1.0]])
    good, bad = Batch((torch.zeros(1, 2),), (mask,)), Batch((torch.ones(1, 2),), (mask,))
    origin = find_origin(module, source, [good, bad], step=8)
    assert (origin.node, origin.step) == ("square", 9)
    missing = Batch((torch.tensor([[torch.nan, 1.0]]),), (mask,))
    origin = find_origin(module, source, [missing], step=3)
    assert (origin.node, origin.step) == ("x", 3)
    assert "the data gives x" in origin.message
