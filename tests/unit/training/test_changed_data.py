"""A run answers only for the data it was trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.core.document import Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.project.shipped import resources
from nodeforge.training import evaluate_run, predict_run
from tests.training_jobs import PLAIN_NET, iris, run


def test_a_run_refuses_to_answer_when_its_data_has_changed(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    content = (resources() / "data" / "iris.csv").read_text("utf-8")
    table.write_text(content, "utf-8")
    document = iris(PLAIN_NET, epochs=1)
    document.data = DataSettings(source=Component(kind="csv", parameters={"path": table.name}))
    summary, _ = run(document, tmp_path)
    evaluated = evaluate_run(tmp_path, summary.id)
    assert evaluated.metrics["accuracy"] == summary.metrics["test"]["accuracy"]
    assert len(predict_run(tmp_path, summary.id, table).rows) == 150

    table.write_text(content.replace("virginica", "azurea"), "utf-8")  # sorts first: every class number moves
    for answer in (
        lambda: evaluate_run(tmp_path, summary.id),
        lambda: predict_run(tmp_path, summary.id, table),
    ):
        with pytest.raises(
            UserError, match=f"flowers.csv has changed since run {summary.id} was trained on it: train"
        ):
            answer()

    table.write_text(content, "utf-8")
    assert evaluate_run(tmp_path, summary.id).metrics == evaluated.metrics
