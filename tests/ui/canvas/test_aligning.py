"""Align and distribute: in numbers, by the keys, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hands import ALT, SHIFT
from PySide6.QtCore import Qt

from nodeforge.core.edits import MoveNodes
from nodeforge.ui.canvas.changing.aligning import aligned, distributed

KEYS = ALT | SHIFT

BOXES = np.array([(0, 10, 160, 56), (300, 40, 160, 96), (90, 200, 80, 28)], float)


@pytest.mark.parametrize(
    ("line", "axis", "places"),
    [
        ("left", 0, [0, 0, 0]),
        ("right", 0, [300, 300, 380]),
        ("centre", 0, [150, 150, 190]),
        ("top", 1, [10, 10, 10]),
        ("bottom", 1, [172, 132, 200]),
        ("middle", 1, [91, 71, 105]),
    ],
)
def test_a_line_of_all_boxes_becomes_one(line: str, axis: int, places: list[float]) -> None:
    corners = aligned(BOXES, line)
    assert corners[:, axis].tolist() == places
    assert corners[:, 1 - axis].tolist() == BOXES[:, 1 - axis].tolist()


def test_gaps_become_equal_and_the_outermost_stay() -> None:
    corners = distributed(BOXES, 0)
    assert corners[:, 0].tolist() == [0, 300, 190]  # 30 free on both sides of the box of 80
    assert corners[:, 1].tolist() == BOXES[:, 1].tolist()
    assert distributed(BOXES, 1)[:, 1].tolist() == [10, 85, 200]


def test_boxes_without_room_overlap_evenly() -> None:
    crowded = np.array([(0, 0, 160, 56), (20, 0, 160, 56), (100, 0, 160, 56)], float)
    assert distributed(crowded, 0)[:, 0].tolist() == [0, 50, 100]


def places(hand) -> dict[str, tuple[float, float]]:
    return {name: node.position for name, node in hand.model.graph.nodes.items()}


@pytest.mark.parametrize(
    ("key", "axis", "expected"),
    [
        (Qt.Key.Key_Left, 0, {"conv": 240, "relu": 240}),
        (Qt.Key.Key_Right, 0, {"conv": 480, "relu": 480}),
        (Qt.Key.Key_C, 0, {"conv": 360, "relu": 360}),
        (Qt.Key.Key_Up, 1, {"conv": 0, "relu": 0}),
        (Qt.Key.Key_Down, 1, {"conv": 90, "relu": 90}),
        (Qt.Key.Key_M, 1, {"conv": 45, "relu": 45}),
    ],
)
def test_keys_align_the_selected_nodes_in_one_undo_step(hand, key, axis, expected) -> None:
    hand.model.do(MoveNodes("main", {"relu": (480.0, 90.0)}))
    before = places(hand)
    hand.model.select(expected)
    hand.key(key, KEYS)
    assert {name: places(hand)[name][axis] for name in expected} == expected
    assert {name: at for name, at in places(hand).items() if name not in expected} == {
        name: at for name, at in before.items() if name not in expected
    }
    hand.model.undo()
    assert places(hand) == before


def test_keys_distribute_three_nodes_and_leave_two_alone(hand) -> None:
    hand.model.do(MoveNodes("main", {"conv": (200.0, 0.0)}))
    hand.model.select(["image", "conv"])
    hand.key(Qt.Key.Key_H, KEYS)
    assert places(hand)["conv"] == (200, 0)
    hand.model.select(["image", "conv", "relu"])
    hand.key(Qt.Key.Key_H, KEYS)
    assert places(hand)["conv"] == (240, 0)
    hand.model.undo()
    assert places(hand)["conv"] == (200, 0)
    hand.model.do(MoveNodes("main", {"conv": (240.0, 90.0), "relu": (480.0, 300.0)}))
    hand.key(Qt.Key.Key_V, KEYS)
    assert places(hand)["conv"] == (240, 150)


def test_what_is_in_line_is_no_undo_step(hand) -> None:
    hand.model.select(["image", "conv"])
    hand.key(Qt.Key.Key_Up, KEYS)
    assert not hand.model.workspace.history.can_undo
