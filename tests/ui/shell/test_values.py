"""What is typed into a field, and what a field shows."""

from __future__ import annotations

import pytest

from nodeforge.core.parameters import (
    Integer,
    Integers,
    Number,
    Numbers,
    Optional,
    ParameterType,
    Size,
    Text,
    Value,
)
from nodeforge.ui.inspector.values import parsed, stepped, written


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Integer(), " 12 ", 12),
        (Number(), "1e-3", 0.001),
        (Number(), "−2", -2.0),
        (Size(axes=2), "3", 3),
        (Size(axes=2), "3, 5", (3, 5)),
        (Size(axes=2), "3×5", (3, 5)),
        (Size(axes=2, words=("same",)), "same", "same"),
        (Numbers(), "0.9, 0.999", (0.9, 0.999)),
        (Integers(), "1 x 28 x 28", (1, 28, 28)),
        (Integers(), "", ()),
        (Integers(), "(4,)", (4,)),
        (Optional(of=Integer(), empty="off"), "", None),
        (Optional(of=Integer(), empty="off"), "off", None),
        (Optional(of=Integer(), empty="off"), "7", 7),
        (Text(), " as it is ", " as it is "),
    ],
)
def test_text_is_read_as_the_value_it_means(type_: ParameterType, text: str, value: Value) -> None:
    assert parsed(type_, text) == value


@pytest.mark.parametrize(
    ("type_", "text", "reason"),
    [
        (Integer(minimum=1), "0", "must be at least 1, not 0"),
        (Integer(), "a few", "must be a whole number, not 'a few'"),
        (Integer(), "", "must be a whole number, not ''"),
        (Number(maximum=1), "1.5", "must be at most 1, not 1.5"),
        (Size(axes=2), "1, 2, 3", "must be one number or 2 of them, not 3"),
    ],
)
def test_text_that_means_nothing_says_why(type_: ParameterType, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        parsed(type_, text)
    assert str(caught.value) == reason


@pytest.mark.parametrize("value", [(1, 28, 28), (), (5,)])
def test_a_shape_survives_being_shown_and_read(value: tuple[int, ...]) -> None:
    assert parsed(Integers(), written(Integers(), value)) == value


@pytest.mark.parametrize(
    ("type_", "text", "steps", "result"),
    [
        (Integer(), "3", 1, "4"),
        (Integer(minimum=3), "3", -1, None),
        (Number(), "0.003", 1, "0.004"),
        (Number(), "0", 1, "0.1"),
        (Size(axes=2), "3, 3", 1, None),
        (Text(), "3", 1, None),
    ],
)
def test_numbers_step_within_their_bounds(
    type_: ParameterType, text: str, steps: int, result: str | None
) -> None:
    assert stepped(type_, text, steps) == result
