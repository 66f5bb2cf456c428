"""Leaving a training: one question, a checkpoint before anything goes, and whether it can be taken up again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from nodeforge.core.errors import UserError
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.ui.panels.trainer import Trainer

PATIENCE_MS = 10_000
"""A batch that takes longer than this is not waited for; the engine writes its checkpoint nevertheless."""


def may_interrupt(window: QWidget, title: str) -> bool:
    """Ask whether the training of a project may be stopped."""
    roles = QMessageBox.ButtonRole
    text = f"“{title}” is being trained. To leave it, stop the training."
    box = QMessageBox(QMessageBox.Icon.Question, "Training is running", text, parent=window)
    box.setInformativeText("What it has learnt is kept as a checkpoint, and it can be resumed under Runs.")
    stop = box.addButton("Stop training", roles.AcceptRole)
    keep = box.addButton("Keep training", roles.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is stop


def stop_training(trainer: Trainer) -> None:
    """Stop the training and return when its checkpoint is written. The window goes on painting."""
    loop, patience = QEventLoop(), QTimer()
    patience.setSingleShot(True)
    patience.timeout.connect(loop.quit)

    def look(_: str) -> None:
        if not trainer.active:
            loop.quit()

    trainer.state_changed.connect(look)
    trainer.stop()
    if trainer.active:
        patience.start(PATIENCE_MS)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        patience.stop()
    trainer.state_changed.disconnect(look)


def can_go_on(folder: Path, run: str) -> bool:
    """Whether a run that was left, by whatever, has a checkpoint to go on from."""
    try:
        return any(RunStore(folder).path(run).glob("last.*"))
    except UserError:  # it had not even begun
        return False


def unfinished_run(folder: Path) -> RunInfo | None:
    """The project's newest run, if it was cut off and can go on. One that a person stopped is not offered."""
    newest = next(iter(RunStore(folder).runs()), None)
    if newest is None or newest.status != "interrupted" or not can_go_on(folder, newest.id):
        return None
    return newest
