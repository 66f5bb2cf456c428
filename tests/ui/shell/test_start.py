"""The window is painted before what draws and checks networks is imported."""

from __future__ import annotations

import subprocess
import sys

_ASK = "import sys, nodeforge.ui.main_window; print(*sys.modules, sep='\\n')"


def test_the_window_is_imported_without_what_it_needs_later() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
    )
    modules = told.stdout.split()
    assert "nodeforge.ui.command_table" in modules
    later = ("nodeforge.analysis", "nodeforge.session", "nodeforge.ui.canvas.view", "torch", "pyqtgraph")
    assert [name for name in modules if name.startswith(later)] == []
