"""The contract of every kind: its rule, its code and its numbers are torch's own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import pytest
import torch
from contract import reference
from contract.cases import NAMES, Case, cases
from contract.drawing import document, tensors
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.compiler import generate
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.specs import BATCH, TensorSpec
from nodeforge.torch_backend import build
from nodeforge.torch_backend.oracle import Oracle

drawn = settings(
    max_examples=int(os.environ.get("NODEFORGE_EXAMPLES", "3")),
    derandomize="NODEFORGE_EXAMPLES" not in os.environ,
    deadline=None,
    # Drawn cases are small already; shrinking them would run torch for minutes.
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

BY_DESIGN = {
    "the batch|one class label for each sample|one length per sample|labels must be": "torch mixes samples, or takes one without a batch",
    "to one element type|has (pos_)?weight as": "torch converts silently, and nobody meant it",
    "each equal or 1|would line them up|value by value|a condition for each value|a variance for each value|"
    "with equal axes before|one weight of each expert|but for (axis|their number)|numbers in (pos_)?weight": "torch repeats what nobody meant to repeat",
    r"needs N×channels(×\w+)*; it gets": "some layers of torch ignore how many axes there are",
    "drops an axis of size 1": "torch leaves other axes as they are, without a word",
    "equal parts|parts of|second part|one by one|in src for each place": "torch gives other parts than there are ports for, or leaves some out",
    "name an axis twice|not below its high|above max|would do nothing": "torch does something that cannot be meant",
    "weights of a gate": "a gate of one sample without a batch",
    "evenly": "torch drops the pixels that fill no patch",
}
"""Words of refusals where torch would compute something, with the reason to refuse it all the same."""


def specs_of(case: Case) -> Mapping[str, TensorSpec] | None:
    answer = answer_of(case)
    return None if isinstance(answer, ShapeError) else answer


def answer_of(case: Case) -> Mapping[str, TensorSpec] | ShapeError:
    """What the rule gives, or its refusal."""
    assert case.kind.shape is not None
    try:
        return case.kind.shape(case.call)
    except ShapeError as refusal:
        _check_sentence(refusal, case)
        return refusal


def _check_sentence(refusal: ShapeError, case: Case) -> None:
    """A refusal names the node and a port of it, ends like a sentence, and proposes what can be done."""
    assert "subject" in str(refusal)
    assert str(refusal).endswith(".")
    assert not refusal.port or case.kind.input_port(refusal.port)
    for suggestion in refusal.suggestions:
        assert isinstance(suggestion, Suggestion)
        if suggestion.set_parameter:
            name, value = suggestion.set_parameter
            parameter = case.kind.parameter(name)
            assert parameter is not None
            parameter.check(value)
        if suggestion.insert:
            name, values = suggestion.insert
            assert kinds()[name].problems(values) == []


def run(module: nn.Module, case: Case, given_tensors: list[Tensor]) -> list[Tensor]:
    if case.kind.role is Role.OBJECTIVE:
        by_port = sorted(zip(case.inputs, given_tensors, strict=True), key=lambda pair: pair[0] == "target")
        losses, _ = module.objectives(*(x for _, x in by_port))  # type: ignore[operator]
        return [losses["subject"]]
    answer = module(*given_tensors)
    return list(answer) if isinstance(answer, tuple) else [answer]


def close(mine: Tensor | None, torchs: Tensor | None) -> None:
    if mine is None or torchs is None:
        assert mine is torchs
    else:
        # Two ways to write a formula round differently in half precision.
        loose = {"rtol": 0.02, "atol": 0.02} if mine.dtype in (torch.float16, torch.bfloat16) else {}
        torch.testing.assert_close(mine, torchs, equal_nan=True, **loose)


@pytest.mark.parametrize("name", NAMES)
@drawn
@given(data=st.data())
def test_the_source_computes_what_torch_does(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    specs = specs_of(case)
    assume(specs is not None)
    assert specs is not None
    drawing = document(case)
    report = check(drawing)
    mine = build(generate(drawing, report))
    theirs = reference.module(case)
    subject = getattr(mine, "subject", nn.Module())
    theirs.load_state_dict(subject.state_dict())
    if case.kind.module.startswith("nn."):
        assert repr(subject) == repr(theirs)
    assert case.kind.parameter_count is None or case.kind.parameter_count(case.call) == sum(
        weights.numel() for weights in theirs.parameters()
    )
    assert report.networks["main"].parameters == sum(weights.numel() for weights in theirs.parameters())

    given_tensors = tensors(case, 3)
    ports = [port for port, arriving in case.inputs.items() for _ in arriving]
    learning = [x.is_floating_point() and p != "target" for p, x in zip(ports, given_tensors, strict=True)]
    ours = [x.clone().requires_grad_(learns) for x, learns in zip(given_tensors, learning, strict=True)]
    torchs = [x.clone().requires_grad_(learns) for x, learns in zip(given_tensors, learning, strict=True)]
    torch.manual_seed(0)
    answers = run(mine, case, ours)
    torch.manual_seed(0)
    expected = reference.outputs(case, theirs, torchs)
    for answer, wanted, spec in zip(answers, expected, specs.values(), strict=True):
        close(answer, wanted)
        assert tuple(answer.shape) == tuple(3 if d == BATCH else d for d in spec.shape)
        assert str(answer.dtype) == f"torch.{spec.dtype}"
    if any(answer.requires_grad for answer in answers):
        sum(answer.float().sum() for answer in answers).backward()  # type: ignore[union-attr]
        sum(wanted.float().sum() for wanted in expected).backward()  # type: ignore[union-attr]
        for one, other in zip(ours, torchs, strict=True):
            close(one.grad, other.grad)
        for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
            close(one.grad, other.grad)


@pytest.mark.parametrize("name", NAMES)
@drawn
@given(data=st.data())
def test_what_a_rule_refuses_torch_refuses(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    refusal = answer_of(case)
    if not isinstance(refusal, ShapeError) or any(re.search(words, str(refusal)) for words in BY_DESIGN):
        return
    try:
        answers = reference.outputs(case, reference.module(case), tensors(case, 3))
    except (RuntimeError, ValueError, IndexError, AssertionError, UserWarning, ShapeError):
        return
    assert all(answer.numel() == 0 for answer in answers), f"torch computes what the rule refuses: {refusal}"


NOT_ON_META = {
    # It asks for the size of the batch.
    "Reshape",
    # They look at numbers, and the meta device has none.
    "GaussianNLLLoss", "CTCLoss", "AdaptiveLogSoftmaxWithLoss",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_ON_META])
@settings(drawn, max_examples=max(2, drawn.max_examples // 3))
@given(data=st.data())
def test_the_oracle_agrees_with_the_rule(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(name))
    specs = specs_of(case)
    assume(specs is not None)
    # torch looks at lengths, and skips padding by tensors that the meta device lacks.
    assume(case.kind.category != "Recurrent" or "lengths" not in case.inputs)
    assume("src_key_padding_mask" not in case.inputs)
    assert Oracle()(case.kind, case.values, case.inputs).outputs == specs
