"""What a network is measured by, read off its drawing; and what an evaluation then says, against the module itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.engine.messages import EpochEnded
from nodeforge.evaluation import TaskKind
from nodeforge.torch_backend import build
from nodeforge.training import evaluate_run, load_run
from nodeforge.training.batches import load_split
from nodeforge.training.material import gather
from nodeforge.training.measure import Tally, measure
from nodeforge.training.questions import Question
from tests.drawings import drawing
from tests.training_jobs import iris, run

AUTOENCODER = """
    x = Input(shape=[1, 8, 8])
    flat = Flatten()
    narrow = Linear(out_features=5)
    wide = Linear(out_features=64)
    y = Output()
    loss = MSELoss()
    x -> flat -> narrow -> wide -> y
    wide -> loss.input
    flat -> loss.target
"""
VARIATIONAL = """
    x = Input(shape=[1, 8, 8])
    flat = Flatten()
    mean = Linear(out_features=3)
    spread = Linear(out_features=3)
    wide = Linear(out_features=64)
    y = Output()
    like = MSELoss(reduction="{like}")
    order = KLDivergence(beta=2.0, reduction="{order}")
    x -> flat -> mean -> wide -> y
    flat -> spread
    wide -> like.input
    flat -> like.target
    mean -> order.mean
    spread -> order.log_variance
"""
MAP = """
    x = Input(shape=[1, 8, 8])
    flat = Flatten()
    som = SelfOrganizingMap(rows=3, columns=4, toroidal=True)
    y = Output()
    x -> flat -> som.input
    som.unit -> y
"""
LANGUAGE = """
    x = Input(shape=[16], dtype="int64")
    embed = Embedding(embedding_dim=4, num_embeddings=40)
    head = Linear(out_features=40)
    turn = Transpose(dim0=1, dim1=2)
    y = Output()
    t = Target(shape=[16])
    loss = CrossEntropyLoss()
    x -> embed -> head -> turn -> loss.input
    head -> y
    t -> loss.target
"""
SURE = """
    x = Input(shape=[4])
    fc = Linear(out_features=3)
    sure = Softmax()
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    fc -> sure -> y
    x -> fc -> loss.input
    t -> loss.target
"""
YES = """
    x = Input(shape=[1])
    fc = Linear(out_features=1)
    raw = Squeeze(dim=1)
    squash = Sigmoid()
    y = Output()
    t = Target()
    real = Cast(dtype="float32")
    loss = {loss}()
    x -> fc -> raw -> squash
    {shown} -> y
    {seen} -> loss.input
    t -> real -> loss.target
"""


DENOISER = """
    x = Input(shape=[1, 8, 8])
    flat = Flatten()
    spoil = Dropout(p=0.5)
    fc = Linear(out_features=64)
    fc_clean = Linear(shares="fc", out_features=64)
    y = Output()
    loss = MSELoss()
    x -> flat -> spoil -> fc -> loss.input
    flat -> loss.target
    flat -> fc_clean -> y
