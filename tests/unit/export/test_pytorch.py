"""The folder of exported code: what is in it, what it answers, what is refused, and what happens to what was there."""

from __future__ import annotations

import ast
import errno
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.document import Component, DataSettings, Recipe, Stage
from nodeforge.core.errors import UserError
from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.messages import Exported, ExportModel
from nodeforge.export import export_run
from nodeforge.export.pytorch import export as exporter
from nodeforge.export.pytorch import recipe
from nodeforge.export.pytorch.recipe import CARRIED, WITHOUT_MEANING, stage_code
from nodeforge.export.pytorch.rendering import render
from nodeforge.export.pytorch.samples import packed_fields
from nodeforge.project import files, schema
from nodeforge.project.json_text import format_json, parse_json
from nodeforge.training import load_run, predict_run
from tests.drawings import drawing
from tests.exported_scripts import printed_losses, run_script, run_scripts, told_losses
from tests.training_jobs import iris, run

FILES = {
    "README.md",
    "fields.json",
    "model.py",
    "nodeforge.json",
    "predict.py",
    "requirements.txt",
    "samples.npz",
    "samples.py",
    "train.py",
    "weights.safetensors",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iris")
    summary, _ = run(iris(epochs=2), folder)
    return folder, summary.id


@pytest.fixture(scope="module")
def code(trained, tmp_path_factory) -> Path:
    """An export of the run, to read only."""
    folder, run_id = trained
    output = tmp_path_factory.mktemp("place") / "code"
    export_run(folder=folder, run=run_id, format="pytorch", output=output)
    return output


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# What is written ----------------------------------------------------------------------------------


def test_the_folder_holds_the_generated_source_and_the_runs_weights(trained, code):
    trained_run = load_run(*trained)
    assert names(code) == FILES
    assert names(code.parent) == {"code"}
    assert (code / "model.py").read_text(encoding="utf-8") == trained_run.source.text
    weights = load_file(code / "weights.safetensors")
    assert all(torch.equal(tensor, weights[name]) for name, tensor in trained_run.module.state_dict().items())
    pinned = dict(line.split("==") for line in (code / "requirements.txt").read_text().splitlines())
    assert pinned["torch"] == torch.__version__.partition("+")[0]
    assert set(pinned) == {"torch", "numpy", "safetensors"}


def test_the_code_imports_nothing_but_what_is_required(code):
    allowed = {"model", "samples", "numpy", "safetensors", "torch"} | sys.stdlib_module_names
    for script in code.glob("*.py"):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in found} <= allowed, script


def test_the_samples_hold_no_pickle_and_are_those_of_the_app(trained, code):
    dataset = load_run(*trained).dataset
    with np.load(code / "samples.npz", allow_pickle=False) as file:
        for name, rows in dataset.indices.items():
            np.testing.assert_array_equal(file[f"rows/{name}"], rows)
        np.testing.assert_array_equal(file["features"], dataset.samples.fields[0].values)


def test_the_last_weights_can_be_exported_instead_of_the_best(trained, tmp_path):
    folder, run_id = trained
    export_run(folder=folder, run=run_id, checkpoint="last", format="pytorch", output=tmp_path / "code")
    weights = load_file(tmp_path / "code" / "weights.safetensors")
    last = load_run(folder, run_id, "last").module.state_dict()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in last.items())


def test_predictions_are_those_of_the_app(trained, code, tmp_path):
    table, array = tmp_path / "flowers.csv", tmp_path / "flowers.npy"
    table.write_text("a,b,c,d\n5.1,3.5,1.4,0.2\n6.2,2.9,4.3,1.3\n")
    np.save(array, np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]))
    ours = predict_run(*trained, table)
    for printed in run_scripts("predict.py", [(code, [str(table)]), (code, [str(array)])], place=tmp_path):
        assert [line.split(",") for line in printed.splitlines()] == [ours.columns, *ours.rows]


def test_predictions_of_values_are_in_their_own_unit(tmp_path):
    folder = files.copy_example("elnino-lstm", tmp_path / "elnino")
    document = files.load(folder)
    (stage,) = document.recipe.stages
    document.recipe = Recipe(stages=(replace(stage, settings={**stage.settings, "epochs": 1}),))
    summary, _ = run(document, folder)
    export_run(folder=folder, run=summary.id, format="pytorch", output=tmp_path / "code")
    np.save(tmp_path / "months.npy", np.linspace(18, 28, 48).reshape(2, 24, 1))
    ours = predict_run(folder, summary.id, tmp_path / "months.npy")
    printed = run_script("predict.py", tmp_path / "code", str(tmp_path / "months.npy")).splitlines()
    assert printed == [",".join(row) for row in (ours.columns, *ours.rows)]


