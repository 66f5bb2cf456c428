"""Every kind learns what it should, changes nothing else, and comes back from a file of weights as it was."""

from __future__ import annotations

import re

import pytest
import torch
from contract.cases import NAMES, Case, cases
from contract.drawing import document, tensors
from contract.test_kinds import drawn, run, specs_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.compiler import generate
from nodeforge.torch_backend import build

MAY_STAY = {
    r"(RNN|GRU|LSTM)(Cell)?\.weight_hh.*": "a first state of zeros multiplies by nothing",
    r"(Layer|RMS|Group|Instance|Batch)Norm(\dd)?\.weight": "a single value normalizes to zero",
    r"Transformer\w*\..*(attn|norm).*": "two features normalize to 1 and −1, whatever they were",
    r"AdaptiveLogSoftmaxWithLoss\.tail.*": "only the groups of classes that are right learn",
}
"""Weights that one step may leave as they are, with the reason."""

CHANGES_BUFFERS = r"(BatchNorm|InstanceNorm)\dd\.(running_mean|running_var|num_batches_tracked)"
"""What a forward pass itself moves along while training."""

LEARNING = [name for name in NAMES if kinds()[name].parameter_count]
HOLDING = [name for name in NAMES if kinds()[name].module]


def _built(case: Case) -> nn.Module:
    drawing = document(case)
    return build(generate(drawing, check(drawing)))


def _loss(outputs: list[Tensor]) -> Tensor:
    """A number in which every value counts differently, so that no symmetry hides a gradient."""
    torch.manual_seed(1)
    floats = [x for x in outputs if x.requires_grad]
    return torch.stack([(x.float() * torch.randn(x.shape)).sum() for x in floats]).sum()


@pytest.mark.parametrize("name", LEARNING)
@settings(drawn, max_examples=max(3, drawn.max_examples // 5))
@given(data=st.data())
def test_a_training_step_changes_what_it_must(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    assume(specs_of(case) is not None)
    module = _built(case)
    before = {key: x.clone() for key, x in module.state_dict().items()}
    given_tensors = tensors(case, 3)
    copies = [x.clone() for x in given_tensors]
    outputs = run(module, case, given_tensors)
    assert all(torch.equal(x, copy) for x, copy in zip(given_tensors, copies, strict=True)), (
        "it writes to inputs"
    )
    learning = [weights for weights in module.parameters() if weights.requires_grad]
    assume(any(x.requires_grad for x in outputs))
    loss = _loss(outputs)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.optim.SGD(learning, lr=0.1).step()
    trained = dict(module.named_parameters())
    for key, old in before.items():
        what = key.replace("subject", name)
        changed = not torch.equal(module.state_dict()[key], old)
        if key not in trained:
            assert not changed or re.fullmatch(CHANGES_BUFFERS, what), f"{what} changed"
        elif not changed:
            assert any(re.fullmatch(words, what) for words in MAY_STAY), f"{what} did not learn"


@pytest.mark.parametrize("name", HOLDING)
@settings(drawn, max_examples=max(2, drawn.max_examples // 10))
@given(data=st.data())
def test_weights_come_back_from_a_file(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    assume(specs_of(case) is not None)
    one, other = _built(case), _built(case)
    weights = load(save({key: x.contiguous() for key, x in one.state_dict().items()}))
    other.load_state_dict(weights)
    given_tensors = tensors(case, 2)
    answers = []
    for module in (one, other):
        torch.manual_seed(0)
        answers.append(run(module.eval(), case, given_tensors))
    for mine, theirs in zip(*answers, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0.0, atol=0.0, equal_nan=True)
