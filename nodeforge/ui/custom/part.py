"""The part of the inspector about the file of a layer that a person wrote."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nodeforge.catalog.custom import CustomKind
from nodeforge.core.errors import UserError
from nodeforge.project.custom_code import file_of
from nodeforge.session import custom_layers
from nodeforge.ui.custom.editing import open_in_editor
from nodeforge.ui.custom.trust_dialog import TrustDialog
from nodeforge.ui.icons import icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, quiet_button

_SIGN = QSize(18, 18)


class CodePart(QWidget):
    """File of a layer, whether it is trusted, and buttons to read, edit and reload it.

    Args:
        model: The open project.
        name: The layer.
        kind: What it is; None while its text cannot be used.
    """

    def __init__(self, model: ProjectModel, name: str, kind: CustomKind | None) -> None:
        super().__init__()
        self._model = model
        self._name = name
        self._kind = kind
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("CODE", "section"))
        layout.addLayout(self._state())
        self.read = QPushButton(icon("lock"), "Read and trust…")
        self.read.setToolTip("Look at the code, then say whether it may run")
        self.read.clicked.connect(self._review)
        self.read.setVisible(kind is not None and not kind.trusted)
        layout.addWidget(self.read, 0, Qt.AlignmentFlag.AlignLeft)
        self.edit = quiet_button("Edit file", "Open the file in your editor of plain texts")
        self.edit.clicked.connect(self._edit)
        self.reload = quiet_button("Reload", "Read the file again; this happens by itself when it is saved")
        self.reload.clicked.connect(self._reload)
        links = QHBoxLayout()
        links.setSpacing(14)
        links.addWidget(self.edit)
        links.addWidget(self.reload)
        links.addStretch(1)
        layout.addLayout(links)

    def _state(self) -> QHBoxLayout:
        kind = self._kind
        sign, color, words = ("good", "good", "trusted on this machine")
        if kind is None:
            sign, color, words = ("error", "error", "cannot be used")
        elif not kind.trusted:
            sign, color, words = ("lock", "error", "off: not trusted on this machine")
        picture = QLabel()
        picture.setPixmap(icon(sign, color).pixmap(_SIGN))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(f"{file_of(self._name)}, {words}", wrap=True), 1)
        return line

    def _review(self) -> None:
        if self._kind is not None:
            review(self._model, self._kind, self.window())

    def _edit(self) -> None:
        try:
            place = custom_layers.file_place(self._model.workspace, self._name)
        except UserError as error:
            self._model.complained.emit(str(error))
        else:
            open_in_editor(place)

    def _reload(self) -> None:
        self._model.workspace.reload_code()


def review(model: ProjectModel, kind: CustomKind, parent: QWidget | None) -> TrustDialog:
    """Show the code of a layer; what the person then trusts is exactly what was shown."""
    dialog = TrustDialog(kind, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def agreed() -> None:
        try:
            custom_layers.trust_layer(model.workspace, kind)
        except UserError as error:
            model.complained.emit(str(error))
        else:
            model.trust_changed()

    dialog.accepted.connect(agreed)
    dialog.open()
    return dialog
