"""Weights to begin with: from runs and files, matched by name and shape, never executed."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nodeforge.core.document import WeightSource
from nodeforge.core.errors import UserError
from nodeforge.project import schema, shipped
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training.material import gather
from nodeforge.training.weights import match_weights, read_weights, sentence
from tests.training_jobs import IRIS_NET, PLAIN_NET, iris, run, stop_after, weights


def beginning_with(document, *sources, **stage):
    document.recipe = replace(document.recipe, weights=sources)
    return document


def state():
    torch.manual_seed(7)
    net = nn.ModuleDict({"fc1": nn.Linear(4, 16), "fc2": nn.Linear(16, 3)})
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


WRITERS = {
    "a.safetensors": lambda tensors, path: save_file(tensors, path),
    "b.pt": torch.save,
    "c.pth": lambda tensors, path: torch.save({"epoch": 3, "state_dict": tensors}, path),
    "d.pt": lambda tensors, path: torch.save({f"module.{n}": t for n, t in tensors.items()}, path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_training_begins_with_the_weights_of_a_file(tmp_path, name):
    WRITERS[name](state(), tmp_path / name)
    frozen = {node: {"frozen": True} for node in ("fc1",)}
    document = beginning_with(iris(PLAIN_NET, epochs=1), WeightSource(source=name))
    stage = document.recipe.stages[0]
    document.recipe = replace(document.recipe, stages=(replace(stage, per_node=frozen),))
    info, _ = run(document, tmp_path)
    found = weights(tmp_path, info.id)
    assert torch.equal(found["model/fc1.weight"], state()["fc1.weight"])
    assert not torch.equal(found["model/fc2.weight"], state()["fc2.weight"])
    assert info.environment["weights"] == f"the network begins with 4 of its 4 tensors from {name}."


def test_a_run_is_a_source_of_weights_and_says_what_matched(tmp_path):
    first, _ = run(iris(PLAIN_NET, epochs=1), tmp_path)
    (match,) = match_weights(beginning_with(iris(IRIS_NET), WeightSource(source=first.id)), tmp_path)
    assert set(match.matched) == {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}
    assert {name.partition(".")[0] for name in match.missing} == {"norm"}
    assert (match.unused, match.other_shapes) == ([], [])
    assert sentence(match) == f"the network begins with 4 of its 9 tensors from {first.id} (5 not found)."


def test_shapes_that_differ_and_names_without_use_are_told(tmp_path):
    tensors = {**state(), "fc2.weight": torch.zeros(9, 16), "head.weight": torch.zeros(1)}
    save_file(tensors, tmp_path / "w.safetensors")
    (match,) = match_weights(beginning_with(iris(PLAIN_NET), WeightSource(source="w.safetensors")), tmp_path)
    assert match.other_shapes == [("fc2.weight", [9, 16], [3, 16])]
    assert match.unused == ["head.weight"]
    assert match.matched == ["fc1.weight", "fc1.bias", "fc2.bias"]


def test_one_node_takes_a_part_of_a_file(tmp_path):
    save_file({"body.first.weight": state()["fc1.weight"]}, tmp_path / "w.safetensors")
    source = WeightSource(source="w.safetensors", into="fc1", prefix="body.first.")
    (match,) = match_weights(beginning_with(iris(PLAIN_NET), source), tmp_path)
    assert (match.matched, match.missing) == (["weight"], ["bias"])
    info, _ = run(beginning_with(iris(PLAIN_NET, epochs=1, seed=3), source), tmp_path)
    assert info.environment["weights"].startswith("fc1 begins with 1 of its 2 tensors")


def test_a_resumed_run_needs_the_file_no_more(tmp_path):
    save_file(state(), tmp_path / "w.safetensors")
    document = beginning_with(iris(PLAIN_NET), WeightSource(source="w.safetensors"))
    first, _ = stop_after(document, tmp_path, 3)
    (tmp_path / "w.safetensors").unlink()
    info, _ = run(document, tmp_path, resume=first)
    assert info.status == "finished"
    assert "w.safetensors" in RunStore(tmp_path).info(first).environment["weights"]


def test_what_does_not_fit_at_all_is_one_sentence(tmp_path):
    save_file({"a.x": torch.zeros(1), "b.y": torch.zeros(2)}, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"Nothing in w\.safetensors fits the network: it holds a\.x, b\.y"):
        match_weights(beginning_with(iris(), WeightSource(source="w.safetensors")), tmp_path)
    with pytest.raises(UserError, match=r"no file nowhere\.pt"):
        match_weights(beginning_with(iris(), WeightSource(source="nowhere.pt")), tmp_path)
    with pytest.raises(UserError, match="There is no run 'nowhere'"):
        match_weights(beginning_with(iris(), WeightSource(source="nowhere")), tmp_path)


def test_weights_come_with_the_program_and_are_checked(tmp_path, monkeypatch):
    name = "digits-0-to-4.safetensors"
    found = read_weights(f"shipped:{name}", tmp_path)
    assert {key: tuple(tensor.shape) for key, tensor in found.items()} == {
        "conv1.weight": (16, 1, 3, 3),
        "conv1.bias": (16,),
        "conv2.weight": (32, 16, 3, 3),
        "conv2.bias": (32,),
    }
    with pytest.raises(UserError, match=rf"No weights called dogs come with NodeForge; there are: {name}"):
        read_weights("shipped:dogs", tmp_path)
    shutil.copytree(shipped.resources() / "weights", tmp_path / "weights")
    with (tmp_path / "weights" / name).open("ab") as file:
        file.write(b"x")
    monkeypatch.setattr(shipped, "resources", lambda: tmp_path)
    with pytest.raises(UserError, match="was changed or is damaged"):
        read_weights(f"shipped:{name}", tmp_path)


class Harm:
    """Unpickled, it would leave a mark."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("write", [torch.save, lambda harm, path: path.write_bytes(pickle.dumps(harm))])
def test_no_file_is_ever_executed(tmp_path, write):
    mark = tmp_path / "mark"
    write({"fc1.weight": Harm(mark)}, tmp_path / "harm.pt")
    with pytest.raises(UserError, match=r"harm\.pt cannot be read safely"):
        read_weights("harm.pt", tmp_path)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize("content", [b"", b"garbage" * 50])
def test_a_broken_file_is_one_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        read_weights(name, tmp_path)


def test_the_file_of_a_project_keeps_sources_and_nodes(tmp_path):
    document = beginning_with(iris(), WeightSource(source="w.pt", into="fc1", prefix="a."))
    stage = replace(document.recipe.stages[0], per_node={"fc1": {"frozen": True, "lr_factor": 0.5}})
    document.recipe = replace(document.recipe, stages=(stage,))
    assert schema.decode(schema.encode(document)).recipe == document.recipe
    assert gather(document, tmp_path).document.recipe.stages[0].per_node["fc1"]["lr_factor"] == 0.5
    broken = schema.encode(document).replace(b'"fc1": {"frozen"', b'"f c": {"frozen"')
    assert b'"f c"' in broken
    with pytest.raises(UserError, match="'f c'"):
        schema.decode(broken)
    assert build(gather(document, tmp_path).source) is not None
