"""Opens the file of a layer to be edited. A file of code is never handed to the system to be opened: that may run it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def open_in_editor(path: Path) -> bool:
    """Show the file in the system's editor of plain texts; where none is known, its folder."""
    command = editor_command(path)
    if command and QProcess.startDetached(command[0], command[1:])[0]:
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def editor_command(path: Path, platform: str = sys.platform) -> list[str]:
    """What opens the file as a text; nothing where no editor is known."""
    if platform == "win32":
        return ["notepad.exe", str(path)]
    if platform == "darwin":
        return ["open", "-t", str(path)]
    launcher, asker = shutil.which("gtk-launch"), shutil.which("xdg-mime")
    if not launcher or not asker:
        return []
    asked = subprocess.run(
        [asker, "query", "default", "text/plain"], capture_output=True, text=True, timeout=5
    )
    editor = asked.stdout.strip().removesuffix(".desktop")
    return [launcher, editor, str(path)] if editor else []
