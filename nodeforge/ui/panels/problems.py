"""The list of findings, the worst first. A click shows the node, a button mends the fault."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.diagnostics import Diagnostic
from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.button_bar import ButtonBar
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.findings import fix_button
from nodeforge.ui.project_model import ProjectModel

MAX_ROWS = 200
"""More rows than this help nobody, and each has buttons to make."""

MAX_FIXES = 2
ROW_HEIGHT = 34
NARROW = 640

_FINDING = Qt.ItemDataRole.UserRole


class ProblemsPanel(QWidget):
    """Findings of the whole project.

    Signals:
        deep_check_requested: The person wants the network run.
    """

    deep_check_requested = Signal()

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: tuple[Diagnostic, ...] | None = None
        self._others: list[QPushButton] = []
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Finding", "Where", "Mend it"])
        self.tree.setRootIsDecorated(False)
        self.tree.setIconSize(QSize(18, 18))
        self.tree.setAccessibleName("Problems")
        self.tree.setWordWrap(True)
        self.tree.setItemDelegateForColumn(0, _WholeSentence(self.tree))
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        # Not at once: columns are also resized while rows are painted, and a layout that is pending then is done there
        # and then, under the hands of the painting.
        header.sectionResized.connect(self._wrap_anew, Qt.ConnectionType.QueuedConnection)
        self.tree.itemClicked.connect(self._reveal)
        self.tree.itemActivated.connect(self._reveal)
        self.fine = QLabel("No problems: the graph is ready to train.")
        self.fine.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fine.setProperty("role", "muted")
        self.deep_check_button = QPushButton("Deep check…")
        self.deep_check_button.setIcon(icon("deep-check"))
        self.deep_check_button.setToolTip("Run the network and try what only that can tell")
        self.deep_check_button.clicked.connect(self.deep_check_requested)
        bar = ButtonBar()
        bar.add(self.deep_check_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        self._pages = QStackedLayout()
        layout.addLayout(self._pages, 1)
        # Not before: what a layout of nobody shows is a window of its own.
        self._pages.addWidget(self.fine)
        self._pages.addWidget(self.tree)
        self._showing = WhenSeen(self, self._show)
        model.checked.connect(self._showing.ask)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _wrap_anew(self) -> None:
        """Rows are as high as their sentences need at the present width."""
        self.tree.scheduleDelayedItemsLayout()

    def _make_room(self) -> None:
        """In a narrow panel the sentence comes first: it names the place, and one button is enough."""
        narrow = self.width() < NARROW
        self.tree.setColumnHidden(1, narrow)
        for button in self._others:
            button.setVisible(not narrow)
        self.tree.resizeColumnToContents(2)

    def _show(self) -> None:
        findings = self._model.report.diagnostics
        if findings == self._shown:
            return
        self._shown = findings
        self._others.clear()
        self.tree.clear()
        for finding in findings[:MAX_ROWS]:
            self._add_row(finding)
        if len(findings) > MAX_ROWS:
            self.tree.addTopLevelItem(QTreeWidgetItem([f"{len(findings) - MAX_ROWS:,} more are not shown."]))
        self._pages.setCurrentWidget(self.tree if findings else self.fine)
        self._make_room()

    def _add_row(self, finding: Diagnostic) -> None:
        place = finding.node or ", ".join(finding.nodes[:3]) or finding.network
        item = QTreeWidgetItem([finding.message, place])
        item.setIcon(0, icon(str(finding.severity), str(finding.severity)))
        item.setToolTip(0, f"{finding.message}\n{finding.reason}".strip())
        item.setData(0, _FINDING, finding)
        item.setSizeHint(2, QSize(0, ROW_HEIGHT))
        self.tree.addTopLevelItem(item)
        if finding.fixes:
            self.tree.setItemWidget(item, 2, self._fixes(finding))

    def _fixes(self, finding: Diagnostic) -> QWidget:
        """Buttons for the best fixes; the inspector offers them all."""
        cell = QWidget()
        layout = QHBoxLayout(cell)
        layout.setContentsMargins(4, 2, 8, 2)
        layout.setSpacing(6)
        buttons = [fix_button(self._model, fix) for fix in finding.fixes[:MAX_FIXES]]
        for button in buttons:
            layout.addWidget(button)
        self._others += buttons[1:]
        layout.addStretch(1)
        cell.setMinimumHeight(ROW_HEIGHT)
        return cell

    def _reveal(self, item: QTreeWidgetItem) -> None:
        finding = item.data(0, _FINDING)
        if isinstance(finding, Diagnostic):
            node = finding.node or next(iter(finding.nodes), "")
            if node:
                self._model.reveal(finding.network, node)


class _WholeSentence(QStyledItemDelegate):
    """Makes a row as high as its wrapped sentence needs; Qt asks for one line."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        beside = self._tree.iconSize().width() + 22  # sign and margins
        room = QRect(0, 0, max(80, self._tree.columnWidth(0) - beside), 10_000)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        metrics = self._tree.fontMetrics()
        height = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
        return QSize(0, max(ROW_HEIGHT, height + 12))
