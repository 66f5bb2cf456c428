"""What of a source fits, tensor by tensor."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from nodeforge.engine.messages import WeightMatch
from nodeforge.ui.icons import icon
from nodeforge.ui.weights.words import groups

_SIGNS = {"Found": "good", "Of another shape": "warning", "Not found": "warning", "Not used": "hint"}


class ReportTree(QTreeWidget):
    """Tensors in groups; those that need a look are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderLabels(["Tensor", "Shapes"])
        self.setAccessibleName("What fits")
        self.setIconSize(QSize(16, 16))
        self.setUniformRowHeights(True)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def show_match(self, match: WeightMatch | None) -> None:
        """Show what became of a source; nothing while that is not known."""
        self.clear()
        for heading, meaning, tensors in groups(match) if match else ():
            group = QTreeWidgetItem(self, [f"{heading}: {len(tensors):,} ({meaning})"])
            group.setIcon(0, icon(_SIGNS[heading], _SIGNS[heading]))
            group.setFirstColumnSpanned(True)
            group.addChildren([QTreeWidgetItem([name, shapes]) for name, shapes in tensors])
            group.setExpanded(heading not in ("Found", "Not used"))