TEXTS_NET = """
    x = Input(shape=[{length}], dtype="int64", field="text")
    numbers = Embedding(num_embeddings={count}, embedding_dim=4)
    flat = Flatten()
    fc = Linear(out_features={classes})
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> numbers -> flat -> fc -> y
    fc -> loss
    t -> loss.target
"""


@pytest.mark.parametrize(
    ("source", "parameters", "net"),
    [
        ("surnames", {"padding": "start"}, {"length": 16, "count": 90, "classes": 8}),
        ("rated-texts", {"lower": True}, {"length": 32, "count": 9000, "classes": 2}),
    ],
)
def test_new_texts_are_answered_as_in_the_app(tmp_path, source, parameters, net):
    document = drawing(TEXTS_NET.format(**net))
    document.data = DataSettings(source=Component(kind=source, parameters=parameters))
    document.recipe = Recipe(stages=(Stage(settings={"epochs": 1, "batch_size": 256}),))
    summary, _ = run(document, tmp_path)
    export_run(folder=tmp_path, run=summary.id, format="pytorch", output=tmp_path / "code")
    lines = ["Møller-Šimić's Zoë, it's a GREAT one", "", "x", "a rather long text, longer than any; " * 9]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    ours = predict_run(tmp_path, summary.id, tmp_path / "texts.txt")
    printed = run_script("predict.py", tmp_path / "code", str(tmp_path / "texts.txt")).splitlines()
    assert [line.split(",") for line in printed] == [ours.columns, *ours.rows]
    assert len(printed) == 4


def test_a_project_that_was_never_trained_is_exported_without_weights(tmp_path):
    folder = files.copy_example("iris-mlp", tmp_path / "iris")
    output = tmp_path / "code"
    exported = export_run(folder=folder, run="", format="pytorch", output=output)
    assert (exported.format, exported.max_abs_difference, exported.checked_batches) == (
        "pytorch",
        0.0,
        [1, 2, 5],
    )
    assert names(output) == FILES - {"weights.safetensors"}
    printed = run_script("train.py", output, "--every", "400")
    assert len(printed_losses(printed)) == 1
    assert "weights.safetensors" in names(output)
    _, recorder = run(files.load(folder), folder)
    np.testing.assert_array_equal(printed_losses(printed), told_losses(recorder)[399:400])


def test_a_drawing_can_be_exported_instead_of_a_run(trained, tmp_path):
    folder, _ = trained
    drawn = iris(epochs=77)
    export_run(folder=folder, run="", format="pytorch", output=tmp_path / "code", document=drawn)
    assert "EPOCHS = 77" in (tmp_path / "code" / "train.py").read_text(encoding="utf-8")
    assert "weights.safetensors" not in names(tmp_path / "code")


def test_texts_of_the_project_stay_texts(tmp_path):
    document = iris(epochs=1)
    document.title = '"""\nimport os  #? shuffle $seed {0} \\'
    export_run(folder=tmp_path, run="", format="pytorch", output=tmp_path / "code", document=document)
    for script in ("train.py", "predict.py", "samples.py", "model.py"):
        tree = ast.parse((tmp_path / "code" / script).read_text(encoding="utf-8"))
        imported = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        assert "os" not in imported or script == "train.py"
    assert len(printed_losses(run_script("train.py", tmp_path / "code"))) > 1


# What is refused ----------------------------------------------------------------------------------


NOT_FOLLOWED = {
    "gradient_clip_value": 0.5,
    "accumulation_steps": 2,
    "warmup_epochs": 1.0,
    "ema_decay": 0.99,
    "l1": 0.1,
    "l2": 0.1,
    "class_weights": "balanced",
    "sampling": "balanced",
    "precision": "bfloat16",
}
"""Settings that train.py does not follow, with a value other than their default."""


def test_every_setting_of_a_stage_is_followed_or_has_no_meaning_in_code_or_is_refused():
    known = CARRIED | WITHOUT_MEANING
    assert {parameter.name for parameter in SETTINGS.parameters} == known | NOT_FOLLOWED.keys()
    for name, value in NOT_FOLLOWED.items():
        with pytest.raises(UserError, match=f"Stage train sets {name}, which PyTorch code does not follow"):
            stage_code(Recipe(stages=(Stage(settings={name: value}),)))


@pytest.mark.parametrize("kind", ["Muon", "LBFGS", "CyclicLR"])
def test_optimizers_and_schedules_of_their_own_kind_are_refused_by_name(kind):
    part = "schedule" if kind == "CyclicLR" else "optimizer"
    with pytest.raises(UserError, match=f"PyTorch code does not follow {kind} yet"):
        stage_code(Recipe(stages=(Stage(**{part: Component(kind=kind)}),)))


