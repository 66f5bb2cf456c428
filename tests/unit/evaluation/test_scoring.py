"""Each number of an evaluation against scikit-learn or torchmetrics, asked directly."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as reference
from torchmetrics.functional.text import perplexity

from nodeforge.evaluation import Task, TaskKind, metrics, score
from nodeforge.evaluation.mistakes import worst

CLASSES = tuple("abcdefgh")
MANY = Task(kind=TaskKind.CLASSIFICATION, field="target", classes=CLASSES)
BINARY = Task(kind=TaskKind.BINARY, field="target", classes=("no", "yes"))
VALUES = Task(kind=TaskKind.REGRESSION, field="target")
TEXT = Task(kind=TaskKind.CLASSIFICATION, field="target", classes=CLASSES, unit="characters")


def softmax(scores: np.ndarray) -> np.ndarray:
    return torch.from_numpy(scores).double().softmax(dim=1).numpy()


@pytest.fixture
def many() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.integers(0, 8, 300)
    return random.normal(size=(300, 8)) + 1.5 * np.eye(8)[truth], truth


def test_classes_are_ranked_as_scikit_learn_ranks_them(many) -> None:
    output, truth = many
    found, shares = score(MANY, output, truth), softmax(output)
    assert found.metrics["top_3_accuracy"] == reference.top_k_accuracy_score(truth, shares, k=3)
    assert found.metrics["f1_micro"] == reference.f1_score(truth, output.argmax(1), average="micro")
    assert found.metrics["roc_auc"] == pytest.approx(
        reference.roc_auc_score(truth, shares, multi_class="ovr", average="macro")
    )
    assert found.metrics["average_precision"] == pytest.approx(
        reference.average_precision_score(np.eye(8)[truth], shares, average="macro")
    )
    assert "top_5_accuracy" not in found.metrics  # of eight classes it says little


def test_every_class_has_its_own_scores_and_curves(many) -> None:
    output, truth = many
    found, shares = score(MANY, output, truth), softmax(output)
    columns = reference.precision_recall_fscore_support(truth, output.argmax(1))
    for place, part in enumerate(found.parts):
        assert part.name == CLASSES[place]
        assert part.count == columns[3][place]
        assert [part.values[name] for name in ("precision", "recall", "f1")] == [
            c[place] for c in columns[:3]
        ]
        right = truth == place
        assert part.values["roc_auc"] == reference.roc_auc_score(right, shares[:, place])
        roc, precision_recall = found.roc[place], found.precision_recall[place]
        assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
        assert reference.auc(roc.x, roc.y) == pytest.approx(roc.area, abs=0.01)
        assert precision_recall.area == reference.average_precision_score(right, shares[:, place])
        assert precision_recall.y[-1] == pytest.approx(right.mean(), abs=0.01)  # all are taken for it


def test_yes_or_no_is_ranked_whichever_way_it_is_given() -> None:
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, 200).astype(np.float32)[:, None]
    raw = random.normal(size=(200, 1)) + truth
    shares = 1 / (1 + np.exp(-raw))
    by_score = score(BINARY, raw, truth)
    by_share = score(Task(kind=TaskKind.BINARY, classes=("no", "yes"), threshold=0.5), shares, truth)
    assert by_score.metrics == pytest.approx(by_share.metrics)
    assert by_score.metrics["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, raw))
    assert by_score.metrics["average_precision"] == pytest.approx(
        reference.average_precision_score(truth, raw)
    )
    assert [part.name for part in by_score.parts] == ["no", "yes"]


def test_several_yes_or_no_answers_are_several_labels() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, (150, 3)).astype(np.float32)
    raw = random.normal(size=(150, 3)) + truth
    chosen = raw > 0
    found = score(BINARY, raw, truth)
    assert found.metrics["exact_match"] == reference.accuracy_score(truth, chosen)
    assert found.metrics["accuracy"] == (chosen == truth).mean()
    for name, average in (("f1", "macro"), ("f1_micro", "micro")):
        assert found.metrics[name] == pytest.approx(reference.f1_score(truth, chosen, average=average))
    assert found.metrics["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, raw, average="macro"))
    assert [part.count for part in found.parts] == truth.sum(axis=0).tolist()


def test_a_text_is_measured_as_torchmetrics_does() -> None:
    random = np.random.default_rng(3)
    output = random.normal(size=(5, 8, 12)).astype(np.float32)
    truth = random.integers(0, 8, (5, 12))
    expected = float(perplexity(torch.from_numpy(output).movedim(1, 2), torch.from_numpy(truth)))
    found = score(TEXT, output, truth).metrics
    assert found["perplexity"] == pytest.approx(expected, rel=1e-5)
    assert metrics(TEXT, output, truth)["perplexity"] == pytest.approx(expected, rel=1e-5)
    assert found["bits_per_character"] == pytest.approx(math.log2(expected), rel=1e-5)
    assert found["accuracy"] == (output.argmax(1) == truth).mean()
    assert "roc_auc" not in found
    assert "f1" not in found


def test_places_that_do_not_count_are_left_out() -> None:
    random = np.random.default_rng(4)
    output, truth = random.normal(size=(6, 8, 9)), random.integers(0, 8, (6, 9))
    counted = truth != 0
    for task in (TEXT, MANY):
        ignoring = Task(kind=task.kind, classes=CLASSES, unit=task.unit, ignored=0)
        right = (output.argmax(1) == truth)[counted].mean()
        assert score(ignoring, output, truth).metrics["accuracy"] == pytest.approx(right)
    ignoring = Task(kind=TEXT.kind, classes=CLASSES, unit="words", ignored=0)
    expected = perplexity(torch.from_numpy(output).movedim(1, 2), torch.from_numpy(truth), ignore_index=0)
    assert score(ignoring, output, truth).metrics["perplexity"] == pytest.approx(float(expected), rel=1e-5)


def test_several_values_are_measured_each_on_its_own() -> None:
    random = np.random.default_rng(5)
    truth = random.normal(3, 2, (60, 2))
    output = truth + random.normal(0, (0.5, 2.0), (60, 2))
    found = score(VALUES, output, truth)
    for place, part in enumerate(found.parts):
        assert part.values["r2"] == pytest.approx(reference.r2_score(truth[:, place], output[:, place]))
        assert part.values["mae"] == pytest.approx(np.abs(truth - output)[:, place].mean())
    assert found.metrics["r2"] == pytest.approx(reference.r2_score(truth, output))


def test_a_reconstruction_is_measured_value_by_value_whatever_its_shape() -> None:
    random = np.random.default_rng(6)
    samples, output = random.random((20, 1, 4, 4)), random.random((20, 16))
    task = Task(kind=TaskKind.RECONSTRUCTION, field="image")
    expected = reference.mean_squared_error(samples.reshape(20, 16), output)
    assert score(task, output, samples).metrics == pytest.approx({"reconstruction_error": expected})
    errors = ((samples.reshape(20, 16) - output) ** 2).mean(axis=1)
    assert worst(task, output, samples)[0].place == errors.argmax()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_claimed_of_classes_that_do_not_occur(data: st.DataObject) -> None:
    """A class that is absent, a single class, a single sample: what cannot be measured is left out."""
    count = data.draw(st.integers(1, 12))
    truth = data.draw(arrays.arrays(np.int64, count, elements=st.integers(0, 7)))
    output = data.draw(arrays.arrays(np.float64, (count, 8), elements=st.floats(-30, 30)))
    found = score(MANY, output, truth)
    present = set(truth.tolist())
    assert ("roc_auc" in found.metrics) == (len(present) > 1)
    for place, part in enumerate(found.parts):
        assert ("roc_auc" in part.values) == (place in present and len(present) > 1)
    assert len(found.roc) == (len(present) if len(present) > 1 else 0)
    assert all(math.isfinite(value) for value in found.metrics.values())


@pytest.mark.parametrize("task", [MANY, BINARY, VALUES, TEXT])
@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_predictions_that_are_no_numbers_are_told_of(task: Task, broken: float) -> None:
    output = np.zeros((4, 8)) if task.kind is TaskKind.CLASSIFICATION else np.zeros((4, 1))
    output[1, 0] = broken
    truth = np.array([0, 1, 1, 0])
    target = truth if task.kind is TaskKind.CLASSIFICATION else truth[:, None].astype(float)
    with np.errstate(invalid="ignore"):
        found = score(task, output, target)
    assert found.notes[0].startswith("1 of 4 predictions are not finite numbers")
    assert found.metrics
    assert "roc_auc" not in found.metrics
    assert not found.parts
    assert worst(task, output, target) == []


def test_a_truth_that_never_changes_has_no_r2() -> None:
    found = score(VALUES, np.arange(4.0)[:, None], np.ones((4, 1)))
    assert "r2" not in found.metrics
    assert "never change" in found.notes[0]


def test_answers_between_no_and_yes_are_not_ranked() -> None:
    found = score(BINARY, np.array([[1.0], [-1.0]]), np.array([[0.7], [0.2]]))
    assert "roc_auc" not in found.metrics
    assert "between no and yes" in found.notes[0]


def test_the_surest_mistakes_come_first(many) -> None:
    output, truth = many
    found, shares = worst(MANY, output, truth), softmax(output)
    assert all(CLASSES[truth[one.place]] == one.truth != one.prediction for one in found)
    sure = [shares[one.place].max() for one in found]
    assert sure == sorted(sure, reverse=True)
    wrong = output.argmax(1) != truth
    assert sure[0] == shares[wrong].max()
    assert found[0].scores[0] == (found[0].prediction, f"{sure[0]:.1%}")


def test_the_largest_errors_come_first() -> None:
    truth, output = np.array([[1.0], [2.0], [3.0]]), np.array([[1.5], [2.0], [0.0]])
    assert [one.place for one in worst(VALUES, output, truth)] == [2, 0, 1]
    assert (worst(VALUES, output, truth)[0].truth, worst(VALUES, output, truth)[0].prediction) == ("3", "0")
