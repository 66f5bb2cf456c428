"""Exported files, opened by onnx and onnxruntime as anybody would."""

from __future__ import annotations

import errno
import os

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from nodeforge.core.errors import UserError
from nodeforge.export import export_run
from nodeforge.export import onnx as exporter
from nodeforge.project import schema
from nodeforge.training import load_run
from tests.training_jobs import iris, run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iris")
    summary, _ = run(iris(epochs=4), folder)
    return folder, summary.id


def test_the_file_computes_what_was_trained_at_any_batch_size(trained, tmp_path):
    folder, run_id = trained
    before = torch.get_rng_state()
    told = export_run(folder=folder, run=run_id, output=tmp_path / "net.onnx")
    assert torch.equal(before, torch.get_rng_state())
    model = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(model)
    assert (told.opset, told.checked_batches) == (model.opset_import[0].version, [1, 2, 5])
    assert [entry.name for entry in model.graph.input] == ["x"]
    assert [entry.name for entry in model.graph.output] == ["y"]
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    module = load_run(folder, run_id).module
    largest = 0.0
    for count in (1, 3, 7, 64):
        samples = torch.randn(count, 4)
        (found,) = session.run(None, {"x": samples.numpy()})
        expected = module(samples).detach().numpy()
        np.testing.assert_allclose(found, expected, atol=1e-5)
        largest = max(largest, float(np.abs(found - expected).max()))
    assert 0 <= told.max_abs_difference < 1e-5


def test_the_project_reads_back_from_the_file(trained, tmp_path):
    folder, run_id = trained
    export_run(folder=folder, run=run_id, output=tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    kept = {entry.key: entry.value for entry in model.metadata_props}
    text = (folder / "runs" / run_id / "project.json").read_bytes()
    assert kept[exporter.METADATA_KEY].encode() == text
    assert "fc1" in schema.decode(kept[exporter.METADATA_KEY].encode()).main_network


def test_a_file_that_computes_something_else_is_refused_and_leaves_nothing(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    convert = exporter._converted

    def spoiled(*args):
        model = convert(*args)
        weight = next(t for t in model.graph.initializer if t.name == "fc2.bias")
        weight.raw_data = (np.frombuffer(weight.raw_data, np.float32) + 0.01).tobytes()
        return model

    monkeypatch.setattr(exporter, "_converted", spoiled)
    with pytest.raises(UserError, match=r"differs from the trained one by 0\.01 at y"):
        export_run(folder=folder, run=run_id, output=tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_onnxruntime_cannot_run_is_refused_and_the_old_one_stays(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    convert = exporter._converted

    def broken(*args):
        model = convert(*args)
        model.graph.node[0].op_type = "NoSuchOperation"
        return model

    monkeypatch.setattr(exporter, "_converted", broken)
    (tmp_path / "net.onnx").write_bytes(b"the old one")
    with pytest.raises(UserError, match="onnxruntime cannot run"):
        export_run(folder=folder, run=run_id, output=tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == b"the old one"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_one_sentence_and_leaves_nothing(trained, tmp_path, monkeypatch):
    folder, run_id = trained

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="no space left"):
        export_run(folder=folder, run=run_id, output=tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_place_or_format_that_cannot_be_is_one_sentence(trained, tmp_path):
    folder, run_id = trained
    with pytest.raises(UserError, match="is a folder"):
        export_run(folder=folder, run=run_id, output=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be a folder"):
        export_run(folder=folder, run=run_id, output=tmp_path / "file" / "net.onnx")
    with pytest.raises(UserError, match="no export to 'paper'"):
        export_run(folder=folder, run=run_id, format="paper", output=tmp_path / "net")
    with pytest.raises(UserError, match="There is no run"):
        export_run(folder=folder, run="nothing", output=tmp_path / "net.onnx")
