"""Trainings of drawings with idle nodes, and trained networks measured without one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import nodeforge as nf
from nodeforge.core.edits import SetMode
from nodeforge.training import load_run

EPOCH = {"epochs": 1}


@pytest.fixture
def project(tmp_path: Path) -> nf.Project:
    project = nf.Project.from_example("iris-mlp")
    project.save(tmp_path / "iris")
    return project


def layers(project: nf.Project) -> list[str]:
    nodes = project.document.main_network.nodes.values()
    return [node.name for node in nodes if node.kind == "Linear"]


def test_a_muted_layer_keeps_the_weights_it_had(project: nf.Project) -> None:
    first, *_ = layers(project)
    project.network().set_mode(first, "muted")
    run = project.train(seed=3, settings=EPOCH)
    trained = load_file(project.folder / "runs" / run.id / "last.safetensors")  # type: ignore[operator]
    again = project.train(seed=3, settings={"epochs": 4})
    later = load_file(project.folder / "runs" / again.id / "last.safetensors")  # type: ignore[operator]
    assert run.status == "finished"
    changed = {name for name, tensor in trained.items() if not torch.equal(tensor, later[name])}
    assert not any(f"{first}." in name for name in changed)
    assert any(f"{layers(project)[-1]}.bias" in name for name in changed)


def test_weights_of_a_whole_network_fit_one_with_a_bypassed_node(project: nf.Project) -> None:
    run = project.train(settings=EPOCH)
    relu = next(n.name for n in project.document.main_network.nodes.values() if n.kind == "ReLU")
    project.network().set_mode(relu, "bypassed")
    match = project.load_weights(run.id)
    assert (match.missing, match.other_shapes, match.unused) == ([], [], [])


def test_a_loss_that_no_weight_influences_is_told_of(project: nf.Project) -> None:
    project.network().set_mode(layers(project)[-1], "muted")
    with pytest.raises(nf.UserError, match="muted"):
        project.train(settings=EPOCH)


def test_a_run_is_measured_without_a_node(project: nf.Project) -> None:
    run = project.train(settings={"epochs": 20})
    last = layers(project)[-1]
    whole, without = run.evaluate(), run.evaluate(without=[last])
    assert without.without == [last]
    # With zeros for scores, all classes are as likely, and the first one is taken.
    assert without.metrics["loss"] == pytest.approx(float(torch.tensor(3.0).log()), abs=1e-5)
    assert without.metrics["accuracy"] < whole.metrics["accuracy"]
    assert run.evaluate().metrics == whole.metrics


def test_a_run_is_not_measured_without_what_it_needs(project: nf.Project) -> None:
    run = project.train(settings=EPOCH)
    with pytest.raises(nf.UserError, match="no node nothing"):
        run.evaluate(without=["nothing"])
    output = next(n.name for n in project.document.main_network.nodes.values() if n.kind == "Output")
    with pytest.raises(nf.UserError, match="cannot be muted"):
        run.evaluate(without=[output])


def test_a_run_of_a_drawing_with_idle_nodes_comes_back_as_it_was(project: nf.Project) -> None:
    first, *_ = layers(project)
    project._workspace.do(SetMode(project.document.main, first, "muted"))
    run = project.train(settings=EPOCH)
    project._workspace.do(SetMode(project.document.main, first, "active"))
    back = load_run(project.folder, run.id)  # type: ignore[arg-type]
    assert back.document.main_network.nodes[first].mode == "muted"
