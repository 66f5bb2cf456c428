"""Frames: what lies in them, what comes along with them, what is copied and grouped with them."""

from __future__ import annotations

import pytest

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.core.drawing import Bookmark, Frame
from nodeforge.core.edits import AddNode, Batch, Bend, Collapse, Connect, SetBookmark, SetFrames, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema
from nodeforge.session import framing
from nodeforge.session.clipboard import copy_text, paste_edits
from nodeforge.session.duplicating import duplicate
from nodeforge.session.grouping import group
from nodeforge.session.ungrouping import ungroup

WIRE = Wire("conv", "output", "relu", "input")
OUT = Wire("relu", "output", "output", "input")


@pytest.fixture
def document() -> Document:
    """image -> conv -> relu -> output; a frame around conv and relu, one within it, and a note elsewhere."""
    made = Document()
    for name, kind, x, parameters in (
        ("image", "Input", 0, {"shape": (1, 28, 28)}),
        ("conv", "Conv2d", 240, {"out_channels": 8}),
        ("relu", "ReLU", 480, {}),
        ("output", "Output", 720, {}),
    ):
        apply(made, AddNode("main", Node(name=name, kind=kind, parameters=parameters, position=(x, 0))))
    for source, target in (("image", "conv"), ("conv", "relu"), ("relu", "output")):
        apply(made, Connect("main", Wire(source, "output", target, "input")))
    frames = {
        "block": Frame(area=(200, -40, 480, 180), title="Block", color="blue"),
        "inner": Frame(area=(460, -20, 200, 120)),
        "note": Frame(area=(900, 0, 200, 100), text="hello"),
    }
    apply(
        made,
        Batch((SetFrames("main", frames), Bend("main", {WIRE: ((420, 60),), OUT: ((670, 30), (700, 40))}))),
    )
    return made


def test_a_node_belongs_to_the_frame_that_holds_its_middle(document: Document) -> None:
    graph = document.main_network
    frames = graph.drawing.frames
    assert framing.nodes_within(graph, frames["block"]) == {"conv", "relu"}
    assert framing.nodes_within(graph, frames["note"]) == set()
    assert framing.frames_within(frames, "block") == {"inner"}
    assert framing.frames_within(frames, "inner") == set()
    assert framing.is_note(graph, frames["note"])
    assert not framing.is_note(graph, frames["block"])


def test_a_small_node_has_its_middle_further_up(document: Document) -> None:
    graph = document.main_network
    strip = Frame(area=(200, -40, 480, 65))
    assert framing.nodes_within(graph, strip) == set()
    apply(document, Collapse("main", {"conv": True}))
    assert framing.nodes_within(graph, strip) == {"conv"}


def test_a_frame_carries_nodes_frames_and_bends(document: Document) -> None:
    graph = document.main_network
    carried = framing.load(graph, (), ["block"])
    assert carried.nodes == {"conv", "relu"}
    assert carried.frames == {"block", "inner"}
    apply(document, framing.moved(graph, carried, 10, 20))
    assert graph.nodes["conv"].position == (250, 20)
    assert graph.nodes["output"].position == (720, 0)
    assert graph.drawing.frames["inner"].area == (470, 0, 200, 120)
    assert graph.drawing.frames["note"].area == (900, 0, 200, 100)
    assert graph.drawing.bends[WIRE] == ((430, 80),)
    assert graph.drawing.bends[OUT] == ((680, 50), (700, 40)), "only the bend in the frame comes along"


def test_a_frame_can_be_moved_alone(document: Document) -> None:
    carried = framing.load(document.main_network, (), ["block"], alone=True)
    assert (carried.nodes, carried.frames, carried.bends) == (frozenset(), {"block"}, {})


def test_bends_between_moved_nodes_come_along(document: Document) -> None:
    carried = framing.load(document.main_network, ["conv", "relu"], ())
    assert carried.bends == {WIRE: {0}}
    assert carried.frames == frozenset()


