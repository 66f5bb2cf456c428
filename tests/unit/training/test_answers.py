"""Evaluation and predictions of trained runs against the module asked directly, and scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, mean_squared_error

from nodeforge.core.document import Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.training import evaluate_run, load_run, predict_run
from tests.drawings import drawing
from tests.training_jobs import iris, run

LINE = """
    x = Input(shape=[2])
    fc = Linear(out_features=1)
    y = Output()
    t = Target(shape=[1], dtype="float32")
    loss = MSELoss()
    x -> fc -> y
    fc -> loss.input
    t -> loss.target
"""


@pytest.fixture(scope="module")
def flowers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iris")
    summary, _ = run(iris(epochs=8), folder)
    return folder, summary


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("line")
    random = np.random.default_rng(0)
    a, b = random.normal(50, 10, 300), random.normal(0, 1, 300)
    rows = "\n".join(f"{x:.5f},{y:.5f},{3000 + 20 * x - 100 * y:.5f}" for x, y in zip(a, b, strict=True))
    (folder / "line.csv").write_text(f"a,b,price\n{rows}\n")
    document = drawing(LINE)
    document.data = DataSettings(
        source=Component(kind="csv", parameters={"path": "line.csv", "target": "price"})
    )
    (stage,) = document.recipe.stages
    stage = replace(
        stage,
        settings={"epochs": 60, "batch_size": 16},
        optimizer=Component(kind="Adam", parameters={"lr": 0.05}),
    )
    document.recipe = replace(document.recipe, stages=(stage,))
    summary, _ = run(document, folder)
    return folder, summary


def test_evaluation_agrees_with_scikit_learn(flowers):
    folder, summary = flowers
    found = evaluate_run(folder, summary.id, "test")
    trained = load_run(folder, summary.id)
    names = {f.role: f.name for f in trained.dataset.facts.fields}
    split = trained.dataset.splits["test"]
    chosen = trained.module(torch.tensor(split[names["input"]])).argmax(1)
    assert found.confusion == confusion_matrix(split[names["target"]], chosen).tolist()
    assert {name: found.metrics[name] for name in summary.metrics["test"]} == pytest.approx(
        summary.metrics["test"]
    )
    assert found.classes == list(trained.question.task.classes)
    assert "majority class" in found.baseline
    assert evaluate_run(folder, "", "test") == found


def test_predictions_of_classes_come_with_their_probabilities(flowers, tmp_path):
    folder, summary = flowers
    trained = load_run(folder, summary.id)
    raw = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
    np.save(tmp_path / "two.npy", raw)
    found = predict_run(folder, summary.id, tmp_path / "two.npy")
    (field,) = trained.dataset.read(tmp_path / "two.npy").values()
    expected = trained.module(torch.tensor(field)).softmax(1).detach().numpy()
    classes = trained.question.task.classes
    assert found.columns == ["species", *(f"P({name})" for name in classes)]
    assert [row[0] for row in found.rows] == [classes[i] for i in expected.argmax(1)]
    assert [[float(cell) for cell in row[1:]] for row in found.rows] == [
        pytest.approx(row, abs=1e-4) for row in expected
    ]


def test_predictions_of_values_are_in_their_own_unit(line, tmp_path):
    folder, summary = line
    (tmp_path / "new.csv").write_text("a,b\n50,0\n60,1\n")
    found = predict_run(folder, summary.id, tmp_path / "new.csv")
    assert found.columns == ["price"]
    assert [float(row[0]) for row in found.rows] == [
        pytest.approx(4000, rel=0.02),
        pytest.approx(4100, rel=0.02),
    ]
    shown = evaluate_run(folder, summary.id, "test")
    assert mean_squared_error(shown.truth, shown.prediction) == pytest.approx(shown.metrics["mse"])
    assert min(shown.truth) > 3000


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda folder, run: evaluate_run(folder, "nothing", "test"), "There is no run"),
        (lambda folder, run: evaluate_run(folder, run, "holdout"), "no split holdout"),
        (lambda folder, run: predict_run(folder, run, folder / "nothing.csv"), "no file"),
        (lambda folder, run: load_run(folder, run, "middle"), "no checkpoint middle"),
    ],
)
def test_a_wrong_question_is_one_sentence(flowers, ask, sentence):
    folder, summary = flowers
    with pytest.raises(UserError, match=sentence):
        ask(folder, summary.id)


def test_a_project_without_runs_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="train it first"):
        load_run(tmp_path)
