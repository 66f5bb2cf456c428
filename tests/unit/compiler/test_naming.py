"""Only harmless names and literals reach the generated file."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nodeforge.compiler.naming import FILE_NAMES, MODULE_NAMES, class_name, literal, plain, safe_name
from nodeforge.core.parameters import is_identifier

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
)


@given(plain_values)
def test_a_literal_reads_back_as_the_value(value: object) -> None:
    text = literal(value)  # type: ignore[arg-type]
    assert text.isascii()
    assert "\n" not in text
    assert ast.literal_eval(text) == value


@pytest.mark.parametrize("value", [object(), float("inf"), float("nan"), {"a": 1}, b"bytes", [1]])
def test_nothing_but_plain_data_is_a_literal(value: object) -> None:
    with pytest.raises(TypeError):
        literal(value)  # type: ignore[arg-type]


@given(st.text())
def test_a_title_makes_a_class_name(title: str) -> None:
    name = class_name(title, FILE_NAMES)
    assert is_identifier(name)
    assert name not in FILE_NAMES


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("MNIST CNN", "MnistCnn"),
        ("El Niño, with an LSTM", "ElNinoWithAnLstm"),
        ("MLP", "MLP"),
        ("main", "Main"),
        ("3 layers", "Net3Layers"),
        ("none", "NoneNetwork"),
        ("tensor", "TensorNetwork"),
        ("数字", "Network"),
    ],
)
def test_class_names_read_well(title: str, name: str) -> None:
    assert class_name(title, FILE_NAMES) == name


@given(st.text())
def test_a_plain_text_cannot_leave_its_docstring(text: str) -> None:
    assert ast.literal_eval(f'"""{plain(text)}."""') == f"{plain(text)}."
    assert "\n" not in plain(text)


def test_a_name_that_is_taken_grows() -> None:
    assert safe_name("train", {"train", "train_"}) == "train__"
    with pytest.raises(ValueError, match="not an identifier"):
        safe_name("a; import os", set())


def test_every_public_attribute_of_a_module_is_reserved() -> None:
    public = {name for name in dir(nn.Module()) if not name.startswith("_")}
    assert public - MODULE_NAMES == set()
