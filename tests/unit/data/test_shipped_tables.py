"""Tables, images and sequences that come with the program, against the packages they come from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets as reference
from sklearn.model_selection import train_test_split

from nodeforge.core.errors import UserError
from nodeforge.data import vendored
from nodeforge.data.source_kinds import fashion_mnist


@pytest.mark.parametrize(
    ("name", "truth"),
    [("breast-cancer", reference.load_breast_cancer), ("wine", reference.load_wine)],
)
def test_tables_of_classes_are_those_of_scikit_learn(dataset, name: str, truth) -> None:
    data, expected = dataset(name, preparation={"validation_fraction": 0}), truth()
    np.testing.assert_array_equal(data.samples.fields[0].values, expected.data)
    np.testing.assert_array_equal(data.samples.fields[1].values, expected.target)
    assert data.facts.field("", "target").classes == tuple(expected.target_names)
    assert data.samples.fields[0].columns == tuple(expected.feature_names)
    _, test = train_test_split(
        np.arange(len(expected.data)), test_size=0.2, stratify=expected.target, random_state=0
    )
    np.testing.assert_array_equal(data.indices["test"], test)


def test_diabetes_is_that_of_scikit_learn(dataset) -> None:
    data, truth = dataset("diabetes"), reference.load_diabetes(scaled=False)
    np.testing.assert_array_equal(data.samples.fields[0].values, truth.data)
    np.testing.assert_array_equal(data.samples.fields[1].values[:, 0], truth.target)


def test_fashion_keeps_the_makers_split(dataset) -> None:
    data = dataset("fashion-mnist")
    assert data.facts.sizes == {"train": 10_800, "validation": 1_200, "test": 2_000}
    np.testing.assert_array_equal(data.indices["test"], np.arange(12_000, 14_000))
    assert data.splits["test"]["image"].shape == (2_000, 1, 28, 28)
    assert data.facts.field("", "target").classes[data.splits["test"]["target"][0]] == "ankle boot"
    np.testing.assert_array_equal(
        np.bincount(data.samples.labels.values[data.indices["validation"]]) > 100, True
    )


def test_all_of_fashion_is_told_where_to_be_found(dataset, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(fashion_mnist, "PACKAGE", tmp_path / "nowhere")
    with pytest.raises(
        UserError, match="install Debian's package dataset-fashion-mnist, or set part to subset"
    ):
        dataset("fashion-mnist", part="full")


@pytest.mark.parametrize("side", ["start", "end"])
def test_vowels_are_padded_and_say_where(dataset, side: str) -> None:
    data = dataset("japanese-vowels", padding=side, preparation={"validation_fraction": 0})
    assert data.facts.sizes == {"train": 270, "validation": 0, "test": 370}
    train = data.splits["train"]
    assert train["series"].shape == (270, 29, 12)
    lengths = vendored.arrays("japanese-vowels.npz")["lengths"][:270]
    np.testing.assert_array_equal(train["mask"].sum(axis=1), lengths)
    assert train["mask"][:, -1 if side == "start" else 0].all()
    assert not train["series"][~train["mask"]].any()
    real = train["series"][train["mask"]]
    np.testing.assert_allclose(real.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(real.std(axis=0), 1, atol=1e-5)
    assert {(f.name, f.spec.dtype) for f in data.facts.fields} >= {("series", "float32"), ("mask", "bool")}


def test_the_first_vowel_is_as_in_the_file_and_a_shorter_length_cuts_the_end(dataset) -> None:
    """The first value of the file is 1.860936."""
    data = dataset("japanese-vowels", length=15, padding="end")
    assert data.samples.fields[0].values[0, 0, 0] == pytest.approx(1.860936)
    assert any(note.startswith("The end of ") for note in data.notes)


def test_weather_is_split_by_day_with_the_known_spread(dataset) -> None:
    """The standard deviation of the last fifth of temp_max is 7.400."""
    data = dataset("seattle-weather")
    assert data.facts.sizes["test"] == 293
    assert data.restore("target", data.splits["test"]["target"]).std() == pytest.approx(7.400, abs=2e-3)


def test_all_measures_of_the_weather_can_be_seen(dataset) -> None:
    data = dataset("seattle-weather", inputs="all", measure="wind", window=5, preparation={"scaling": "none"})
    first = data.splits["train"]
    assert first["series"].shape[1:] == (5, 4)
    np.testing.assert_allclose(first["series"][5, :, 3][0], first["target"][0, 0])
    np.testing.assert_allclose(first["series"][0, 0], [12.8, 5.0, 0.0, 4.7], rtol=1e-6)
