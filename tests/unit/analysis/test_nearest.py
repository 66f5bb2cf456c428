"""What a value at fault most likely meant."""

from __future__ import annotations

import math

import pytest

from nodeforge.analysis.nearest import nearest_value
from nodeforge.core.parameters import (
    Boolean,
    Choice,
    Integer,
    Integers,
    Number,
    Optional,
    ParameterType,
    Size,
    Text,
    Value,
)


@pytest.mark.parametrize(
    ("type", "value", "nearest"),
    [
        (Integer(minimum=1), 0, 1),
        (Integer(minimum=1, maximum=9), 12, 9),
        (Integer(), "64", 64),
        (Integer(), 2.6, 3),
        (Integer(), "many", None),
        (Integer(), True, None),
        (Integer(), math.nan, None),
        (Integer(), math.inf, None),
        (Number(minimum=0.0, maximum=1.0), 1.5, 1.0),
        (Number(minimum=0.0, exclusive_minimum=True), -1.0, None),
        (Number(), "1e-3", 0.001),
        (Boolean(), "True", True),
        (Boolean(), 0, False),
        (Boolean(), 7, None),
        (Choice(options=("mean", "sum")), "means", "mean"),
        (Choice(options=("mean", "sum")), 5, None),
        (Size(axes=2), 0, 1),
        (Size(axes=2), (3, 0), (3, 1)),
        (Size(axes=2), (3, 3, 3), None),
        (Size(axes=2), "3", 3),
        (Integers(), 784, (784,)),
        (Integers(), (1, "28", 28.0), (1, 28, 28)),
        (Integers(), (1, "many"), None),
        (Optional(of=Integer(minimum=1)), 0, 1),
        (Text(), 5, None),
    ],
)
def test_nearest_value(type: ParameterType, value: Value, nearest: Value) -> None:
    found = nearest_value(type, value)
    assert (found, found.__class__) == (nearest, nearest.__class__)
