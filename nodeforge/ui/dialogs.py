"""What opens over the window: dialogs, help, the command palette. Each is loaded when it is first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QMessageBox

from nodeforge import __version__, catalog
from nodeforge.ui.preferences import PreferencesDialog

if TYPE_CHECKING:
    from nodeforge.ui.help import HelpWindow
    from nodeforge.ui.main_window import MainWindow


class Dialogs(QObject):
    """Opens them for one window.

    Attributes:
        help: The window of help, once it was asked for.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.help: HelpWindow | None = None

    def export_model(self) -> None:
        """Take a trained network away."""
        from nodeforge.ui.export_dialog import ExportDialog

        _gone_once_closed(ExportDialog(self._window.model, self._window.engine, self._window)).open()

    def export_picture(self) -> None:
        """Save the drawing as SVG, PDF or PNG."""
        from nodeforge.ui.picture_dialog import PictureDialog

        window = self._window
        dialog = PictureDialog(window.model, window.canvas.heat, window)
        dialog.accepted.connect(lambda: window.status.showMessage(f"Saved as {dialog.written}", 6000))
        _gone_once_closed(dialog).open()

    def deep_check(self) -> None:
        """Run the network and show what only that can tell."""
        from nodeforge.ui.deep_check import DeepCheckDialog

        _gone_once_closed(DeepCheckDialog(self._window.model, self._window.engine, self._window)).show()

    def weights(self, file: Path | None = None, node: str = "") -> None:
        """Show what the training begins with; a file that is given is added, for a node of the shown network."""
        from nodeforge.ui.weights.dialog import WeightsDialog

        model = self._window.model
        dialog = WeightsDialog(model, self._window.engine, self._window)
        _gone_once_closed(dialog).show()
        if file is not None:
            dialog.add(str(file), ".".join((*model.path, node)) if node else "")

    def rate_test(self) -> None:
        """Test the learning rates of the stage that is shown."""
        from nodeforge.ui.rate_test import RateTestDialog

        window = self._window
        stage = window.workbench.training.recipe.stage.name
        _gone_once_closed(RateTestDialog(window.model, window.engine, stage, window)).show()

    def preferences(self) -> None:
        _gone_once_closed(PreferencesDialog(self._window.preferences, self._window)).open()

    def shortcuts(self) -> None:
        """List the keys of all commands, to search and to change."""
        from nodeforge.ui.shortcuts.dialog import ShortcutsDialog

        dialog = ShortcutsDialog(self._window.keymap, self._window)
        dialog.mouse_requested.connect(lambda: self.show_help("shortcuts"))
        _gone_once_closed(dialog).show()

    def command_palette(self) -> None:
        from nodeforge.ui.command_palette import CommandPalette, entries

        CommandPalette(entries(self._window), self._window).show()

    def recovery(self) -> None:
        """Ask about work that a crash left behind."""
        from nodeforge.project.journal import recoverable
        from nodeforge.ui.recovery import RecoveryDialog

        leftovers = recoverable()
        if leftovers:
            dialog = RecoveryDialog(leftovers, self._window)
            dialog.chosen.connect(self._window.documents.recover)
            _gone_once_closed(dialog).open()

    def about(self) -> None:
        QMessageBox.about(
            self._window,
            "About NodeForge",
            f"<h3>NodeForge {__version__}</h3><p>Draw a neural network, train it, watch it, take it away.</p>"
            "<p>Free software under the Apache License 2.0.</p>",
        )

    # Help -----------------------------------------------------------------------------------------

    def show_help(self, page: str) -> None:
        from nodeforge.ui.help import HelpWindow

        if self.help is None:
            self.help = HelpWindow(self._window.commands, self._window)
        self.help.show_page(page)

    def read_about(self, kind: str) -> None:
        """Open the page of a kind; networks and blocks share one, and so do layers of the project's own."""
        page = "custom-code" if kind in self._window.model.document.custom else "networks"
        self.show_help(f"kind:{kind}" if kind in catalog.kinds() else page)

    def help_in_focus(self) -> None:
        """Help on the row of the palette that has the focus, else on the selected node, else on the keys."""
        window = self._window
        palette = window.workbench.palette_panel
        if palette.current and palette.isAncestorOf(window.focusWidget() or window):
            self.read_about(palette.current)
        elif window.model.selection:
            self.read_about(window.model.graph.nodes[min(window.model.selection)].kind)
        else:
            self.shortcuts()


def _gone_once_closed(dialog: QDialog) -> QDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
