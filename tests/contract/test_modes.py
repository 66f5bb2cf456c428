"""Every kind, bypassed and muted: what arrives goes on, or zeros of the usual shape; no weight learns."""

from __future__ import annotations

import pytest
import torch
from contract.cases import NAMES, cases
from contract.drawing import document, tensors
from contract.test_kinds import drawn, run, specs_of
from hypothesis import assume, given
from hypothesis import strategies as st

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.compiler import generate
from nodeforge.core.edits import RemoveNode, SetMode, apply
from nodeforge.torch_backend import build

LAYERS = [name for name in NAMES if kinds()[name].role is Role.LAYER]


@pytest.mark.parametrize("name", LAYERS)
@drawn
@given(data=st.data())
def test_a_muted_node_gives_zeros_and_keeps_its_weights(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    specs = specs_of(case)
    assume(specs)
    assert specs is not None
    drawing = document(case)
    active = build(generate(drawing, check(drawing)))
    apply(drawing, SetMode("main", "subject", "muted"))
    muted = build(generate(drawing, check(drawing)))
    muted.load_state_dict(active.state_dict())
    before = {key: tensor.clone() for key, tensor in muted.state_dict().items()}
    arriving = tensors(case, 3)
    random_state = torch.get_rng_state()
    for answer, spec in zip(run(muted, case, arriving), specs.values(), strict=True):
        assert tuple(answer.shape) == tuple(3 if d == "N" else d for d in spec.shape)
        assert str(answer.dtype) == f"torch.{spec.dtype}"
        assert not answer.any()
        assert not answer.requires_grad
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(tensor, before[key]) for key, tensor in muted.state_dict().items())


@pytest.mark.parametrize("name", [name for name in LAYERS if len(kinds()[name].outputs) == 1])
@drawn
@given(data=st.data())
def test_a_bypassed_node_passes_its_first_input_on(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    assume(specs_of(case))
    drawing = document(case)
    apply(drawing, SetMode("main", "subject", "bypassed"))
    report = check(drawing)
    source = generate(drawing, report)
    module = build(source)
    assert not list(module.parameters())
    assert "self.subject" not in source.text
    arriving = tensors(case, 3)
    used = [slot.node for slot in source.inputs]
    names = [f"{port}_{index}" for port, specs in case.inputs.items() for index in range(len(specs))]
    (wanted,) = (x for name, x in zip(names, arriving, strict=True) if name == names[0])
    answer = module(*(x for name, x in zip(names, arriving, strict=True) if name in used))
    spec = report.networks["main"].nodes["subject"].outputs[kinds()[name].outputs[0].name]
    assert torch.equal(answer, wanted.movedim(0, spec.shape.index("N")))


@pytest.mark.parametrize("name", [name for name in NAMES if kinds()[name].role is Role.OBJECTIVE])
@drawn
@given(data=st.data())
def test_a_muted_loss_is_left_out(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    assume(specs_of(case))
    drawing = document(case)
    apply(drawing, SetMode("main", "subject", "muted"))
    source = generate(drawing, check(drawing))
    apply(drawing, RemoveNode("main", "subject"))
    assert source.objectives == ()
    assert source.outputs == generate(drawing, check(drawing)).outputs
