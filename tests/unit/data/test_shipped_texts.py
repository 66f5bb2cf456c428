"""Texts that come with the program: letters and words as numbers, windows, padding."""

from __future__ import annotations

from collections import Counter

import numpy as np

from nodeforge.data import vendored
from nodeforge.data.tokens import PADDING, UNKNOWN


def test_each_letter_of_the_novel_has_the_next_one_as_its_target(dataset) -> None:
    data = dataset("novel")
    assert data.facts.sizes == {"train": 7703, "validation": 856, "test": 2140}
    text, vocabulary = vendored.text("pride-and-prejudice.txt.gz"), data.vocabulary("text")
    for split in ("train", "validation", "test"):
        inputs, targets = (data.splits[split][name] for name in ("text", "target"))
        assert inputs.dtype == targets.dtype == np.int64
        np.testing.assert_array_equal(inputs.ravel()[1:], targets.ravel()[:-1])
    assert vocabulary.decode(data.splits["train"]["text"][:2].ravel()) == text[:128]
    start = 64 * (7703 + 856)
    assert vocabulary.decode(data.splits["test"]["text"][0]) == text[start : start + 64]


def test_the_classes_of_the_next_letter_are_the_vocabulary(dataset) -> None:
    facts = dataset("novel").facts
    text, target = facts.field("", "input"), facts.field("", "target")
    assert text.vocabulary == target.vocabulary == len(target.classes) == 75
    assert target.classes[0] == UNKNOWN
    assert target.classes[1] == " "  # the most frequent one
    assert str(target.spec) == "N×64"


def test_overlapping_windows_leave_a_gap_between_the_splits(dataset) -> None:
    data = dataset("novel", window=64, step=16)
    rows = data.indices
    assert rows["validation"][0] - rows["train"][-1] == rows["test"][0] - rows["validation"][-1] == 4
    assert any("3 between two splits are left out" in note for note in data.notes)


def test_surnames_are_letters_with_padding_before_them(dataset) -> None:
    data = dataset("surnames")
    assert data.facts.sizes["test"] == 615
    vocabulary = data.vocabulary("text")
    train = data.splits["train"]
    row = data.indices["train"][0]
    _, table = vendored.table("surnames.csv")
    name, language = table[row]
    assert vocabulary.decode(train["text"][0]) == name
    assert data.facts.field("", "target").classes[train["target"][0]] == language
    assert vocabulary.words[0] == PADDING
    np.testing.assert_array_equal(train["mask"], train["text"] != 0)
    assert train["mask"][:, -1].all()
    assert not (train["text"] == vocabulary.words.index(UNKNOWN)).any()


def test_a_vocabulary_holds_the_most_frequent_words_of_the_training_texts(dataset) -> None:
    data = dataset("rated-texts")
    assert len(data.samples) == 3432
    vocabulary = data.vocabulary("text")
    assert len(vocabulary.words) == data.facts.field("text", "input").vocabulary == 2500
    field = data.samples.fields[0]
    counts = Counter(
        field.tokens.alphabet[code] for code in field.values[data.indices["train"]].ravel() if code >= 0
    )
    kept = [counts[word] for word in vocabulary.words[2:]]
    assert kept == sorted(counts.values(), reverse=True)[:2498]
    ratings = {text: float(rating) for rating, text in vendored.table("rated-texts.csv.gz")[1]}
    assert len(ratings) > 4190


def test_ratings_can_be_predicted_as_numbers(dataset) -> None:
    data = dataset("rated-texts", answer="rating")
    assert len(data.samples) == 4200
    assert data.facts.field("", "target").classes == ()
    values = data.restore("target", data.splits["train"]["target"])
    assert -4 <= values.min() < -3
    assert 3 < values.max() <= 4
