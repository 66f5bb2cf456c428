"""Arrays, idx files and Parquet tables of the user."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError

RNG = np.random.default_rng(0)


def test_arrays_of_usual_names_are_found(dataset, tmp_path: Path) -> None:
    x, y = RNG.normal(size=(50, 4)), np.arange(50) % 3
    np.savez(tmp_path / "a.npz", y=y, x=x)
    data = dataset("arrays", path="a.npz")
    np.testing.assert_array_equal(data.samples.fields[0].values, x)
    assert data.facts.field("features", "input").spec.shape == ("N", 4)
    assert data.facts.field("", "target").classes == ("0", "1", "2")
    np.testing.assert_array_equal(data.samples.labels.values, y)
    values = dataset("arrays", path="a.npz", answers="values")
    assert values.facts.field("", "target").spec.shape == ("N", 1)


@pytest.mark.parametrize(
    ("shape", "dtype", "layout", "name", "expected"),
    [
        ((20, 8, 9), np.uint8, "auto", "image", ("N", 1, 8, 9)),
        ((20, 8, 9), np.float32, "auto", "series", ("N", 8, 9)),
        ((20, 3, 8, 9), np.uint8, "auto", "image", ("N", 3, 8, 9)),
        ((20, 8, 9, 3), np.uint8, "auto", "image", ("N", 3, 8, 9)),
        ((20, 100), np.float32, "wave", "wave", ("N", 1, 100)),
        ((20, 2, 3, 4, 5), np.float32, "auto", "features", ("N", 2, 3, 4, 5)),
    ],
)
def test_axes_say_what_samples_are(dataset, tmp_path: Path, shape, dtype, layout, name, expected) -> None:
    values = RNG.integers(0, 255, shape).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    data = dataset("arrays", path="a.npy", layout=layout)
    assert data.facts.field(name, "input").spec.shape == expected
    if shape[-1] == 3:
        np.testing.assert_array_equal(data.samples.fields[0].values[0], values[0].transpose(2, 0, 1))


def test_answers_may_lie_in_a_file_of_their_own(dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", RNG.normal(size=(30, 2)))
    np.save(tmp_path / "b.npy", RNG.normal(size=(30, 2)))
    data = dataset("arrays", path="a.npy", targets="b.npy")
    assert data.facts.field("", "target").spec.shape == ("N", 2)


@pytest.mark.parametrize(
    ("arrays", "keywords", "sentence"),
    [
        ({"x": np.zeros((4, 2)), "y": np.zeros(3)}, {}, "x of a.npz has 4 samples and y has 3"),
        ({"x": np.array([["a"]])}, {}, "x of a.npz holds no numbers"),
        ({"x": np.zeros((0, 2))}, {}, "x of a.npz is empty"),
        ({"x": np.array([[1.0, 2], [3, np.inf]])}, {}, r"Sample 2 of x in a.npz holds inf \(value 2\)"),
        ({"x": np.full((3, 2, 2), np.nan)}, {}, r"Sample 1 of x in a.npz holds nan \(value 1\)"),
        ({"x": np.zeros((4, 2))}, {"inputs": "z"}, "a.npz has no array z: choose among x"),
        ({"x": np.zeros((4, 2))}, {"layout": "image"}, "x of a.npz has 2 axes, and image needs 4"),
        ({"x": np.zeros((4, 2)), "y": np.array([0, 1, 2, np.inf])}, {}, "Sample 4 of y"),
        ({"x": np.array([{}], dtype=object)}, {}, "a.npz is no readable file of plain numbers"),
    ],
)
def test_arrays_of_no_use_are_told(dataset, tmp_path: Path, arrays, keywords, sentence: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=sentence):
        dataset("arrays", path="a.npz", **keywords)


def test_gaps_in_a_table_of_numbers_are_filled_like_those_of_other_tables(dataset, tmp_path: Path) -> None:
    values = RNG.normal(size=(40, 2))
    values[5, 1] = np.nan
    np.save(tmp_path / "a.npy", values)
    assert len(dataset("arrays", path="a.npy").samples) == 39
    filled = dataset("arrays", path="a.npy", preparation={"missing": "mean"})
    assert len(filled.samples) == 40


def idx(path: Path, values: np.ndarray) -> None:
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    content = head + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_hold_images_and_labels(dataset, tmp_path: Path, suffix: str) -> None:
    images, labels = RNG.integers(0, 255, (40, 5, 6)), np.arange(40) % 4 + 1
    idx(tmp_path / f"images{suffix}", images)
    idx(tmp_path / f"labels{suffix}", labels)
    data = dataset("idx", path=f"images{suffix}", labels=f"labels{suffix}")
    np.testing.assert_array_equal(data.samples.fields[0].values[:, 0], images)
    assert data.facts.field("", "target").classes == ("1", "2", "3", "4")
    np.testing.assert_array_equal(data.samples.labels.values, labels - 1)
    assert len(dataset("idx", path=f"images{suffix}").facts.fields) == 1


def test_idx_files_of_no_use_are_told(dataset, tmp_path: Path) -> None:
    idx(tmp_path / "images", np.zeros((4, 2, 2)))
    idx(tmp_path / "labels", np.zeros(3))
    with pytest.raises(UserError, match="labels holds 3 labels and images 4 images"):
        dataset("idx", path="images", labels="labels")
    with pytest.raises(UserError, match="labels has 1 axes, and images have 3"):
        dataset("idx", path="labels")
    (tmp_path / "images").write_bytes((tmp_path / "images").read_bytes()[:-3])
    with pytest.raises(UserError, match="images is damaged: it should hold 16 bytes of values and holds 13"):
        dataset("idx", path="images")
    (tmp_path / "images").write_bytes(b"PNG what")
    with pytest.raises(UserError, match="images is no idx file"):
        dataset("idx", path="images")
    (tmp_path / "images.gz").write_bytes(gzip.compress(b"0" * 100)[:-20])
    with pytest.raises(UserError, match=r"images\.gz cannot be read: it is damaged"):
        dataset("idx", path="images.gz")


@pytest.fixture
def columns() -> dict[str, list]:
    return {
        "height": RNG.normal(size=60).tolist(),
        "count": RNG.integers(0, 9, 60).tolist(),
        "colour": [("red", "green", "blue")[i % 3] for i in range(60)],
        "kind": ["xy"[i % 2] for i in range(60)],
    }


def write(path: Path, columns: dict[str, list]) -> None:
    (csv.write_csv if path.suffix == ".csv" else parquet.write_table)(pa.table(columns), path)


def test_parquet_is_read_like_the_same_table_as_csv(dataset, tmp_path: Path, columns: dict) -> None:
    columns["height"][3] = columns["colour"][7] = None
    write(tmp_path / "t.parquet", columns)
    write(tmp_path / "t.csv", columns)
    filling = {"missing": "mean"}
    one = dataset("parquet", path="t.parquet", preparation=filling)
    other = dataset("csv", path="t.csv", preparation=filling)
    assert one.facts.fields == other.facts.fields
    for name, fields in one.splits.items():
        for field, values in fields.items():
            np.testing.assert_allclose(values, other.splits[name][field], rtol=1e-6)
    assert one.samples.head.columns == other.samples.head.columns
    assert one.samples.head.rows[1][2:] == other.samples.head.rows[1][2:]


def test_columns_of_parquet_have_roles_and_new_files_are_read(dataset, tmp_path: Path, columns) -> None:
    write(tmp_path / "t.parquet", columns)
    roles = (Column(name="height", role="target"), Column(name="kind", role="ignore", type="category"))
    data = dataset("parquet", path="t.parquet", columns=roles)
    assert data.facts.field("", "input").spec.shape == ("N", 4)
    write(tmp_path / "new.parquet", {name: columns[name] for name in ("colour", "count")})
    read = data.read(tmp_path / "new.parquet")["features"]
    np.testing.assert_array_equal(read[data.indices["test"]], data.splits["test"]["features"])


def test_parquet_of_no_use_is_told(dataset, tmp_path: Path, columns: dict) -> None:
    (tmp_path / "t.parquet").write_text("no parquet")
    with pytest.raises(UserError, match=r"t\.parquet cannot be read as Parquet"):
        dataset("parquet", path="t.parquet")
    columns["height"][4] = -np.inf
    write(tmp_path / "t.parquet", columns)
    with pytest.raises(UserError, match=r"Row 5 of t\.parquet: column height holds -inf, which is no finite"):
        dataset("parquet", path="t.parquet")
    write(tmp_path / "t.parquet", {name: values[:0] for name, values in columns.items()})
    with pytest.raises(UserError, match=r"t\.parquet has no rows"):
        dataset("parquet", path="t.parquet")
