"""Tables that take more than the memory they may: the same samples, read from a temporary file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from nodeforge.core.errors import UserError

ROWS = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """2.4 MB: two numbers, a category, a target of two classes; the second class is larger in size."""
    path = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    sizes, weights = rng.normal(size=ROWS), rng.normal(size=ROWS)
    colours = ["red", "green", "blue", "grey"]
    lines = "".join(
        f"{sizes[i] + i % 2:.16f},{weights[i]:.16f},{colours[i * 7 % 4 if i % 3 else 2]},{'ab'[i % 2]},p{i // 4}\n"
        for i in range(ROWS)
    )
    (path / "t.csv").write_text("size,weight,colour,kind,person\n" + lines)
    return path


def settings(folder: Path, **preparation) -> dict:
    return {"path": str(folder / "t.csv"), "target": "kind", "groups": "person", "preparation": preparation}


def test_samples_are_those_of_the_table_in_memory(dataset, folder: Path) -> None:
    whole = dataset("csv", **settings(folder))
    large = dataset("csv", **settings(folder, memory_mb=1))
    assert "features" not in large.splits["train"]
    assert whole.facts.sizes == large.facts.sizes
    for one, other in zip(large.facts.fields, whole.facts.fields, strict=True):
        assert (one.name, one.spec, one.classes) == (other.name, other.spec, other.classes)
    assert large.samples.fields[0].columns == whole.samples.fields[0].columns
    rows = np.array([5, 400, 17, 0])
    for split in whole.splits:
        np.testing.assert_allclose(
            large.streams[split]["features"].read(rows),
            whole.splits[split]["features"][rows],
            rtol=1e-5,
            atol=1e-6,
        )
        np.testing.assert_array_equal(large.splits[split]["target"], whole.splits[split]["target"])
    assert any("its features lie in a temporary file of 30,000 rows" in note for note in large.notes)


def test_rows_with_gaps_are_left_out_and_told(dataset, folder: Path, tmp_path: Path) -> None:
    lines = (folder / "t.csv").read_text().splitlines()
    lines[5] = "," + lines[5].split(",", 1)[1]
    first = lines[9].split(",")
    lines[9] = ",".join([*first[:2], "", *first[3:]])
    (tmp_path / "t.csv").write_text("\n".join(lines))
    data = dataset("csv", **settings(tmp_path, memory_mb=1))
    assert len(data.samples) == ROWS - 2
    assert any("2 rows with missing values are left out" in note for note in data.notes)
    whole = dataset("csv", **settings(tmp_path))
    np.testing.assert_array_equal(data.samples.labels.values, whole.samples.labels.values)


def test_faults_name_their_row_and_leave_no_file(
    dataset, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lines = (folder / "t.csv").read_text().splitlines()
    lines[20_000] = lines[20_000].replace(",", ",x", 1)
    (tmp_path / "t.csv").write_text("\n".join(lines))
    with pytest.raises(UserError, match=r"Row 20001 of t\.csv: column weight holds 'x"):
        dataset("csv", **settings(tmp_path, memory_mb=1))
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_the_temporary_file_goes_with_the_data(folder: Path) -> None:
    code = f"""
import gc, tempfile
from pathlib import Path
from nodeforge.core.document import Component, DataSettings
from nodeforge.data import load, loading
source = Component(kind="csv", parameters={{"path": "t.csv", "target": "kind", "groups": "person"}})
data = load(DataSettings(source=source, preparation={{"memory_mb": 1}}), Path({str(folder)!r}))
found = lambda: len(list(Path(tempfile.gettempdir()).glob("nodeforge-table-*")))
print(found())
loading._cache.clear(), loading._raw.clear()
del data
gc.collect()
print(found())
"""
    with tempfile.TemporaryDirectory() as own:
        environment = {"TMPDIR": own, "TEMP": own, "TMP": own}
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **environment},
        )
    assert done.stdout.split() == ["1", "0"]
