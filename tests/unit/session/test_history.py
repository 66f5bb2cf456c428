"""Steps that merge."""

from __future__ import annotations

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, MoveNodes
from nodeforge.core.graph import Node
from nodeforge.session.history import History


def test_a_long_gesture_is_one_step_that_can_be_undone_and_redone():
    document = Document()
    history = History(document)
    history.do(AddNode("main", Node(name="a", kind="ReLU")))
    for place in range(1, 3001):
        history.do(MoveNodes("main", {"a": (float(place), 0.0)}), merge_key="move")
    history.undo()
    assert document.main_network.nodes["a"].position == (0.0, 0.0)
    history.redo()
    assert document.main_network.nodes["a"].position == (3000.0, 0.0)
