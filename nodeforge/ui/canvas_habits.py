"""How a person likes the canvas: its map, its grid, mouse or touchpad, and whether anything moves of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nodeforge.ui.canvas.viewing.flight import system_moves

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas
    from nodeforge.ui.preferences import Preferences


class CanvasHabits(QObject):
    """Lets a canvas follow what is preferred, and keeps what is chosen on it.

    Signals:
        changed: Something is preferred otherwise.
    """

    changed = Signal()

    def __init__(self, canvas: Canvas, preferences: Preferences) -> None:
        super().__init__(canvas)
        self._canvas, self._preferences = canvas, preferences
        canvas.minimap.wanted = preferences.minimap
        canvas.snaps_to_grid = preferences.snaps_to_grid
        self._on_motion()
        self._on_pointing()
        canvas.minimap.wanted_changed.connect(self._on_minimap)
        preferences.motion_changed.connect(self._on_motion)
        preferences.pointing_changed.connect(self._on_pointing)

    def toggle_minimap(self) -> None:
        """Take the map of the drawing out of its corner, or put it there."""
        self._canvas.minimap.wanted = not self._canvas.minimap.wanted

    def toggle_grid(self) -> None:
        """Let dragged nodes keep to the grid, or no longer."""
        self._canvas.snaps_to_grid = self._preferences.snaps_to_grid = not self._preferences.snaps_to_grid
        self.changed.emit()

    def _on_minimap(self, wanted: bool) -> None:
        self._preferences.minimap = wanted
        self.changed.emit()

    def _on_motion(self) -> None:
        motion = self._preferences.motion
        self._canvas.flight.moves = motion == "on" or (motion == "system" and system_moves())

    def _on_pointing(self) -> None:
        self._canvas.wheel_pans = self._preferences.has_touchpad
        self.changed.emit()
