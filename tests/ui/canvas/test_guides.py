"""What catches dragged nodes: in numbers, and under a hand."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from nodeforge.core.edits import AddNode, MoveNodes
from nodeforge.core.graph import Node
from nodeforge.ui.canvas.geometry.catching import Field

NO_WIRES = np.empty((0, 4))
STILL = np.zeros(2)


def box(x: float, y: float, width: float = 160, height: float = 56) -> tuple[float, float, float, float]:
    return (x, y, x + width, y + height)


def field(*others: tuple[float, ...], wires: np.ndarray = NO_WIRES, down: bool = False) -> Field:
    return Field(np.array(others, float).reshape(-1, 4), wires, down)


@pytest.mark.parametrize(
    ("here", "way"),
    [
        (box(3, 300), (-3, 0)),  # left edges
        (box(40, 300, width=116), (4, 0)),  # right edges
        (box(12, 300, width=140), (-2, 0)),  # middles
        (box(300, 4), (0, -4)),  # upper edges
        (box(300, 300), (0, 0)),
    ],
)
def test_a_box_is_pulled_to_the_nearest_line(here: tuple[float, ...], way: tuple[float, float]) -> None:
    pulled, held = field(box(0, 0)).pull(np.array(here), STILL, reach=5)
    assert pulled.tolist() == list(way)
    assert held.tolist() == [gap != 0 for gap in way]


def test_gaps_become_equal_between_two_and_behind_two() -> None:
    row = [box(0, 0), box(500, 7)]
    between, _ = field(*row).pull(np.array(box(253, 30)), STILL, reach=5)
    assert between.tolist() == [-3, 0]  # 90 free on both sides
    behind, _ = field(box(0, 0), box(200, 7)).pull(np.array(box(402, 30)), STILL, reach=5)
    assert behind.tolist() == [-2, 0]
    before, _ = field(box(0, 0), box(200, 7)).pull(np.array(box(-204, 30)), STILL, reach=5)
    assert before.tolist() == [4, 0]


def test_equal_gaps_are_shown_with_their_length() -> None:
    lines = field(box(0, 0), box(500, 7)).lines(np.array(box(250, 30)), STILL)
    assert [line.length for line in lines] == [90, 90]
    assert [line.ends[::2] for line in lines] == [(160, 250), (410, 500)]


def test_an_aligned_edge_is_shown_with_the_distance() -> None:
    (line,) = field(box(0, 0)).lines(np.array(box(0, 200, width=100)), STILL)
    assert line.ends == (0, 56, 0, 200)
    assert line.length == 144


@pytest.mark.parametrize("down", [False, True])
def test_a_wire_becomes_straight_across_its_way(down: bool) -> None:
    wire = np.array([(100.0, 103.0, 300.0, 100.0)]) if not down else np.array([(103.0, 100.0, 100.0, 300.0)])
    pulled, _ = field(wires=wire, down=down).pull(np.array(box(0, 75)), STILL, reach=5)
    assert pulled.tolist() == ([-3, 0] if down else [0, -3])


def test_what_moved_counts_from_where_it_is_now() -> None:
    pulled, _ = field(box(0, 0)).pull(np.array(box(100, 100)), np.array((-98.0, 200.0)), reach=5)
    assert pulled.tolist() == [-2, 0]


# Under a hand -------------------------------------------------------------------------------------


def place(hand, name: str) -> tuple[float, float]:
    return hand.model.graph.nodes[name].position


def test_a_dragged_node_is_caught_by_a_middle_and_lines_show_it(hand) -> None:
    hand.model.do(AddNode("main", Node(name="tall", kind="LSTM", position=(500.0, 300.0))))
    height = hand.canvas.mirror.anatomy("tall").height
    x, y = hand.middle("dropout")
    wish = 300 + height / 2 - 28
    hand.press((x, y))
    hand.drag_to((x, y + wish - 200 + 3))
    assert hand.canvas.scene().items()
    hand.release((x, y + wish - 200 + 3))
    assert place(hand, "dropout") == (240, wish)
    assert hand.canvas.scene().items() == []
    hand.model.undo()
    assert place(hand, "dropout") == (240, 200)


def test_lines_are_gone_after_escape(hand) -> None:
    x, y = hand.middle("dropout")
    hand.press((x, y))
    hand.drag_to((x, y - 197))
    assert hand.canvas.scene().items()
    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.scene().items() == []
    hand.release((x, y - 197))
    assert place(hand, "dropout") == (240, 200)


def test_nodes_keep_to_the_grid_when_told_to_and_to_guides_rather(hand) -> None:
    hand.canvas.snaps_to_grid = True
    hand.model.do(MoveNodes("main", {"dropout": (251.0, 333.0)}))
    x, y = hand.middle("dropout")
    hand.drag((x, y), (x + 57, y + 92))
    assert place(hand, "dropout") == (300, 420)
    hand.drag(hand.middle("dropout"), (hand.middle("dropout")[0] - 62, y + 300))
    assert place(hand, "dropout")[0] == 240  # the left edge of conv
