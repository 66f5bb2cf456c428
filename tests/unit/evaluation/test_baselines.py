"""Baselines against what scikit-learn, and plain arithmetic on the series, give on the same split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from nodeforge.core.document import Component, DataSettings
from nodeforge.data import Dataset, load
from nodeforge.evaluation import Task, TaskKind, baselines, task_of


def dataset(source: str, folder: Path = Path(), preparation: dict | None = None, **parameters) -> Dataset:
    settings = DataSettings(
        source=Component(kind=source, parameters=parameters), preparation=preparation or {}
    )
    return load(settings, folder)


def test_digits_reach_what_logistic_regression_reaches() -> None:
    data = dataset("digits", preparation={"validation_fraction": 0})
    found = baselines(data, task_of(["CrossEntropyLoss"], data.facts))
    train, test = data.splits["train"], data.splits["test"]
    model = LogisticRegression().fit(train["image"].reshape(-1, 64), train["target"])
    assert found["linear model"]["accuracy"] == model.score(test["image"].reshape(-1, 64), test["target"])
    assert found["linear model"]["accuracy"] == pytest.approx(0.9667, abs=5e-4)
    assert found["majority class"]["accuracy"] == pytest.approx(0.1, abs=0.005)


def test_mnist_stays_near_the_known_accuracy_of_a_linear_model() -> None:
    data = dataset("mnist-5k", preparation={"validation_fraction": 0})
    found = baselines(data, task_of(["CrossEntropyLoss"], data.facts))
    assert found["linear model"]["accuracy"] == pytest.approx(0.895, abs=0.01)


def test_elnino_baselines_are_the_known_ones() -> None:
    data = dataset("elnino", preparation={"validation_fraction": 0})
    found = baselines(data, task_of(["MSELoss"], data.facts))
    assert found["persistence"]["nrmse"] == pytest.approx(1.3876, abs=5e-5)
    assert found["seasonal mean"]["nrmse"] == pytest.approx(0.3508, abs=5e-5)
    assert found["linear model"]["nrmse"] == pytest.approx(0.4256, abs=1e-3)


def test_persistence_is_the_last_value_of_the_window() -> None:
    data = dataset("elnino", window=6, horizon=4, preparation={"scaling": "none"})
    found = baselines(data, task_of(["MSELoss"], data.facts))
    test = data.splits["test"]
    assert found["persistence"]["mse"] == pytest.approx(
        ((test["series"][:, -1] - test["target"]) ** 2).mean(), rel=1e-5
    )


def test_the_season_is_learned_from_the_training_months_alone() -> None:
    data = dataset("elnino")
    line = data.samples.timeline
    known = line.moments[data.indices["train"]].max() + 1
    moments = line.moments[data.indices["test"]]
    means = np.array([line.values[m % 12 : known : 12].mean() for m in moments])
    found = baselines(data, task_of(["MSELoss"], data.facts))
    assert found["seasonal mean"]["mae"] == pytest.approx(
        np.abs(means - line.values[moments]).mean(), rel=1e-5
    )


def test_values_of_a_table_get_the_mean_and_ridge(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    y = x @ [3.0, -2.0] + 7 + rng.normal(0, 0.1, 80)
    (tmp_path / "t.csv").write_text(
        "a,b,y\n" + "\n".join(f"{a},{b},{c}" for (a, b), c in zip(x, y, strict=True))
    )
    data = dataset("csv", tmp_path, path="t.csv")
    found = baselines(data, task_of(["MSELoss"], data.facts))
    train, test = data.splits["train"], data.splits["test"]
    prediction = Ridge(1.0).fit(train["features"], train["target"]).predict(test["features"])
    error = data.restore("target", prediction.reshape(-1, 1)) - data.restore("target", test["target"])
    assert found["linear model"]["mse"] == pytest.approx((error**2).mean(), rel=1e-4)
    assert found["mean"]["r2"] == pytest.approx(0, abs=0.3)
    assert found["linear model"]["r2"] > 0.99


def test_a_question_of_yes_or_no_gets_the_same_baselines(tmp_path: Path) -> None:
    rows = "".join(f"{i % 17},{'no' if i % 17 < 9 else 'yes'}\n" for i in range(170))
    (tmp_path / "t.csv").write_text("a,answer\n" + rows)
    data = dataset("csv", tmp_path, path="t.csv")
    found = baselines(data, task_of(["BCEWithLogitsLoss"], data.facts))
    assert found["linear model"]["accuracy"] > 0.9
    assert found["majority class"]["recall"] == 0  # it always says no
    several = baselines(data, task_of(["CrossEntropyLoss"], data.facts))
    assert several["linear model"]["accuracy"] == found["linear model"]["accuracy"]


def test_large_data_is_thinned_out_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dataset("digits")
    task = task_of(["CrossEntropyLoss"], data.facts)
    monkeypatch.setattr("nodeforge.evaluation.simple_models.MAX_WORK", 64 * 10 * 200)
    accuracy = baselines(data, task)["linear model"]["accuracy"]
    assert 0.85 < accuracy < 0.95
    monkeypatch.setattr("nodeforge.evaluation.simple_models.MAX_WORK", 64 * 10 * 199)
    assert list(baselines(data, task)) == ["majority class"]


def test_without_a_question_there_is_no_baseline() -> None:
    assert baselines(dataset("iris"), Task(kind=TaskKind.OTHER)) == {}


def test_the_linear_model_of_texts_counts_their_words() -> None:
    data = dataset("rated-texts", vocabulary=400, preparation={"validation_fraction": 0})
    found = baselines(data, task_of(["CrossEntropyLoss"], data.facts))

    def counts(split: str) -> np.ndarray:
        texts = data.splits[split]["text"]
        return np.stack([(texts == number).sum(axis=1) for number in range(1, 400)], axis=1)

    model = LogisticRegression(max_iter=2_000).fit(
        np.concatenate([counts("train"), data.splits["train"]["mask"]], axis=1),
        data.splits["train"]["target"],
    )
    test = np.concatenate([counts("test"), data.splits["test"]["mask"]], axis=1)
    assert found["linear model"]["accuracy"] == pytest.approx(
        model.score(test, data.splits["test"]["target"]), abs=0.02
    )
    assert found["linear model"]["accuracy"] > 0.75
