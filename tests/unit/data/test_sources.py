from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets as reference

from nodeforge.core.errors import UserError
from nodeforge.data import sources, vendored
from nodeforge.project import shipped


def test_every_source_says_what_it_is_and_under_which_licence() -> None:
    for name, source in sources().items():
        assert source.name == name
        assert source.summary
        assert source.licence
        assert all(parameter.doc for parameter in source.parameters), name
        assert not source.problems(source.complete({}))


def test_digits_are_those_of_scikit_learn(dataset) -> None:
    data = dataset("digits", preparation={"scaling": "none"})
    truth = reference.load_digits()
    np.testing.assert_array_equal(data.samples.fields[0].values[:, 0], truth.images)
    np.testing.assert_array_equal(data.samples.fields[1].values, truth.target)
    assert data.facts.field("image", "input").spec.shape == ("N", 1, 8, 8)


def test_flat_digits_hold_the_same_pixels(dataset) -> None:
    image, flat = dataset("digits"), dataset("digits", layout="flat")
    assert flat.facts.field("features", "input").spec.shape == ("N", 64)
    np.testing.assert_array_equal(
        image.splits["test"]["image"].reshape(-1, 64), flat.splits["test"]["features"]
    )


def test_iris_is_that_of_scikit_learn(dataset) -> None:
    data = dataset("iris")
    truth = reference.load_iris()
    np.testing.assert_array_equal(data.samples.fields[0].values, truth.data)
    np.testing.assert_array_equal(data.samples.fields[1].values, truth.target)
    assert data.facts.field("target", "target").classes == tuple(truth.target_names)


def test_mnist_has_its_4000_and_1000_images_with_even_classes(dataset) -> None:
    data = dataset("mnist-5k", preparation={"validation_fraction": 0})
    assert data.facts.sizes == {"train": 4000, "validation": 0, "test": 1000}
    assert data.splits["train"]["image"].shape == (4000, 1, 28, 28)
    assert data.splits["train"]["image"].min() == 0
    assert data.splits["train"]["image"].max() == 1
    np.testing.assert_array_equal(np.bincount(data.splits["test"]["target"]), np.full(10, 100))


def test_some_classes_of_images_alone_are_numbered_anew(dataset) -> None:
    every = dataset("mnist-5k", preparation={"scaling": "none"}).samples.fields
    some = dataset("mnist-5k", classes="7, 5,9", preparation={"scaling": "none"})
    image, target = some.samples.fields
    assert target.classes == ("5", "7", "9")
    rows = np.isin(every[1].values, [5, 7, 9])
    np.testing.assert_array_equal(image.values, every[0].values[rows])
    np.testing.assert_array_equal(np.array([5, 7, 9])[target.values], every[1].values[rows])


def test_classes_left_out_leave_the_makers_split_as_it_is(dataset) -> None:
    every = dataset("fashion-mnist")
    some = dataset("fashion-mnist", classes="shirt, bag")
    of_each = np.bincount(every.splits["test"]["target"])
    assert some.facts.sizes["test"] == of_each[6] + of_each[8]


@pytest.mark.parametrize(
    ("classes", "complaint"), [("5, ten", "no class ten: choose among 0, 1"), ("5", "cut down to one class")]
)
def test_classes_that_do_not_do_are_told(dataset, classes, complaint) -> None:
    with pytest.raises(UserError, match=complaint):
        dataset("digits", classes=classes)


def test_elnino_windows_end_the_horizon_before_their_target(dataset) -> None:
    data = dataset("elnino", window=5, horizon=2, preparation={"scaling": "none"})
    months = data.samples.timeline.values
    assert len(months) == 732
    assert (months[0], months[-1]) == (23.11, 22.07)
    first = data.splits["train"]
    np.testing.assert_allclose(first["series"][0, :, 0], months[:5], rtol=1e-6)
    np.testing.assert_allclose(first["target"][0], months[6], rtol=1e-6)
    np.testing.assert_allclose(data.splits["test"]["target"][-1], months[-1], rtol=1e-6)


def test_elnino_is_split_by_the_month_it_predicts(dataset) -> None:
    """80 % of the 732 months train: the standard deviation of the other 147 is a known number."""
    data = dataset("elnino")
    assert data.facts.sizes["test"] == 147
    assert data.restore("target", data.splits["test"]["target"]).std() == pytest.approx(2.136, abs=5e-4)
    moments = data.samples.timeline.moments
    assert moments[data.indices["train"]].max() < moments[data.indices["validation"]].min()
    assert moments[data.indices["validation"]].max() < moments[data.indices["test"]].min() == 585


def test_a_changed_shipped_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shipped.resources() / "data", tmp_path / "data")
    monkeypatch.setattr(shipped, "resources", lambda: tmp_path)
    assert len(vendored.lines("iris.csv")) == 150
    path = tmp_path / "data" / "iris.csv"
    path.write_bytes(path.read_bytes().replace(b"5.1", b"5.2", 1))
    with pytest.raises(UserError, match=r"iris\.csv was changed or is damaged: install"):
        vendored.lines("iris.csv")
    path.unlink()
    with pytest.raises(UserError, match=r"iris\.csv cannot be read .*: install"):
        vendored.lines("iris.csv")


def test_loading_shipped_data_brings_no_heavy_package() -> None:
    """The command line and the engine's first answer wait for it."""
    code = (
        "import sys; from pathlib import Path; from nodeforge.core.document import *; from nodeforge.data import OWN, describe, load, sources\n"
        "for name in (name for name, source in sources().items() if source.licence != OWN):\n"
        "    describe(load(DataSettings(source=Component(kind=name)), Path()))\n"
        "print([m for m in ('torch', 'sklearn', 'pandas', 'scipy', 'PIL', 'pyarrow', 'soundfile') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
