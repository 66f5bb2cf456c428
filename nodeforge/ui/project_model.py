"""The open project as Qt signals. Panels take this; none of them owns any truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from nodeforge.analysis import Report
from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog import Kind
from nodeforge.catalog.networks import reachable
from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits import Edit
from nodeforge.core.errors import EditError
from nodeforge.core.expressions import Scope, scope_of
from nodeforge.core.graph import Graph
from nodeforge.core.specs import DataFacts
from nodeforge.session.whereabouts import Whereabouts, way_to
from nodeforge.session.workspace import Workspace

_AT_ONCE_S = 0.008
"""A check that takes longer rests after this much of a processor's time, so that the window paints and answers."""


class ProjectModel(QObject):
    """Wraps the workspace; lives on the UI thread.

    Signals:
        opened: Another document is in place: rebuild everything.
        changed: A `core.changes.Change` was applied.
        checked: A fresh `analysis.Report`; at most one per event-loop turn, and before the turn's painting, unless
            the check takes longer than a frame.
        history_changed: Undo, redo or saved state may differ.
        selection_changed: The selected node names of the shown network (frozenset); also when only the selected
            frames differ.
        network_changed: Another network is shown (its name), or the same one at another use.
        complained: A sentence to show to the person.
        reveal_requested: (network, node): the canvas should show and select that node.
        overlay_changed: Other runs have their curves shown.
        considered: The edit that a person thinks of, with the pointer over the button of a fix; None when no more.

    Attributes:
        workspace: The open project.
        report: What `checked` said last. Costs nothing to look at, unlike `workspace.report`, and lags behind
            the document until the end of the event-loop turn, or for some turns when the drawing is large.
    """

    opened = Signal()
    changed = Signal(object)
    checked = Signal(object)
    history_changed = Signal()
    selection_changed = Signal(object)
    network_changed = Signal(str)
    complained = Signal(str)
    reveal_requested = Signal(str, str)
    overlay_changed = Signal()
    considered = Signal(object)
    _check_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Queued, not on a timer: it comes before painting, so that an edit is painted once, with what it entails.
        self._check_wanted.connect(self._check, Qt.ConnectionType.QueuedConnection)
        self._check_is_wanted = False
        self._going_on = QTimer(self, interval=0)
        self._going_on.timeout.connect(self._check)
        self._selection: frozenset[str] = frozenset()
        self._frames: frozenset[str] = frozenset()
        self._place = Whereabouts(workspace.document.main)
        self._overlay: dict[str, int] = {}
        self.workspace = workspace
        self.report = workspace.report
        workspace.listen(self._on_change)

    def open(self, workspace: Workspace) -> None:
        """Put another workspace in place of the present one."""
        self.workspace = workspace
        self.report = Report(diagnostics=(), networks={})
        workspace.listen(self._on_change)
        self._place = Whereabouts(workspace.document.main)
        self._selection = self._frames = frozenset()
        self._overlay = {}
        self._queue_check()
        self.opened.emit()
        self.selection_changed.emit(self._selection)
        self.history_changed.emit()

    @property
    def document(self) -> Document:
        return self.workspace.document

    @property
    def folder(self) -> Path | None:
        return self.workspace.folder

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """What a node may be: the catalog and the project's networks."""
        return self.workspace.kinds

    @property
    def placeable(self) -> Mapping[str, Kind]:
        """What may be added to the shown network: no network that it stands in itself."""
        document = self.document
        outer = {name for name in document.networks if self.network in reachable(document, name)}
        return {name: kind for name, kind in self.kinds.items() if name not in outer}

    # Which network is shown -----------------------------------------------------------------------

    @property
    def place(self) -> Whereabouts:
        """The network that is shown, and through which uses it was entered."""
        return self._place

    @property
    def path(self) -> tuple[str, ...]:
        """The uses through which the shown network was entered; empty for one shown by itself."""
        return self._place.path

    @property
    def network(self) -> str:
        """Name of the network that is shown."""
        return self._place.networks(self.document)[-1]

    @property
    def graph(self) -> Graph:
        """The network that is shown. Read only."""
        return self.document.networks[self.network]

    @property
    def network_report(self) -> NetworkReport | None:
        """What the last report knows of the shown network, at the use through which it was entered."""
        return self._place.report(self.report) or self.report.networks.get(self.network)

    def node_report(self, name: str) -> NodeReport | None:
        """What the last report knows of a node of the shown network, at this use."""
        known = self.network_report
        return known.nodes.get(name) if known else None

    @property
    def scope(self) -> Scope:
        """What names in expressions stand for in the shown network, at this use."""
        use = self._place.use(self.report)
        told = use.values if use else {}
        own = {name: told.get(name, default) for name, default in self.graph.parameters.items()}
        return scope_of(own, self.document.scope)[0]

    def go(self, place: Whereabouts) -> None:
        """Show the network at a place, or as near to it as there still is one."""
        place = place.followed(self.document, Change())
        if place != self._place:
            came_from = self._place.path[len(place.path) :] if self._leads_out(place) else ()
            self._place = place
            self._selection = self._frames = frozenset()
            self.network_changed.emit(self.network)
            self.selection_changed.emit(self._selection)
            self.select(came_from[:1])

    def _leads_out(self, place: Whereabouts) -> bool:
        return place.base == self._place.base and self._place.path[: len(place.path)] == place.path

    def enter(self, use: str) -> bool:
        """Show the network behind a node, at that use; False when the node is no network."""
        if self.graph.nodes[use].kind not in self.document.networks:
            return False
        self.go(self._place.inside(use))
        return True

    def leave(self) -> bool:
        """Show the network around, with the use selected; False when there is none."""
        if self._place.path:
            self.go(self._place.outside())
        elif self._place.base != self.document.main:
            self.go(Whereabouts(self.document.main))
        else:
            return False
        return True

    def show_network(self, network: str) -> None:
        """Show a network by itself, whoever uses it."""
        self.go(Whereabouts(network))

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    @property
    def frames(self) -> frozenset[str]:
        """The selected frames of the shown network."""
        return self._frames

    def select(self, names: Iterable[str], frames: Iterable[str] = ()) -> None:
        """Select exactly these nodes and frames of the shown network."""
        selection = frozenset(name for name in names if name in self.graph)
        chosen = frozenset(name for name in frames if name in self.graph.drawing.frames)
        if (selection, chosen) != (self._selection, self._frames):
            self._selection, self._frames = selection, chosen
            self.selection_changed.emit(selection)

    def reveal(self, network: str, node: str) -> None:
        """Show and select a node, wherever it is; `Block.fc`, as sources and runs say it, is the fc of Block."""
        inner, _, node = node.rpartition(".")
        network = inner or network
        if network in self.document.networks and network != self.network:
            self.go(way_to(self.document, network))
        if node in self.graph:
            self.select([node])
            self.reveal_requested.emit(network, node)

    @property
    def overlay(self) -> Mapping[str, int]:
        """Runs whose curves are shown, oldest first, each with the place of its colour."""
        return self._overlay

    def overlay_run(self, run: str, shown: bool = True) -> None:
        """Show or hide the curves of a run; it keeps its colour while it is shown."""
        if shown == (run in self._overlay):
            return
        if shown:
            taken = set(self._overlay.values())
            self._overlay[run] = next(place for place in range(len(taken) + 1) if place not in taken)
        else:
            del self._overlay[run]
        self.overlay_changed.emit()

    def do(self, edit: Edit, *, label: str = "", merge_key: str = "") -> bool:
        """Apply an edit; an edit that does not fit is told to the person and changes nothing."""
        try:
            self.workspace.do(edit, label=label, merge_key=merge_key)
        except EditError as error:
            self.complained.emit(str(error))
            return False
        return True

    def undo(self) -> None:
        self._show_changed(self.workspace.undo())

    def redo(self) -> None:
        self._show_changed(self.workspace.redo())

    def _show_changed(self, change: Change) -> None:
        """Show the network where something was taken back or done again, if that is another one."""
        networks = self.document.networks
        touched = [name for name, inner in change.networks.items() if inner and name in networks]
        if not touched or self.network in touched:
            return
        around = [place for level in range(len(self.path)) if (place := self._place.outside(level + 1))]
        here = next((p for p in around if p.networks(self.document)[-1] in touched), None)
        self.go(here or way_to(self.document, touched[0]))
        inner = change.networks[self.network]
        names = (inner.added | inner.configured | inner.moved | inner.rewired) & self.graph.nodes.keys()
        self.select(names)
        if names:
            self.reveal_requested.emit(self.network, min(names))

    def set_facts(self, facts: DataFacts | None, fault: str = "") -> None:
        """What the data holds has become known, or why they cannot be read."""
        self.workspace.set_facts(facts, fault)
        self._queue_check()

    def recheck(self) -> None:
        """The engine has answered what a check left open."""
        self.workspace.forget_report()
        self._queue_check()

    def trust_changed(self) -> None:
        """Code that was off may run now, though the document is as it was: show its nodes anew."""
        self.workspace.forget_report()
        self.changed.emit(Change(settings={"custom"}))
        self._queue_check()

    def _on_change(self, change: Change) -> None:
        self._follow(change)
        mine = change.networks.get(self.network)
        renamed = mine.renamed if mine else {}
        self.changed.emit(change)
        kept = (renamed.get(name, name) for name in self._selection)
        graph = self.graph
        self.select((name for name in kept if name in graph), self._frames)
        self.history_changed.emit()
        if change.affects_meaning:
            self._queue_check()

    def _follow(self, change: Change) -> None:
        """Stay where the person is, or go out as far as the way is gone."""
        place = self._place.followed(self.document, change)
        left = len(place.path) < len(self.path) or place.base not in (
            self._place.base,
            change.renamed_networks.get(self._place.base),
        )
        self._place = place
        if left:
            self._selection = self._frames = frozenset()
            self.network_changed.emit(self.network)
            self.selection_changed.emit(self._selection)

    @property
    def is_checked(self) -> bool:
        """Whether the report is about the document as it is; else a check is on its way."""
        return not self._check_is_wanted

    def _queue_check(self) -> None:
        if not self._check_is_wanted:
            self._check_is_wanted = True
            self._check_wanted.emit()

    def _check(self) -> None:
        """Check, as much at once as does not hold up a frame."""
        if not self._check_is_wanted:
            return
        self._check_is_wanted = False
        self._going_on.stop()
        if not self.workspace.check_for(_AT_ONCE_S):
            self._check_is_wanted = True
            self._going_on.start()
            return
        self.report = self.workspace.report
        self.checked.emit(self.report)
