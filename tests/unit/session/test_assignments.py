"""Settings by key: what can be set, how texts are read, and what is said when it cannot be."""

from __future__ import annotations

import pytest

from nodeforge.core.document import Document, Recipe, Stage
from nodeforge.core.edits import SetRecipe, apply
from nodeforge.core.errors import UserError
from nodeforge.project import files, schema, shipped
from nodeforge.session.assignments import assignment


@pytest.fixture
def document() -> Document:
    return files.load(shipped.project("mnist-cnn"))


def put(document: Document, key: str, value: object) -> None:
    apply(document, assignment(document, key, value))


def test_every_part_of_a_project_can_be_set(document: Document) -> None:
    put(document, "seed", "7")
    put(document, "epochs", "3")
    put(document, "schedule", "constant")
    put(document, "optimizer.lr", "1e-2")
    put(document, "data.layout", "flat")
    put(document, "preparation.test_fraction", "0.3")
    put(document, "conv1.out_channels", "8")
    stage = document.recipe.stages[0]
    assert document.recipe.seed == 7
    assert stage.settings["epochs"] == 3
    assert stage.settings["batch_size"] == 64
    assert stage.schedule.kind == "constant"
    assert stage.optimizer.parameters == {"lr": 0.01}
    assert document.data is not None
    assert document.data.source.parameters == {"layout": "flat"}
    assert document.data.preparation["test_fraction"] == 0.3
    assert document.main_network.nodes["conv1"].parameters["out_channels"] == 8


def test_another_optimizer_keeps_what_both_know(document: Document) -> None:
    put(document, "optimizer.amsgrad", "true")
    put(document, "optimizer", "SGD")
    optimizer = document.recipe.stages[0].optimizer
    assert (optimizer.kind, optimizer.parameters) == ("SGD", {"lr": 0.002})
    put(document, "optimizer.momentum", "0.9")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("conv1.kernel_size", "5", 5),
        ("conv1.kernel_size", "3,5", (3, 5)),
        ("conv1.kernel_size", "[3, 5]", (3, 5)),
        ("conv1.bias", "false", False),
        ("conv1.bias", "False", False),
        ("image.field", "5", "5"),
        ("image.field", "true", "true"),
        ("image.shape", "1,28,28", (1, 28, 28)),
    ],
)
def test_a_text_is_read_as_the_type_asks(document: Document, key: str, text: str, value: object) -> None:
    put(document, key, text)
    node, _, parameter = key.partition(".")
    assert document.main_network.nodes[node].parameters[parameter] == value


@pytest.mark.parametrize("text", ["none", "off", "null"])
def test_an_optional_setting_is_switched_off_by_a_word(document: Document, text: str) -> None:
    put(document, "gradient_clip_norm", "2")
    put(document, "gradient_clip_norm", text)
    assert document.recipe.stages[0].settings["gradient_clip_norm"] is None


def test_values_from_python_need_no_text(document: Document) -> None:
    put(document, "conv1.kernel_size", [5, 3])
    put(document, "epochs", 2)
    assert document.main_network.nodes["conv1"].parameters["kernel_size"] == (5, 3)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("epoch", "3", "Did you mean epochs?"),
        ("optimiser.lr", "3", "Did you mean optimizer.lr"),
        ("conv1.out_chanels", "3", "Did you mean conv1.out_channels"),
        ("zzzzzz", "3", "Try epochs, optimizer.lr or NODE.PARAMETER"),
        ("optimizer.momentum", "0.9", "There is no setting 'optimizer.momentum'"),  # Adam has none
        ("epochs", "0", "epochs must be at least 1, not 0."),
        ("epochs", "many", "epochs must be a whole number, not 'many'."),
        ("optimizer", "Adm", "optimizer must be one of SGD, Adam"),
        ("optimizer.lr", "nan", "optimizer.lr must be a"),
        ("conv1.kernel_size", "1,2,3", "conv1.kernel_size must be one number or 2 of them, not 3."),
        ("seed", "-1", "seed must be at least 0, not -1."),
    ],
)
def test_what_cannot_be_set_is_said_with_a_remedy(
    document: Document, key: str, text: str, words: str
) -> None:
    before = schema.encode(document)
    with pytest.raises(UserError) as caught:
        put(document, key, text)
    assert words in str(caught.value)
    assert schema.encode(document) == before


def test_a_setting_holds_for_all_stages_and_an_optimizer_s_for_those_that_have_it(document: Document) -> None:
    first = document.recipe.stages[0]
    sgd = assignment(document, "optimizer", "SGD")
    other = Document(recipe=document.recipe)
    apply(other, sgd)
    second = Stage(name="fine", settings={"epochs": 1}, optimizer=other.recipe.stages[0].optimizer)
    apply(document, SetRecipe(Recipe(stages=(first, second))))
    put(document, "epochs", "5")
    put(document, "optimizer.lr", "0.5")
    assert [stage.settings["epochs"] for stage in document.recipe.stages] == [5, 5]
    assert [stage.optimizer.parameters["lr"] for stage in document.recipe.stages] == [0.5, 0.002]


def test_nodes_of_another_network_are_named_with_it() -> None:
    document = files.load(shipped.project("iris-mlp"))
    document.networks["encoder"] = document.networks["main"].copy()
    document.networks["encoder"].name = "encoder"
    put(document, "encoder.fc1.out_features", "5")
    assert document.networks["encoder"].nodes["fc1"].parameters["out_features"] == 5
    assert document.networks["main"].nodes["fc1"].parameters["out_features"] == 16


def test_a_stage_is_told_by_its_name_and_all_without(document: Document) -> None:
    stages = (
        Stage(name="centres", rule="k-means"),
        Stage(name="readout", rule="ridge"),
        Stage(name="tune", rule_settings={"truncate_steps": 3}),
    )
    apply(document, SetRecipe(Recipe(stages=stages)))
    put(document, "epochs", "5")
    put(document, "tune.epochs", "7")
    put(document, "rule.penalty", "0.5")
    put(document, "centres.rule.neighbours", "4")
    put(document, "tune.optimizer", "SGD")
    put(document, "tune.optimizer.momentum", "0.9")
    centres, readout, tune = document.recipe.stages
    assert [stage.settings["epochs"] for stage in document.recipe.stages] == [5, 5, 7]
    assert centres.rule_settings == {"neighbours": 4}
    assert readout.rule_settings == {"penalty": 0.5}
    assert tune.rule_settings == {"truncate_steps": 3}
    assert (centres.optimizer.kind, tune.optimizer.kind) == ("Adam", "SGD")
    assert tune.optimizer.parameters == {"momentum": 0.9}
    with pytest.raises(UserError, match=r"Did you mean .*rule\.penalty"):
        assignment(document, "rule.penlty", 1)
    with pytest.raises(UserError, match=r"There is no setting 'readout\.rule\.neighbours'"):
        assignment(document, "readout.rule.neighbours", 1)
