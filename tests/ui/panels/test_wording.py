"""Times and measurements in words."""

from __future__ import annotations

import pytest

from nodeforge.ui.panels.wording import ending


@pytest.mark.parametrize(
    ("status", "metrics", "sentence"),
    [
        ("finished", {"test": {"loss": 0.1, "nrmse": 0.4321}}, "Run 2 finished: test NRMSE 0.4321."),
        ("stopped", {"validation": {"accuracy": 0.5}}, "Run 2 was stopped: validation accuracy 50.0%."),
        ("interrupted", {"train": {"loss": 2.0}}, "Run 2 was interrupted: train loss 2."),
        ("stopped", {"test": {}}, "Run 2 was stopped."),
    ],
)
def test_the_end_of_a_run_in_a_sentence(
    status: str, metrics: dict[str, dict[str, float]], sentence: str
) -> None:
    assert ending("Run 2", status, metrics) == sentence
