"""Where the samples come from and how they are prepared, as edits of the project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nodeforge import data
from nodeforge.core.document import Component, DataSettings
from nodeforge.core.edits import SetData, Unset
from nodeforge.core.parameters import Value
from nodeforge.data import preparation
from nodeforge.session.own_data import use_data
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.panels.component_form import ComponentForm, with_value
from nodeforge.ui.panels.data_augmentation import AugmentationForm
from nodeforge.ui.panels.data_files import FILTER, source_for
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label


def _in_order() -> dict[str, data.Source]:
    """Sources that come with NodeForge, then those of one's own, each by title."""
    known = data.sources().items()
    return dict(sorted(known, key=lambda item: (item[1].licence == data.OWN, item[1].label.lower())))


class DataSettingsForm(QScrollArea):
    """Source, its parameters, preparation and augmentation."""

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.source = ComponentForm("Data source", _in_order, placeholder="Choose a data source")
        self.source.edited.connect(self._set_source)
        self.open_button = QPushButton(icon("open"), "Open file…")
        self.open_button.setToolTip(
            "Use a table, text or arrays of your own. A file can be dropped here as well."
        )
        self.open_button.clicked.connect(self.choose_file)
        self.folder_button = QPushButton(icon("open"), "Open folder…")
        self.folder_button.setToolTip(
            "Use pictures, sounds or texts of your own, one folder for each class. A folder can be dropped here as well."
        )
        self.folder_button.clicked.connect(self.choose_folder)
        self.preparation = ParameterForm(preparation.SETTINGS.parameters, explained=False)
        self.preparation.edited.connect(self._set_preparation)
        self.augmentation = AugmentationForm()
        self.augmentation.edited.connect(self._set_augmentation)
        for form in (self.source, self.preparation, self.augmentation):
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
        self.augmentation.show_parts(settings.augmentation if settings else (), scope)
        for widget in (
            self.preparation,
            self._preparation_title,
            self.augmentation,
            self._augmentation_title,
        ):
            widget.setVisible(settings is not None)

    def choose_file(self) -> None:
        """Ask for a file and use it."""
        start = str(self._model.folder or "")
        path, _ = QFileDialog.getOpenFileName(self, "Open data", start, FILTER)
        if path:
            self.use_file(Path(path))

    def choose_folder(self) -> None:
        """Ask for a folder and use it."""
        path = QFileDialog.getExistingDirectory(self, "Open a folder of data", str(self._model.folder or ""))
        if path:
            self.use_file(Path(path))

    def use_file(self, path: Path) -> None:
        """Make a file or folder the project's data; written relative to the project if it lies in its folder."""
        # What is no data of a known kind is read as a table, whose faults are told best.
        kind = source_for(path) or "csv"
        edit = use_data(self._model.document, self._model.folder, path, kind)
        self._model.do(edit, label=f"Use {path.name}")

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

    def _set_augmentation(self, parts: tuple[Component, ...], what: str) -> None:
        settings = self._model.document.data
        if settings is not None:
            changed = replace(settings, augmentation=parts)
            self._model.do(SetData(changed), label=f"Augmentation: {what}", merge_key=f"augmentation {what}")

    def _lay_out(self) -> None:
        content = QWidget()
        self._preparation_title = label("PREPARATION", "section")
        self._augmentation_title = label("AUGMENTATION", "section")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        own = QHBoxLayout()
        own.setSpacing(6)
        own.addWidget(self.open_button, 1)
        own.addWidget(self.folder_button, 1)
        layout.addWidget(label("SOURCE", "section"))
        layout.addWidget(self.source)
        layout.addLayout(own)
        layout.addSpacing(6)
        layout.addWidget(self._preparation_title)
        layout.addWidget(self.preparation)
        layout.addSpacing(6)
        layout.addWidget(self._augmentation_title)
        layout.addWidget(self.augmentation)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