def test_moving_is_one_edit_that_its_inverse_takes_back(document: Document) -> None:
    before = schema.encode(document)
    carried = framing.load(document.main_network, ["image"], ["block"])
    inverse = apply(document, framing.moved(document.main_network, carried, 7, 9)).inverse
    assert schema.encode(document) != before
    apply(document, inverse)
    assert schema.encode(document) == before


def test_stacking_changes_order_alone(document: Document) -> None:
    graph = document.main_network
    apply(document, framing.raised(graph, ["block"], front=True))
    assert list(graph.drawing.frames) == ["inner", "note", "block"]
    apply(document, framing.raised(graph, ["note"], front=False))
    assert list(graph.drawing.frames) == ["note", "inner", "block"]


def test_removing_a_frame_leaves_its_nodes(document: Document) -> None:
    graph = document.main_network
    edit = framing.removal(graph, ["block"])
    apply(document, edit)
    assert (list(graph.drawing.frames), len(graph)) == (["inner", "note"], 4)
    assert edit.label == "Delete frame Block"


# Copying and grouping ------------------------------------------------------------------------------------


def test_copied_nodes_take_along_the_frames_that_hold_no_others(document: Document) -> None:
    apply(document, SetBookmark("main", "1", Bookmark(centre=(0, 0))))
    text = copy_text(document, "main", ["relu"])
    copied = schema.decode(text.encode()).main_network.drawing
    assert list(copied.frames) == ["inner"], "the block holds conv, too, which is not copied"
    assert copied.bookmarks == {}


def test_pasted_frames_lie_about_their_nodes_under_free_names(document: Document) -> None:
    graph = document.main_network
    text = copy_text(document, "main", ["conv", "relu"], ["block"])
    apply(document, paste_edits(document, "main", text, (1000, 500)))
    assert list(graph.drawing.frames) == ["block", "inner", "note", "frame1", "frame2"]
    assert graph.drawing.frames["frame1"].area == (1000, 500, 480, 180)
    assert graph.nodes["conv_2"].position == (1040, 540)
    assert framing.nodes_within(graph, graph.drawing.frames["frame1"]) == {"conv_2", "relu_2"}


def test_a_note_alone_can_be_copied(document: Document) -> None:
    text = copy_text(document, "main", (), ["note"])
    other = Document()
    apply(other, paste_edits(other, "main", text, (5, 6)))
    assert list(other.main_network.drawing.frames.values()) == [Frame(area=(5, 6, 200, 100), text="hello")]
    copies = duplicate(document, "main", (), (900, 200), frames=["note"])
    apply(document, copies.edit)
    assert document.main_network.drawing.frames["frame1"].area == (900, 200, 200, 100)


def test_a_group_takes_its_frames_along_and_gives_them_back(document: Document) -> None:
    apply(document, group(document, check(document), "main", ["conv", "relu"], "Block"))
    inner, outer = document.networks["Block"].drawing, document.main_network.drawing
    assert set(inner.frames) == {"block", "inner"}
    assert inner.frames["block"].title == "Block"
    assert inner.bends == {WIRE: ((420, 60),)}
    assert list(outer.frames) == ["note"]
    use = next(node.name for node in document.main_network.ordered_nodes() if node.kind == "Block")
    before = document.networks["Block"].nodes["conv"].position
    apply(document, ungroup(document, "main", use))
    moved = document.main_network.nodes["conv"].position
    way = (moved[0] - before[0], moved[1] - before[1])
    titled = next(frame for frame in outer.frames.values() if frame.title)
    assert titled.area[:2] == (200 + way[0], -40 + way[1])
    assert framing.nodes_within(document.main_network, titled) == {"conv", "relu"}
    assert outer.bends[WIRE] == ((420 + way[0], 60 + way[1]),)


def test_a_bookmark_keeps_its_title_in_the_file(document: Document) -> None:
    mark = Bookmark(centre=(12, 34), zoom=0.5, title="the encoder")
    apply(document, SetBookmark("main", "3", mark))
    assert schema.decode(schema.encode(document)).main_network.drawing.bookmarks == {"3": mark}
