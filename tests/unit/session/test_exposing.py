"""A number of a node gets a name that a use of its network, or the project, can set."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.core.edits import SetParameter, SetVariables, Share, apply
from nodeforge.project import schema
from nodeforge.session.exposing import exposable, expose


@pytest.fixture
def document() -> Document:
    return drawing(
        """
        width = 8
        x = Input(shape=[8, 8])
        first = Block()
        second = Block()
        head = Linear(out_features=3)
        y = Output()
        x -> first -> second -> head -> y
        network Block(size=4)
        state = Input(shape=[8, 8])
        widen = Linear(out_features=16)
        drop = Dropout()
        back = Linear(out_features="=width")
        norm = LayerNorm()
        result = Output()
        state -> widen -> drop -> back -> norm -> result
        """
    )


def out_features(document: Document, use: str) -> object:
    report = check(document).networks["main"].nodes[use].inside
    assert report is not None
    return report.nodes["widen"].values["out_features"]


def test_each_use_of_a_network_can_set_what_was_a_number_inside(document: Document) -> None:
    before = schema.encode(document)
    edit = expose(document, "Block", "widen", "out_features")
    apply(document, apply(document, edit).inverse)
    assert schema.encode(document) == before
    apply(document, edit)
    assert document.networks["Block"].parameters == {"size": 4, "out_features": 16}
    assert document.networks["Block"].nodes["widen"].parameters == {"out_features": "=out_features"}
    apply(document, SetParameter("main", "second", "out_features", 32))
    assert check(document).ok
    assert (out_features(document, "first"), out_features(document, "second")) == (16, 32)


def test_a_default_and_an_expression_can_have_a_name(document: Document) -> None:
    apply(document, expose(document, "Block", "drop", "p"))
    apply(document, expose(document, "Block", "back", "out_features"))
    assert document.networks["Block"].parameters == {"size": 4, "p": 0.5, "out_features": "=width"}


def test_in_the_main_network_it_becomes_a_variable_of_the_project(document: Document) -> None:
    apply(document, expose(document, "main", "head", "out_features"))
    assert document.variables == {"width": 8, "out_features": 3}
    assert document.main_network.nodes["head"].parameters == {"out_features": "=out_features"}


def test_the_name_is_free_and_hides_none(document: Document) -> None:
    apply(document, SetVariables("", {"width": 8, "out_features": 7}))
    apply(document, expose(document, "Block", "widen", "out_features"))
    assert document.networks["Block"].nodes["widen"].parameters == {"out_features": "=out_features_2"}
    apply(document, expose(document, "main", "first", "repeat"))
    assert document.main_network.nodes["first"].parameters == {"repeat": "=repeat_2"}


@pytest.mark.parametrize(
    ("network", "node", "parameter"),
    [
        ("Block", "widen", "bias"),
        ("Block", "back", "named"),
        ("Block", "drop", "inplace"),
        ("main", "x", "dtype"),
        ("main", "x", "shape"),
        ("main", "second", "repeat"),
        ("main", "head", "out_features"),
    ],
)
def test_what_is_no_number_or_has_a_name_is_left(
    document: Document, network: str, node: str, parameter: str
) -> None:
    apply(document, SetVariables("main", {"wide": 3}))
    apply(document, SetParameter("main", "head", "out_features", "=wide*2"))
    apply(document, Share("main", "second", "first"))
    assert exposable(document, network, node, parameter) is None


def test_a_name_is_not_given_another(document: Document) -> None:
    apply(document, SetParameter("Block", "widen", "out_features", "=size"))
    assert exposable(document, "Block", "widen", "out_features") is None
    apply(document, SetParameter("main", "head", "out_features", "=width"))
    assert exposable(document, "main", "head", "out_features") is None
    assert exposable(document, "Block", "back", "out_features") == "=width", "a use may set it otherwise"
