"""Samples from a file, for a trained network to answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nodeforge.core.errors import UserError

ROWS = "width,colour,kind\n" + "".join(f"{i},{('red', 'green')[i % 2]},{'xy'[i % 2]}\n" for i in range(40))


def test_a_table_is_read_by_column_name_and_scaled_as_in_training(table, tmp_path: Path) -> None:
    data = table(ROWS)
    path = tmp_path / "new.csv"
    path.write_text("colour;note;width\nred;hello;4\ngreen;;5\n")
    read = data.read(path)
    assert set(read) == {"features"}
    raw = np.array([[4, 0, 1], [5, 1, 0]])
    np.testing.assert_array_equal(read["features"], data.fitted["features"].apply(raw))
    scale = data.samples.fields[0].values[data.indices["train"], 0]
    np.testing.assert_allclose(read["features"][:, 0], ([4, 5] - scale.mean()) / scale.std(), rtol=1e-5)


def test_reading_the_training_file_gives_the_training_samples(table, tmp_path: Path) -> None:
    data = table(ROWS)
    read = data.read(tmp_path / "table.csv")
    np.testing.assert_array_equal(read["features"][data.indices["test"]], data.splits["test"]["features"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("width,kind\n1,x\n", "new.csv has no column colour, which the network was trained on: add it"),
        (
            "width,colour\n1,blue\n",
            "Row 2 of new.csv: column colour holds 'blue', which the training data does not",
        ),
        ("width,colour\nx,red\n", "Row 2 of new.csv: column width holds 'x', which is no number"),
        ("width,colour\n1,red\n,red\n", "Sample 2 of new.csv misses a value: fill it in"),
        ("width,colour\n", "new.csv has a header and no rows"),
        ("", "new.csv is empty"),
    ],
)
def test_a_table_that_does_not_fit_is_told(table, tmp_path: Path, content: str, sentence: str) -> None:
    data = table(ROWS)
    (tmp_path / "new.csv").write_text(content)
    with pytest.raises(UserError, match=sentence):
        data.read(tmp_path / "new.csv")


def test_gaps_are_filled_where_the_project_fills_them(table, tmp_path: Path) -> None:
    data = table(ROWS + ",red,x\n", preparation={"missing": "median"})
    (tmp_path / "new.csv").write_text("width,colour\n,green\n")
    value = data.fitted["features"].invert(data.read(tmp_path / "new.csv")["features"])[0, 0]
    assert value == pytest.approx(np.nanmedian(data.samples.fields[0].values[data.indices["train"], 0]))


def test_pictures_are_brought_to_the_trained_size_and_range(dataset, tmp_path: Path) -> None:
    data = dataset("mnist-5k")
    row = data.indices["test"][0]
    pixels = data.samples.fields[0].values[row, 0]
    Image.fromarray(pixels).save(tmp_path / "digit.png")
    Image.fromarray(np.kron(pixels, np.ones((2, 2), np.uint8))).convert("RGB").save(tmp_path / "large.png")
    np.testing.assert_allclose(
        data.read(tmp_path / "digit.png")["image"], data.splits["test"]["image"][:1], atol=1e-6
    )
    assert np.abs(data.read(tmp_path / "large.png")["image"] - data.splits["test"]["image"][:1]).mean() < 0.05


def test_arrays_and_rows_of_numbers_are_samples_of_anything(dataset, tmp_path: Path) -> None:
    digits, series = dataset("digits"), dataset("elnino")
    raw = digits.samples.fields[0].values[digits.indices["test"][:3]]
    expected = digits.splits["test"]["image"][:3]
    for name, values in (("batch.npy", raw), ("rows.npy", raw.reshape(3, -1))):
        np.save(tmp_path / name, values)
        np.testing.assert_array_equal(digits.read(tmp_path / name)["image"], expected)
    np.save(tmp_path / "one.npy", raw[0])
    np.testing.assert_array_equal(digits.read(tmp_path / "one.npy")["image"], expected[:1])
    months = series.samples.fields[0].values[series.indices["test"][0], :, 0]
    (tmp_path / "months.csv").write_text(",".join(map(str, months)))
    np.testing.assert_array_equal(
        series.read(tmp_path / "months.csv")["series"], series.splits["test"]["series"][:1]
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.png", None, "There is no file"),
        ("broken.png", b"\x89PNG", "broken.png cannot be read as a picture: save it as PNG"),
        ("broken.npy", b"\x93NUMPY", "broken.npy is no readable .npy file"),
        (
            "short.csv",
            b"1,2,3\n4,5,6\n",
            "short.csv holds numbers of shape 2×3; a sample of image is 1×8×8: give one",
        ),
        ("text.csv", b"a,b\n", "text.csv holds no numbers"),
        ("gap.csv", b"1," * 63 + b"\n" + b"1," * 63 + b"1\n", "Sample 1 of gap.csv misses a value"),
    ],
)
def test_files_that_hold_no_such_samples_are_told(
    dataset, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        dataset("digits").read(tmp_path / name)


def test_no_array_is_unpickled(dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{"code": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"objects\.npy is no readable .npy file of numbers"):
        dataset("digits").read(tmp_path / "objects.npy")
    np.save(tmp_path / "text.npy", np.array(["one", "two"]))
    with pytest.raises(UserError, match=r"text\.npy holds no array of numbers"):
        dataset("digits").read(tmp_path / "text.npy")
    Image.new("L", (8, 8)).save(tmp_path / "picture.png")
    with pytest.raises(UserError, match=r"picture.png is a picture, and series is not"):
        dataset("elnino").read(tmp_path / "picture.png")
