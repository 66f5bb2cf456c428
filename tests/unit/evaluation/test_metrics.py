from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as reference

from nodeforge.core.document import Component, DataSettings
from nodeforge.data import load
from nodeforge.evaluation import Task, TaskKind, confusion_matrix, metrics, predicted_classes

CLASSES = ("a", "b", "c", "d")
MANY = Task(kind=TaskKind.CLASSIFICATION, field="target", classes=CLASSES)
BINARY = Task(kind=TaskKind.BINARY, field="target", classes=("no", "yes"))
VALUES = Task(kind=TaskKind.REGRESSION, field="target")


def scores(prediction: np.ndarray) -> np.ndarray:
    return np.eye(4, dtype=np.float32)[prediction]


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(*[arrays.arrays(np.int64, n, elements=st.integers(0, 3))] * 2)
    )
)
def test_classification_is_as_scikit_learn_counts(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    found = metrics(MANY, scores(prediction), truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # single labels: scikit-learn asks for a list of all
        precision, recall, f1, _ = reference.precision_recall_fscore_support(
            truth, prediction, average="macro", zero_division=0
        )
        matrix = reference.confusion_matrix(truth, prediction, labels=range(4))
    assert found == pytest.approx(
        {
            "accuracy": reference.accuracy_score(truth, prediction),
            "precision": precision,
            "recall": recall,
            "f1": f1,
        }
    )
    np.testing.assert_array_equal(confusion_matrix(MANY, scores(prediction), truth), matrix)


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(*[arrays.arrays(np.int64, n, elements=st.integers(0, 1))] * 2)
    )
)
def test_binary_is_as_scikit_learn_counts(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    found = metrics(BINARY, (prediction * 4.0 - 1)[:, None], truth.astype(np.float32)[:, None])
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        truth, prediction, average="binary", zero_division=0
    )
    accuracy = reference.accuracy_score(truth, prediction)
    assert found == pytest.approx({"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1})


def test_a_score_for_every_pixel_is_counted_by_pixel() -> None:
    truth = np.random.default_rng(0).integers(0, 4, (5, 6, 7))
    prediction = np.random.default_rng(1).integers(0, 4, (5, 6, 7))
    output = np.moveaxis(scores(prediction), -1, 1)
    np.testing.assert_array_equal(predicted_classes(MANY, output), prediction)
    assert metrics(MANY, output, truth)["accuracy"] == (truth == prediction).mean()


@pytest.mark.parametrize("outputs", [1, 3])
def test_regression_is_as_scikit_learn_and_torchmetrics_measure(outputs: int) -> None:
    from torchmetrics.regression import NormalizedRootMeanSquaredError

    rng = np.random.default_rng(0)
    truth = rng.normal(5, 3, (50, outputs))
    prediction = truth + rng.normal(0, 1, (50, outputs))
    found = metrics(VALUES, prediction, truth)
    nrmse = NormalizedRootMeanSquaredError("std", num_outputs=outputs)
    assert found == pytest.approx(
        {
            "mse": reference.mean_squared_error(truth, prediction),
            "mae": reference.mean_absolute_error(truth, prediction),
            "rmse": reference.mean_squared_error(truth, prediction) ** 0.5,
            "r2": reference.r2_score(truth, prediction),
            "nrmse": float(nrmse(torch.tensor(prediction), torch.tensor(truth)).mean()),
        },
        rel=1e-5,
    )


def test_errors_are_given_in_the_targets_own_unit() -> None:
    data = load(DataSettings(source=Component(kind="elnino")), Path())
    target = data.splits["test"]["target"]
    found = metrics(VALUES, target + 1.0, target, data)
    degrees = float(data.fitted["target"].scale.item())
    assert found["mae"] == pytest.approx(degrees, rel=1e-5)
    assert found["rmse"] == pytest.approx(degrees, rel=1e-5)
    assert found["nrmse"] == pytest.approx(degrees / 2.136, rel=1e-3)


def test_values_of_equal_size_are_compared_one_by_one_whatever_their_shape() -> None:
    """(N, 1) minus (N,) would be (N, N)."""
    assert metrics(VALUES, np.arange(4.0), np.arange(4.0)[:, None])["mse"] == 0


def test_nothing_is_claimed_where_the_truth_never_changes() -> None:
    assert set(metrics(VALUES, np.ones((3, 1)), np.zeros((3, 1)))) == {"mse", "mae", "rmse"}
    assert metrics(VALUES, np.ones((0, 1)), np.zeros((0, 1))) == {}
    assert metrics(Task(kind=TaskKind.OTHER), np.ones(3), np.ones(3)) == {}
