"""Who learns in a stage: a button that tells it, and the tree behind it to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.analysis.teaching import can_learn, leaves, taught
from nodeforge.analysis.words import listed
from nodeforge.catalog import learning_rules
from nodeforge.core.document import Stage
from nodeforge.core.graph import Node
from nodeforge.ui.panels.choice_button import ChoiceButton
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

_PATH = Qt.ItemDataRole.UserRole
_NAMED = 3
"""So many names stand on the button; of more, their number."""

Check = Qt.CheckState


def taught_now(model: ProjectModel, stage: Stage) -> list[str]:
    """Paths of the nodes that a stage teaches, by the latest report; none while there is no report."""
    main = model.report.networks.get(model.document.main)
    return list(taught(model.document, main, stage)) if main else []


def shown_names(model: ProjectModel, paths: Iterable[str]) -> set[str]:
    """The nodes of the shown network that stand for some of these paths."""
    if model.place.base != model.document.main:
        return set()
    depth = len(model.path)
    parts = (path.split(".") for path in paths)
    return {part[depth] for part in parts if len(part) > depth and tuple(part[:depth]) == model.path}


def teachable_selection(model: ProjectModel, rule: str) -> list[str]:
    """Paths of the selected nodes that a rule can teach, in execution order."""
    known = model.network_report
    if known is None or model.place.base != model.document.main:
        return []
    way = "".join(f"{use}." for use in model.path)
    chosen = (name for name in known.order if name in model.selection)
    return [f"{way}{name}" for name in chosen if teachable(known.nodes[name], rule)]


def teachable(node: NodeReport, rule: str) -> bool:
    """Whether a rule can teach a node, or one in it."""
    if node.inside is not None:
        return any(can_learn(inner, rule) for _, inner in leaves(node.inside))
    return can_learn(node, rule)


def find(network: NetworkReport, path: str) -> NodeReport | None:
    """The node at the end of a path through networks in networks; None when there is none."""
    name, _, rest = path.partition(".")
    node = network.nodes.get(name)
    if node is None or not rest:
        return node
    return find(node.inside, rest) if node.inside is not None else None


class LearnersButton(ChoiceButton):
    """Tells who learns; a click opens the choice.

    Signals:
        chosen: The paths of those that learn from now on; empty for all that the rule can teach.
        finished: The choice was closed: seal the undo step.
        lit: Paths of the nodes under the pointer, to show where they are; empty when there are none.
    """

    chosen = Signal(tuple)
    finished = Signal()
    lit = Signal(object)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._stage = Stage()
        self._words = ""
        self.choice = LearnersChoice(model, self)
        self.choice.chosen.connect(self.chosen)
        self.choice.lit.connect(self.lit)
        self.choice.closed.connect(self.finished)
        self.clicked.connect(self.open_choice)

    def show_stage(self, stage: Stage) -> None:
        """Show what the document says of a stage."""
        self._stage = stage
        self._words = words_of(self._model, stage)
        self.setText(self._words)
        self.setAccessibleName(f"Who learns: {self._words}")
        found = taught_now(self._model, stage)
        self.setToolTip(f"Learning: {listed(found)}" if found else "Choose which nodes learn in this stage")
        if self.choice.isVisible():
            self.choice.show_stage(stage)

    def open_choice(self) -> None:
        """Open the tree of nodes."""
        self.choice.show_stage(self._stage)
        self.choice.open_at(self)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.lit.emit(taught_now(self._model, self._stage))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.lit.emit([])


def words_of(model: ProjectModel, stage: Stage) -> str:
    """Who learns in a stage, in a few words."""
    if stage.learns:
        names = [path.replace(".", " › ") for path in stage.learns]
        return ", ".join(names) if len(names) <= _NAMED else f"{len(names)} nodes"
    rule = learning_rules().get(stage.rule)
    if rule is None:
        return "All nodes"
    found = taught_now(model, stage)
    if rule.name == "frozen" or not found:
        return "No node"
    if rule.name == "gradient" or len(found) > _NAMED:
        return "All nodes" if rule.name == "gradient" else f"All {len(found)} that can"
    return ", ".join(path.replace(".", " › ") for path in found)


def sentence_of(model: ProjectModel, game: Sequence[Stage]) -> str:
    """Who learns in a stage, or in several that take turns, and how."""
    if len(game) > 1:
        return f"{' and '.join(words_of(model, stage) for stage in game)} learn in turns."
    stage = game[0]
    rule = learning_rules().get(stage.rule)
    if rule is None or rule.name == "frozen":
        return "Nothing learns; the network is measured."
    who = words_of(model, stage)
    verb = "learn" if who.startswith("All") or ", " in who or who.endswith("nodes") else "learns"
    return f"{who} {verb} by {rule.label[0].lower()}{rule.label[1:]}."


class LearnersChoice(QFrame):
    """The nodes that a rule can teach, to tick; networks open to the nodes in them.

    Signals:
        chosen: As of `LearnersButton`.
        lit: As of `LearnersButton`.
        closed: It was closed.
    """

    chosen = Signal(tuple)
    lit = Signal(object)
    closed = Signal()

    def __init__(self, model: ProjectModel, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._model = model
        self._stage = Stage()
        self._is_filling = False
        self.setProperty("role", "popup")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.all_box = QCheckBox("&All that the rule can teach")
        self.all_box.clicked.connect(self._choose_all)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(2)
        self.tree.setMouseTracking(True)
        self.tree.setAccessibleName("Nodes that learn")
        self.tree.itemChanged.connect(self._on_ticked)
        self.tree.itemEntered.connect(self._light)
        self.tree.currentItemChanged.connect(lambda item, _: self._light(item))
        self.tree.viewport().installEventFilter(self)
        self.selection_button = QPushButton()
        self.selection_button.clicked.connect(self._take_selection)
        self.note = label(role="muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(8)
        for widget in (self.all_box, self.tree, self.note, self.selection_button):
            layout.addWidget(widget)

    def open_at(self, button: QWidget) -> None:
        """Show it beside a button, where the screen has room."""
        em = self.fontMetrics().height()
        shown = sum(
            1 for item in _items(self.tree) if (parent := item.parent()) is None or parent.isExpanded()
        )
        rows = min(12, max(6, shown))
        self.resize(QSize(17 * em, round((rows + 6) * 1.7 * em)))
        screen = button.screen().availableGeometry()
        below = button.mapToGlobal(QPoint(0, button.height() + 2))
        above = button.mapToGlobal(QPoint(0, -self.height() - 2))
        place = below if below.y() + self.height() <= screen.bottom() else above
        place.setX(max(screen.left(), min(place.x(), screen.right() - self.width())))
        place.setY(max(screen.top(), place.y()))
        self.move(place)
        self.show()
        self.tree.setFocus()

    def show_stage(self, stage: Stage) -> None:
        """Show the nodes, those ticked that the stage teaches."""
        self._stage = stage
        main = self._model.report.networks.get(self._model.document.main)
        self._is_filling = True
        self._fill(main)
        self._is_filling = False
        self.all_box.setChecked(not stage.learns)
        self.all_box.setEnabled(bool(stage.learns))
        rule = learning_rules().get(stage.rule)
        if rule is not None and rule.reads_answers:
            self.all_box.setText("The &last layers before a loss")
        else:
            self.all_box.setText("&All that the rule can teach")
        empty = not self.tree.topLevelItemCount()
        title = rule.label if rule else stage.rule
        self.note.setText(f"{title} can teach none of the nodes that are drawn." if empty else "")
        self.note.setVisible(empty)
        self.tree.setVisible(not empty)
        count = len(teachable_selection(self._model, stage.rule))
        nodes = "node" if count == 1 else "nodes"
        self.selection_button.setText(
            f"&Take the {count} selected {nodes}" if count else "&Take the selected nodes"
        )
        self.selection_button.setEnabled(bool(count))
        self.selection_button.setToolTip(
            "Select nodes on the canvas first: those that the rule can teach are taken"
        )

    def _fill(self, main: NetworkReport | None) -> None:
        current = self.tree.currentItem()
        kept = current.data(0, _PATH) if current else ""
        opened = {item.data(0, _PATH) for item in _items(self.tree) if item.isExpanded()}
        self.tree.clear()
        if main is None:
            return
        found = set(taught(self._model.document, main, self._stage))
        root, document = self.tree.invisibleRootItem(), self._model.document
        for name in main.order:
            self._add(root, document.main_network.nodes[name], name, main.nodes[name], found)
        for item in _items(self.tree):
            path = item.data(0, _PATH)
            half = item.checkState(0) == Check.PartiallyChecked
            item.setExpanded(path in opened or half)
            if path == kept:
                self.tree.setCurrentItem(item)
        self.tree.resizeColumnToContents(0)

    def _add(
        self, parent: QTreeWidgetItem, drawn: Node, path: str, node: NodeReport, found: set[str]
    ) -> None:
        if not teachable(node, self._stage.rule) or node.kind is None:
            return
        if drawn.shares and path not in self._stage.learns:
            return  # its weights are those of another, which is in the tree
        item = QTreeWidgetItem(parent, [path.rpartition(".")[2], node.kind.label])
        item.setData(0, _PATH, path)
        item.setForeground(1, self.palette().placeholderText())
        if node.inside is None:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Check.Checked if path in found else Check.Unchecked)
            return
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsAutoTristate)
        graph = self._model.document.networks[drawn.kind]
        for name in node.inside.order:
            self._add(item, graph.nodes[name], f"{path}.{name}", node.inside.nodes[name], found)

    def _on_ticked(self, item: QTreeWidgetItem, column: int) -> None:
        if self._is_filling or column:
            return
        root = self.tree.invisibleRootItem()
        self._choose(tuple(_ticked(root)))

    def _choose_all(self) -> None:
        self._choose(())

    def _take_selection(self) -> None:
        self._choose(tuple(teachable_selection(self._model, self._stage.rule)))

    def _choose(self, paths: tuple[str, ...]) -> None:
        if paths != self._stage.learns:
            self.chosen.emit(paths)

    def _light(self, item: QTreeWidgetItem | None) -> None:
        self.lit.emit([item.data(0, _PATH)] if item is not None and not self._is_filling else [])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.lit.emit([])
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.lit.emit([])
        self.closed.emit()


def _items(tree: QTreeWidget) -> Iterator[QTreeWidgetItem]:
    waiting = _children(tree.invisibleRootItem())
    while waiting:
        yield (item := waiting.pop())
        waiting.extend(_children(item))


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for row in range(item.childCount()) if (child := item.child(row)) is not None]


def _ticked(item: QTreeWidgetItem) -> Iterator[str]:
    """The ticked nodes as short as can be: a network of which all are ticked by its own name."""
    for child in _children(item):
        if child.checkState(0) == Check.Checked:
            yield child.data(0, _PATH)
        elif child.checkState(0) == Check.PartiallyChecked:
            yield from _ticked(child)