def test_one_cycle_leaves_momentum_alone_where_there_is_none():
    schedule = Component(kind="OneCycleLR")
    code = stage_code(Recipe(stages=(Stage(schedule=schedule, optimizer=Component(kind="Adagrad")),)))
    assert "cycle_momentum=False" in code.scheduler
    assert "cycle_momentum" not in stage_code(Recipe(stages=(Stage(schedule=schedule),))).scheduler


def test_what_code_cannot_follow_is_refused_by_name(trained, tmp_path):
    stage = Stage(name="first")
    with pytest.raises(UserError, match=r"several \(first, second\)"):
        stage_code(Recipe(stages=(stage, replace(stage, name="second"))))
    with pytest.raises(UserError, match="Stage first learns by the rule hebbian"):
        stage_code(Recipe(stages=(replace(stage, rule="hebbian"),)))
    for field, value in (("learns", ("fc1",)), ("objectives", ("loss",)), ("rule_settings", {"radius": 2.0})):
        with pytest.raises(UserError, match=f"Stage first sets {field}, which PyTorch code does not follow"):
            stage_code(Recipe(stages=(replace(stage, **{field: value}),)))


def test_a_setting_that_is_new_to_the_exporter_is_refused_unless_it_is_left_alone(monkeypatch):
    monkeypatch.setattr(recipe, "CARRIED", CARRIED - {"shuffle"})
    stage_code(Recipe(stages=(Stage(settings={"shuffle": True}),)))
    with pytest.raises(UserError, match="Stage train sets shuffle, which PyTorch code does not follow"):
        stage_code(Recipe(stages=(Stage(settings={"shuffle": False}),)))
    monkeypatch.setattr(recipe, "_STAGE_FIELDS", frozenset({"name", "rule", "settings", "schedule"}))
    with pytest.raises(UserError, match="Stage train sets optimizer"):
        stage_code(Recipe(stages=(Stage(optimizer=Component(kind="SGD")),)))


def test_samples_that_are_changed_while_training_are_refused_by_what_changes_them(tmp_path):
    document = iris()
    assert document.data is not None
    document.data = replace(document.data, augmentation=(Component(kind="noise"),))
    with pytest.raises(UserError, match=r"The data sets augmentation \(noise\), which PyTorch code"):
        export_run(folder=tmp_path, run="", format="pytorch", output=tmp_path / "code", document=document)


def test_the_engine_exports_a_drawing(tmp_path):
    engine = InProcessEngine(lambda event: None)
    engine.start()
    try:
        asked = ExportModel(
            folder=str(tmp_path),
            run="",
            format="pytorch",
            output=str(tmp_path / "code"),
            document=schema.encode(iris()),
        )
        reply = engine.request(asked).result(timeout=60)
    finally:
        engine.close()
    assert isinstance(reply, Exported)
    assert names(tmp_path / "code") == FILES - {"weights.safetensors"}


def test_a_training_that_cannot_begin_is_refused(tmp_path):
    optimizer = Component(kind="SGD", parameters={"nesterov": True})
    for document, sentence in (
        (iris(optimizer=optimizer), "SGD cannot be used like this: Nesterov"),
        (
            iris(
                "x = Input(shape=[4])\nt = Target()\nl = CrossEntropyLoss()\ny = Output()\nx -> l\nx -> y\nt -> l.target"
            ),
            "nothing to learn",
        ),
    ):
        with pytest.raises(UserError, match=sentence):
            export_run(folder=tmp_path, run="", format="pytorch", output=tmp_path / "code", document=document)
    assert names(tmp_path) == set()


def test_samples_on_disk_are_refused(trained, tmp_path):
    trained_run = load_run(*trained)
    on_disk = replace(trained_run.dataset, splits={name: {} for name in trained_run.dataset.splits})
    with pytest.raises(UserError, match="The samples of Iris are read from disk"):
        packed_fields(on_disk, trained_run.source)


def test_a_run_whose_data_have_changed_is_refused(tmp_path):
    lines = ["a,b,c,d,kind", *(f"{i},{i % 7},{i % 3},1,{'xyz'[i % 3]}" for i in range(60))]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    document = iris(epochs=1)
    document.data = DataSettings(source=Component(kind="csv", parameters={"path": "table.csv"}))
    summary, _ = run(document, tmp_path)
    (tmp_path / "table.csv").write_text("\n".join(lines).replace("5,5,2", "500,5,2"))
    with pytest.raises(UserError, match="has changed since run"):
        export_run(folder=tmp_path, run=summary.id, format="pytorch", output=tmp_path / "code")


