"""Plots of a run as PNG files, without any window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from nodeforge.core.errors import UserError
from nodeforge.project.runs import RunStore
from nodeforge.ui.panels.wording import title_of
from nodeforge.ui.plots.curve_card import CurveCard
from nodeforge.ui.plots.lines import lines_of
from nodeforge.ui.plots.saving import save_picture
from nodeforge.ui.plots.stored import read_run

SIZE = QSize(640, 400)


def save_run_pictures(project: Path, folder: Path, run: str = "") -> list[Path]:
    """Draw the curves of a run (the newest when none is named) into a folder, one PNG file each.

    A QApplication is made if there is none; the offscreen platform will do.

    Raises:
        UserError: There is no such run, or the folder cannot be written.
    """
    application = QApplication.instance() or QApplication([])
    assert application is not None
    curves = read_run(project, run or RunStore(project).latest().id)
    quantities = list(dict.fromkeys(quantity for quantity, _ in curves.series))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"No pictures can be written into {folder}: {error.strerror}.") from None
    written = []
    for quantity in quantities:
        card = CurveCard(f"{title_of(quantity)} of {curves.name}", "")
        card.resize(SIZE)
        card.set_lines(lines_of([curves], {curves.run: 0}, quantity, smoothing=0.8))
        card.refresh()
        card.grab()  # lays it out
        card.refresh()
        path = folder / f"{quantity}.png"
        save_picture(card, path)
        written.append(path)
        card.deleteLater()
    return written
