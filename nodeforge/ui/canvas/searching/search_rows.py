"""The rows of the search for a node to add: names at once, signs when a row is painted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt

from nodeforge.catalog.kind import Kind
from nodeforge.ui import icons

ROW_PX = 30
LATELY = "used lately"


class Rows(QAbstractListModel):
    """Kinds, best first, as a list view shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: Sequence[Kind] = ()
        self._lately: Collection[str] = ()

    def show(self, kinds: Sequence[Kind], lately: Collection[str] = ()) -> None:
        """Show other kinds; those used lately say so."""
        self.beginResetModel()
        self.kinds, self._lately = kinds, lately
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 Qt's own
        return 0 if parent.isValid() else len(self.kinds)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        kind = self.kinds[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                lately = f"   ·   {LATELY}" if kind.name in self._lately else ""
                return f"{kind.label}   ·   {kind.category}{lately}"
            case Qt.ItemDataRole.DecorationRole:
                return icons.kind_icon(kind)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, ROW_PX)
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return kind.summary
        return None
