"""Tensor specs in words, and the facts of a data source."""

from __future__ import annotations

import pytest

from nodeforge.core.changes import Change, NetworkChange
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec


@pytest.mark.parametrize(
    ("shape", "text", "sample", "size"),
    [
        (("N", 1, 28, 28), "N×1×28×28", (1, 28, 28), 784),
        (("N",), "N", (), 1),
        ((), "scalar", (), 1),
        ((2, "N", 3), "2×N×3", (2, "N", 3), 6),
    ],
)
def test_shapes_in_words(
    shape: tuple[int | str, ...], text: str, sample: tuple[int | str, ...], size: int
) -> None:
    spec = TensorSpec(shape)
    assert (str(spec), spec.sample_shape, spec.sample_size, spec.rank) == (text, sample, size, len(shape))


def test_a_field_is_found_by_role_and_name() -> None:
    fields = tuple(
        FieldFacts(name=name, spec=TensorSpec(("N",)), role=role)
        for name, role in (("image", "input"), ("mask", "input"), ("label", "target"))
    )
    facts = DataFacts(title="pictures", fields=fields, sizes={"train": 1})
    assert facts.field("", "input") is fields[0]
    assert facts.field("mask", "input") is fields[1]
    assert facts.field("mask", "target") is None
    assert facts.field("", "target") is fields[2]


def test_only_moves_and_texts_leave_the_meaning_alone() -> None:
    assert not Change(networks={"main": NetworkChange(moved={"a"})}, settings={"title"}).affects_meaning
    assert Change(settings={"recipe"}).affects_meaning
    assert Change(networks={"main": NetworkChange(configured={"a"})}).affects_meaning
    assert not Change(networks={"main": NetworkChange()})
