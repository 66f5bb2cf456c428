"""The forecast of a training's memory against what the training then measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn, optim

from nodeforge.analysis.costs import NetworkCosts, NodeCosts
from nodeforge.analysis.forecast import WEIGHT_BYTES, batch_of, forecast
from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.core.specs import DataFacts
from nodeforge.engine.messages import MemoryMeasured
from nodeforge.project.runs import RunStore
from tests.drawings import drawing
from tests.training_jobs import Recorder, iris, run

COSTS = NetworkCosts(batch=4, nodes={"fc": NodeCosts(parameters=30, macs=30, kept=64)})


def measured(document: Document, folder: Path) -> tuple[MemoryMeasured, Recorder]:
    info, told = run(document, folder)
    (event,) = told.of(MemoryMeasured)
    assert info.memory == {"forecast": event.forecast, "measured": event.measured}
    assert RunStore(folder).info(info.id).memory == info.memory
    return event, told


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_training_tells_what_it_needed_beside_the_forecast(tmp_path: Path, optimizer: str) -> None:
    document = iris(optimizer=Component(kind=optimizer), epochs=2)
    event, _ = measured(document, tmp_path)
    assert event.batch == 16
    assert event.measured["parameters"] == event.forecast["parameters"] == (4 * 16 + 16 + 32 + 16 * 3 + 3) * 4
    assert event.measured["gradients"] == event.forecast["gradients"]
    assert event.measured["total"] == pytest.approx(event.forecast["total"], rel=0.1)


CNN = """
    x = Input(shape=[1, 8, 8])
    label = Target()
    conv1 = Conv2d(out_channels=8, padding=1)
    norm1 = BatchNorm2d()
    relu1 = ReLU()
    pool1 = MaxPool2d()
    conv2 = Conv2d(out_channels=16, padding=1)
    relu2 = ReLU()
    flat = Flatten()
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    x -> conv1 -> norm1 -> relu1 -> pool1 -> conv2 -> relu2 -> flat -> scores -> y
    scores -> loss
    label -> loss.target
"""


def test_images_in_another_memory_order_need_the_same(tmp_path: Path) -> None:
    document = drawing(CNN)
    document.data = DataSettings(source=Component(kind="digits"))
    document.recipe = Recipe(stages=(Stage(settings={"epochs": 1, "batch_size": 32, "channels_last": "on"}),))
    event, _ = measured(document, tmp_path)
    assert event.measured["total"] == pytest.approx(event.forecast["total"], rel=0.15)
    assert event.measured["activations"] > 32 * 8 * 64 * 4  # the batch is a slice: not all the samples count


def test_the_first_step_is_the_only_one_that_is_watched(tmp_path: Path) -> None:
    _, told = run(iris(epochs=3), tmp_path)
    assert len(told.of(MemoryMeasured)) == 1


@pytest.mark.parametrize(
    ("component", "slots"),
    [
        (Component(kind="SGD"), 0),
        (Component(kind="SGD", parameters={"momentum": 0.9}), 1),
        (Component(kind="Adam"), 2),
        (Component(kind="AdamW", parameters={"amsgrad": True}), 3),
        (Component(kind="RMSprop"), 1),
        (Component(kind="RMSprop", parameters={"momentum": 0.9, "centered": True}), 3),
    ],
)
def test_slots_are_what_the_optimizer_remembers(component: Component, slots: int) -> None:
    use = forecast(COSTS, Stage(optimizer=component))
    assert use.optimizer == slots * 30 * WEIGHT_BYTES
    layer = nn.Linear(5, 5)
    optimizer = getattr(optim, component.kind)(layer.parameters(), **{"lr": 0.1, **component.parameters})
    layer(layer.weight).sum().backward()
    optimizer.step()
    remembered = [
        t for state in optimizer.state.values() for t in state.values() if t is not None and t.dim()
    ]
    assert sum(tensor.numel() for tensor in remembered) == slots * 30


def test_a_rule_without_gradients_keeps_nothing_for_them() -> None:
    use = forecast(COSTS, replace(Stage(), rule="ridge"))
    assert (use.gradients, use.optimizer, use.activations) == (0, 0, 0)
    assert use.total == 30 * WEIGHT_BYTES


def test_the_batch_is_no_larger_than_the_data() -> None:
    stage = Stage(settings={"batch_size": 500})
    assert batch_of(stage) == 500
    assert batch_of(stage, DataFacts(title="", fields=(), sizes={"train": 120})) == 120
    assert batch_of(Stage(settings={"batch_size": "many"})) == batch_of(Stage())
