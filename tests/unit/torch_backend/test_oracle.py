"""The oracle tells shapes of kinds without a rule, and says why where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Port
from nodeforge.core.errors import ShapeError
from nodeforge.core.specs import BATCH, TensorSpec
from nodeforge.torch_backend.oracle import Oracle

IMAGE = {"input": (TensorSpec((BATCH, 2, 6, 6)),)}


def operation(code: str) -> Kind:
    return Kind(
        name=f"Test{abs(hash(code))}",
        category="Shape",
        summary="For a test.",
        inputs=(Port(name="input"),),
        forward=lambda call: code.format(x=call.x),
    )


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("{x}.transpose(0, 1)", (2, BATCH, 6, 6)),
        ("{x}.flatten(2).sum(-1)", (BATCH, 2)),
        ("torch.ones(2, 3)", (2, 3)),
    ],
)
def test_the_batch_is_found_wherever_it_goes(code: str, shape: tuple[int | str, ...]) -> None:
    assert Oracle()(operation(code), {}, IMAGE).outputs["output"] == TensorSpec(shape)


def test_the_element_type_is_torchs() -> None:
    assert Oracle()(operation("{x} > 0"), {}, IMAGE).outputs["output"].dtype == "bool"


def test_a_folded_batch_is_refused() -> None:
    with pytest.raises(ShapeError, match="folds the batch"):
        Oracle()(operation("{x}.flatten(0, 1)"), {}, IMAGE)


def test_torchs_refusal_is_told_again_from_memory() -> None:
    oracle, kind = Oracle(), operation("{x} @ torch.ones(5, 5, device={x}.device)")
    with pytest.raises(ShapeError, match="torch says"):
        oracle(kind, {}, IMAGE)
    with pytest.raises(ShapeError, match="torch says"):
        oracle(kind, {}, IMAGE)


def test_an_answer_is_remembered() -> None:
    asked = []
    kind = operation("{x}")
    counting = replace(kind, forward=lambda call: asked.append(call) or call.x)  # type: ignore[func-returns-value]
    oracle = Oracle()
    for _ in range(3):
        oracle(counting, {}, IMAGE)
    assert len(asked) == 1
    oracle(counting, {}, {"input": (TensorSpec((BATCH, 3)),)})
    assert len(asked) == 2


def test_a_module_that_cannot_be_made_is_refused() -> None:
    kind = kinds()["Conv2d"]
    values = kind.complete({"groups": 3})
    with pytest.raises(ShapeError, match="cannot be made"):
        Oracle()(replace(kind, shape=None), values, IMAGE)
