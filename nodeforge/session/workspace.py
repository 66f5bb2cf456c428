"""An open project: document, folder, history, checks and recovery, and who wants to know of changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nodeforge.analysis import Checker, Report
from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits import Edit
from nodeforge.core.specs import DataFacts
from nodeforge.session.history import History

Listener = Callable[[Change], None]


class Workspace:
    """One document being worked on. Belongs to one thread.

    Attributes:
        document: Read it freely; change it only through `do`.
        folder: Where it is saved; None while it never was.
        facts: What the data holds, once the engine has said so.
    """

    def __init__(self, document: Document, folder: Path | None = None) -> None:
        self.document = document
        self.folder = folder
        self.history = History(document)
        self.facts: DataFacts | None = None
        self._checker = Checker()
        self._report: Report | None = None
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call the listener after every change."""
        self._listeners.append(listener)

    @property
    def report(self) -> Report:
        """The checker's findings on the document as it is now; computed when first asked for."""
        if self._report is None:
            self._report = self._checker.check(self.document, self.facts)
        return self._report

    def set_facts(self, facts: DataFacts | None) -> None:
        """What the data holds has become known (or is unknown again)."""
        self.facts = facts
        self._report = None

    def do(self, edit: Edit, *, label: str = "", merge_key: str = "") -> Change:
        """Apply an edit as one undo step (see `History.do`)."""
        return self._tell(self.history.do(edit, label=label, merge_key=merge_key))

    def undo(self) -> Change:
        return self._tell(self.history.undo())

    def redo(self) -> Change:
        return self._tell(self.history.redo())

    def _tell(self, change: Change) -> Change:
        if change:
            if change.affects_meaning:
                self._report = None
            for listener in self._listeners:
                listener(change)
        return change
