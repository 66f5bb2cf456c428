"""Where the samples come from and how they are prepared, as edits of the project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nodeforge import data
from nodeforge.core.document import Component, DataSettings
from nodeforge.core.edits import SetData, Unset
from nodeforge.core.parameters import Value
from nodeforge.data import preparation
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.panels.component_form import ComponentForm, with_value
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

TABLES = "Tables (*.csv *.tsv *.txt);;All files (*)"


class DataSettingsForm(QScrollArea):
    """Source, its parameters, and preparation."""

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.source = ComponentForm("Data source", data.sources, placeholder="Choose a data source")
        self.source.edited.connect(self._set_source)
        self.open_button = QPushButton(icon("open"), "Open a CSV file…")
        self.open_button.setToolTip("Use a table of your own. A file can be dropped here as well.")
        self.open_button.clicked.connect(self.choose_file)
        self.preparation = ParameterForm(preparation.SETTINGS.parameters, explained=False)
        self.preparation.edited.connect(self._set_preparation)
        for form in (self.source, self.preparation):
            form.finished.connect(lambda: model.workspace.history.seal())
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Show the document as it is now."""
        settings = self._model.document.data
        scope = self._model.document.scope
        self.source.show_component(settings.source if settings else None, scope)
        values = settings.preparation if settings else {}
        self.preparation.show_values(preparation.SETTINGS.complete(values), values.keys(), scope=scope)
        for widget in (self.preparation, self._preparation_title):
            widget.setVisible(settings is not None)

    def choose_file(self) -> None:
        """Ask for a table and use it."""
        start = str(self._model.folder or "")
        path, _ = QFileDialog.getOpenFileName(self, "Open a table", start, TABLES)
        if path:
            self.use_file(Path(path))

    def use_file(self, path: Path) -> None:
        """Make a file the project's data; written relative to the project if it lies in its folder."""
        folder = self._model.folder
        inside = folder is not None and path.is_relative_to(folder)
        text = path.relative_to(folder).as_posix() if folder and inside else str(path)
        settings = self._settings(Component(kind="csv", parameters={"path": text}))
        self._model.do(SetData(replace(settings, columns=())), label=f"Use {path.name}")

    def _settings(self, source: Component) -> DataSettings:
        present = self._model.document.data
        return replace(present, source=source) if present else DataSettings(source=source)

    def _set_source(self, source: Component, what: str) -> None:
        settings = self._settings(source)
        if what in ("kind", "path", "header"):  # the columns are others
            settings = replace(settings, columns=())
        self._model.do(SetData(settings), label=f"Set data {what}", merge_key=f"data {what}")

    def _set_preparation(self, name: str, value: Value | Unset) -> None:
        settings = self._model.document.data
        if settings is not None:
            changed = replace(settings, preparation=with_value(settings.preparation, name, value))
            self._model.do(SetData(changed), label=f"Set {name}", merge_key=f"preparation {name}")

    def _lay_out(self) -> None:
        content = QWidget()
        self._preparation_title = label("PREPARATION", "section")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        for widget in (label("SOURCE", "section"), self.source, self.open_button):
            layout.addWidget(widget)
        layout.addSpacing(6)
        layout.addWidget(self._preparation_title)
        layout.addWidget(self.preparation)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