def test_a_network_without_a_loss_is_one_sentence(tmp_path):
    document = iris("x = Input(shape=[4])\nfc = Linear(out_features=3)\ny = Output()\nx -> fc -> y")
    with pytest.raises(UserError, match="no objective"):
        export_run(folder=tmp_path, run="", format="pytorch", output=tmp_path / "code", document=document)
    assert names(tmp_path) == set()


def test_code_that_computes_something_else_is_refused_and_leaves_nothing(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    write = exporter._write_weights

    def spoiled(trained_run, path):
        with torch.no_grad():
            trained_run.module.fc2.bias += 0.01
            write(trained_run, path)
            trained_run.module.fc2.bias -= 0.01

    monkeypatch.setattr(exporter, "_write_weights", spoiled)
    with pytest.raises(UserError, match=r"differs from the project's by 0\.01 at output 1"):
        export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "code")
    assert names(tmp_path) == set()


def test_samples_that_are_others_are_refused(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    monkeypatch.setattr(
        exporter.other_scripts, "samples_py", _without_scaling(exporter.other_scripts.samples_py)
    )
    with pytest.raises(UserError, match="The exported train samples differ"):
        export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "code")


def _without_scaling(samples_py):
    return lambda facts: samples_py(facts).replace(' / how["scale"]', "")


# What was there before ----------------------------------------------------------------------------


def test_a_former_export_is_replaced_and_files_of_ones_own_stay(trained, tmp_path):
    folder, run_id = trained
    output = tmp_path / "code"
    export_run(folder=folder, run=run_id, format="pytorch", output=output)
    (output / "notes.txt").write_text("mine")
    (output / "train.py").write_text("changed")
    export_run(folder=folder, run="", format="pytorch", output=output, document=iris(epochs=9))
    assert (output / "notes.txt").read_text() == "mine"
    assert "EPOCHS = 9" in (output / "train.py").read_text(encoding="utf-8")
    assert names(output) == FILES - {"weights.safetensors"} | {"notes.txt"}
    assert names(tmp_path) == {"code"}


def test_a_folder_of_something_else_and_a_file_are_refused(trained, tmp_path):
    folder, run_id = trained
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years")
    with pytest.raises(UserError, match="holds other files"):
        export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "full")
    assert names(tmp_path / "full") == {"thesis.tex"}
    with pytest.raises(UserError, match="is a file"):
        export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "full" / "thesis.tex")
    with pytest.raises(UserError, match="cannot be a folder"):
        export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "full" / "thesis.tex" / "x")
    (tmp_path / "empty").mkdir()
    export_run(folder=folder, run=run_id, format="pytorch", output=tmp_path / "empty")
    assert names(tmp_path / "empty") == FILES


def test_a_full_disk_is_one_sentence_and_leaves_the_old_export(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    output = tmp_path / "code"
    export_run(folder=folder, run=run_id, format="pytorch", output=output)
    before = {path.name: path.read_bytes() for path in output.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="no space left"):
        export_run(folder=folder, run=run_id, format="pytorch", output=output)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    assert names(tmp_path) == {"code"}


def test_a_folder_that_cannot_be_swapped_in_leaves_the_old_export(trained, tmp_path, monkeypatch):
    folder, run_id = trained
    output = tmp_path / "code"
    export_run(folder=folder, run=run_id, format="pytorch", output=output)
    rename = Path.rename

    def refuse_the_new_one(self, target):
        if self.name.endswith(".new"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(UserError, match="no permission"):
        export_run(folder=folder, run="", format="pytorch", output=output, document=iris(epochs=9))
    assert names(output) == FILES
    assert names(tmp_path) == {"code"}


# Templates ----------------------------------------------------------------------------------------


def test_lines_are_kept_where_their_condition_holds_and_values_are_put_in_once():
    template = "a = $x\nb = 1  #? one\nc = 2  #? not one\nd = 3  #? one and not two\ne = 4  #? one and two"
    text = render(template, {"x": "'$x  #? two'"}, {"one": True, "two": False})
    assert text == "a = '$x  #? two'\nb = 1\nd = 3\n"


def test_the_project_reads_back_from_the_export(trained, code):
    origin = (code / "nodeforge.json").read_text(encoding="utf-8")
    kept = parse_json(origin.encode())
    assert kept["run"] == trained[1]
    document = schema.decode(format_json(kept["project"]).encode())
    assert schema.encode(document) == load_run(*trained).document_text
