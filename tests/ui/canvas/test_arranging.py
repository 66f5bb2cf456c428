"""Arranging networks: what every layout keeps to, as wires are painted, and how it is asked for, taken back, given up."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, pairwise
from threading import Event

import numpy as np
import printed
import pytest
import showcase
from drawings import drawing
from PySide6.QtCore import QRectF, Qt

from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import AddNode, Batch, Bend, Connect, MoveNodes, RemoveNode, SetFrames, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.project import files, schema, shipped
from nodeforge.session import framing
from nodeforge.session.layout import CancelledError, arrange
from nodeforge.session.layout.ladder import ladder_of
from nodeforge.session.layout.ordering import crossings, order
from nodeforge.ui.canvas.changing import arranging
from nodeforge.ui.canvas.changing.drafting import Wish, draft_of, edit_of
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.mirror import Mirror

DRAWN = [name for name, value in vars(showcase).items() if name.isupper() and isinstance(value, str)]


def laid_out(document: Document, network: str, direction: str, *, rows: bool = False) -> Mirror:
    """What is painted of a network once it is arranged."""
    graph, known = document.networks[network], kinds_of(document)
    wish = Wish(network, direction, rows=rows)
    draft = draft_of(graph, known, wish)
    edit = edit_of(graph, draft, wish, arrange(draft.sketch))
    if edit is not None:
        apply(document, edit)
    return Mirror(graph, known)


def covering(mirror: Mirror) -> list[tuple[str, str]]:
    """Pairs of nodes that overlap."""
    boxes = {name: mirror.rects[slot] for name, slot in mirror.nodes.index.items()}
    return [
        (one, two)
        for (one, a), (two, b) in combinations(boxes.items(), 2)
        if (a[:2] < b[:2] + b[2:]).all() and (b[:2] < a[:2] + a[2:]).all()
    ]


def hidden(mirror: Mirror) -> list[tuple[Wire, str]]:
    """Wires that lead behind nodes that are not their own, by points of their painted curves."""
    count = len(mirror.wires.keys)
    legs = routing.legs(
        mirror.wire_ends(np.arange(count)), mirror.ways.counts[:count], mirror.ways.points, down=mirror.down
    )
    points = routing.points(legs, 48)
    found = []
    for name, slot in mirror.nodes.index.items():
        corner, size = mirror.rects[slot, :2], mirror.rects[slot, 2:]
        inside = ((points > corner + 1) & (points < corner + size - 1)).all(axis=2).any(axis=1)
        wires = {mirror.wires.keys[wire] for wire in legs.wires[inside].tolist()}
        found += [(wire, name) for wire in wires if wire and name not in (wire.source, wire.target)]
    return found


def check_quality(document: Document, direction: str) -> None:
    for network, graph in document.networks.items():
        mirror = laid_out(document, network, direction)
        assert graph.drawing.direction == direction
        assert covering(mirror) == []
        assert hidden(mirror) == []
        ends = mirror.wire_ends(np.arange(len(mirror.wires.keys)))
        axis = 0 if direction == "right" else 1
        assert (ends[:, axis] < ends[:, axis + 2]).all()


def test_no_shipped_project_or_block_hides_a_wire_as_it_is_drawn(qapp) -> None:
    drawn = [files.load(shipped.project(name)) for name in shipped.project_names()]
    drawn += [
        schema.decode(path.read_bytes(), path.name)
        for path in (shipped.resources() / "blocks").glob("*.json")
    ]
    for document in drawn:
        for graph in document.networks.values():
            assert hidden(Mirror(graph, kinds_of(document))) == [], (document.title, graph.name)


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("name", shipped.project_names())
def test_shipped_projects_are_laid_out_well(qapp, name: str, direction: str) -> None:
    check_quality(files.load(shipped.project(name)), direction)


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("name", DRAWN)
def test_known_networks_are_laid_out_well(qapp, name: str, direction: str) -> None:
    check_quality(drawing(getattr(showcase, name)), direction)


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("name", [*DRAWN, *shipped.project_names()])
def test_rows_keep_wires_from_nodes_and_nodes_from_each_other(qapp, name: str, direction: str) -> None:
    known = name in DRAWN
    document = drawing(getattr(showcase, name)) if known else files.load(shipped.project(name))
    mirror = laid_out(document, document.main, direction, rows=True)
    assert covering(mirror) == []
    assert hidden(mirror) == []


def test_resnet_50_fits_a_page_in_rows(qapp) -> None:
    document = drawing(showcase.RESNET_50)
    strip = laid_out(document, "main", "right").bounds()
    page = laid_out(document, "main", "right", rows=True).bounds()
    assert strip.width() > 12 * strip.height()
    assert 1.2 < page.width() / page.height() < 4


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("draw", [printed.resnet_50, printed.transformer])
def test_large_networks_can_be_printed(qapp, draw: Callable[[], Document], direction: str) -> None:
    """Block by block in frames, on a page, and no wire crosses another."""
    document = draw()
    graph = document.networks["main"]
    blocks = {f.title: framing.nodes_within(graph, f) for f in graph.drawing.frames.values()}
    wish = Wish("main", direction)
    sketch = draft_of(graph, kinds_of(document), wish).sketch
    ladder = ladder_of(sketch if direction == "right" else sketch.turned())
    order(ladder, lambda: None)
    ladder.edges.clear()  # wires may cross the edges of frames
    assert crossings(ladder) == 0
    mirror = laid_out(document, "main", direction, rows=True)
    page = mirror.bounds()
    length, height = (page.width(), page.height())[:: 1 if direction == "right" else -1]
    assert 1 < length / height < 5
    assert covering(mirror) == []
    assert hidden(mirror) == []
    assert {f.title: framing.nodes_within(graph, f) for f in graph.drawing.frames.values()} == blocks
    for frame in graph.drawing.frames.values():
        assert strangers(mirror, frame, blocks[frame.title]) == []


def skipping_chain(seed: int) -> Document:
    """A chain with connections that skip nodes, some of them in frames."""
    rng = random.Random(seed)
    count = rng.randint(14, 34)
    wires = {(i, i + 1) for i in range(count - 1)}
    for _ in range(rng.randint(0, count // 2)):
        first = rng.randrange(count - 2)
        wires.add((first, min(count - 1, first + rng.randint(2, rng.choice((4, 12, 30))))))
    lines = [f"n{i} = Add()" for i in range(count)] + [f"n{a} -> n{b}" for a, b in sorted(wires)]
    document = drawing("\n".join(lines))
    frames, first = {}, 0
    while first < count - 6:
        last = first + rng.randint(1, 5)
        left = document.networks["main"].nodes[f"n{first}"].position[0]
        right = document.networks["main"].nodes[f"n{last}"].position[0]
        frames[f"frame{first}"] = Frame(area=(left - 20, -500.0, right - left + 200, 1000.0), title="Part")
        first = last + rng.randint(1, 4)
    apply(document, SetFrames("main", frames))
    return document


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("seed", range(1, 8))
def test_wires_from_row_to_row_pass_behind_no_node_whatever_skips(qapp, seed: int, direction: str) -> None:
    document = skipping_chain(seed)
    graph = document.networks["main"]
    mirror = laid_out(document, "main", direction, rows=True)
    along = [graph.nodes[f"n{i}"].position[0 if direction == "right" else 1] for i in range(len(graph))]
    assert any(ahead < here for here, ahead in pairwise(along))  # it is in rows
    assert covering(mirror) == []
    assert hidden(mirror) == []


def strangers(mirror: Mirror, frame: Frame, members: set[str]) -> list[str]:
    """Nodes that reach into a frame in which they do not belong."""
    area = QRectF(*frame.area)
    return [
        name
        for name, slot in mirror.nodes.index.items()
        if name not in members and area.intersects(QRectF(*mirror.rects[slot].tolist()))
    ]


@pytest.mark.parametrize("direction", ["right", "down"])
def test_the_blocks_of_a_transformer_have_their_skips_on_one_side_of_a_straight_way(qapp, direction) -> None:
    document = drawing(showcase.TRANSFORMER)
    laid_out(document, "encoder_block", direction)
    graph = document.networks["encoder_block"]
    across = 1 if direction == "right" else 0
    way = [graph.nodes[name].position[across] for name in ("add1", "norm1", "wide", "relu", "narrow", "add2")]
    assert len(set(way)) == 1
    skips = graph.drawing.bends
    assert {(wire.source, wire.target) for wire in skips} == {("x", "add1"), ("norm1", "add2")}
    assert all(point[across] < way[0] for points in skips.values() for point in points)


# Under a hand -------------------------------------------------------------------------------------


def state(hand) -> tuple:
    graph = hand.model.graph
    places = {name: node.position for name, node in graph.nodes.items()}
    return places, graph.drawing.direction, dict(graph.drawing.bends), dict(graph.drawing.frames)


def wait(hand, qtbot) -> None:
    qtbot.waitUntil(lambda: not hand.canvas.arranging.busy)


@pytest.fixture
def skipping(hand):
    """The canvas with a wire from conv to a join behind relu, and all nodes in disorder."""
    model = hand.model
    model.do(AddNode("main", Node(name="join", kind="Add", position=(30.0, 300.0))))
    for source in ("relu", "conv"):
        model.do(Connect("main", Wire(source, "output", "join", "input")))
    return hand


def test_turning_a_drawing_moves_bends_and_turns_in_one_step(skipping, qtbot) -> None:
    hand = skipping
    before = state(hand)
    hand.canvas.operations.arrange("down")
    wait(hand, qtbot)
    places, direction, bends, _ = state(hand)
    assert direction == "down"
    assert places["conv"][1] < places["relu"][1] < places["join"][1]
    assert bends.keys() == {Wire("conv", "output", "join", "input")}
    after = state(hand)
    hand.model.undo()
    assert state(hand) == before
    hand.model.redo()
    assert state(hand) == after
    assert hidden(hand.canvas.mirror) == []


def test_a_long_chain_is_brought_into_rows_and_out_of_them(hand, qtbot) -> None:
    names = [f"act{number}" for number in range(14)]
    for name in names:
        hand.model.do(AddNode("main", Node(name=name, kind="ReLU")))
    for source, target in pairwise(["relu", *names]):
        hand.model.do(Connect("main", Wire(source, "output", target, "input")))
    before = state(hand)
    hand.canvas.operations.arrange(rows=True)
    wait(hand, qtbot)
    assert len({at[1] for name, at in state(hand)[0].items() if name in names}) > 1
    hand.canvas.operations.arrange()
    wait(hand, qtbot)
    assert len({at[1] for name, at in state(hand)[0].items() if name in names}) == 1
    hand.model.undo()
    hand.model.undo()
    assert state(hand) == before


def test_arranging_what_is_in_order_is_no_step(hand, qtbot) -> None:
    hand.canvas.operations.arrange()
    wait(hand, qtbot)
    steps = hand.model.workspace.history.can_undo
    hand.canvas.operations.arrange()
    wait(hand, qtbot)
    if steps:
        hand.model.undo()
    assert not hand.model.workspace.history.can_undo


def test_the_selection_alone_is_arranged_around_its_middle(skipping, qtbot) -> None:
    hand = skipping
    hand.model.do(MoveNodes("main", {"conv": (900.0, 900.0), "relu": (500.0, 700.0), "join": (620.0, 830.0)}))
    skip = Wire("image", "output", "conv", "input")
    hand.model.do(Bend("main", {skip: ((400.0, 400.0),)}))
    before = state(hand)
    chosen = ["conv", "relu", "join"]
    hand.model.select(chosen)
    hand.key(Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    wait(hand, qtbot)
    places, _, bends, _ = state(hand)
    assert all(places[name] == before[0][name] for name in places if name not in chosen)
    assert places["conv"][0] < places["relu"][0] < places["join"][0]
    for now, past in zip(middle(hand, chosen, places), middle(hand, chosen, before[0]), strict=True):
        assert now == pytest.approx(past, abs=40)  # the lane of the skip counts
    assert skip not in bends
    hand.model.undo()
    assert state(hand) == before


def middle(hand, names, places) -> list[float]:
    corners = np.array([places[name] for name in names])
    sizes = hand.canvas.mirror.rects[hand.canvas.mirror.slots_of(names), 2:]
    return ((corners.min(axis=0) + (corners + sizes).max(axis=0)) / 2).tolist()


def test_arranging_nothing_does_nothing(hand, qtbot) -> None:
    before = state(hand)
    hand.model.select(())
    hand.canvas.operations.arrange_selection()
    wait(hand, qtbot)
    assert state(hand) == before
    assert not hand.model.workspace.history.can_undo


def test_a_drawing_of_a_note_alone_is_turned(hand, qtbot) -> None:
    hand.model.do(Batch(tuple(RemoveNode("main", name) for name in list(hand.model.graph.nodes))))
    hand.model.do(SetFrames("main", {"note": Frame(area=(0.0, 0.0, 200.0, 100.0), text="To do")}))
    hand.canvas.set_zoom(0.7)
    hand.canvas.operations.arrange("down")
    wait(hand, qtbot)
    assert hand.model.graph.drawing.direction == "down"
    assert list(hand.model.graph.drawing.frames) == ["note"]


def test_escape_gives_up_an_arrangement_that_takes_long(hand, qtbot, monkeypatch) -> None:
    begun, ended = Event(), Event()

    def slowly(sketch, wanted):
        begun.set()
        while wanted():
            ended.wait(0.001)
        ended.set()
        raise CancelledError

    monkeypatch.setattr(arranging, "arrange", slowly)
    before = state(hand)
    hand.canvas.operations.arrange("down")
    assert begun.wait(5)
    assert hand.canvas.arranging.busy
    hand.key(Qt.Key.Key_Escape)
    assert not hand.canvas.arranging.busy
    assert ended.wait(5)
    qtbot.wait(20)
    assert state(hand) == before
    assert not hand.model.workspace.history.can_undo


def test_what_is_drawn_meanwhile_is_arranged_as_well(hand, qtbot, monkeypatch) -> None:
    begun, go_on = Event(), Event()

    def slowly(sketch, wanted):
        begun.set()
        assert go_on.wait(5)
        return arrange(sketch, wanted)

    monkeypatch.setattr(arranging, "arrange", slowly)
    hand.canvas.operations.arrange()
    assert begun.wait(5)
    hand.model.do(Connect("main", Wire("relu", "output", "dropout", "input")))
    go_on.set()
    wait(hand, qtbot)
    places = state(hand)[0]
    assert places["dropout"][0] == places["output"][0]


def assert_is_shown_where_it_is(hand) -> None:
    graph, mirror = hand.model.graph, hand.canvas.mirror
    shown = {name: tuple(mirror.rects[slot, :2].tolist()) for name, slot in mirror.nodes.index.items()}
    assert shown == {name: node.position for name, node in graph.nodes.items()}
    assert {w: mirror.bends_of(w) for w in graph.wires() if mirror.bends_of(w)} == graph.drawing.bends


def test_nodes_walk_to_their_places_and_arrive(skipping, qtbot) -> None:
    hand = skipping
    hand.canvas.flight.moves = True
    hand.canvas.operations.arrange("down")
    wait(hand, qtbot)
    assert_is_shown_where_it_is(hand)


def test_frames_walk_with_their_nodes(skipping, qtbot) -> None:
    hand = skipping
    hand.model.do(MoveNodes("main", {"conv": (0.0, 900.0), "relu": (0.0, 1000.0)}))
    hand.model.do(SetFrames("main", {"frame1": Frame(area=(-30.0, 870.0, 220.0, 220.0), title="Body")}))
    past = hand.canvas.frames.frames["frame1"].area
    hand.canvas.flight.moves = True
    hand.canvas.operations.arrange()
    qtbot.waitUntil(lambda: hand.model.graph.drawing.frames["frame1"].area != past)
    assert hand.canvas.frames.frames["frame1"].area == past
    wait(hand, qtbot)
    assert hand.canvas.frames.frames == hand.model.graph.drawing.frames


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("draw", [printed.resnet_50, printed.transformer])
def test_arranged_again_nothing_moves(qapp, draw: Callable[[], Document], direction: str) -> None:
    document = draw()
    laid_out(document, "main", direction, rows=True)
    before = schema.encode(document)
    laid_out(document, "main", direction, rows=True)
    assert schema.encode(document) == before


def test_a_step_taken_back_on_the_way_shows_everything_where_it_was(skipping, qtbot) -> None:
    hand = skipping
    hand.canvas.flight.moves = True
    before, rects = state(hand), hand.canvas.mirror.rects.copy()
    hand.canvas.operations.arrange()
    qtbot.waitUntil(lambda: state(hand) != before)
    assert hand.canvas.arranging.busy
    hand.model.undo()
    assert not hand.canvas.arranging.busy
    assert state(hand) == before
    assert np.array_equal(hand.canvas.mirror.rects, rects, equal_nan=True)
    assert not hand.canvas.mirror.ways.counts.any()


def test_a_node_taken_hold_of_on_the_way_is_held_where_it_goes(skipping, qtbot) -> None:
    hand = skipping
    hand.canvas.flight.moves = True
    before = state(hand)
    hand.canvas.operations.arrange("down")
    qtbot.waitUntil(lambda: state(hand) != before)
    assert hand.canvas.arranging.busy
    x, y = hand.canvas.mirror.rects[hand.canvas.mirror.nodes.index["relu"], :2].tolist()
    hand.press((x + 80, y + 30))
    hand.drag_to((900, 900))
    qtbot.wait(400)
    hand.key(Qt.Key.Key_Escape)
    assert_is_shown_where_it_is(hand)


def test_a_node_between_those_of_a_frame_is_led_out_of_it(hand, qtbot) -> None:
    """relu stands between conv and dropout, and is not in their frame."""
    model = hand.model
    model.do(Connect("main", Wire("relu", "output", "dropout", "input")))
    names = ("conv", "dropout")
    model.do(MoveNodes("main", dict(zip(names, ((0.0, 900.0), (200.0, 900.0)), strict=True))))
    model.do(SetFrames("main", {"frame1": Frame(area=(-30.0, 870.0, 420.0, 130.0), title="Both")}))
    before = state(hand)
    for direction in ("right", "down"):
        hand.canvas.operations.arrange(direction)
        wait(hand, qtbot)
        frame = model.graph.drawing.frames["frame1"]
        assert framing.nodes_within(model.graph, frame) == set(names)
        assert strangers(hand.canvas.mirror, frame, set(names)) == []
    model.undo()
    model.undo()
    assert state(hand) == before


def test_a_frame_keeps_those_of_its_nodes_that_are_not_arranged(hand, qtbot) -> None:
    model = hand.model
    model.do(MoveNodes("main", {"conv": (0.0, 900.0), "relu": (0.0, 1000.0), "dropout": (500.0, 1200.0)}))
    model.do(SetFrames("main", {"frame1": Frame(area=(-40.0, 860.0, 760.0, 460.0), title="Body")}))
    model.select(["conv", "relu"])
    hand.canvas.operations.arrange_selection()
    wait(hand, qtbot)
    frame = model.graph.drawing.frames["frame1"]
    assert framing.nodes_within(model.graph, frame) == {"conv", "relu", "dropout"}
    assert model.graph.nodes["dropout"].position == (500.0, 1200.0)


def test_a_frame_that_is_arranged_alone_takes_no_other_nodes_in(hand, qtbot) -> None:
    """dropout stands where the frame of conv and relu would come to lie."""
    model = hand.model
    places = {"conv": (0.0, 900.0), "relu": (0.0, 1100.0), "dropout": (200.0, 1000.0)}
    model.do(MoveNodes("main", places))
    model.do(SetFrames("main", {"frame1": Frame(area=(-30.0, 870.0, 220.0, 320.0), title="Body")}))
    model.select(["conv", "relu"])
    hand.canvas.operations.arrange_selection()
    wait(hand, qtbot)
    frame = model.graph.drawing.frames["frame1"]
    assert framing.nodes_within(model.graph, frame) == {"conv", "relu"}
    assert strangers(hand.canvas.mirror, frame, {"conv", "relu"}) == []
    assert model.graph.nodes["dropout"].position == (200.0, 1000.0)
    assert abs(frame.area[1] - 870) < 300


def test_a_note_beside_what_is_not_arranged_stays(hand, qtbot) -> None:
    model = hand.model
    model.do(MoveNodes("main", {"conv": (0.0, 900.0), "relu": (0.0, 1100.0)}))
    note = Frame(area=(200.0, 300.0, 160.0, 60.0), text="Leave it out?")
    model.do(SetFrames("main", {"note": note}))
    model.select(["conv", "relu"])
    hand.canvas.operations.arrange_selection()
    wait(hand, qtbot)
    assert model.graph.drawing.frames["note"] == note


def test_a_note_gives_way_to_nodes_and_stays_in_the_margin_of_its_frame(hand, qtbot) -> None:
    model = hand.model
    model.do(MoveNodes("main", {"conv": (0.0, 900.0), "relu": (0.0, 1100.0), "image": (-300.0, 1000.0)}))
    frames = {
        "frame1": Frame(area=(-40.0, 740.0, 260.0, 460.0), title="Body"),
        "inside": Frame(area=(-20.0, 760.0, 200.0, 80.0), text="Both halves"),
        "outside": Frame(area=(-300.0, 1100.0, 160.0, 60.0), text="Pictures"),
    }
    model.do(SetFrames("main", frames))
    hand.canvas.operations.arrange()
    wait(hand, qtbot)
    found = model.graph.drawing.frames
    left, top = found["frame1"].area[:2]
    assert found["inside"].area == (left + 20, top + 20, 200, 80)
    for name in ("inside", "outside"):
        assert strangers(hand.canvas.mirror, found[name], set()) == []
    assert not QRectF(*found["outside"].area).intersects(QRectF(*found["frame1"].area))


def test_frames_go_with_their_nodes_and_notes_with_the_nearest(hand, qtbot) -> None:
    model = hand.model
    model.do(MoveNodes("main", {"conv": (240.0, 400.0), "relu": (480.0, 620.0)}))
    frames = {
        "frame1": Frame(area=(200.0, 360.0, 480.0, 340.0), title="Body"),
        "note": Frame(area=(700.0, -200.0, 200.0, 100.0), text="The end"),
    }
    model.do(SetFrames("main", frames))
    before = state(hand)
    hand.canvas.operations.arrange()
    wait(hand, qtbot)
    places, _, _, after = state(hand)
    assert framing.nodes_within(model.graph, after["frame1"]) == {"conv", "relu"}
    left, top, _, height = after["frame1"].area
    assert (left, top) == (places["conv"][0] - 40, min(places["conv"][1], places["relu"][1]) - 40)
    assert height < 340
    shift = np.array(places["output"]) - before[0]["output"]
    assert after["note"].area == (700 + shift[0], -200 + shift[1], 200, 100)
    model.undo()
    assert state(hand) == before
