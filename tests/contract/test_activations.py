"""Every kind whose values an activation may write over: gradients stay what they are, and samples too."""

from __future__ import annotations

import pytest
import torch
from contract.cases import Case, cases
from contract.drawing import document, tensors
from contract.test_kinds import drawn, run, specs_of
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.edits import AddNode, Connect, RemoveNode, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.torch_backend import build
from nodeforge.training.activations import GIVE_AWAY, IN_PLACE, save_work


def _pair(case: Case, activation: str) -> tuple[nn.Module, nn.Module]:
    """The case with an activation behind it: as it is drawn, and with its work saved."""
    drawing = document(case)
    apply(drawing, RemoveNode("main", "out_output"))
    apply(drawing, AddNode("main", Node(name="act", kind=activation)))
    apply(drawing, AddNode("main", Node(name="end", kind="Output")))
    apply(drawing, Connect("main", Wire("subject", "output", "act", "input")))
    apply(drawing, Connect("main", Wire("act", "output", "end", "input")))
    report = check(drawing)
    assume(report.ok)
    source = generate(drawing, report)
    bare, ours = build(source), build(source)
    ours.load_state_dict(bare.state_dict())
    return bare, save_work(ours, source)


def _learned(module: nn.Module, case: Case, arriving: list[Tensor]) -> list[Tensor | None]:
    """The output, and gradients of what arrives and of all weights."""
    given_tensors = [x.clone().requires_grad_(x.is_floating_point()) for x in arriving]
    (output,) = run(module, case, given_tensors)
    assert "AsStrided" not in str(output.grad_fn), "it writes to a view, which is slow"
    torch.manual_seed(1)
    (output.float() * torch.randn(output.shape)).sum().backward()  # type: ignore[no-untyped-call]
    assert all(torch.equal(x, y) for x, y in zip(given_tensors, arriving, strict=True)), (
        "it writes to samples"
    )
    gradients = [x.grad for x in (*given_tensors, *module.parameters())]
    return [output.detach(), *gradients]


@pytest.mark.parametrize("activation", [module.__name__ for module in IN_PLACE])
@pytest.mark.parametrize("name", sorted(GIVE_AWAY))
@drawn
@given(data=st.data())
def test_an_activation_behind_it_changes_no_number(name: str, activation: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    assume(specs_of(case))
    bare, ours = _pair(case, activation)
    arriving = tensors(case, 3)
    assert ours.act.inplace == (sum(map(len, case.inputs.values())) > 1 or name != "Add")
    assume(any(x.is_floating_point() for x in arriving))
    for mine, expected in zip(_learned(ours, case, arriving), _learned(bare, case, arriving), strict=True):
        torch.testing.assert_close(mine, expected, rtol=0, atol=0, equal_nan=True)