"""


def of(document: Document, source: str, folder: Path = Path(), **parameters) -> Document:
    document.data = DataSettings(source=Component(kind=source, parameters=parameters))
    return document


def question(document: Document, folder: Path = Path()) -> Question:
    return gather(document, folder).question


def test_a_network_that_gives_back_its_input_reconstructs() -> None:
    found = question(of(drawing(AUTOENCODER), "digits"))
    assert (found.task.kind, found.task.field) == (TaskKind.RECONSTRUCTION, "image")
    assert (found.target, found.original, found.components) == (-1, 0, 5)


@pytest.mark.parametrize("like", ["mean", "sum"])
@pytest.mark.parametrize("order", ["mean", "sum"])
def test_elbo_is_that_of_a_sample_however_the_losses_add_up(like: str, order: str) -> None:
    material = gather(of(drawing(VARIATIONAL.format(like=like, order=order)), "digits"), Path())
    torch.manual_seed(0)
    module = build(material.source).eval()
    split = load_split(material.dataset, "test", material.source, torch.device("cpu"), channels_last=False)
    found = measure(module, split, material.question, material.dataset, batch_size=50)
    flat = split.inputs[0].flatten(1)
    with torch.no_grad():
        mean, spread, output = module.mean(flat), module.spread(flat), module(split.inputs[0])
    likeness = ((output - flat) ** 2).sum(dim=1).mean()
    divergence = (mean**2 + spread.exp() - 1 - spread).sum(dim=1).mean() / 2
    assert found.metrics["negative_elbo"] == pytest.approx(float(likeness + divergence), rel=1e-4)
    assert found.metrics["reconstruction_error"] == pytest.approx(
        float(((output - flat) ** 2).mean()), rel=1e-4
    )


def test_a_map_is_measured_whatever_the_network_gives_out() -> None:
    material = gather(of(drawing(MAP), "digits"), Path())
    assert material.question.task.kind is TaskKind.ORGANIZATION
    torch.manual_seed(0)
    module = build(material.source)
    split = load_split(material.dataset, "test", material.source, torch.device("cpu"), channels_last=False)
    found = measure(module, split, material.question, material.dataset, batch_size=50)
    samples = split.inputs[0].flatten(1)
    errors = torch.cdist(samples, module.som.prototypes).min(dim=1).values
    assert found.metrics["quantization_error"] == pytest.approx(float(errors.mean()), rel=1e-5)
    assert found.output is not None
    assert found.output.shape == (len(samples), 3, 4)


def test_two_players_make_samples() -> None:
    document = of(drawing(AUTOENCODER), "digits")
    document.recipe = Recipe(stages=(Stage(name="maker"), Stage(name="judge", alternates=True)))
    found = question(document)
    assert (found.task.kind, found.task.field, found.original) == (TaskKind.GENERATION, "image", 0)


def test_a_text_with_its_classes_last_is_measured_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text("the cat sat on the mat and the rat ate the hat. " * 40)
    material = gather(of(drawing(LANGUAGE), "text", path="song.txt", window=16), tmp_path)
    found = material.question
    assert (found.task.unit, found.classes_last) == ("characters", True)
    module = build(material.source)
    split = load_split(material.dataset, "test", material.source, torch.device("cpu"), channels_last=False)
    measured = measure(module, split, found, material.dataset, batch_size=50).metrics
    with torch.no_grad():
        right = (module(*split.inputs).argmax(dim=-1) == split.targets[0]).float().mean()
    assert measured["accuracy"] == pytest.approx(float(right))
    assert measured["perplexity"] == pytest.approx(np.exp(measured["loss"]), rel=1e-4)


def test_an_output_behind_softmax_gives_probabilities() -> None:
    assert question(of(drawing(SURE), "iris")).task.normalized
    assert not question(iris()).task.normalized


@pytest.mark.parametrize(
    ("loss", "shown", "seen", "threshold"),
    [
        ("BCEWithLogitsLoss", "raw", "raw", 0.0),
        ("BCEWithLogitsLoss", "squash", "raw", 0.5),
        ("BCELoss", "squash", "squash", 0.5),
        ("BCELoss", "raw", "squash", 0.0),
    ],
)
def test_where_yes_begins_follows_from_what_the_output_shows(
    tmp_path: Path, loss: str, shown: str, seen: str, threshold: float
) -> None:
    rows = "".join(f"{i % 17},{'no' if i % 17 < 9 else 'yes'}\n" for i in range(170))
    (tmp_path / "t.csv").write_text("a,answer\n" + rows)
    document = of(drawing(YES.format(loss=loss, shown=shown, seen=seen)), "csv", path="t.csv")
    found = question(document, tmp_path)
    assert (found.task.kind, found.task.classes) == (TaskKind.BINARY, ("no", "yes"))
    assert found.task.threshold == threshold


def test_an_epoch_that_is_not_kept_whole_tells_its_loss_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first batches came from a network that had learnt nothing yet."""
    keep = Tally.keep

    def keep_little(self: Tally, output: torch.Tensor) -> bool:
        self.most = 120 if not self.steady else self.most
        return keep(self, output)

    monkeypatch.setattr(Tally, "keep", keep_little)
    _, recorder = run(iris(epochs=1), tmp_path)
    (ended,) = (event for event in recorder.events if isinstance(event, EpochEnded))
    assert set(ended.metrics["train"]) == {"loss"}
    assert "accuracy" in ended.metrics["validation"]


