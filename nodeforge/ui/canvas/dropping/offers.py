"""What dropping something on the canvas would do: data, projects, weights, nodes as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtWidgets import QMenu

from nodeforge.core.errors import UserError
from nodeforge.data.pictures import SUFFIXES as PICTURES
from nodeforge.project.files import PROJECT_FILE
from nodeforge.session.inserting import insert_project
from nodeforge.session.pasted import project_in
from nodeforge.session.starting_weights import WEIGHT_FILES
from nodeforge.ui.canvas.changing import transfer
from nodeforge.ui.canvas.dropping import data_drop
from nodeforge.ui.panels.data_files import source_for

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_TEXT_BYTES = 10_000_000
"""A larger .json file is no drawing that somebody drops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a drop would do.

    Attributes:
        words: The same in a sentence, to show while something is dragged.
        run: Does it, at a point in canvas units, with some modifier keys held; None when nothing can be done.
    """

    words: str
    run: Callable[[QPointF, Qt.KeyboardModifier], None] | None = None


def offer_of(canvas: Canvas, data: QMimeData) -> Offer | None:
    """What can be done with what is dragged; None when it is not for the canvas at all."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if paths:
        offers = [_of_path(canvas, path) for path in paths]
        return next((offer for offer in offers if offer.run is not None), offers[0])
    return _of_text(canvas, data.text()) if data.hasText() else None


def _of_path(canvas: Canvas, path: Path) -> Offer:
    suffix = path.suffix.lower()
    if path.name == PROJECT_FILE or (path / PROJECT_FILE).is_file():
        folder = path.parent if path.name == PROJECT_FILE else path
        return Offer(
            words=f"Open the project {folder.name}, or put its network here (hold Shift to do so at once)",
            run=partial(_take_project, canvas, folder),
        )
    if suffix in WEIGHT_FILES and path.is_file():
        return Offer(
            words=f"Begin with the weights in {path.name}: drop it on a node to give them to that node alone",
            run=partial(_take_weights, canvas, path),
        )
    if suffix == ".json" and (text := _text_of(path)):
        return Offer(words=f"Add the nodes in {path.name}", run=partial(_take_text, canvas, text))
    if source_for(path):
        present = canvas.model.document.data
        instead = " in place of the present data" if present else ""
        return Offer(
            words=f"Use {path.name} as the data of this project{instead}",
            run=partial(data_drop.take, canvas, path),
        )
    return Offer(words=_refusal(path))


def _of_text(canvas: Canvas, text: str) -> Offer | None:
    found = project_in(text)
    return (
        Offer(words="Add the nodes in this text", run=partial(_take_text, canvas, found)) if found else None
    )


def _refusal(path: Path) -> str:
    """Why nothing can be done with a file, and what could be."""
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return "NodeForge writes ONNX files and cannot read them yet: draw the network, or open its project."
    if suffix in PICTURES:
        return "One picture is not data to learn from: drop a folder of pictures, with one folder for each class."
    if path.is_dir():
        return f"{path.name} holds no pictures, sounds or texts, and no {PROJECT_FILE}: drop a folder of samples or a project."
    return f"NodeForge cannot use {path.name}: drop a table, arrays, a text, a folder of samples, weights or a project."


def _text_of(path: Path) -> str:
    """The drawing in a .json file; "" when it holds none."""
    try:
        return project_in(path.read_text("utf-8")) if path.stat().st_size <= _TEXT_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _take_text(canvas: Canvas, text: str, at: QPointF, held: Qt.KeyboardModifier) -> None:
    transfer.add_text(canvas, text, at, "Drop nodes")


def _take_weights(canvas: Canvas, path: Path, at: QPointF, held: Qt.KeyboardModifier) -> None:
    node = canvas.mouse.hit(at).node
    known = canvas.model.node_report(node)
    canvas.weights_dropped.emit(path, node if known and known.parameters else "")


def _take_project(canvas: Canvas, folder: Path, at: QPointF, held: Qt.KeyboardModifier) -> None:
    """With Shift its network goes into the drawing; otherwise a menu asks."""
    if held & Qt.KeyboardModifier.ShiftModifier:
        _insert(canvas, folder, at)
        return
    menu = QMenu(canvas)
    menu.addAction(f"Open {folder.name}", lambda: canvas.project_dropped.emit(folder))
    menu.addAction("Put its network here, as a node", lambda: _insert(canvas, folder, at))
    menu.addSeparator()
    menu.addAction("Cancel")
    canvas.popup_menu(menu, canvas.mapFromScene(at))


def _insert(canvas: Canvas, folder: Path, at: QPointF) -> None:
    model = canvas.model
    try:
        edit = insert_project(model.document, model.network, folder, (round(at.x()), round(at.y())))
    except UserError as error:
        model.complained.emit(str(error))
        return
    transfer.add(canvas, edit)
