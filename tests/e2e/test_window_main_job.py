"""Draw, check, train, watch, save, come back and export: with mouse and keys, in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from person import Key, Keys, Person, Start, is_seen
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton

from nodeforge.project import schema
from nodeforge.training.restore import load_run
from nodeforge.ui.export_dialog import ExportDialog


def draw_a_classifier(person: Person) -> None:
    """Input, Linear and Output by dragging, Target and loss by searching, and the wires between them."""
    for number, layer in enumerate(("input", "linear", "output")):
        person.drag_layer(layer, person.at(-260 + 240 * number, -80))
    nodes = [(node.kind, node.name) for node in person.window.model.graph.ordered_nodes()]
    assert [kind for kind, _ in nodes] == ["Input", "Linear", "Output"]
    person.click_canvas(QPoint(9, 9))
    for layer in ("Target", "CrossEntropyLoss"):
        person.press(Key.Key_Tab)
        person.type(layer)
        person.press(Key.Key_Return)
    person.press(Key.Key_L, Keys.ControlModifier | Keys.ShiftModifier)  # in order, so that all can be reached
    person.wait(lambda: not person.window.canvas.arranging.busy)
    person.press(Key.Key_F)
    names = {node.kind: node.name for node in person.window.model.graph.ordered_nodes()}
    for source, target, port in (
        ("Input", "Linear", "input"),
        ("Linear", "Output", "input"),
        ("Linear", "CrossEntropyLoss", "input"),
        ("Target", "CrossEntropyLoss", "target"),
    ):
        person.draw_wire((names[source], "output"), (names[target], port))
    assert len(tuple(person.window.model.graph.wires())) == 4


def mend_everything(person: Person) -> None:
    """Click the first fix of the list of problems until there is none left."""
    panel = person.panel("problems")
    model = person.window.model
    person.wait(lambda: model.workspace.facts)
    mended = []
    while findings := [finding for finding in model.workspace.report.diagnostics if finding.fixes]:
        person.wait(lambda: person.sees(QPushButton, f"Fix: {findings[0].fixes[0].label}", panel))
        person.click(f"Fix: {findings[0].fixes[0].label}", panel)
        assert findings[0] not in model.workspace.report.diagnostics
        mended.append(findings[0].code)
    assert mended
    assert model.workspace.report.ok


def watch_the_curves_move(person: Person) -> None:
    """The loss of the run that trains grows longer, and the plot is painted anew."""
    card = person.window.workbench.plots.loss_card
    person.wait(lambda: is_seen(card) and card.lines and len(card.lines[0].series) > 50)
    length, picture = len(card.lines[0].series), card.area.grab().toImage()
    person.wait(lambda: len(card.lines[0].series) > length and card.area.grab().toImage() != picture)


def differences_from_the_run(folder: Path, file: Path) -> list[float]:
    """Largest differences between the file in ONNX Runtime and the trained module, for several batch sizes."""
    run = load_run(folder)
    session = onnxruntime.InferenceSession(file)
    (field,) = [field.name for field in run.dataset.facts.fields if field.role == "input"]
    samples = run.dataset.split("test")[field]
    differences = []
    for size in (1, 2, 5):
        batch = np.ascontiguousarray(samples[:size])
        (answer,) = session.run(None, {session.get_inputs()[0].name: batch})
        with torch.no_grad():
            differences.append(float(np.abs(answer - run.module(torch.from_numpy(batch)).numpy()).max()))
    return differences


def test_from_an_empty_project_to_a_file_that_computes_the_same(start: Start, tmp_path: Path) -> None:
    folder, file = tmp_path / "flowers", tmp_path / "flowers.onnx"
    person = start()
    person.click("New empty project")
    draw_a_classifier(person)
    person.wait_for_engine()
    person.choose("Data source", "Iris", person.panel("data"))
    mend_everything(person)
    person.enter("epochs", "5000", person.panel("training"))
    person.name_file_when_asked(folder)
    person.press(Key.Key_F5)
    watch_the_curves_move(person)
    person.press(Key.Key_F5, Keys.ShiftModifier)
    person.wait(lambda: person.window.workbench.training.state == "idle")
    person.click_canvas(QPoint(9, 9))
    person.enter("Title of the project", "Three flowers", person.panel("inspector"))
    person.press(Key.Key_S, Keys.ControlModifier)
    drawn = schema.encode(person.window.model.document)
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert not person.window.isVisible()

    person = start()
    person.name_file_when_asked(folder / "project.json")
    person.press(Key.Key_O, Keys.ControlModifier)
    assert schema.encode(person.window.model.document) == drawn
    person.wait_for_engine()
    person.press(Key.Key_E, Keys.ControlModifier)
    person.wait(lambda: isinstance(QApplication.activeWindow(), ExportDialog))
    dialog = QApplication.activeWindow()
    person.enter("File to write", str(file), dialog)
    person.wait(lambda: "is written" in dialog.outcome.text())
    assert max(differences_from_the_run(folder, file)) < 1e-5
    person.press(Key.Key_Escape)
    person.press(Key.Key_Q, Keys.ControlModifier)
