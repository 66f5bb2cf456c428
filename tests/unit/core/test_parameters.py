"""Declared types: what they take, how they normalise it, and the words of a refusal."""

from __future__ import annotations

import math

import pytest

from nodeforge.core.parameters import (
    Boolean,
    Choice,
    Declaration,
    Integer,
    Integers,
    Number,
    Numbers,
    Optional,
    Parameter,
    ParameterType,
    Size,
    Text,
    Value,
    is_identifier,
)


@pytest.mark.parametrize(
    ("type", "value", "normal"),
    [
        (Integer(minimum=1), 3, 3),
        (Integer(minimum=1), 3.0, 3),
        (Number(), 2, 2.0),
        (Number(minimum=0.0), 0.0, 0.0),
        (Boolean(), True, True),
        (Choice(options=("a", "b")), "b", "b"),
        (Text(), "", ""),
        (Size(axes=2), 3, 3),
        (Size(axes=2), [3, 5], (3, 5)),
        (Size(axes=2, words=("same",)), "same", "same"),
        (Integers(), [], ()),
        (Integers(minimum=None), [-1, 2], (-1, 2)),
        (Numbers(minimum=0.0), [1, 0.5], (1.0, 0.5)),
        (Optional(of=Integer()), None, None),
        (Optional(of=Integer()), 2, 2),
    ],
)
def test_a_sound_value_is_normalised(type: ParameterType, value: Value, normal: Value) -> None:
    found = Parameter("p", type).check(value)
    assert (found, found.__class__) == (normal, normal.__class__)


@pytest.mark.parametrize(
    ("type", "value", "sentence"),
    [
        (Integer(minimum=1), 0, "p must be at least 1, not 0"),
        (Integer(maximum=9), 10, "p must be at most 9, not 10"),
        (Integer(), 2.5, "p must be a whole number, not 2.5"),
        (Integer(), True, "p must be a whole number, not True"),
        (Integer(), "3", "p must be a whole number, not '3'"),
        (Number(), math.nan, "p must be a finite number"),
        (Number(), math.inf, "p must be a finite number"),
        (Number(), False, "p must be a number, not False"),
        (Number(minimum=0.0, exclusive_minimum=True), 0.0, "p must be more than 0, not 0"),
        (Number(maximum=1.0), 1.5, "p must be at most 1, not 1.5"),
        (Boolean(), 1, "p must be true or false, not 1"),
        (Choice(options=("a", "b")), "c", "p must be one of a, b, not 'c'"),
        (Text(), 3, "p must be text, not 3"),
        (Size(axes=2), [1, 2, 3], "p must be one number or 2 of them, not 3"),
        (Size(axes=2), [1, 0], "p must be at least 1, not 0"),
        (Integers(), 4, "p must be a list of whole numbers, not 4"),
        (Integers(max_length=2), [1, 1, 1], "p must hold 0 to 2 numbers, not 3"),
        (Numbers(), [1, "x"], "p must be a number, not 'x'"),
        (Optional(of=Integer(minimum=1)), 0, "p must be at least 1, not 0"),
    ],
)
def test_a_refusal_says_what_is_wanted(type: ParameterType, value: Value, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^p ") as caught:
        Parameter("p", type).check(value)
    assert str(caught.value) == sentence


def test_problems_name_what_is_missing_unknown_and_wrong() -> None:
    declaration = Declaration(
        name="Thing",
        summary="For a test.",
        parameters=(Parameter("size", Integer(minimum=1)), Parameter("bias", Boolean(), True)),
    )
    assert declaration.complete({}) == {"bias": True}
    assert declaration.problems({"bias": 3, "colour": "red"}) == [
        ("bias", "bias must be true or false, not 3"),
        ("colour", "Thing has no parameter colour (it has: size, bias)"),
        ("size", "size must be set: whole number of at least 1"),
    ]


@pytest.mark.parametrize(
    ("text", "may"),
    [("conv_1", True), ("x", True), ("", False), ("1x", False), ("for", False), ("_x", False), ("é", False)],
)
def test_identifiers(text: str, may: bool) -> None:
    assert is_identifier(text) is may


def test_identifiers_are_not_endless() -> None:
    assert is_identifier("a" * 64)
    assert not is_identifier("a" * 65)
