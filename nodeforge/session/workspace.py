"""An open project: document, folder, history, checks and recovery, and who wants to know of changes."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nodeforge.analysis import Checker, Report, Steps
from nodeforge.catalog import Kind
from nodeforge.catalog.networks import kinds_of
from nodeforge.core.changes import Change
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import Edit, SetCustom
from nodeforge.core.errors import UserError
from nodeforge.core.specs import DataFacts
from nodeforge.project import custom_code, files, shipped
from nodeforge.project.journal import Journal, Leftover
from nodeforge.session.checking import with_data_fault
from nodeforge.session.custom_shapes import ShapeBook
from nodeforge.session.history import History

Listener = Callable[[Change], None]


class Workspace:
    """One document being worked on. Belongs to one thread.

    Attributes:
        document: Read it freely; change it only through `do`.
        folder: Where it is saved; None while it never was.
        facts: What the data holds, once the engine has said so.
        data_fault: Why the data cannot be read; "" while nothing is known of a fault.
        shapes: What layers of its own give, and what the engine is still to be asked about them.
    """

    def __init__(self, document: Document, folder: Path | None = None) -> None:
        self.document = document
        self.folder = folder
        self.history = History(document)
        self.facts: DataFacts | None = None
        self.data_fault = ""
        self._journal = Journal(folder)
        self.shapes = ShapeBook()
        self._checker = Checker(self.shapes)
        self._report: Report | None = None
        self._checking: Steps[Report] | None = None
        """A check that has begun and is not done."""
        self._kinds: Mapping[str, Kind] | None = None
        self._listeners: list[Listener] = []
        self._on_disk = ""
        """Fingerprint of the project file as it was last read or written here; "" when that is not known."""
        self._code_on_disk = {name: code.text for name, code in document.custom.items()}
        """What the files of its own layers held when they were last read or written here."""

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Workspace:
        """A project from its folder or its project.json.

        Raises:
            UserError: There is none, or it cannot be read.
        """
        folder = files.project_folder(path)
        on_disk = files.fingerprint(folder)
        workspace = cls(files.load(folder), folder)
        workspace._on_disk = on_disk
        return workspace

    @classmethod
    def from_example(cls, name: str) -> Workspace:
        """A copy of a shipped project that has no folder yet.

        Raises:
            UserError: There is no such example.
        """
        return cls(files.load(shipped.project(name)))

    @classmethod
    def recover(cls, leftover: Leftover) -> Workspace:
        """Take over unsaved work that a crash left behind. It counts as unsaved, and is journaled anew."""
        workspace = cls(leftover.document, leftover.folder)
        workspace.history.mark_unsaved()
        workspace._journal.write(workspace.document)
        leftover.discard()
        return workspace

    def listen(self, listener: Listener) -> None:
        """Call the listener after every change."""
        self._listeners.append(listener)

    @property
    def dirty(self) -> bool:
        """Whether there are edits that no file holds."""
        return not self.history.is_saved

    @property
    def report(self) -> Report:
        """The checker's findings on the document as it is now; computed when first asked for."""
        self.check_for(math.inf)
        assert self._report is not None
        return self._report

    def check_for(self, seconds: float) -> bool:
        """Work on the report for about so much processor time; whether it is there.

        Edits in between are taken in by the next call.
        """
        if self._report is not None:
            return True
        steps = self._checking = self._checking or self._checker.checking(self.document, self.facts)
        end = time.thread_time() + seconds
        try:
            next(steps)
            while time.thread_time() < end:
                next(steps)
        except StopIteration as done:
            report, fault = done.value, self.data_fault
            self._report = with_data_fault(report, self.document, fault) if fault else report
            self._checking = None
        except BaseException:
            self._checking = None  # it cannot go on; the next call begins anew
            raise
        return self._report is not None

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """What a node may be: the catalog, and the project's own networks as they are now."""
        if self._kinds is None:
            self._kinds = kinds_of(self.document)
        return self._kinds

    def set_facts(self, facts: DataFacts | None, fault: str = "") -> None:
        """What the data holds has become known (or is unknown again, or cannot be read)."""
        self.facts, self.data_fault = facts, fault
        self._report = self._checking = None

    def forget_report(self) -> None:
        """Something outside of the document is otherwise now: an answer of the engine, what the person trusts."""
        self._report = self._checking = self._kinds = None

    def do(self, edit: Edit, *, label: str = "", merge_key: str = "") -> Change:
        """Apply an edit as one undo step (see `History.do`)."""
        return self._tell(self.history.do(edit, label=label, merge_key=merge_key))

    def undo(self) -> Change:
        return self._tell(self.history.undo())

    def redo(self) -> Change:
        return self._tell(self.history.redo())

    def save(self, folder: Path | None = None) -> Path:
        """Save the project, into another folder if one is named, and stay with that folder.

        Returns:
            The file written.

        Raises:
            UserError: It cannot be written, no folder is known, or another program has changed the file (the next
                save replaces it then); everything is as it was.
        """
        target = folder or self.folder
        if target is None:
            raise UserError("This project has no folder yet: choose one to save it in.")
        target = target.absolute()
        if self.folder is not None and target != self.folder:
            files.copy_own_data(self.document, self.folder, target)
        if target == self.folder:
            self._refuse_changed_file(target)
        file = files.save(self.document, target)
        self._on_disk = files.fingerprint(target)
        self._code_on_disk = custom_code.texts(self.document, target)
        self._journal.clear()
        if target != self.folder:
            self.folder = target
            self._journal = Journal(target)
        self.history.mark_saved()
        return file

    def _refuse_changed_file(self, folder: Path) -> None:
        """Tell once that another window or program has saved the project in the meantime."""
        now = files.fingerprint(folder)
        changed = now and self._on_disk and now != self._on_disk
        self._on_disk = now
        if changed:
            raise UserError(
                f"{folder / files.PROJECT_FILE} was changed by another program since it was opened here: save again to "
                "replace that, or save this under another name."
            )
        for name, text in custom_code.texts(self.document, folder).items():
            if text not in (self._code_on_disk.get(name), self.document.custom[name].text):
                raise UserError(
                    f"{custom_code.file_of(name)} was changed since it was read here: reload it in the inspector first."
                )

    def write_code(self) -> None:
        """Write the files of its own layers ahead of the project's, so that they can be edited.

        Raises:
            UserError: One cannot be written.
        """
        assert self.folder is not None
        files.save_code(self.document, self.folder)
        self._code_on_disk = custom_code.texts(self.document, self.folder)

    def reload_code(self) -> bool:
        """Read the files of its own layers again, as one undo step; whether one of them differs.

        Files that the project does not know of yet are left alone.
        """
        if self.folder is None:
            return False
        before = self.document.custom
        found = custom_code.texts(self.document, self.folder)
        news = {name: text for name, text in found.items() if text != self._code_on_disk.get(name)}
        self._code_on_disk.update(found)
        codes = {n: CustomCode(text=news[n]) if n in news else code for n, code in before.items()}
        if codes == before:
            return False
        self.do(SetCustom(codes), label=f"Reload {', '.join(news)}")
        return True

    def tick(self) -> bool:
        """To be called about once a second: journals unsaved edits on another thread. Returns whether it began.

        Raises:
            UserError: The journal could not be written the last time.
        """
        return self._journal.tick(self.document)

    def close(self) -> None:
        """The person is done with it, saved or not: there is nothing to recover."""
        self._journal.close()

    def _tell(self, change: Change) -> Change:
        if change:
            if change.affects_meaning:
                self._report = self._checking = self._kinds = None
            if self.dirty:
                self._journal.touch()
            else:
                self._journal.clear()
            for listener in self._listeners:
                listener(change)
        return change
