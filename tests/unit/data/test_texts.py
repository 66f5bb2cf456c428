"""Texts of the user: running, in folders, in tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodeforge.core.errors import UserError
from nodeforge.data.tokens import PADDING, UNKNOWN, Tokens

TEXT = "the cat sat on the mat. the dog sat on the log. " * 40
TABLE = "text,kind\n" + "".join(f'"{w} number {i}, it is",{w}\n' for i in range(30) for w in ("good", "bad"))


def test_words_are_runs_of_letters_and_other_signs() -> None:
    cut = Tokens(unit="words", lower=True).cut("It's Élan — don't, 3 times!")
    assert cut == ["it's", "élan", "—", "don't", ",", "3", "times", "!"]


def test_a_running_text_is_cut_into_windows_of_words(dataset, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TEXT)
    data = dataset("text", path="t.txt", unit="words", window=5, preparation={"test_fraction": 0.1})
    vocabulary = data.vocabulary("text")
    words = TEXT.replace(".", " .").split()
    assert vocabulary.decode(data.splits["train"]["text"][1]) == " ".join(words[5:10])
    assert vocabulary.decode(data.splits["train"]["target"][1]) == " ".join(words[6:11])
    assert vocabulary.words[:2] == (UNKNOWN, "the")
    assert any("560 words, cut into windows of 5" in note for note in data.notes)


def test_files_of_a_folder_follow_each_other(dataset, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "b.txt").write_text("second " * 50)
    (tmp_path / "books" / "a.md").write_text("first " * 50)
    data = dataset("text", path="books", window=8)
    start = data.vocabulary("text").decode(data.splits["train"]["text"][:3].ravel())
    assert start.startswith("first first")
    assert data.facts.title == "books"


def test_a_letter_that_the_training_part_lacks_is_unknown(dataset, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("abcd" * 100 + "xyz" * 20)
    data = dataset("text", path="t.txt", window=10)
    vocabulary = data.vocabulary("text")
    assert set(vocabulary.words) == {UNKNOWN, *"abcd"}
    unknown = vocabulary.words.index(UNKNOWN)
    assert (data.splits["test"]["target"] == unknown).any()
    assert any("3 rarer ones, or ones that do not occur" in note for note in data.notes)


def test_another_encoding_is_found_out_told_and_can_be_set(dataset, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(("Müßiggang und Öl. " * 30).encode("windows-1252"))
    data = dataset("text", path="t.txt", window=6)
    assert "ß" in data.vocabulary("text").words
    assert any("t.txt is not UTF-8; it was read as Windows-1252" in note for note in data.notes)
    with pytest.raises(UserError, match=r"t\.txt is not written in utf-8 \(byte 1 cannot be read\)"):
        dataset("text", path="t.txt", window=6, encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "t.txt is empty"),
        (b"short", "t.txt has 5 characters; a window of 64 and the one after it need 65: set the window"),
        (b"a\0b", "t.txt is not a text file"),
    ],
)
def test_texts_of_no_use_are_told(dataset, tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        dataset("text", path="t.txt")


def test_a_new_text_gets_the_numbers_of_the_training(dataset, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TEXT)
    data = dataset("text", path="t.txt", window=8)
    (tmp_path / "new.txt").write_text("the dog sat on the zebra")
    read = data.read(tmp_path / "new.txt")["text"]
    vocabulary = data.vocabulary("text")
    assert read.shape == (3, 8)
    assert vocabulary.decode(read[:2].ravel()) == "the dog sat on t"
    assert UNKNOWN in {vocabulary.words[number] for number in read[2]}


def test_texts_in_a_table_and_new_ones_of_the_same_form(dataset, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    data = dataset("text-table", path="t.csv", unit="words", length=6)
    assert data.facts.field("", "target").classes == ("bad", "good")
    assert data.facts.field("text", "input").spec.shape == ("N", 6)
    assert data.samples.head.columns[0].role == "feature"
    assert any("Texts are column text, answers column kind" in note for note in data.notes)
    (tmp_path / "new.csv").write_text("kind,text\n,good news\n,bad number 3\n")
    read = data.read(tmp_path / "new.csv")
    vocabulary = data.vocabulary("text")
    assert vocabulary.words[read["text"][0, 0]] == "good"
    assert vocabulary.words[read["text"][0, 1]] == UNKNOWN
    assert vocabulary.words[read["text"][0, 2]] == PADDING
    assert read["mask"].sum(axis=1).tolist() == [2, 3]
    (tmp_path / "lines.txt").write_text("bad number\n\ngood\n")
    assert data.read(tmp_path / "lines.txt")["text"].shape == (2, 6)


def test_numbers_beside_texts_are_predicted_as_numbers(dataset, tmp_path: Path) -> None:
    rows = "".join(f"text {i},{i / 7:.3f}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("words,score\n" + rows)
    data = dataset("text-table", path="t.csv")
    assert data.facts.field("", "target").classes == ()
    assert data.columns_of("target") == ("score",)


@pytest.mark.parametrize(
    ("content", "keywords", "sentence"),
    [
        ("a,b\nsome text,x\n,y\n", {}, "Row 3 of t.csv has nothing in column a: fill it in"),
        ("a,b\nsome text,x\nmore,\n", {}, "Row 3 of t.csv has nothing in column b"),
        ("a,b\nsome text,x\n", {"text": "c"}, "t.csv has no column c: choose among a, b"),
        ("a\nsome text\n", {}, "t.csv has one column"),
    ],
)
def test_tables_of_no_use_are_told(
    dataset, tmp_path: Path, content: str, keywords: dict, sentence: str
) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(UserError, match=sentence):
        dataset("text-table", path="t.csv", **keywords)


def test_texts_in_folders(dataset, tmp_path: Path) -> None:
    for kind in ("poem", "prose"):
        (tmp_path / "texts" / kind).mkdir(parents=True)
        for number in range(10):
            (tmp_path / "texts" / kind / f"{number}.txt").write_text(f"{kind} {number} " * (number + 1))
    data = dataset("text-folder", path="texts", unit="words", length=12, padding="start")
    assert data.facts.field("", "target").classes == ("poem", "prose")
    row = int(data.indices["test"][0])
    name = data.samples.sample_names[row]
    text = data.vocabulary("text").decode(data.splits["test"]["text"][0])
    assert text.split()[0] == name.split("/")[0]
    np.testing.assert_array_equal(data.splits["test"]["mask"][:, -1], True)
    (tmp_path / "texts" / "poem" / "3.txt").write_text("  ")
    with pytest.raises(UserError, match=r"poem/3\.txt is empty\. Mend what is wrong"):
        dataset("text-folder", path="texts")
