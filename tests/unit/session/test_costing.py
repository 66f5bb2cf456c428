"""Costs of a project as a whole, and as text."""

from __future__ import annotations

import csv

import pytest

from nodeforge.analysis import check
from nodeforge.core.document import Component, Recipe, Stage
from nodeforge.core.specs import DataFacts
from nodeforge.session.costing import count, csv_header, csv_rows, project_costs, size
from tests.cost_drawings import MLP
from tests.drawings import drawing


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0, "0"), (812, "812"), (999, "999"), (1240, "1.24 k"), (9_996, "10.0 k"), (100_416, "100 k")),
        *((999_600, "1.00 M"), (11_689_512, "11.7 M"), (1_814_073_344, "1.81 G"), (10**21, "1000 E")),
    ],
)
def test_numbers_in_short(value: int, text: str) -> None:
    assert count(value) == text


def test_bytes_in_short() -> None:
    assert [size(value) for value in (0, 999, 1000, 41_200_000)] == ["0 B", "999 B", "1.00 kB", "41.2 MB"]


def test_memory_is_that_of_the_stage_that_needs_most() -> None:
    document = drawing(MLP)
    stages = (
        Stage(name="small", settings={"batch_size": 1}),
        Stage(name="large", settings={"batch_size": 512}, optimizer=Component(kind="SGD")),
    )
    document.recipe = Recipe(stages=stages)
    costs = project_costs(document, check(document))
    assert costs.stage.name == "large"
    assert costs.networks["main"].batch == 512
    few = DataFacts(title="", fields=(), sizes={"train": 2})
    assert project_costs(document, check(document), few).stage.name == "small"


def test_a_line_for_each_node_without_numbers_where_shapes_are_unknown() -> None:
    document = drawing("x = Input(shape=[4])\nfc = Linear()\nlost = Linear()\ny = Output()\nx -> fc -> y")
    report = check(document)
    costs = project_costs(document, report).networks["main"]
    text = csv_header() + csv_rows("main", report.networks["main"], costs)
    rows = {row["node"]: row for row in csv.DictReader(text.splitlines())}
    assert (rows["fc"]["macs"], rows["fc"]["parameters"], rows["fc"]["output"]) == ("40", "50", "N×10")
    assert (rows["lost"]["macs"], rows["lost"]["kind"]) == ("", "Linear")
