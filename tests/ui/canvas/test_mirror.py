"""The arrays are the graph, whatever was edited, undone and redone."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nodeforge.analysis import Checker, check
from nodeforge.catalog import kinds
from nodeforge.core.document import Document
from nodeforge.core.drawing import DIRECTIONS, Drawing
from nodeforge.core.edits import (
    AddNode,
    Batch,
    Bend,
    Collapse,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNode,
    RenameNode,
    SetDirection,
    SetKind,
    SetParameter,
)
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.session.history import History
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.anatomy import anatomy_of, format_value
from nodeforge.ui.canvas.geometry.hit import Part, hit
from nodeforge.ui.canvas.geometry.mirror import Mirror, State, Tone


def assert_equal(mirror: Mirror, graph: Graph) -> None:
    assert set(mirror.nodes.index) == set(graph.nodes)
    assert set(mirror.wires.index) == set(graph.wires())
    assert np.count_nonzero(~np.isnan(mirror.rects[:, 0])) == len(graph)
    assert np.count_nonzero(~np.isnan(mirror.offsets[:, 0])) == len(mirror.wires.index)
    for name, slot in mirror.nodes.index.items():
        node, anatomy = graph.nodes[name], anatomy_of(graph, graph.nodes[name])
        assert mirror.rects[slot].tolist() == [*node.position, anatomy.width, anatomy.height]
        assert mirror.look_list[mirror.looks[slot]].kind == node.kind
        assert mirror.anatomy(name) is anatomy
    ends = mirror.wire_ends()
    for wire, slot in mirror.wires.index.items():
        source, target = graph.nodes[wire.source], graph.nodes[wire.target]
        start = anatomy_of(graph, source).output_place(wire.output)
        end = anatomy_of(graph, target).input_place(wire.input)
        assert ends[slot].tolist() == [
            source.position[0] + start[0],
            source.position[1] + start[1],
            target.position[0] + end[0],
            target.position[1] + end[1],
        ]
        assert mirror.bends_of(wire) == graph.drawing.bends.get(wire, ())
    fresh = Mirror(graph)
    for wire, slot in mirror.wires.index.items():
        led = mirror.courses.of(np.array([slot])).controls
        assert led.tolist() == fresh.courses.of(np.array([fresh.wires.index[wire]])).controls.tolist()
    everywhere = (-1e6, -1e6, 1e6, 1e6)
    assert len(mirror.courses.within(*everywhere)) == len(fresh.courses.within(*everywhere))
    assert mirror.down == (graph.drawing.direction == "down")


def random_edit(graph: Graph, rng: random.Random) -> Edit:
    names = list(graph.nodes)
    choice = rng.randrange(11) if len(names) > 2 else 0
    if choice <= 1:
        kind = rng.choice(["Linear", "LSTM", "Add", "NoSuchKind", "CrossEntropyLoss"])
        place = (rng.randrange(1000), rng.randrange(1000))
        return AddNode(graph.name, Node(name=graph.free_name("node"), kind=kind, position=place))
    name, other = rng.sample(names, 2)
    if choice == 2:
        return RemoveNode(graph.name, name)
    if choice == 3:
        return RenameNode(graph.name, name, graph.free_name(f"renamed{rng.randrange(99)}"))
    if choice == 4:
        return SetKind(graph.name, name, rng.choice(["ReLU", "MultiheadAttention", "Strange"]), {})
    if choice == 5:
        return MoveNodes(graph.name, {name: (rng.random() * 99, 3.0), other: (1.0, rng.random())})
    wires = list(graph.wires())
    if choice == 6 and wires:
        return Disconnect(graph.name, rng.choice(wires))
    if choice == 7 and wires:
        ways = {w: ((rng.random(), 2.0),) * rng.randrange(4) for w in rng.choices(wires, k=3)}
        return Bend(graph.name, ways)
    if choice == 8:
        return SetDirection(graph.name, rng.choice(DIRECTIONS))
    if choice == 9:
        return Collapse(graph.name, {name: rng.random() < 0.5, other: True})
    ports = [rng.choice(["output", "hidden", "odd"]), rng.choice(["input", "inputs", "query", "odd"])]
    wire = Wire(name, ports[0], other, ports[1])
    return Disconnect(graph.name, wire) if graph.has_wire(wire) else Connect(graph.name, wire)


@pytest.mark.parametrize("seed", range(12))
def test_after_random_edits_undo_and_redo_the_arrays_equal_the_graph(seed):
    rng = random.Random(seed)
    document = Document()
    history = History(document)
    graph = document.main_network
    mirror = Mirror(graph)
    for _ in range(120):
        action = rng.random()
        if action < 0.65:
            first = random_edit(graph, rng)
            edits = [first]
            change = history.do(Batch(tuple(edits)))
        elif action < 0.85:
            change = history.undo()
        else:
            change = history.redo()
        if "main" in change.networks:
            mirror.update(graph, change.networks["main"])
        assert_equal(mirror, graph)


def chain(count: int) -> Document:
    """Linear layers in rows, each wired to the next."""
    document = Document()
    history = History(document)
    edits: list[Edit] = []
    for i in range(count):
        place = (220.0 * (i % 50), 120.0 * (i // 50))
        edits.append(AddNode("main", Node(name=f"n{i}", kind="Linear", position=place)))
    edits += [Connect("main", Wire(f"n{i}", "output", f"n{i + 1}", "input")) for i in range(count - 1)]
    history.do(Batch(tuple(edits)))
    return document


def test_many_nodes_at_once_are_mirrored_and_keep_their_marks():
    document = chain(600)
    graph, history = document.main_network, History(document)
    mirror = Mirror(graph)
    mirror.mark(State.SELECTED, ["n599"])
    change = history.do(Batch(tuple(RemoveNode("main", f"n{i}") for i in range(500))))
    mirror.update(graph, change.networks["main"])
    assert_equal(mirror, graph)
    assert mirror.states[mirror.nodes.index["n599"]] == State.SELECTED
    mirror.update(graph, history.undo().networks["main"])
    assert_equal(mirror, graph)


def test_the_repainted_area_holds_the_node_before_and_after_and_its_wires():
    document = chain(3)
    mirror = Mirror(document.main_network)
    change = History(document).do(MoveNodes("main", {"n1": (900.0, 700.0)}))
    area = mirror.update(document.main_network, change.networks["main"])
    assert area.contains(220, 0)
    assert area.contains(1060, 756)
    assert area.contains(160, 28)  # where the wire from n0 starts


def test_a_report_becomes_tones_badges_and_captions():
    document = Document()
    history = History(document)
    for name, kind in (("a", "Tanh"), ("b", "Sigmoid"), ("c", "Input")):
        history.do(
            AddNode("main", Node(name=name, kind=kind, parameters={"shape": (4,)} if name == "c" else {}))
        )
    history.do(Connect("main", Wire("a", "output", "b", "input")))
    history.do(Connect("main", Wire("b", "output", "a", "input")))
    mirror = Mirror(document.main_network)
    mirror.take_report("main", check(document))
    assert (mirror.tones[list(mirror.wires.index.values())] == Tone.ERROR).all()
    change = history.do(SetDirection("main", "down"))
    mirror.update(document.main_network, change.networks["main"])
    assert mirror.down
    assert (mirror.tones[list(mirror.wires.index.values())] == Tone.ERROR).all(), "no check follows a turn"
    assert mirror.states[mirror.nodes.index["a"]] & State.ERROR
    assert mirror.caption("c").subtitle == "Input  4"


def test_a_wire_is_no_longer_at_fault_though_what_it_carries_stays_the_same():
    document = Document()
    history, checker = History(document), Checker()
    for name, kind, parameters in (
        ("x", "Input", {"shape": (4,)}),
        ("z", "Input", {"shape": (4,)}),
        ("r", "ReLU", {}),
    ):
        history.do(AddNode("main", Node(name=name, kind=kind, parameters=parameters)))
    for source in ("x", "z"):
        history.do(Connect("main", Wire(source, "output", "r", "input")))
    mirror = Mirror(document.main_network)
    mirror.take_report("main", checker.check(document))
    kept = mirror.wires.index[Wire("x", "output", "r", "input")]
    assert mirror.tones[kept] == Tone.ERROR, "the port takes one wire"
    mirror.update(
        document.main_network,
        history.do(Disconnect("main", Wire("z", "output", "r", "input"))).networks["main"],
    )
    mirror.take_report("main", checker.check(document))
    assert mirror.tones[kept] == Tone.FLOATS


def test_a_report_names_the_nodes_that_look_different():
    document = Document()
    history, checker = History(document), Checker()
    nodes = (("x", "Input", {"shape": (4,)}), ("fc", "Linear", {"out_features": 3}), ("y", "Output", {}))
    for name, kind, parameters in nodes:
        history.do(AddNode("main", Node(name=name, kind=kind, parameters=parameters)))
    for source, target in (("x", "fc"), ("fc", "y")):
        history.do(Connect("main", Wire(source, "output", target, "input")))
    mirror = Mirror(document.main_network)

    def changed() -> set[str]:
        return set(mirror.nodes.used(mirror.take_report("main", checker.check(document))))

    assert changed() == {"x", "fc", "y"}
    assert changed() == set()
    history.do(SetParameter("main", "fc", "out_features", 5))
    assert changed() == {"fc", "y"}
    assert mirror.caption("fc").subtitle == "Linear  5"
    history.do(RemoveNode("main", "fc"))
    mirror.rebuild(document.main_network)
    assert changed() == {"x", "y"}


# Hits and routes ----------------------------------------------------------------------------------


def test_what_is_hit():
    mirror = Mirror(chain(3).main_network)
    assert hit(mirror, 300, 40, 1.0).part is Part.NODE
    assert hit(mirror, 300, 10, 1.0).part is Part.TITLE
    found = hit(mirror, 162, 30, 1.0)
    assert (found.part, found.node, found.port) == (Part.OUTPUT, "n0", "output")
    assert hit(mirror, 218, 28, 1.0).part is Part.INPUT
    found = hit(mirror, 190, 30, 1.0)
    assert (found.part, found.near) == (Part.WIRE, "")
    assert hit(mirror, 190, 60, 1.0).part is Part.NOTHING
    assert hit(mirror, 176, 28, 1.0).near == "tail"


def test_what_lies_on_top_is_hit():
    mirror = Mirror(chain(3).main_network)
    mirror.move(mirror.slots_of(["n0"]), np.array([[230.0, 4.0]]))
    assert hit(mirror, 300, 30, 1.0).node == "n1"
    mirror.raise_nodes(mirror.slots_of(["n0"]))
    assert hit(mirror, 300, 30, 1.0).node == "n0"


def some_wires(down: bool) -> tuple[routing.Legs, np.ndarray, np.ndarray, np.ndarray]:
    """Legs of many wires in all directions, with their ends, numbers of bends, and bends."""
    rng = np.random.default_rng(0)
    ends = rng.uniform(-500, 500, (400, 4))
    counts = rng.integers(0, 4, 400) * (rng.random(400) < 0.5)
    bends = rng.uniform(-500, 500, (counts.sum(), 2))
    return routing.legs(ends, counts, bends, down=down), ends, counts, bends


@pytest.mark.parametrize("down", [False, True])
def test_a_wire_goes_smoothly_from_its_source_through_its_bends_to_its_target(down):
    found, ends, counts, bends = some_wires(down)
    main = [1, 0] if down else [0, 1]
    for wire in range(len(ends)):
        own = found.controls[found.wires == wire].reshape(-1, 4, 2)
        assert own[0, 0].tolist() == ends[wire, :2].tolist()
        assert own[-1, 3].tolist() == ends[wire, 2:].tolist()
        assert (own[1:, 0] == own[:-1, 3]).all()
        if counts[wire]:
            start = counts[:wire].sum()
            assert own[1:, 0].tolist() == bends[start : start + counts[wire]].tolist()
        out, home = own[0, 1] - own[0, 0], own[-1, 3] - own[-1, 2]
        for way in (out[main], home[main]):
            assert way[0] >= 0  # leaves and arrives along its direction
            assert way[1] == 0
        for leaving, arriving in zip(own[1:, 1] - own[1:, 0], own[:-1, 3] - own[:-1, 2], strict=True):
            assert abs(leaving[0] * arriving[1] - leaving[1] * arriving[0]) < 1e-6


@pytest.mark.parametrize("down", [False, True])
def test_the_box_of_a_leg_holds_all_of_it_and_distance_is_zero_on_it(down):
    found, *_ = some_wires(down)
    boxes, path = routing.boxes(found.controls), routing.points(found, 50)
    for axis in (0, 1):
        assert (path[:, :, axis] >= boxes[:, None, axis] - 1e-9).all()
        assert (path[:, :, axis] <= boxes[:, None, axis + 2] + 1e-9).all()
    x, y = path[7, 20]
    one = found.of(np.array([7]))
    assert routing.distance(one, x, y)[0] < 2.0
    assert routing.distance(one, x + 3000, y)[0] > 300


def one_wire(*ends: float, bends: tuple[tuple[float, float], ...] = ()) -> routing.Legs:
    made = np.array(bends, np.float64).reshape(-1, 2)
    return routing.legs(np.array([ends]), np.array([len(made)]), made)


def test_straight_legs_are_one_segment():
    assert routing.segments(one_wire(0, 5, 100, 5), 1.0)[0].tolist() == [[0, 5, 100, 5]]
    lane = one_wire(0, 5, 900, 5, bends=((200.0, 80.0), (700.0, 80.0)))
    lines, legs = routing.segments(lane, 1.0)
    assert lines[legs == 1].tolist() == [[200, 80, 700, 80]]
    assert routing.boxes(lane.controls)[:, 3].max() == 80  # does not swing past its bends


@pytest.mark.parametrize("zoom", [0.1, 1.0, 4.0])
def test_segments_are_nowhere_far_from_their_curve(zoom):
    for ends in ((0, 5, 100, 12), (0, 0, 90, 400), (300, 0, 0, 40), (0, 0, 4000, 10)):
        legs = one_wire(*ends)
        lines, _ = routing.segments(legs, zoom)
        start, step = lines[:, None, :2], (lines[:, 2:] - lines[:, :2])[:, None]
        aside = routing.points(legs, 500).reshape(1, -1, 2) - start
        share = np.clip((aside * step).sum(axis=2) / (step * step).sum(axis=2), 0, 1)
        gaps = np.linalg.norm(aside - share[:, :, None] * step, axis=2).min(axis=0)
        assert gaps.max() * zoom < 0.25
    far, near = (routing.segments(one_wire(0, 5, 100, 12), each)[1] for each in (0.1, 4.0))
    assert len(far) < len(near)


def test_a_wire_that_is_hidden_has_no_legs_even_between_its_bends():
    document = chain(3)
    wire = next(document.main_network.wires())
    History(document).do(Bend("main", {wire: ((170.0, 200.0), (190.0, 200.0))}))
    mirror = Mirror(document.main_network)
    slot = mirror.wires.index[wire]
    only = np.array([slot])
    assert len(mirror.courses.of(only).wires) == 3
    assert hit(mirror, 180, 200, 1.0).wire == wire
    mirror.hide_wire(wire)
    assert not len(mirror.courses.of(only).wires)
    assert slot not in mirror.courses.legs.wires[mirror.courses.within(-1e6, -1e6, 1e6, 1e6)]
    assert hit(mirror, 180, 200, 1.0).part is Part.NOTHING
    assert hit(mirror, 190, 200, 1.0).part is Part.NOTHING
    mirror.show_wire(wire)
    assert len(mirror.courses.of(only).wires) == 3


def test_a_bend_is_hit_as_a_dot_where_it_can_be_seen():
    document = chain(3)
    first, second = document.main_network.wires()
    ways = {first: ((180.0, 200.0), (195.0, 240.0)), second: ((410.0, 300.0),)}
    History(document).do(Bend("main", ways))
    mirror = Mirror(document.main_network)
    for wire, bends in ways.items():
        for index, (x, y) in enumerate(bends):
            found = hit(mirror, x + 2, y - 2, 1.0)
            assert (found.part, found.wire, found.index) == (Part.DOT, wire, index)
    assert hit(mirror, 180, 200, 0.3).part is Part.WIRE
    mirror.bend({first: ((180.0, 260.0),)})
    assert hit(mirror, 180, 200, 1.0).part is not Part.DOT
    assert hit(mirror, 180, 260, 1.0).index == 0
    assert hit(mirror, 410, 300, 1.0).wire == second


def test_the_repainted_area_holds_the_bends_before_and_after():
    document = chain(3)
    history, graph = History(document), document.main_network
    wire = next(graph.wires())
    mirror = Mirror(graph)
    area = mirror.update(graph, history.do(Bend("main", {wire: ((180.0, 500.0),)})).networks["main"])
    assert area.contains(180, 500)
    area = mirror.update(graph, history.do(Bend("main", {wire: ((180.0, -300.0),)})).networks["main"])
    assert area.contains(180, 500)
    assert area.contains(180, -300)
    assert not area.contains(380, 28)
    area = mirror.update(graph, history.do(MoveNodes("main", {"n0": (0.0, 7.0)})).networks["main"])
    assert area.contains(180, -300)


# Anatomy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_kind_has_an_anatomy_with_all_its_ports_on_their_edge(direction, small):
    drawing = Drawing(direction=direction, collapsed={"x"} if small else set())
    for kind in kinds().values():
        anatomy = anatomy_of(Graph("main", drawing=drawing), Node(name="x", kind=kind.name))
        assert list(anatomy.inputs) == [port.name for port in kind.inputs]
        assert list(anatomy.outputs) == [port.name for port in kind.outputs]
        across, along = (1, 0) if direction == "down" else (0, 1)
        size = (anatomy.width, anatomy.height)
        for ports, edge in ((anatomy.inputs, 0.0), (anatomy.outputs, size[across])):
            assert {place[across] for place in ports.values()} <= {edge}
            places = [place[along] for place in ports.values()]
            assert sorted(set(places)) == places
            assert all(0 < place < size[along] for place in places)
        assert anatomy.input_place("unknown")[across] == 0
        assert anatomy.output_place("unknown")[across] == size[across]


@pytest.mark.parametrize(
    ("value", "text"), [((3, 3), "3×3"), (0.25, "0.25"), (None, ""), (True, "True"), ("x", "x")]
)
def test_values_are_short(value, text):
    assert format_value(value) == text
