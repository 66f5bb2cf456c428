"""Checkpoints: every bit comes back, in the module's own memory order, and a failed write spoils nothing."""

from __future__ import annotations

import errno
import os

import pytest
import torch
from torch import nn

from nodeforge.core.errors import UserError
from nodeforge.training import checkpoints
from nodeforge.training.checkpoints import Checkpoint


def test_groups_and_values_come_back_bit_for_bit(tmp_path):
    tensors = {
        "w": torch.randn(3, 2),
        "n": torch.tensor(7),
        "empty": torch.zeros(0, 4),
        "half": torch.ones(2).half(),
    }
    values = {"position": {"step": 3}, "rate": 0.1 + 0.2, "none": None, "list": [1.5, "a"]}
    path = tmp_path / "last.safetensors"
    checkpoints.write(
        path, Checkpoint(groups={"model": tensors, "rule": {"0/m": torch.ones(1)}}, values=values)
    )
    found = checkpoints.read(path)
    assert found.values == values
    assert found.group("model").keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert torch.equal(found.group("model")[name], tensor)
        assert found.group("model")[name].dtype == tensor.dtype
    assert torch.equal(found.group("rule")["0/m"], torch.ones(1))
    assert found.group("nothing") == {}


def test_tied_weights_are_stored_once_and_come_back_under_both_names(tmp_path):
    module = nn.ModuleDict({"a": nn.Linear(50, 50), "b": nn.Linear(50, 50)})
    module["b"].weight = module["a"].weight
    path = tmp_path / "x.safetensors"
    checkpoints.write(path, Checkpoint(groups={"model": module.state_dict()}))
    assert path.stat().st_size < 2 * 50 * 50 * 4
    other = nn.ModuleDict({"a": nn.Linear(50, 50), "b": nn.Linear(50, 50)})
    checkpoints.load_weights(other, checkpoints.read(path).group("model"), "a test")
    assert torch.equal(other["a"].weight, module["a"].weight)
    assert torch.equal(other["b"].weight, module["a"].weight)


def test_overlapping_views_are_each_whole(tmp_path):
    base = torch.arange(6.0)
    path = tmp_path / "x.safetensors"
    checkpoints.write(path, Checkpoint(groups={"g": {"all": base, "head": base[:3], "tail": base[3:]}}))
    found = checkpoints.read(path).group("g")
    assert found["all"].tolist() == [0, 1, 2, 3, 4, 5]
    assert found["head"].tolist() == [0, 1, 2]
    assert found["tail"].tolist() == [3, 4, 5]


def test_weights_of_another_network_are_refused():
    with pytest.raises(UserError, match="do not fit"):
        checkpoints.load_weights(nn.Linear(2, 2), nn.Linear(3, 2).state_dict(), "run x")


def test_a_full_disk_is_one_sentence_and_the_old_checkpoint_stays(tmp_path, monkeypatch):
    path = tmp_path / "last.safetensors"
    checkpoints.write(path, Checkpoint(groups={"m": {"w": torch.ones(1)}}))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="no space left"):
        checkpoints.write(path, Checkpoint(groups={"m": {"w": torch.zeros(1)}}))
    assert checkpoints.read(path).group("m")["w"].item() == 1.0
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_of_a_newer_version_says_so(tmp_path, monkeypatch):
    path = tmp_path / "last.safetensors"
    monkeypatch.setattr(checkpoints, "_FORMAT", 99)
    checkpoints.write(path, Checkpoint(groups={"m": {"w": torch.ones(1)}}))
    monkeypatch.undo()
    with pytest.raises(UserError, match="newer NodeForge"):
        checkpoints.read(path)
