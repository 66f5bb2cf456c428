"""Undo and redo without limit: plain inverse edits, one step a gesture."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Edit, apply


@dataclass(frozen=True, slots=True)
class Step:
    """One undo step: its label, the edit to replay it and the edit that takes it back."""

    label: str
    edit: Edit
    inverse: Edit
    merge_key: str


class History:
    """The document's past and future.

    Consecutive steps with the same non-empty merge key become one (typing in a field, a drag's
    moves). Steps that change nothing are not kept.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._saved: Step | None = None
        self._saved_reachable = True

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def undo_label(self) -> str:
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        return self._undone[-1].label if self._undone else ""

    @property
    def is_saved(self) -> bool:
        """Whether the document is as it was last saved."""
        return self._saved_reachable and (self._done[-1] if self._done else None) is self._saved

    def mark_saved(self) -> None:
        self._saved = self._done[-1] if self._done else None
        self._saved_reachable = True

    def mark_unsaved(self) -> None:
        """The document differs from every file (recovered work, a copy without a folder)."""
        self._saved_reachable = False

    def do(self, edit: Edit, *, label: str = "", merge_key: str = "") -> Change:
        """Apply an edit and remember how to take it back.

        Raises:
            EditError: The edit does not fit; nothing changed.
        """
        applied = apply(self.document, edit)
        if not applied.change:
            return applied.change
        if self._undone and self._saved in self._undone:
            self._saved_reachable = False
        self._undone.clear()
        step = Step(label or getattr(edit, "label", ""), edit, applied.inverse, merge_key)
        last = self._done[-1] if self._done else None
        if last is not None and merge_key and last.merge_key == merge_key and last is not self._saved:
            self._done[-1] = Step(
                last.label, Batch((last.edit, edit)), Batch((applied.inverse, last.inverse)), merge_key
            )
        else:
            self._done.append(step)
        return applied.change

    def seal(self) -> None:
        """End of a gesture: the next edit starts a step of its own."""
        if self._done and self._done[-1].merge_key:
            last = self._done[-1]
            sealed = Step(last.label, last.edit, last.inverse, "")
            if self._saved is last:
                self._saved = sealed
            self._done[-1] = sealed

    def undo(self) -> Change:
        """Take the last step back; an empty change when there is none."""
        if not self._done:
            return Change()
        step = self._done.pop()
        self._undone.append(step)
        return apply(self.document, step.inverse).change

    def redo(self) -> Change:
        """Do the step again that was last taken back; an empty change when there is none."""
        if not self._undone:
            return Change()
        step = self._undone.pop()
        self._done.append(step)
        return apply(self.document, step.edit).change
