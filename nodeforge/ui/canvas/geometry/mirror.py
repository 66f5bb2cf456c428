"""The shown graph as numpy arrays, for painting and hit-testing.

A mirror owns no truth: it is rebuilt from the graph or brought up to date from a change. Nodes and wires live in
slots; a free slot holds NaN, so that every comparison with it is false and it is never seen or hit.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum, IntFlag
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF

from nodeforge.analysis.report import NetworkReport, Report
from nodeforge.catalog import Kind, kinds
from nodeforge.core.changes import NetworkChange
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.drawing import Point
from nodeforge.core.graph import Endpoint, Graph, Wire
from nodeforge.core.specs import FLOATS, INTEGERS, TensorSpec
from nodeforge.ui.canvas.geometry.anatomy import Anatomy, Caption, Look, caption_of, look_of
from nodeforge.ui.canvas.geometry.courses import Courses
from nodeforge.ui.canvas.geometry.slots import Slots, grown
from nodeforge.ui.canvas.geometry.ways import NO_BENDS, Ways

MARGIN = 24.0
"""How far shadow, badge, ports and live text may stand out of a node."""


class State(IntFlag):
    """What is special about a node at the moment."""

    SELECTED = 1
    HOVERED = 2
    ERROR = 4
    WARNING = 8
    LIT = 16


MARKS = int(State.ERROR | State.WARNING)


class Tone(IntEnum):
    """What a wire carries; painted as its colour."""

    UNKNOWN = 0
    FLOATS = 1
    INTEGERS = 2
    BOOLEANS = 3
    ERROR = 4


SIZES = (1_000, 30_000, 1_000_000)
"""From as many elements of one sample on, a wire is a step thicker."""


@lru_cache(1000)
def _burden(spec: TensorSpec | None) -> tuple[Tone, int]:
    """What a wire carries, and how much of it."""
    if spec is None:
        return Tone.UNKNOWN, 0
    if spec.dtype in FLOATS:
        tone = Tone.FLOATS
    else:
        tone = Tone.INTEGERS if spec.dtype in INTEGERS else Tone.BOOLEANS
    return tone, bisect.bisect_right(SIZES, spec.sample_size)


class Mirror:
    """Arrays of one graph.

    Attributes:
        nodes: Slots of node names.
        rects: (capacity, 4) float64: left, top, width, height.
        looks: (capacity,) index into `look_list`.
        states: (capacity,) bits of `State`.
        stack: (capacity,) int64: nodes with a higher number lie on top.
        wires: Slots of wires.
        ends: (capacity, 2) node slots of a wire's source and target.
        offsets: (capacity, 4) float64: where the ends are, from the corners of those nodes.
        tones: (capacity,) a `Tone` for each wire.
        sizes: (capacity,) for each wire a step of `SIZES`: how large the tensor is.
        ways: The bends of wires.
        down: Whether wires leave downwards.
    """

    def __init__(self, graph: Graph, known: Mapping[str, Kind] | None = None) -> None:
        """Mirror a graph whose kinds are those `known` to its document; those of the catalog when None."""
        self.look_list: list[Look] = []
        self._look_index: dict[Look, int] = {}
        self.known = kinds() if known is None else known
        self.rebuild(graph)

    def rebuild(self, graph: Graph, known: Mapping[str, Kind] | None = None) -> None:
        """Everything anew from a graph, whose kinds may be others now; forgets selection and report."""
        self.graph = graph
        self.known = self.known if known is None else known
        self.nodes: Slots[str] = Slots()
        room = max(16, len(graph))
        self.rects = np.full((room, 4), np.nan)
        self.looks = np.zeros(room, np.int32)
        self.states = np.zeros(room, np.uint8)
        self.stack = np.zeros(room, np.int64)
        self.wires: Slots[Wire] = Slots()
        self.ends = np.zeros((room, 2), np.int32)
        self.offsets = np.full((room, 4), np.nan)
        self.tones = np.zeros(room, np.uint8)
        self.sizes = np.zeros(room, np.uint8)
        self.ways = Ways(room)
        self.down = graph.drawing.direction == "down"
        self._courses = Courses(room, self.down)
        self._moved: list[Iterable[int] | np.ndarray] = []
        """Slots of nodes whose wires are led anew before they are next looked at."""
        self._led: list[int] = []
        """Slots of wires, likewise."""
        self.report: NetworkReport | None = None
        self._top = 0
        self._captions: dict[str, Caption] = {}
        self._manners: Mapping[str, str] = {}
        for name in graph.nodes:
            self._put_node(name)
        for wire in graph.wires():
            self._put_wire(wire)
        self.bend(graph.drawing.bends)

    def update(self, graph: Graph, change: NetworkChange) -> QRectF | None:
        """Follow a change that was applied to the graph; returns the area to paint again (None: all of it)."""
        touched = change.added | change.removed | change.moved | change.configured | change.rewired
        touched |= change.renamed.keys() | set(change.renamed.values())
        turned = self.down != (graph.drawing.direction == "down")
        if turned or (not change.only_moved and len(touched) > 256):
            self._rebuild_keeping_marks(graph)
            return None
        before = self.extent(self.slots_of(touched))
        for name in touched:
            self._captions.pop(name, None)
            if name in self.nodes.index and name not in graph:
                self._drop_node(name)
        for name in touched:
            if name in graph:
                self._put_node(name)
        if not change.only_moved:
            for name in touched:
                self._follow_wires(name)
        area = before.united(self.extent(self.slots_of(touched)))
        return area.united(self._follow_bends()) if change.drawn else area

    def _rebuild_keeping_marks(self, graph: Graph) -> None:
        report, states = self.report, {n: self.states[slot] for n, slot in self.nodes.index.items()}
        burdens = {w: (self.tones[slot], self.sizes[slot]) for w, slot in self.wires.index.items()}
        self.rebuild(graph)
        self.report = report
        for name, slot in self.nodes.index.items():
            self.states[slot] = states.get(name, 0)
        for wire, slot in self.wires.index.items():
            self.tones[slot], self.sizes[slot] = burdens.get(wire) or _burden(self.spec_of(wire.tail))

    def follow_kinds(self, known: Mapping[str, Kind]) -> np.ndarray:
        """Give nodes the face that their kinds have now; returns the slots of those that differ."""
        before, self.known = self.known, known
        used = {node.kind for node in self.graph.nodes.values()}
        differing = {kind for kind in used if before.get(kind) != known.get(kind)}
        names = [name for name, node in self.graph.nodes.items() if node.kind in differing]
        for name in names:
            self._captions.pop(name, None)
            self._put_node(name)
        return self.slots_of(names)

    # Nodes ----------------------------------------------------------------------------------------

    def _put_node(self, name: str) -> None:
        node = self.graph.nodes[name]
        look = look_of(self.graph, node, self.known)
        fresh = name not in self.nodes.index
        slot = self.nodes.take(name)
        if slot == len(self.rects):
            self.rects = grown(self.rects, np.nan)
            self.looks, self.states = grown(self.looks, 0), grown(self.states, 0)
            self.stack = grown(self.stack, 0)
        self._moved.append((slot,))
        self.rects[slot] = (*node.position, look.anatomy.width, look.anatomy.height)
        changed = fresh or self.look_list[self.looks[slot]] is not look
        self.looks[slot] = self._index_of(look)
        if fresh:
            self.states[slot] = 0
            self.raise_nodes([slot])
        if changed:
            for wire in self.graph.wires_of(name):
                if wire in self.wires.index:
                    self._place_wire(wire)

    def _drop_node(self, name: str) -> None:
        slot = self.nodes.release(name)
        self.rects[slot] = np.nan
        self.states[slot] = 0
        for wire in self._wires_here(slot):
            self._drop_wire(wire)

    def _index_of(self, look: Look) -> int:
        index = self._look_index.setdefault(look, len(self.look_list))
        if index == len(self.look_list):
            self.look_list.append(look)
        return index

    def anatomy(self, name: str) -> Anatomy:
        """Where the parts of a node are."""
        return self.look_list[int(self.looks[self.nodes.index[name]])].anatomy

    def caption(self, name: str) -> Caption:
        """What is written on a node; made when first seen."""
        caption = self._captions.get(name)
        if caption is None:
            report = self.report.nodes.get(name) if self.report else None
            node = self.graph.nodes[name]
            caption = caption_of(node, report, self.known.get(node.kind))
            if name in self._manners:
                count = " · ".join(filter(None, (caption.count, self._manners[name])))
                caption = replace(caption, count=count)
            self._captions[name] = caption
        return caption

    def follow_manners(self, manners: Mapping[str, str]) -> np.ndarray:
        """Write beside some nodes how they learn; the slots of those that look different from before."""
        names = {**self._manners, **manners}
        differs = [n for n in names if self._manners.get(n) != manners.get(n) and n in self.nodes.index]
        self._manners = manners
        for name in differs:
            self._captions.pop(name, None)
        return self.slots_of(differs)

    def slots_of(self, names: Iterable[str]) -> np.ndarray:
        """The slots of those names that are here."""
        index = self.nodes.index
        return np.array([index[name] for name in names if name in index], np.intp)

    def move(self, slots: np.ndarray, corners: np.ndarray) -> None:
        """Show nodes elsewhere, (k, 2), while they are dragged."""
        self.rects[slots, :2] = corners
        self._moved.append(slots)

    def raise_nodes(self, slots: Iterable[int]) -> None:
        """Put nodes on top of all others."""
        for slot in slots:
            self._top += 1
            self.stack[slot] = self._top

    def mark(self, state: State, names: Iterable[str]) -> np.ndarray:
        """Give exactly these nodes a state; returns the slots that differ from before."""
        before = self.states.copy()
        self.states &= np.uint8(255 - state)
        self.states[self.slots_of(names)] |= np.uint8(state)
        return np.flatnonzero(before != self.states)

    # Wires ----------------------------------------------------------------------------------------

    def _follow_wires(self, name: str) -> None:
        """Bring the wires of a node up to date, wherever they were."""
        now = set(self.graph.wires_of(name)) if name in self.graph else set()
        for wire in set(self._wires_here(self.nodes.index.get(name, -1))) - now:
            self._drop_wire(wire)
        bends = self.graph.drawing.bends
        for wire in now:
            if wire.source in self.nodes.index and wire.target in self.nodes.index:
                self._put_wire(wire)
                self.bend({wire: bends.get(wire, ())})

    def _wires_here(self, slot: int) -> list[Wire]:
        """The mirrored wires at one node slot."""
        ends = self.ends[: len(self.wires.keys)]
        return self.wires.used(np.flatnonzero((ends == slot).any(axis=1)))

    def _put_wire(self, wire: Wire) -> None:
        fresh = wire not in self.wires.index
        slot = self.wires.take(wire)
        if slot == len(self.ends):
            self.ends, self.offsets = grown(self.ends, 0), grown(self.offsets, np.nan)
            self.tones, self.sizes = grown(self.tones, 0), grown(self.sizes, 0)
            self.ways.grow()
        self.ends[slot] = (self.nodes.index[wire.source], self.nodes.index[wire.target])
        self._place_wire(wire)
        if fresh:
            self.tones[slot], self.sizes[slot] = _burden(self.spec_of(wire.tail))

    def _place_wire(self, wire: Wire) -> None:
        slot = self.wires.index[wire]
        self._led.append(slot)
        self.offsets[slot] = (
            *self.anatomy(wire.source).output_place(wire.output),
            *self.anatomy(wire.target).input_place(wire.input),
        )

    def _drop_wire(self, wire: Wire) -> None:
        slot = self.wires.release(wire)
        self.offsets[slot] = np.nan
        self.ways.put({slot: NO_BENDS})
        self._led.append(slot)

    def lead(self, slots: np.ndarray) -> None:
        """Lead these wires anew before they are next looked at."""
        self._led += slots.tolist()

    def bend(self, ways: Mapping[Wire, Sequence[Point] | np.ndarray]) -> None:
        """Lead wires that are here through points, as the graph says or while a hand moves them."""
        index = self.wires.index
        here = {index[w]: np.array(to, np.float64).reshape(-1, 2) for w, to in ways.items() if w in index}
        self.ways.put(here)
        self._led += here

    def _follow_bends(self) -> QRectF:
        """Lead all wires as the graph says; returns the area of those that differ from before."""
        bends, index = self.graph.drawing.bends, self.wires.index
        shown = set(self.wires.used(np.flatnonzero(self.ways.counts)))
        differ = [w for w in shown | bends.keys() if self.bends_of(w) != bends.get(w, ())]
        slots = np.array([index[wire] for wire in differ], np.intp)
        before = self.extent_of_wires(slots)
        self.bend({wire: bends.get(wire, ()) for wire in differ})
        return before.united(self.extent_of_wires(slots))

    def bends_of(self, wire: Wire) -> tuple[Point, ...]:
        """The points that a wire is shown to go through."""
        return tuple((x, y) for x, y in self.ways.of(self.wires.index[wire]).tolist())

    def hide_wire(self, wire: Wire) -> None:
        """Do not show a wire while its end is dragged."""
        slot = self.wires.index[wire]
        self.offsets[slot] = np.nan
        self._led.append(slot)

    def show_wire(self, wire: Wire) -> None:
        """Show a hidden wire again, if it is still there."""
        if wire in self.wires.index:
            self._place_wire(wire)

    def wire_ends(self, slots: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(k, 4) float64: from where to where the wires run now."""
        ends = self.ends[slots]
        return np.asarray(self.rects[ends, :2].reshape(-1, 4) + self.offsets[slots])

    @property
    def courses(self) -> Courses:
        """The legs of all wires as they run now."""
        if self._moved or self._led:
            led = np.zeros(len(self.ends), bool)
            led[self._led] = True
            if self._moved:
                moved = np.zeros(len(self.rects), bool)
                for slots in self._moved:
                    moved[slots if isinstance(slots, np.ndarray) else list(slots)] = True
                led |= moved[self.ends[:, 0]] | moved[self.ends[:, 1]]
            self._moved, self._led = [], []
            self._courses.follow(np.flatnonzero(led), self.wire_ends, self.ways)
        return self._courses

    def wires_at(self, node_slots: np.ndarray) -> np.ndarray:
        """Slots of the wires that touch these nodes."""
        touched = np.zeros(len(self.rects), bool)
        touched[node_slots] = True
        at_them = touched[self.ends[:, 0]] | touched[self.ends[:, 1]]
        return np.flatnonzero(at_them & ~np.isnan(self.offsets[:, 0]))

    def spec_of(self, tail: Endpoint) -> TensorSpec | None:
        """What leaves an output port, when that is known."""
        if self.report is None or tail[0] not in self.report.nodes:
            return None
        return self.report.nodes[tail[0]].outputs.get(tail[1])

    # Findings -------------------------------------------------------------------------------------

    def take_report(self, network: str, report: Report, here: NetworkReport | None = None) -> np.ndarray:
        """Show what the checker found: captions, colours of wires, badges, loops.

        Args:
            network: Name of the network.
            report: What is known of the document.
            here: What is known of the network at the use that is shown; as it is by itself when None.

        Returns:
            The slots of the nodes that look different from before, themselves or in a wire.
        """
        before, self.report = self.report, here or report.networks.get(network)
        known, now = (each.nodes if each else {} for each in (before, self.report))
        # The checker keeps the report of a node that no edit touched.
        differs = [name for name in self.nodes.index if known.get(name) is not now.get(name)]
        for name in differs:
            self._captions.pop(name, None)
        states, tones, sizes = self.states.copy(), self.tones.copy(), self.sizes.copy()
        stale = np.isin(self.ends[:, 0], self.slots_of(differs)) | (self.tones == Tone.ERROR)
        self._tone_wires(np.flatnonzero(stale[: len(self.wires.keys)]).tolist())
        self.states &= np.uint8(255 - MARKS)
        for diagnostic in report.diagnostics:
            if diagnostic.network == network and diagnostic.severity is not Severity.HINT:
                self._mark_fault(diagnostic)
        others = (tones != self.tones) | (sizes != self.sizes)
        touched = (self.slots_of(differs), np.flatnonzero(states != self.states))
        return np.unique(np.concatenate((*touched, self.ends[others].ravel())))

    def _tone_wires(self, slots: Iterable[int]) -> None:
        for slot in slots:
            wire = self.wires.keys[slot]
            if wire is not None:
                self.tones[slot], self.sizes[slot] = _burden(self.spec_of(wire.tail))

    def _mark_fault(self, diagnostic: Diagnostic) -> None:
        error = diagnostic.severity is Severity.ERROR
        blamed = [diagnostic.node] if diagnostic.node else diagnostic.nodes
        self.states[self.slots_of(blamed)] |= np.uint8(State.ERROR if error else State.WARNING)
        for wire in diagnostic.wires if error else ():
            if wire in self.wires.index:
                self.tones[self.wires.index[wire]] = Tone.ERROR

    # Areas ----------------------------------------------------------------------------------------

    def extent(self, slots: np.ndarray, wires: np.ndarray | None = None) -> QRectF:
        """The area that nodes and some wires cover: those at them, where it is not said which."""
        if not len(slots):
            return QRectF()
        rects = self.rects[slots]
        low = rects[:, :2].min(axis=0) - MARGIN
        high = (rects[:, :2] + rects[:, 2:]).max(axis=0) + MARGIN
        area = QRectF(*low.tolist(), *(high - low).tolist())
        return area.united(self.extent_of_wires(self.wires_at(slots) if wires is None else wires))

    def extent_of_wires(self, slots: np.ndarray) -> QRectF:
        """The area that wires cover."""
        box = self.courses.box(slots)
        if box is None:
            return QRectF()
        left, top, right, bottom = box
        return QRectF(left, top, right - left, bottom - top).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def bounds(self) -> QRectF:
        """The area that all nodes and wires cover, without the margin of `extent`."""
        area = self.extent(np.flatnonzero(~np.isnan(self.rects[:, 0])))
        return area.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN) if not area.isEmpty() else area
