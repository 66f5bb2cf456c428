"""The inspector: chooses the page that suits the selection and keeps it up to date."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from nodeforge.core.changes import Change
from nodeforge.ui.inspector.frame_page import FramePage
from nodeforge.ui.inspector.network_page import NetworkPage
from nodeforge.ui.inspector.node_page import NodePage
from nodeforge.ui.inspector.other_pages import ProjectPage, SeveralPage, UnknownPage
from nodeforge.ui.project_model import ProjectModel

_KEPT_PAGES = 12
"""Pages of so many kinds stay made: each holds dozens of fields."""


class Inspector(QScrollArea):
    """The form on the right.

    Signals:
        help_requested: Name of a kind to read about.
    """

    help_requested = Signal(str)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._stack = _Stack()
        self._node_pages: dict[str, NodePage] = {}
        """By kind, the page that was shown last at the end."""
        self._project_page = ProjectPage(model)
        self._network_page = NetworkPage(model)
        self._frame_page = FramePage(model)
        self._stack.addWidget(self._frame_page)
        self._stack.addWidget(self._project_page)
        self._stack.addWidget(self._network_page)
        self.setWidget(self._stack)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(270)
        model.opened.connect(self._show_selection)
        model.selection_changed.connect(self._show_selection)
        model.network_changed.connect(self._show_selection)
        model.changed.connect(self._on_changed)
        model.checked.connect(self._on_checked)
        model.history_changed.connect(self._on_history)
        self._show_selection()

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._stack.currentWidget() or self._project_page

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self._forget_pages()  # glyphs and signs are pictures in the old colours

    def _forget_pages(self) -> None:
        for page in self._node_pages.values():
            self._drop(page)
        self._node_pages.clear()
        self._show_selection()

    def _show_selection(self, _: object = None) -> None:
        names = sorted(name for name in self._model.selection if name in self._model.graph)
        if not names:
            self._show_whole()
        elif len(names) > 1:
            self._show(SeveralPage(self._model, names))
        else:
            self._show_node(names[0])
            self._show_report()
        self.verticalScrollBar().setValue(0)

    def _show_whole(self) -> None:
        """No node is selected: frames, the project, or the network that is shown where that is not the main one."""
        is_main = self._model.network == self._model.document.main
        page: FramePage | ProjectPage | NetworkPage = self._project_page if is_main else self._network_page
        if self._model.frames:
            page = self._frame_page
        page.refresh()
        self._show(page)

    def _show(self, page: QWidget) -> None:
        """Turn to a page; one that was made for what was selected before is gone."""
        previous = self.page
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        if isinstance(previous, (SeveralPage, UnknownPage)) and previous is not page:
            self._drop(previous)

    def _show_node(self, name: str) -> None:
        kind = self._model.kinds.get(self._model.graph.nodes[name].kind)
        if kind is None:
            self._show(UnknownPage(self._model, name))
            return
        page = self._node_pages.pop(kind.name, None)
        if page is None or page.kind != kind:  # a network may have another face now
            if page is not None:
                self._drop(page)
            page = NodePage(self._model, kind, self.help_requested.emit)
            self._stack.addWidget(page)
        self._node_pages[kind.name] = page
        page.show_node(name)
        self._show(page)
        if len(self._node_pages) > _KEPT_PAGES:
            self._drop(self._node_pages.pop(next(iter(self._node_pages))))

    def _drop(self, page: QWidget) -> None:
        self._stack.removeWidget(page)
        page.deleteLater()

    def _on_changed(self, change: Change) -> None:
        network = change.networks.get(self._model.network)
        selection = self._model.selection & self._model.graph.nodes.keys()
        touched = network.configured & selection if network is not None else set()
        if not selection:
            framed = network is not None and self._model.frames
            if change.affects_meaning or change.settings or framed:
                self._show_whole()
        elif len(selection) == 1 and (touched or _means_otherwise(change, self._model.network)):
            self._show_node(next(iter(selection)))  # its kind may be another now
        elif touched and isinstance(self.page, SeveralPage) and selection == self._model.selection:
            self.page.refresh()  # else a node is gone, and the selection follows at once

    def _on_checked(self, _: object) -> None:
        self._show_report()

    def _on_history(self) -> None:
        """Saving gives a project its folder."""
        if self.page is self._project_page:
            self._project_page.show_report()

    def _show_report(self) -> None:
        page, model = self.page, self._model
        if isinstance(page, NodePage) and len(model.selection) == 1:
            page.show_report(model.node_report(next(iter(model.selection))))
        elif isinstance(page, (FramePage, ProjectPage, NetworkPage, UnknownPage)):
            page.show_report()


def _means_otherwise(change: Change, network: str) -> bool:
    """Whether nodes that were not touched may be shown otherwise: a variable, a parameter of the network, a face."""
    return bool(change.settings) or any(
        name != network or inner.exposed for name, inner in change.networks.items()
    )


class _Stack(QStackedWidget):
    """As high as the page that is shown, not as the highest ever made."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def sizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.sizeHint() if page else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.minimumSizeHint() if page else super().minimumSizeHint()
