"""The canvas for a screen reader: a list whose items are the nodes, though no node is a widget.

Qt asks the factory for an interface only while something reads. Interfaces belong to Qt once it knows them;
they hold names, and look everything up when asked, so that none can outlive its node. Qt's declarations for
Python leave out that there may be none of what is asked for: hence what is ignored here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QRectF
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
    QWindow,
)
from PySide6.QtWidgets import QAccessibleWidget

from nodeforge.ui.canvas import walking, words
from nodeforge.ui.canvas.changing import nesting

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_ACTIONS = {
    "select": ("Select", "Select this node alone"),
    "open": ("Open", "Go into a network; of any other node, show the settings"),
    "rename": ("Rename", "Give this node another name"),
}
_interfaces: dict[int, CanvasInterface] = {}
"""By the id of their canvas: Qt holds no reference that Python counts."""


def install() -> None:
    """Let screen readers into every canvas from now on; once is enough, more do no harm."""
    QAccessible.installFactory(_interface_of)


def _interface_of(kind: str, widget: QObject) -> QAccessibleInterface | None:
    if kind != "Canvas":
        return None
    from nodeforge.ui.canvas.view import Canvas  # it is there, if one of it is

    return CanvasInterface(widget) if isinstance(widget, Canvas) else None


class CanvasInterface(QAccessibleWidget):
    """The canvas as a list of nodes.

    Attributes:
        canvas: What it speaks of.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.List, canvas.accessibleName())
        self.canvas = canvas
        self._nodes: dict[str, NodeInterface] = {}
        _interfaces[id(canvas)] = self
        key = id(canvas)
        canvas.destroyed.connect(lambda: _interfaces.pop(key, None))
        canvas.model.selection_changed.connect(lambda _: self._tell_selection())

    def childCount(self) -> int:
        return len(self.canvas.model.graph)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        names = self._names()
        return self.node(names[index]) if 0 <= index < len(names) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self._names().index(child.name) if isinstance(child, NodeInterface) and child.isValid() else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        viewport = self.canvas.viewport()
        found = self.canvas.mouse.hit(self.canvas.mapToScene(viewport.mapFromGlobal(QPoint(x, y))))
        return self.node(found.node) if found.node else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        name = walking.here(self.canvas)
        return self.node(name) if name and self.canvas.hasFocus() else None

    def node(self, name: str) -> NodeInterface:
        """The item of a node."""
        if name not in self._nodes:
            self._nodes = {n: i for n, i in self._nodes.items() if i.isValid()}
            self._nodes[name] = NodeInterface(self.canvas, name)
        return self._nodes[name]

    def _names(self) -> list[str]:
        """The nodes in the order in which they were added."""
        return [node.name for node in self.canvas.model.graph.ordered_nodes()]

    def _tell_selection(self) -> None:
        """Say which node keys go on from now."""
        name = walking.here(self.canvas)
        if name:
            event = QAccessibleEvent(self.canvas, QAccessible.Event.Focus)
            event.setChild(self._names().index(name))
            QAccessible.updateAccessibility(event)


class NodeInterface(QAccessibleInterface):
    """A node as an item of the list."""

    def __init__(self, canvas: Canvas, name: str) -> None:
        super().__init__()
        self.name = name
        self._canvas = canvas
        self._actions = NodeActions(canvas, name)

    def isValid(self) -> bool:
        return self.name in self._canvas.model.graph

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._canvas.window().windowHandle()

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return QAccessible.queryAccessibleInterface(self._canvas)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        model = self._canvas.model
        if not self.isValid():
            return ""
        match kind:
            case QAccessible.Text.Name:
                return f"{self.name}, {model.graph.nodes[self.name].kind}"
            case QAccessible.Text.Value:
                return words.leaving(model.node_report(self.name))
            case QAccessible.Text.Description:
                return words.spoken(model.graph, model.report, [self.name])
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing of a node is changed by a reader."""

    def rect(self) -> QRect:
        canvas = self._canvas
        if not self.isValid():
            return QRect()
        area = QRectF(*canvas.mirror.rects[canvas.mirror.nodes.index[self.name]].tolist())
        seen = canvas.mapFromScene(area).boundingRect()
        return QRect(canvas.viewport().mapToGlobal(seen.topLeft()), seen.size())

    def state(self) -> QAccessible.State:
        canvas = self._canvas
        state = QAccessible.State()
        state.invalid = not self.isValid()
        if self.isValid():
            state.selectable = state.focusable = state.multiSelectable = True
            state.selected = self.name in canvas.model.selection
            state.focused = canvas.hasFocus() and walking.here(canvas) == self.name
            state.offscreen = (
                not canvas.viewport()
                .rect()
                .intersects(QRect(canvas.viewport().mapFromGlobal(self.rect().topLeft()), self.rect().size()))
            )
        return state

    def interface_cast(  # type: ignore[override]
        self, kind: QAccessible.InterfaceType
    ) -> QAccessibleActionInterface | None:
        return self._actions if kind == QAccessible.InterfaceType.ActionInterface else None


class NodeActions(QAccessibleActionInterface):
    """What a reader can have done with a node."""

    def __init__(self, canvas: Canvas, name: str) -> None:
        super().__init__()
        self._canvas, self._name = canvas, name

    def actionNames(self) -> list[str]:
        return list(_ACTIONS)

    def localizedActionName(self, action: str) -> str:
        return _ACTIONS[action][0]

    def localizedActionDescription(self, action: str) -> str:
        return _ACTIONS[action][1]

    def keyBindingsForAction(self, action: str) -> list[str]:
        return {"open": ["Return"], "rename": ["F2"]}.get(action, [])

    def doAction(self, action: str) -> None:
        canvas, name = self._canvas, self._name
        if name not in canvas.model.graph:
            return
        canvas.model.select([name])
        canvas.reveal(name)
        if action == "open":
            nesting.open_node(canvas, name)
        elif action == "rename":
            canvas.operations.rename(name)
