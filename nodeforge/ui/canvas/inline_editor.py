"""The field over a node's title in which it, or the network that it stands for, is renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from nodeforge.core.graph import Graph
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.writing import Writing

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class InlineEditor(Writing, QLineEdit):
    """Enter or leaving renames, Esc leaves the name as it is. A name that is not accepted stays to be mended.

    Args:
        canvas: What it lies on.
        node: The node over whose title it lies.
        text: The name as it is.
        title: What it is to a screen reader.
        rename: Gives the new name; False when that is not accepted.
    """

    def __init__(
        self, canvas: Canvas, node: str, text: str, title: str, rename: Callable[[str], bool]
    ) -> None:
        super().__init__(text, canvas.viewport())
        self._name, self._text, self._accept = node, text, rename
        self._network = canvas.model.network
        self.setToolTip(title)
        self.setMaxLength(64)
        self._place(canvas)
        self.selectAll()
        self.begin(canvas, title)

    def _place(self, canvas: Canvas) -> None:
        """Lie over the title, at the zoom of the view but never too small to read."""
        mirror, zoom = canvas.mirror, canvas.zoom
        x, y = mirror.rects[mirror.nodes.index[self._name], :2].tolist()
        corner = canvas.mapFromScene(x + style.STRIP + 3, y + 6)
        self.setFont(style.font(max(12.0, 13 * zoom), strong=True))
        width = max(112.0, (style.NODE_WIDTH - style.STRIP - 6) * zoom)
        self.setGeometry(corner.x(), corner.y(), round(width), self.sizeHint().height())

    def write(self) -> bool:
        wish = self.text().strip()
        graph = self._canvas.model.document.networks.get(self._network, Graph())
        if wish in ("", self._text) or self._name not in graph:
            return True
        return self._accept(wish)
