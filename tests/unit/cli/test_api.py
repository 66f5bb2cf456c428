"""The Python API: drawing by code, checks, source, modules, settings, and a small training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nodeforge as nf
from nodeforge.project import files


def small() -> nf.Project:
    project = nf.Project()
    net = project.network("main")
    x = net.add("Input", shape=[1, 28, 28])
    c = net.add("Conv2d", out_channels=8, kernel_size=3)
    y = net.add("Output")
    net.connect(x, c)
    net.connect(c, y)
    return project


def test_a_drawing_becomes_a_module() -> None:
    import torch

    project = small()
    assert project.check().ok
    assert "nn.Conv2d(1, 8, kernel_size=3)" in project.source()
    module = project.compile()
    assert isinstance(module, torch.nn.Module)
    samples = torch.randn(2, 1, 28, 28)
    torch.testing.assert_close(module(samples), module.conv2d(samples))
    assert project.compile() is not module


def test_a_deep_check_gives_a_verdict_for_every_property() -> None:
    outcomes = {verdict.check: verdict.outcome for verdict in small().deep_check().verdicts}
    assert (outcomes["independent"], outcomes["gradients"]) == ("held", "skipped")  # it has no loss


def test_save_and_open_give_the_same_project(tmp_path: Path) -> None:
    project = small()
    assert project.folder is None
    project.save(tmp_path / "mine")
    again = nf.open(tmp_path / "mine")
    assert again.folder == tmp_path / "mine"
    assert again.source() == project.source()
    again.set("seed", 5)
    again.save()
    assert files.load(tmp_path / "mine").recipe.seed == 5


def test_ports_are_chosen_or_named() -> None:
    net = nf.Project().network()
    left, right = net.add("Input", "left", shape=[3]), net.add("Input", "right", shape=[3])
    total, scores = net.add("Add"), net.add("Linear", "scores", out_features=2)
    label, loss = net.add("Target"), net.add("CrossEntropyLoss", "loss")
    net.connect(left, total)
    net.connect(right, total)
    net.connect(total, scores)
    assert str(net.connect(label, loss, input="target")) == "label.output -> loss.target".replace(
        "label", label
    )
    assert str(net.connect(scores, loss)) == "scores.output -> loss.input"
    assert [end[0] for ends in net.graph.inputs_of(total).values() for end in ends] == ["left", "right"]


def test_nodes_do_not_lie_on_each_other() -> None:
    positions = [node.position for node in small().network().graph.nodes.values()]
    assert len({x // 160 for x, _ in positions}) == len(positions)


def test_mistakes_are_one_sentence_with_a_remedy(tmp_path: Path) -> None:
    project = small()
    net = project.network()
    for wrong, words in (
        (lambda: net.add("Conv2D"), "Did you mean Conv2d"),
        (lambda: net.add("Conv2d", out_chanels=8), "no parameter out_chanels"),
        (lambda: net.add("Conv2d", out_channels=0), "Conv2d: out_channels must be at least 1, not 0."),
        (lambda: net.add("ReLU", "conv2d"), "already has a node conv2d"),
        (lambda: net.add("ReLU", "not a name"), "cannot name a node"),
        (lambda: net.connect("conv2d", "ghost"), "no node 'ghost'"),
        (lambda: net.connect("output", "conv2d"), "output has no output to wire from."),
        (lambda: net.connect("conv2d", "input"), "input has no input to wire to."),
        (lambda: net.connect("conv2d", "conv2d"), "loop"),
        (lambda: net.connect("input", "conv2d"), "there already"),
        (lambda: project.network("other"), "no network 'other'; it has: main"),
        (lambda: project.set("epoch", 3), "Did you mean epochs"),
        (lambda: project.train(), "Save the project first"),
        (lambda: project.save(), "choose one to save it in"),
        (lambda: nf.open(tmp_path / "nowhere"), "no such file or folder"),
        (lambda: nf.Project.from_example("nothing"), "there are: "),
    ):
        with pytest.raises(nf.UserError) as caught:
            wrong()
        assert words in str(caught.value)


def test_a_drawing_with_errors_gives_no_source() -> None:
    project = small()
    project.network().add("Linear", "loose")
    with pytest.raises(nf.UserError, match="loose"):
        project.source()


def test_training_measuring_and_settings_of_one_run(tmp_path: Path) -> None:
    project = nf.Project.from_example("iris-mlp")
    project.save(tmp_path / "iris")
    events: list[object] = []
    run = project.train(seed=1, settings={"epochs": 2}, on_event=events.append)
    assert (run.status, run.epochs) == ("finished", 2)
    evaluated = run.evaluate().metrics
    assert {name: evaluated[name] for name in run.metrics["test"]} == pytest.approx(run.metrics["test"])
    assert project.runs() == [run]
    assert events
    assert project.document.recipe.seed == 0
    with pytest.raises(nf.UserError, match="keeps its settings"):
        project.train(resume=run.id, seed=3)


def test_the_import_is_cheap() -> None:
    script = (
        "import sys, nodeforge as nf\n"
        "assert 'nodeforge.api' not in sys.modules\n"
        "assert 'open' in dir(nf) and nf.__version__\n"
        "assert nf.examples()\n"
        "assert not {'torch', 'numpy', 'PySide6'} & set(sys.modules), sys.modules.keys()\n"
        "try: nf.nothing\n"
        "except AttributeError as error: print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout == "module 'nodeforge' has no attribute 'nothing'\n"
