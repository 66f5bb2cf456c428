"""The inspector: chooses the page that suits the selection and keeps it up to date."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from nodeforge import catalog
from nodeforge.core.changes import Change
from nodeforge.ui.inspector.node_page import NodePage
from nodeforge.ui.inspector.other_pages import ProjectPage, SeveralPage, UnknownPage
from nodeforge.ui.project_model import ProjectModel


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
        self._project_page = ProjectPage(model)
        self._stack.addWidget(self._project_page)
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
            self._stack.removeWidget(page)
            page.deleteLater()
        self._node_pages.clear()
        self._show_selection()

    def _show_selection(self, _: object = None) -> None:
        names = sorted(name for name in self._model.selection if name in self._model.graph)
        previous = self.page
        if not names:
            self._project_page.refresh()
            self._stack.setCurrentWidget(self._project_page)
        elif len(names) > 1:
            self._show_temporary(SeveralPage(self._model, names))
        else:
            self._show_node(names[0])
            self._show_report()
        if isinstance(previous, (SeveralPage, UnknownPage)) and previous is not self.page:
            self._stack.removeWidget(previous)
            previous.deleteLater()
        self.verticalScrollBar().setValue(0)

    def _show_temporary(self, page: QWidget) -> None:
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def _show_node(self, name: str) -> None:
        kind = catalog.kinds().get(self._model.graph.nodes[name].kind)
        if kind is None:
            self._show_temporary(UnknownPage(self._model, name))
            return
        page = self._node_pages.get(kind.name)
        if page is None:
            page = NodePage(self._model, kind, self.help_requested.emit)
            self._node_pages[kind.name] = page
            self._stack.addWidget(page)
        page.show_node(name)
        self._stack.setCurrentWidget(page)

    def _on_changed(self, change: Change) -> None:
        network = change.networks.get(self._model.network)
        touched = network.configured & self._model.selection if network is not None else set()
        if touched and len(self._model.selection) == 1:
            self._show_node(next(iter(touched)))  # its kind may be another now
        elif touched and isinstance(self.page, SeveralPage):
            self.page.refresh()
        elif change.settings and self.page is self._project_page:
            self._project_page.refresh()

    def _on_checked(self, _: object) -> None:
        self._show_report()

    def _on_history(self) -> None:
        """Saving gives a project its folder."""
        if self.page is self._project_page:
            self._project_page.show_report()

    def _show_report(self) -> None:
        page, model = self.page, self._model
        if isinstance(page, NodePage) and len(model.selection) == 1:
            network = model.report.networks.get(model.network)
            node = next(iter(model.selection))
            page.show_report(network.nodes.get(node) if network else None)
        elif page is self._project_page:
            self._project_page.show_report()


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
