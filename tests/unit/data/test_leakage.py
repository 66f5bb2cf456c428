"""What makes a good result mean less: found, named, and not where there is nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodeforge.analysis import check
from nodeforge.core.document import Column, Component, DataSettings, Document
from nodeforge.core.edits import apply
from nodeforge.data import OWN, Dataset, load, sources
from nodeforge.data.audio.files import write_wav

RNG = np.random.default_rng(0)


def codes(data: Dataset) -> list[str]:
    return [finding.code for finding in data.facts.findings]


def test_in_shipped_data_there_is_nothing_serious(tmp_path: Path) -> None:
    """Two of Fisher's flowers have the same measures: that is a hint."""
    found = []
    for name, source in sources().items():
        if source.licence != OWN:
            data = load(DataSettings(source=Component(kind=name)), tmp_path)
            assert not any(finding.serious for finding in data.facts.findings), name
            found += [(name, finding.message) for finding in data.facts.findings]
    assert ("iris", found[0][1]) == found[0]
    assert (
        "1 sample of the test split of Iris stands in the training samples as well (sample 1" in found[0][1]
    )


def test_equal_samples_in_training_and_test_are_counted_and_named(dataset, tmp_path: Path) -> None:
    values = RNG.normal(size=(100, 5))
    first = dataset("arrays", path=save(tmp_path, "a.npy", values), preparation={"split": "chronological"})
    assert codes(first) == []
    values[95] = values[3]
    values[85] = values[4]
    found = dataset("arrays", path=save(tmp_path, "b.npy", values), preparation={"split": "chronological"})
    (finding,) = found.facts.findings
    assert finding.message.startswith("2 samples of the test split of b.npy stand in the training samples")
    assert "sample 86 like sample 5, sample 96 like sample 4" in finding.message
    assert finding.serious
    many = np.concatenate([RNG.normal(size=(1_000, 2)), values[:, :2]])
    many[1_099] = many[0]
    hint = dataset("arrays", path=save(tmp_path, "c.npy", many), preparation={"split": "chronological"})
    assert [finding.serious for finding in hint.facts.findings] == [False]


def save(folder: Path, name: str, values: np.ndarray) -> str:
    np.save(folder / name, values)
    return name


def test_nearly_equal_samples_are_not_equal(dataset, tmp_path: Path) -> None:
    values = np.repeat(RNG.integers(0, 2, (200, 30)), 2, axis=0).astype(np.float32)
    values[1::2] += np.float32(1e-6)
    values[:, 0] = np.arange(400)
    assert codes(dataset("arrays", path=save(tmp_path, "a.npy", values))) == []


def test_a_class_only_in_the_test_is_named(table) -> None:
    rows = "".join(f"{i},{i * 7 % 5},{'xy'[i % 2]}\n" for i in range(40)) + "40,1,z\n41,2,z\n"
    data = table("a,b,kind\n" + rows, preparation={"split": "chronological"})
    (finding,) = data.facts.findings
    assert finding.message.startswith(
        "z of table.csv occurs in the test samples and not in the training samples"
    )
    assert finding.preparation == (("split", "stratified"),)
    assert (
        codes(table("a,b,kind\n" + rows, preparation={"split": "stratified", "validation_fraction": 0})) == []
    )


@pytest.mark.parametrize("kind", ["number", "category"])
def test_a_column_that_tells_the_class_is_named(table, kind: str) -> None:
    answers = ["cold", "warm", "hot"]
    told = {"number": ["10", "20", "30"], "category": ["c", "w", "h"]}[kind]
    rows = "".join(f"{i % 7},{told[i % 3]},{answers[i % 3]}\n" for i in range(60))
    data = table("noise,copy,kind\n" + rows)
    (finding,) = [one for one in data.facts.findings if one.code == "telling-feature"]
    assert finding.message.startswith("copy of table.csv tells the target of every sample by itself")
    assert finding.column == "copy"
    almost = rows.replace(f"3,{told[0]},cold", f"3,{told[1]},cold", 1)
    assert "telling-feature" not in codes(table("noise,copy,kind\n" + almost))


def test_a_column_that_is_the_number_to_predict_is_named(table) -> None:
    values = RNG.normal(size=50)
    rows = "".join(f"{RNG.normal():.4f},{2.54 * v - 1:.9f},{v:.9f}\n" for v in values)
    assert codes(table("noise,inches,length\n" + rows)) == ["telling-feature"]
    blurred = "".join(f"{RNG.normal():.4f},{v + RNG.normal(scale=0.01):.6f},{v:.6f}\n" for v in values)
    assert codes(table("noise,inches,length\n" + blurred)) == []


def test_windows_of_one_file_in_two_splits_are_told(dataset, tmp_path: Path) -> None:
    for kind in ("a", "b"):
        (tmp_path / "s" / kind).mkdir(parents=True)
        for number in range(5):
            sound = RNG.normal(scale=0.1, size=8_000).astype(np.float32)
            write_wav(tmp_path / "s" / kind / f"{number}.wav", sound, 8_000)
    settings = {"path": "s", "seconds": 0.1, "form": "wave"}
    assert codes(dataset("audio-folder", **settings)) == []
    data = dataset("audio-folder", **settings, preparation={"split": "stratified"})
    assert set(codes(data)) == {"divided-group"}
    assert data.facts.findings[0].preparation == (("split", "grouped"),)
    assert "such as a/1.wav, a/2.wav" in data.facts.findings[0].message


def test_findings_are_diagnostics_whose_fixes_mend_them(table, tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{'cw'[i % 2]},{['cold', 'warm'][i % 2]}\n" for i in range(60))
    columns = (Column(name="copy", type="category"), Column(name="kind", role="target", type="category"))
    data = table("noise,copy,kind\n" + rows, columns=columns)
    document = Document()
    document.data = DataSettings(
        source=Component(kind="csv", parameters={"path": "table.csv"}), columns=columns
    )
    (found,) = [one for one in check(document, data.facts).diagnostics if one.code == "telling-feature"]
    assert found.severity == "warning"
    apply(document, found.fixes[0].edit)
    assert "telling-feature" not in codes(load(document.data, tmp_path))
