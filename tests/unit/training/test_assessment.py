"""An evaluation looks at all of the split that was asked for, and at as many samples of the others as there is room for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nodeforge.training import assessment
from nodeforge.training.assessment import evaluate_run
from nodeforge.training.restore import load_run
from tests.training_jobs import PLAIN_NET, iris, run


def test_large_splits_beside_the_one_asked_for_are_sampled(tmp_path, monkeypatch):
    info, _ = run(iris(PLAIN_NET, epochs=5), tmp_path)
    whole = evaluate_run(tmp_path, info.id)
    assert whole.notes == []
    monkeypatch.setattr(assessment, "MAX_EVALUATED", 3 * 40)  # three scores a flower
    found = evaluate_run(tmp_path, info.id)
    assert found.notes == ["The train split is measured on 40 of its 108 samples, evenly spaced."]
    assert found.splits["test"] == whole.splits["test"]
    assert found.splits["train"].baseline == whole.splits["train"].baseline
    trained = load_run(tmp_path)
    train = trained.dataset.split("train")
    places = np.linspace(0, 107, 40).astype(int)
    with torch.no_grad():
        scores = trained.module(torch.from_numpy(train["features"][places]))
    answers = torch.from_numpy(train["target"][places])
    metrics = found.splits["train"].metrics
    assert metrics["accuracy"] == pytest.approx(float((scores.argmax(1) == answers).float().mean()))
    assert metrics["loss"] == pytest.approx(float(torch.nn.functional.cross_entropy(scores, answers)))


def test_the_split_that_was_asked_for_is_measured_as_a_whole(tmp_path, monkeypatch):
    info, _ = run(iris(PLAIN_NET, epochs=2), tmp_path)
    whole = evaluate_run(tmp_path, info.id, "train")
    monkeypatch.setattr(assessment, "MAX_EVALUATED", 3 * 110)
    assert evaluate_run(tmp_path, info.id, "train").splits["train"] == whole.splits["train"]
