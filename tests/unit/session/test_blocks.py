"""The library of blocks: every shipped one works as it stands, and the person's own come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.analysis.wiring import connected_groups
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.core.edits import Connect, SetParameter, SetVariables, apply
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Wire
from nodeforge.project import places, schema
from nodeforge.session import blocks
from nodeforge.session.history import History

SHIPPED = {block.name: block for block in blocks.blocks()[0] if not block.own}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.STATE_VARIABLE, str(tmp_path))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_block_is_complete_and_says_what_it_is(name: str) -> None:
    block = SHIPPED[name]
    report = check(block.document)
    assert [d.message for d in report.diagnostics if d.code != "no-objective"] == []
    graph = block.document.main_network
    assert len(connected_groups(graph, graph.nodes)) == 1
    assert len(block.description) > 60
    assert block.title
    assert generate(block.document, report).complete


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_block_computes_what_the_checker_says(name: str) -> None:
    import torch

    from nodeforge.torch_backend import build

    document = SHIPPED[name].document
    report = check(document)
    source = generate(document, report)
    module = build(source)
    inputs = [torch.randn(2, *slot.spec.sample_shape) for slot in source.inputs]
    results = module(*inputs)
    results = results if isinstance(results, tuple) else (results,)
    if report.networks[name].parameters:
        sum(result.sum() for result in results).backward()
    assert all(p.grad is not None for p in module.parameters())
    assert sum(p.numel() for p in module.parameters()) == report.networks[name].parameters
    expected = [report.networks[name].nodes[output].inputs["input"][0] for output in source.outputs]
    assert [tuple(r.shape) for r in results] == [(2, *spec.sample_shape) for spec in expected]


def test_a_block_stands_in_a_drawing_with_all_that_is_in_it() -> None:
    document = drawing("image = Input(shape=[16, 32, 32])\n y = Output()")
    history = History(document)
    before = schema.encode(document)
    history.do(blocks.insert_edits(document, "main", SHIPPED["unet_down"], (300, 0)))
    history.do(blocks.insert_edits(document, "main", SHIPPED["double_conv"], (600, 0)))
    history.do(blocks.insert_edits(document, "main", SHIPPED["unet_down"], (300, 300)))
    # What is the same is drawn once.
    assert set(document.networks) == {"main", "unet_down", "double_conv"}
    assert {n.name for n in document.main_network.nodes.values()} >= {
        "unet_down",
        "double_conv",
        "unet_down_2",
    }
    for wire in (Wire("image", "output", "unet_down", "x"), Wire("unet_down", "y", "y", "input")):
        history.do(Connect("main", wire))
    assert str(check(document).networks["main"].nodes["unet_down"].outputs["y"]) == "N×128×16×16"
    for _ in range(5):
        history.undo()
    assert schema.encode(document) == before


def test_a_block_that_was_changed_here_stays_as_it_is() -> None:
    document = Document()
    apply(document, blocks.insert_edits(document, "main", SHIPPED["residual"], (0, 0)))
    apply(document, SetParameter("residual", "conv1", "bias", True))
    apply(document, blocks.insert_edits(document, "main", SHIPPED["residual"], (0, 0)))
    assert set(document.networks) == {"main", "residual", "residual_2"}
    assert document.networks["residual_2"].nodes["conv1"].parameters["bias"] is False
    assert document.main_network.nodes["residual_2"].kind == "residual_2"


def test_a_block_cannot_stand_in_itself() -> None:
    document = Document()
    apply(document, blocks.insert_edits(document, "main", SHIPPED["unet_up"], (0, 0)))
    with pytest.raises(EditError, match="contains double_conv"):
        blocks.insert_edits(document, "double_conv", SHIPPED["unet_up"], (0, 0))


def test_own_blocks_are_kept_with_their_variables_and_what_stands_in_them() -> None:
    document = drawing("""
        use = outer()
        network outer()
        x = Input(shape=[4])
        inner = core()
        y = Output()
        x -> inner -> y
        network core(size="=width")
        x = Input(shape=[4])
        dense = Linear(out_features="=size")
        y = Output()
        x -> dense -> y
        network other()
        x = Input(shape=[4])
    """)
    apply(document, SetVariables("", {"width": "=half*2", "half": 3, "unused": 1}))
    path = blocks.save_block(document, "outer", "My block")
    (block,) = [b for b in blocks.blocks()[0] if b.own]
    assert (block.name, block.title, set(block.document.networks)) == ("outer", "My block", {"outer", "core"})
    target = Document()
    apply(target, blocks.insert_edits(target, "main", block, (0, 0)))
    assert target.variables == {"width": "=half*2", "half": 3}
    assert check(target).networks["core"].nodes["dense"].values["out_features"] == 6
    blocks.remove_block(block)
    assert not path.exists()


def test_a_broken_file_is_told_and_hides_no_other() -> None:
    blocks.save_block(drawing("x = Input(shape=[4])"), "main")
    (blocks.own_folder() / "broken.json").write_text("{")
    found, faults = blocks.blocks()
    assert [b.name for b in found if b.own] == ["main"]
    (fault,) = faults
    assert fault.startswith("broken.json cannot be opened")
