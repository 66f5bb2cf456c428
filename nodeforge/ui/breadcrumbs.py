"""The line above the canvas that says which network is shown, and leads out of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from nodeforge.core.changes import Change
from nodeforge.session.whereabouts import Whereabouts
from nodeforge.ui.icons import icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import clear, label

MOST = 4
"""With more steps than this, the first ones stand behind dots."""
LONGEST = 24


class Breadcrumbs(QFrame):
    """Hidden while the main network is shown.

    Attributes:
        up: The button that leads one network out.
        steps: A button for each network on the way, the shown one last.
    """

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: object = None
        self.setProperty("role", "breadcrumbs")
        self.setAccessibleName("Where you are")
        self.up = QToolButton()
        self.up.setIcon(icon("up"))
        self.up.setAutoRaise(True)
        self.up.setToolTip("Leave this network (Esc)")
        self.up.setAccessibleName("Leave this network")
        self.up.clicked.connect(lambda: model.leave())
        self.steps: list[QToolButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(1)
        self.note = label(role="muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 3, 12, 3)
        layout.setSpacing(6)
        layout.addWidget(self.up)
        layout.addLayout(self._row)
        layout.addStretch(1)
        layout.addWidget(self.note)
        for signal in (model.opened, model.network_changed):
            signal.connect(self.refresh)
        model.changed.connect(self._on_changed)
        self.refresh()

    def _on_changed(self, change: Change) -> None:
        if change.settings or any(inner.renamed for inner in change.networks.values()):
            self.refresh()

    def refresh(self) -> None:
        """Show where the person is now."""
        model = self._model
        networks = model.place.networks(model.document)
        shown = (model.place, networks, model.document.main)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._row)
        self.steps = []
        steps = list(zip(("", *model.path), networks, strict=True))
        hidden = max(0, len(steps) - MOST)
        for level, (use, network) in list(enumerate(steps))[hidden:]:
            if level:
                self._row.addWidget(label("›", "muted"))
            dots = level == hidden and hidden > 0
            self.steps.append(self._step(level, use, network, len(steps) - 1 - level, dots=dots))
            self._row.addWidget(self.steps[-1])
        alone = not model.path and model.network != model.document.main
        self.note.setText("by itself" if alone else "as it is at this use")
        self.note.setToolTip(
            "Shapes follow from what its Input nodes declare."
            if alone
            else "Shapes and values are those of this use. What you change here changes at every use."
        )
        self.setVisible(alone or bool(model.path))

    def _step(self, level: int, use: str, network: str, levels_out: int, *, dots: bool) -> QToolButton:
        button = QToolButton()
        words = use if use in ("", network) else f"{use} ({network})"
        words = words or network
        button.setText("…" if dots else words if len(words) <= LONGEST else words[: LONGEST - 1] + "…")
        button.setAutoRaise(True)
        button.setProperty("role", "step" if levels_out else "here")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus if levels_out else Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(f"Go to {words}" if levels_out else f"{words}, shown")
        button.setToolTip(f"Go to {words}" if levels_out else f"The network {network}")
        place = Whereabouts(self._model.place.base, self._model.path[:level])
        button.clicked.connect(lambda: self._model.go(place))
        return button
