from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nodeforge.core.document import Column, Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.data import glimpse, load, preparation

ROWS = "a,b,kind\n" + "".join(f"{i},{i * i % 7},{'xy'[i % 2]}\n" for i in range(40))


def csv(path: Path | str, **preparing) -> DataSettings:
    return DataSettings(source=Component(kind="csv", parameters={"path": str(path)}), preparation=preparing)


def test_the_same_settings_and_file_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS)
    first = load(csv("t.csv"), tmp_path)
    assert load(csv("t.csv"), tmp_path) is first
    assert load(csv("t.csv", split_seed=1), tmp_path) is not first


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(ROWS)
    first = load(csv("t.csv"), tmp_path)
    path.write_text(ROWS + "1,2,z\n")
    assert load(csv("t.csv"), tmp_path).facts.field("target", "target").classes == ("x", "y", "z")
    path.write_text(ROWS)
    os.utime(path, ns=(1, 1))  # same size, another time
    again = load(csv("t.csv"), tmp_path)
    assert again is not first
    assert again.facts == first.facts


def test_only_a_few_datasets_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS)
    datasets = [load(csv("t.csv", split_seed=seed), tmp_path) for seed in (0, 1, 2)]
    assert load(csv("t.csv", split_seed=2), tmp_path) is datasets[2]
    assert load(csv("t.csv", split_seed=0), tmp_path) is not datasets[0]


def test_paths_are_relative_to_the_project_or_absolute(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "t.csv").write_text(ROWS)
    assert len(load(csv("../t.csv"), folder).samples) == 40
    assert len(load(csv(tmp_path / "t.csv"), folder).samples) == 40


def test_everything_is_deterministic(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS)
    (tmp_path / "copy.csv").write_text(ROWS)
    first, second = load(csv("t.csv"), tmp_path), load(csv("copy.csv"), tmp_path)
    for name, fields in first.splits.items():
        for field, values in fields.items():
            np.testing.assert_array_equal(values, second.splits[name][field])


def test_a_split_that_is_not_kept_is_told(tmp_path: Path) -> None:
    data = load(DataSettings(source=Component(kind="iris"), preparation={"test_fraction": 0}), tmp_path)
    assert data.facts.sizes == {"train": 135, "validation": 15, "test": 0}
    with pytest.raises(UserError, match=r"Iris has no test split .*: set preparation\.test_fraction above 0"):
        data.split("test")
    with pytest.raises(UserError, match="There is no split holdout: choose one of train, validation"):
        data.split("holdout")


@pytest.mark.parametrize(
    ("source", "parameters", "preparing", "sentence"),
    [
        (
            "cifar",
            {},
            {},
            "There is no data source cifar: choose one of arrays, ",
        ),
        ("digits", {"layout": "round"}, {}, "Data source digits: layout must be one of image, flat"),
        ("elnino", {"windows": 3}, {}, "Data source elnino: elnino has no parameter windows"),
        ("iris", {}, {"test_fraction": 2}, "Data preparation: test_fraction must be at most 0.9, not 2"),
        ("iris", {}, {"scale": "none"}, "Data preparation: preparation has no parameter scale"),
        ("iris", {}, {"scaling": 3}, "Data preparation: scaling must be one of auto, none"),
        ("elnino", {}, {"split": "stratified"}, "El Niño sea temperature has no class labels"),
    ],
)
def test_settings_out_of_bounds_are_told(
    source: str, parameters: dict, preparing: dict, sentence: str
) -> None:
    settings = DataSettings(source=Component(kind=source, parameters=parameters), preparation=preparing)
    with pytest.raises(UserError, match=sentence):
        load(settings, Path())


def test_every_setting_is_explained() -> None:
    assert all(parameter.doc for parameter in preparation.SETTINGS.parameters)
    assert not preparation.SETTINGS.problems(preparation.SETTINGS.complete({}))


def test_no_statistics_come_from_the_test_rows(tmp_path: Path) -> None:
    """Other values in the test rows leave the prepared training rows as they are."""
    (tmp_path / "t.csv").write_text(ROWS)
    data = load(csv("t.csv", split="chronological", scaling="standard"), tmp_path)
    changed = ROWS.splitlines()
    changed[-8:] = [f"{1e6 * i},{-1e6 * i},x" for i in range(1, 9)]
    (tmp_path / "other.csv").write_text("\n".join(changed))
    other = load(csv("other.csv", split="chronological", scaling="standard"), tmp_path)
    np.testing.assert_array_equal(data.splits["train"]["features"], other.splits["train"]["features"])
    np.testing.assert_array_equal(
        data.splits["validation"]["features"], other.splits["validation"]["features"]
    )
    assert other.splits["test"]["features"].max() > 1e4


@pytest.mark.parametrize(
    ("content", "columns", "roles", "types"),
    [
        (ROWS + "1,tall,x\n", (), ("feature", "feature", "target"), ("number", "number", "category")),
        (
            ROWS,
            (Column(name="kind", role="feature"), Column(name="a", role="target")),
            ("target", "feature", "feature"),
            ("number", "number", "number"),
        ),
        (ROWS, (Column(name="absent"),), ("feature", "feature", "target"), ("number", "number", "category")),
    ],
)
def test_a_table_at_fault_still_shows_its_first_rows(
    tmp_path: Path, content: str, columns: tuple[Column, ...], roles: tuple[str, ...], types: tuple[str, ...]
) -> None:
    (tmp_path / "t.csv").write_text(content)
    settings = replace(csv("t.csv"), columns=columns)
    with pytest.raises(UserError):
        load(settings, tmp_path)
    table = glimpse(settings, tmp_path, rows=2)
    assert table is not None
    assert (table.columns, table.roles, table.types) == (("a", "b", "kind"), roles, types)
    assert table.rows == (("0", "0", "x"), ("1", "1", "y"))


@pytest.mark.parametrize("content", ["", "a,b\n1\n", "\0"])
def test_what_is_no_table_shows_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    assert glimpse(csv("t.csv"), tmp_path) is None
    assert glimpse(csv("absent.csv"), tmp_path) is None
    assert glimpse(DataSettings(source=Component(kind="iris")), tmp_path) is None


def test_the_fingerprint_tells_whether_the_training_samples_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS)
    (tmp_path / "renamed.csv").write_text(ROWS.replace("a,b", "width, height"))
    (tmp_path / "other.csv").write_text(ROWS.replace("30,", "31,"))
    mark = load(csv("t.csv"), tmp_path).fingerprint
    assert load(csv("renamed.csv"), tmp_path).fingerprint == mark
    assert load(csv("t.csv", scaling="none"), tmp_path).fingerprint == mark
    assert load(csv("other.csv", split="chronological"), tmp_path).fingerprint != mark
    assert load(csv("t.csv", split_seed=5), tmp_path).fingerprint != mark
