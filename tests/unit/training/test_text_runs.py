"""Networks of texts: trained, their vocabulary kept, and asked about new texts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nodeforge as nf
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.errors import UserError
from nodeforge.data import load
from nodeforge.training import evaluate_run, predict_run
from nodeforge.training.control import Control
from nodeforge.training.job import TrainingJob
from nodeforge.training.runner import VOCABULARY, train

TABLE = "text,kind\n" + "".join(
    f"{word} {i % 7} things,{kind}\n" for i in range(40) for word, kind in (("good", "yes"), ("bad", "no"))
)


def document(folder: Path) -> Document:
    (folder / "t.csv").write_text(TABLE)
    source = Component(kind="text-table", parameters={"path": "t.csv", "unit": "words", "length": 4})
    data = DataSettings(source=source)
    words = load(data, folder).facts.field("", "input").vocabulary
    project = nf.Project()
    net = project.network("main")
    text, label = net.add("Input", shape=[4], dtype="int64"), net.add("Target")
    embedding = net.add("Embedding", num_embeddings=words, embedding_dim=4)
    flat, fc = net.add("Flatten"), net.add("Linear", out_features=2)
    out, loss = net.add("Output"), net.add("CrossEntropyLoss")
    for one, other in ((text, embedding), (embedding, flat), (flat, fc), (fc, out)):
        net.connect(one, other)
    net.connect(fc, loss, input="input")
    net.connect(label, loss, input="target")
    found = project.document
    found.data = data
    stage = replace(
        found.recipe.stages[0],
        settings={"epochs": 20, "batch_size": 8},
        optimizer=Component(kind="Adam", parameters={"lr": 0.05}),
    )
    found.recipe = replace(found.recipe, stages=(stage,))
    return found


def test_a_run_keeps_its_vocabulary_and_answers_for_new_texts(tmp_path: Path) -> None:
    info = train(TrainingJob(document=document(tmp_path), folder=tmp_path), Control(), lambda event: None)
    assert info.metrics["test"]["accuracy"] == 1
    kept = json.loads((tmp_path / "runs" / info.id / VOCABULARY).read_text("utf-8"))
    assert set(kept) == {"text"}
    vocabulary = load(document(tmp_path).data, tmp_path).vocabulary("text")
    assert kept["text"] == {"unit": "words", "lower": False, "words": list(vocabulary.words)}
    (tmp_path / "new.txt").write_text("bad 3 zebras\ngood 1 things\n")
    rows = predict_run(tmp_path, info.id, tmp_path / "new.txt").rows
    assert [row[0] for row in rows] == ["no", "yes"]


def test_other_words_of_the_same_form_are_other_data(tmp_path: Path) -> None:
    """Each word is replaced by one that stands in the same place of the alphabet, so that all codes stay."""
    info = train(TrainingJob(document=document(tmp_path), folder=tmp_path), Control(), lambda event: None)
    (tmp_path / "t.csv").write_text(TABLE.replace("things", "thinks"))
    with pytest.raises(UserError, match="has changed since"):
        evaluate_run(tmp_path, info.id)
    (tmp_path / "t.csv").write_text(TABLE)
    assert np.isfinite(evaluate_run(tmp_path, info.id).metrics["loss"])
