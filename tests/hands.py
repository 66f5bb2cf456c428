"""What tests need to work the canvas by hand: keys that are held, wires between first ports, steps that are undone."""

from __future__ import annotations

from PySide6.QtCore import Qt

from nodeforge.core.graph import Wire
from nodeforge.project import schema
from nodeforge.ui.project_model import ProjectModel

NONE, SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def wire(source: str, target: str) -> Wire:
    """The wire from the output to the input of two nodes that have one of each."""
    return Wire(source, "output", target, "input")


def forget_steps(model: ProjectModel) -> bytes:
    """What was done so far cannot be undone; the document as it is now."""
    model.workspace.history._done.clear()
    return schema.encode(model.document)


def one_step_back(model: ProjectModel, before: bytes) -> None:
    """One undo, and no more, leads back to what was; what was done is done again."""
    after = schema.encode(model.document)
    assert after != before
    model.undo()
    assert schema.encode(model.document) == before
    assert not model.workspace.history.can_undo, "more than one step"
    model.redo()
    assert schema.encode(model.document) == after
