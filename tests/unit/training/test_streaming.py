"""Samples that do not fit into memory are read from disk, a batch at a time, with the same result."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import nodeforge as nf
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.errors import UserError
from nodeforge.data import load
from nodeforge.evaluation import baselines, task_of
from nodeforge.training.batches import READ_AHEAD, StreamedSplit, load_split, ranges
from nodeforge.training.control import Control
from nodeforge.training.job import TrainingJob
from nodeforge.training.material import gather
from nodeforge.training.runner import train

SHAPE = (600, 1, 32, 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """2.4 MB of pictures, brighter in the second class."""
    rng = np.random.default_rng(0)
    labels = np.arange(SHAPE[0]) % 2
    images = rng.normal(size=SHAPE).astype(np.float32) + labels[:, None, None, None]
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "labels.npy", labels)
    return tmp_path


def document(memory_mb: int) -> Document:
    project = nf.Project()
    net = project.network("main")
    image, label = net.add("Input", shape=[1, 32, 32]), net.add("Target")
    flat, fc = net.add("Flatten"), net.add("Linear", out_features=2)
    out, loss = net.add("Output"), net.add("CrossEntropyLoss")
    net.connect(image, flat)
    net.connect(flat, fc)
    net.connect(fc, out)
    net.connect(fc, loss, input="input")
    net.connect(label, loss, input="target")
    found = project.document
    source = Component(kind="arrays", parameters={"path": "images.npy", "targets": "labels.npy"})
    found.data = DataSettings(source=source, preparation={"memory_mb": memory_mb})
    stage = replace(found.recipe.stages[0], settings={"epochs": 2, "batch_size": 32})
    found.recipe = replace(found.recipe, stages=(stage,))
    return found


def test_what_takes_more_than_the_limit_is_streamed_and_told(folder: Path) -> None:
    whole, streamed = (load(document(limit).data, folder) for limit in (100, 1))
    assert not whole.streams["train"]
    assert "image" not in streamed.splits["train"]
    assert any("image: " in note and "read from disk" in note for note in streamed.notes)
    for name in ("train", "validation", "test"):
        rows = np.arange(len(whole.splits[name]["image"]))[::-7]
        np.testing.assert_allclose(
            streamed.streams[name]["image"].read(rows), whole.splits[name]["image"][rows], atol=1e-5
        )
    assert streamed.facts.field("", "input").spec == whole.facts.field("", "input").spec


def test_batches_are_those_of_a_split_in_memory_in_any_order(folder: Path) -> None:
    parts = []
    for limit in (100, 1):
        material = gather(document(limit), folder)
        split = load_split(
            material.dataset, "train", material.source, torch.device("cpu"), channels_last=False
        )
        order = torch.randperm(len(split), generator=torch.Generator().manual_seed(5))
        parts.append((split, [*split.batches(ranges(len(split), 50), order)], split.take(order[:3])))
    (_, whole, first), (split, streamed, other) = parts
    assert isinstance(split, StreamedSplit)
    assert len(whole) == len(streamed) > READ_AHEAD
    for one, two in zip((*whole, first), (*streamed, other), strict=True):
        torch.testing.assert_close(two.inputs[0], one.inputs[0], atol=1e-5, rtol=0)
        assert torch.equal(two.targets[0], one.targets[0])


def test_training_from_disk_gives_the_same_network(folder: Path) -> None:
    found = [
        train(TrainingJob(document=document(limit), folder=folder), Control(), lambda event: None)
        for limit in (100, 1)
    ]
    assert found[0].metrics["test"]["accuracy"] > 0.9
    assert found[1].metrics["test"] == pytest.approx(found[0].metrics["test"], abs=1e-4)


def test_a_file_that_is_damaged_meanwhile_is_told(folder: Path) -> None:
    material = gather(document(1), folder)

    def read(rows: np.ndarray) -> np.ndarray:
        raise UserError("images.npy is damaged.")

    material.dataset.streams["train"]["image"].read = read
    split = load_split(material.dataset, "train", material.source, torch.device("cpu"), channels_last=False)
    with pytest.raises(UserError, match=r"images\.npy is damaged"):
        list(split.batches([(0, 10)]))


def test_no_linear_model_is_fitted_to_what_is_on_disk(folder: Path) -> None:
    data = load(document(1).data, folder)
    assert set(baselines(data, task_of(["CrossEntropyLoss"], data.facts))) == {"majority class"}


def test_memory_stays_flat_while_ten_times_the_limit_passes_by(tmp_path: Path) -> None:
    """80 MB of pictures, read in batches with 8 MB allowed: the process grows by less than a third of them."""
    images = np.lib.format.open_memmap(tmp_path / "images.npy", "w+", np.float32, (20_000, 1, 32, 32))
    for start in range(0, len(images), 1_000):
        images[start : start + 1_000] = np.random.default_rng(start).normal(size=(1_000, 1, 32, 32))
    images.flush()
    np.save(tmp_path / "few.npy", images[:20])
    code = f"""
import resource, sys
from pathlib import Path
import torch
from nodeforge.core.document import Component, DataSettings
from nodeforge.data import load
from nodeforge.engine.heap import keep_memory
from nodeforge.training.batches import StreamedSplit, ranges
keep_memory()  # as an engine does
def peak():
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
settings = DataSettings(
    source=Component(kind="arrays", parameters={{"path": "images.npy"}}), preparation={{"memory_mb": 8}}
)
load(DataSettings(source=Component(kind="arrays", parameters={{"path": "few.npy"}})), Path({str(tmp_path)!r}))
before = peak()
data = load(settings, Path({str(tmp_path)!r}))
stream = data.streams["train"]["image"]
split = StreamedSplit((torch.zeros(()).expand(stream.shape),), (), torch.device("cpu"), (stream,))
order = torch.randperm(len(split))
total = sum(float(batch.inputs[0].sum()) for batch in split.batches(ranges(len(split), 64), order))
print(peak() - before, len(split))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    grown, count = map(int, done.stdout.split())
    assert count == 14_400
    assert grown < images.nbytes / 3
