"""What a search on the canvas finds."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.core.edits import SetMode, apply
from nodeforge.session.node_search import find

DRAWING = drawing("""
    width = 8
    image = Input(shape=[1, 28, 28])
    conv1 = Conv2d(out_channels="=width", kernel_size=3)
    conv2 = Conv2d(out_channels=16, kernel_size=[5, 5])
    flat = Flatten()
    scores = Linear(out_features=10)
    loose = ReLU()
    digit = Output()
    image -> conv1 -> conv2 -> flat -> scores -> digit
""")
REPORT = check(DRAWING)


def found(query: str) -> list[str]:
    return find(query, DRAWING.main_network, REPORT.networks["main"], REPORT.diagnostics, kinds())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", []),
        ("  ", []),
        ("conv", ["conv1", "conv2"]),
        ("CONV2", ["conv1", "conv2"]),  # the kind is Conv2d
        ("conv2 out_channels=16", ["conv2"]),
        ("linear", ["scores"]),
        ("28x28", ["image", "conv1"]),
        ("N×10", ["scores", "digit"]),
        ("8*26*26", ["conv1", "conv2"]),
        ("28x27", []),
        ("kernel_size=3", ["conv1"]),
        ("kernel=5", ["conv2"]),
        ("kernel_size>3", ["conv2"]),
        ("out_channels=8", ["conv1"]),  # as computed from an expression
        ("bias=true", ["conv1", "conv2", "scores"]),
        ("params=80", ["conv1"]),
        ("params>1k", ["conv2", "scores"]),
        ("parameters<=80 conv", ["conv1"]),
        ("error", ["loose"]),
        ("nothing work", ["loose"]),
        ("missing-input", ["loose"]),
        ("zebra", []),
    ],
)
def test_a_query_finds_nodes_in_the_order_of_the_wires(query: str, names: list[str]) -> None:
    assert found(query) == names


def test_idle_nodes_are_found_by_what_they_are() -> None:
    document = DRAWING.copy()
    apply(document, SetMode("main", "flat", "muted"))
    report = check(document)
    names = find("muted", document.main_network, report.networks["main"], (), kinds())
    assert names == ["flat"]


def test_without_a_report_nodes_are_found_as_they_were_drawn() -> None:
    graph = DRAWING.main_network
    assert find("conv", graph, None, (), kinds()) == ["conv1", "conv2"]
    assert find("kernel_size=3", graph, None, (), kinds()) == ["conv1"]