def test_an_evaluation_shows_every_split_and_where_it_fails(tmp_path: Path) -> None:
    summary, _ = run(iris(epochs=2), tmp_path)
    found = evaluate_run(tmp_path, summary.id, "train")
    assert list(found.splits) == ["train", "validation", "test"]
    assert found.splits["train"].metrics == found.metrics
    assert found.splits["train"].baseline == found.baseline
    trained = load_run(tmp_path, summary.id)
    fields = trained.dataset.splits["train"]
    shares = trained.module(torch.tensor(fields["features"])).softmax(1).detach().numpy().astype(np.float64)
    expected = roc_auc_score(fields["target"], shares / shares.sum(1, keepdims=True), multi_class="ovr")
    assert found.metrics["roc_auc"] == pytest.approx(expected, abs=1e-6)
    wrong = np.flatnonzero(shares.argmax(1) != fields["target"])
    assert found.mistakes
    assert {one.place for one in found.mistakes} <= set(wrong.tolist())
    raw = trained.dataset.samples.fields[0].array[trained.dataset.indices["train"]]
    for one in found.mistakes:
        assert [float(value) for _, value in one.values] == pytest.approx(raw[one.place].tolist(), rel=1e-3)
    assert found.beaten == (found.metrics["accuracy"] <= found.baseline["linear model"]["accuracy"])


def test_a_reconstruction_is_shown_beside_its_sample(tmp_path: Path) -> None:
    document = of(drawing(AUTOENCODER), "digits")
    stage = replace(document.recipe.stages[0], settings={"epochs": 1, "batch_size": 64})
    document.recipe = Recipe(stages=(stage,))
    summary, _ = run(document, tmp_path)
    found = evaluate_run(tmp_path, summary.id)
    assert found.task == "reconstruction"
    assert set(found.baseline) == {"mean sample", "5 principal components"}
    first = found.mistakes[0]
    assert first.picture is not None
    assert first.answer is not None
    assert (first.picture.width, first.answer.height) == (8, 8)
    assert first.picture.pixels != first.answer.pixels


def test_it_is_said_when_the_output_reconstructs_something_else_than_the_loss(tmp_path: Path) -> None:
    document = of(drawing(DENOISER), "digits")
    stage = replace(document.recipe.stages[0], settings={"epochs": 1, "batch_size": 64})
    document.recipe = Recipe(stages=(stage,))
    summary, _ = run(document, tmp_path)
    found = evaluate_run(tmp_path, summary.id)
    assert any("The loss is of what loss looks at" in note and "what y shows" in note for note in found.notes)
    assert question(of(drawing(AUTOENCODER), "digits")).aside == ""


def test_a_forecast_has_its_moments(tmp_path: Path) -> None:
    from nodeforge.project import files, shipped

    document = files.load(shipped.projects() / "elnino-lstm")
    stage = replace(document.recipe.stages[0], settings={"epochs": 1, "batch_size": 64})
    document.recipe = Recipe(stages=(stage,))
    summary, _ = run(document, tmp_path)
    found = evaluate_run(tmp_path, summary.id)
    data = load_run(tmp_path, summary.id).dataset
    line = data.samples.timeline
    assert line is not None
    np.testing.assert_allclose(line.values[found.moments], found.truth, rtol=1e-5)
