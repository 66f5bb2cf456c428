"""Undo and redo without limit: plain inverse edits, one step a gesture."""

from __future__ import annotations

from dataclasses import dataclass, field

from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Edit, apply


@dataclass(slots=True, eq=False)
class Step:
    """One undo step.

    Attributes:
        label: The words in the menu.
        merge_key: Edits with the same key may still join it; "" for none.
        inverses: What takes it back: the inverse of each of its edits, in the order they were done.
        again: What does it again; known once it was taken back.
    """

    label: str
    merge_key: str
    inverses: list[Edit]
    again: Edit = field(default_factory=Batch)


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
        last = self._done[-1] if self._done else None
        if last is not None and merge_key and last.merge_key == merge_key and last is not self._saved:
            last.inverses.append(applied.inverse)
        else:
            self._done.append(Step(label or getattr(edit, "label", ""), merge_key, [applied.inverse]))
        return applied.change

    def seal(self) -> None:
        """End of a gesture: the next edit starts a step of its own."""
        if self._done:
            self._done[-1].merge_key = ""

    def undo(self) -> Change:
        """Take the last step back; an empty change when there is none."""
        if not self._done:
            return Change()
        step = self._done.pop()
        applied = apply(self.document, Batch(tuple(reversed(step.inverses))))
        # The inverse of the inverse, not the edit itself: a node comes back with the place that it had.
        step.again = applied.inverse
        step.merge_key = ""
        self._undone.append(step)
        return applied.change

    def redo(self) -> Change:
        """Do the step again that was last taken back; an empty change when there is none."""
        if not self._undone:
            return Change()
        step = self._undone.pop()
        applied = apply(self.document, step.again)
        step.inverses = [applied.inverse]
        self._done.append(step)
        return applied.change
