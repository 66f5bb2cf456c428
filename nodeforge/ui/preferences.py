"""What the window remembers of a person: theme and layout. Nothing here belongs to a project."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from nodeforge.ui.calm import ComboBox

THEMES = {"system": "Like the system", "light": "Light", "dark": "Dark"}
POINTING = {
    "mouse": "Mouse: the wheel zooms",
    "touchpad": "Touchpad: two fingers move the canvas",
}
"""What a person points with. It is told, never guessed: both send the same events on many systems."""
MOTIONS = {"system": "Like the system", "on": "Shown", "off": "Not shown"}
"""Whether the canvas shows the way to another place."""


class Preferences(QObject):
    """Settings that outlive the window.

    Signals:
        theme_changed: The preferred theme (a key of `THEMES`).
        pointing_changed: What the person points with (a key of `POINTING`).
        motion_changed: Whether the canvas shows the way to another place (a key of `MOTIONS`).
    """

    theme_changed = Signal(str)
    pointing_changed = Signal(str)
    motion_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(
            QSettings.defaultFormat(), QSettings.Scope.UserScope, "NodeForge", "NodeForge"
        )

    @property
    def theme(self) -> str:
        value = str(self._store.value("theme", "system"))
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        if name != self.theme:
            self._store.setValue("theme", name)
            self.theme_changed.emit(name)

    @property
    def pointing(self) -> str:
        value = str(self._store.value("pointing", "mouse"))
        return value if value in POINTING else "mouse"

    @pointing.setter
    def pointing(self, name: str) -> None:
        if name != self.pointing:
            self._store.setValue("pointing", name)
            self.pointing_changed.emit(name)

    @property
    def has_touchpad(self) -> bool:
        return self.pointing == "touchpad"

    def toggle_touchpad(self) -> None:
        """Say that one points with a touchpad, or with a mouse again."""
        self.pointing = "mouse" if self.has_touchpad else "touchpad"

    @property
    def motion(self) -> str:
        value = str(self._store.value("motion", "system"))
        return value if value in MOTIONS else "system"

    @motion.setter
    def motion(self, name: str) -> None:
        if name != self.motion:
            self._store.setValue("motion", name)
            self.motion_changed.emit(name)

    @property
    def minimap(self) -> bool:
        """Whether the map of the drawing is wanted."""
        return bool(self._store.value("minimap", True, type=bool))

    @minimap.setter
    def minimap(self, wanted: bool) -> None:
        self._store.setValue("minimap", wanted)

    @property
    def snaps_to_grid(self) -> bool:
        """Whether dragged nodes keep to the grid."""
        return bool(self._store.value("snaps_to_grid", False, type=bool))

    @snaps_to_grid.setter
    def snaps_to_grid(self, snaps: bool) -> None:
        self._store.setValue("snaps_to_grid", snaps)

    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Geometry and docks as they were left; None at the first start or after a reset."""
        geometry, docks = self._store.value("layout/geometry"), self._store.value("layout/docks")
        if isinstance(geometry, QByteArray) and isinstance(docks, QByteArray):
            return geometry, docks
        return None

    def keep_layout(self, geometry: QByteArray, docks: QByteArray) -> None:
        self._store.setValue("layout/geometry", geometry)
        self._store.setValue("layout/docks", docks)

    def forget_layout(self) -> None:
        self._store.remove("layout")


class PreferencesDialog(QDialog):
    """Shows the preferences; each takes effect at once."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._preferences = preferences
        self.theme_box = _choice("Theme", THEMES, preferences.theme)
        self.theme_box.activated.connect(self._choose_theme)
        self.pointing_box = _choice("Pointing with", POINTING, preferences.pointing)
        self.pointing_box.activated.connect(self._choose_pointing)
        self.motion_box = _choice("Motion", MOTIONS, preferences.motion)
        self.motion_box.setToolTip("The way into a network, out of it, and to a bookmark")
        self.motion_box.activated.connect(self._choose_motion)

        form = QFormLayout()
        form.addRow("&Theme", self.theme_box)
        form.addRow("&Pointing with", self.pointing_box)
        form.addRow("&Motion", self.motion_box)
        note = QLabel("Preferences take effect at once and belong to you, not to the project.")
        note.setProperty("role", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(buttons)

    def _choose_theme(self) -> None:
        self._preferences.theme = str(self.theme_box.currentData())

    def _choose_pointing(self) -> None:
        self._preferences.pointing = str(self.pointing_box.currentData())

    def _choose_motion(self) -> None:
        self._preferences.motion = str(self.motion_box.currentData())


def _choice(name: str, options: Mapping[str, str], value: str) -> ComboBox:
    box = ComboBox()
    box.setAccessibleName(name)
    for each, title in options.items():
        box.addItem(title, each)
    box.setCurrentIndex(box.findData(value))
    return box
