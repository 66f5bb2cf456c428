"""Training speed against loops and libraries, as ratios of processor time.

Every contender trains the same network on the same samples for the same number of epochs, in a fresh random order
each: small networks, and projects as they are drawn, with their optimizer and schedule. Nothing but training is timed: ours in an engine, with all that a training does besides (events, log,
metrics, checks for numbers that are not finite, checkpoints).

Each has a process of its own that does nothing else, as with those who use it. What an engine sets for its process
(`nodeforge.engine.heap`) is part of what is measured and helps nobody else; a plain loop meets memory as its own
process has it. The processes take turns; one works at a time.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import torch

import nodeforge as nf
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.engine.client import InProcessEngine, reply_or_raise
from nodeforge.engine.messages import EpochEnded, Event, StartTraining, TrainingState
from nodeforge.project import schema
from nodeforge.training.loop import stage_settings
from nodeforge.training.material import gather
from tests.benchmarks import loops
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import Contender, ratio, take_turns
from tests.drawings import drawing

ROUNDS = 7
BATCH = 64
LEARNING_RATE = 1e-3

MLP = """
    x = Input(shape=[64])
    fc1 = Linear(out_features=128)
    relu1 = ReLU()
    fc2 = Linear(out_features=64)
    relu2 = ReLU()
    fc3 = Linear(out_features=10)
"""
CNN = """
    x = Input(shape=[1, 28, 28])
    conv1 = Conv2d(out_channels=16, kernel_size=3, padding=1)
    relu1 = ReLU()
    pool1 = MaxPool2d(kernel_size=2)
    conv2 = Conv2d(out_channels=32, kernel_size=3, padding=1)
    relu2 = ReLU()
    pool2 = MaxPool2d(kernel_size=2)
    flat = Flatten()
    fc1 = Linear(out_features=64)
    relu3 = ReLU()
    fc2 = Linear(out_features=10)
"""


def document(layers: str, data: Component, channels_last: str = "auto") -> Document:
    """A classifier of the layers in a row, without validation."""
    names = [line.split("=")[0].strip() for line in layers.strip().splitlines()]
    chain = " -> ".join([*names, "y"])
    ends = f"y = Output()\nt = Target()\nloss = CrossEntropyLoss()\n{chain}\n{names[-1]} -> loss.input\nt -> loss.target"
    found = drawing(f"{layers}\n{ends}")
    found.data = DataSettings(source=data, preparation={"validation_fraction": 0.0, "test_fraction": 0.01})
    (stage,) = found.recipe.stages
    settings = {"batch_size": BATCH, "channels_last": channels_last}
    optimizer = Component(kind="Adam", parameters={"lr": LEARNING_RATE})
    found.recipe = replace(found.recipe, stages=(replace(stage, settings=settings, optimizer=optimizer),))
    return found


def example(name: str) -> Document:
    """A shipped project with its own recipe, without validation."""
    found = nf.Project.from_example(name).document
    found.data = replace(found.data, preparation={**found.data.preparation, "validation_fraction": 0.0})
    return found


def ours(document: bytes, epochs: int) -> float:
    """Processor seconds of an epoch of ours, from its first batch to the end of its last epoch."""
    torch.set_num_threads(1)
    times: list[float] = []
    over = threading.Event()

    def listen(event: Event) -> None:
        state = event.state if isinstance(event, TrainingState) else ""
        if isinstance(event, EpochEnded) or state == "running":
            times.append(time.process_time())
        if state in ("finished", "failed"):
            over.set()

    engine = InProcessEngine(listen)
    engine.start()
    drawn = schema.decode(document)
    (stage,) = drawn.recipe.stages
    drawn.recipe = replace(
        drawn.recipe, stages=(replace(stage, settings={**stage.settings, "epochs": epochs}),)
    )
    with tempfile.TemporaryDirectory() as folder:
        start = StartTraining(document=schema.encode(drawn), folder=folder)
        reply_or_raise(engine.request(start).result())
        over.wait()
    engine.close()
    assert len(times) == 1 + epochs
    return (times[-1] - times[0]) / epochs


def task_of(document: Document) -> loops.Task:
    """The same network and samples, for loops that are not ours."""
    with tempfile.TemporaryDirectory() as folder:
        material = gather(document, Path(folder))
    fields = material.dataset.splits["train"]
    names = {field.role: field.name for field in material.dataset.facts.fields}
    (stage,) = document.recipe.stages
    assert stage.optimizer.kind == "Adam"
    assert stage.schedule.kind in ("constant", "OneCycleLR")
    return loops.Task(
        code=material.source.text,
        name=material.source.class_name,
        x=fields[names["input"]],
        t=fields[names["target"]],
        batch=int(str(stage_settings(stage)["batch_size"])),
        learning_rate=float(str(stage.optimizer.parameters["lr"])),
        one_cycle=stage.schedule.kind == "OneCycleLR",
    )


def in_a_process(stack: ExitStack, work: Callable[..., float], *args: object) -> Contender:
    """The same call, always in the same process, which lives as long as the stack."""
    process = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
    return lambda: process.submit(work, *args).result()


OURS = "NodeForge"
PLAIN = "plain DataLoader loop"
PROJECTS = {"mnist-cnn": 2, "cnn": 1, "audio-cnn": 4}
"""Projects that are compared as they are drawn, with the epochs of a turn."""
LIBRARIES = {"lightning": "Lightning's Trainer", "keras": "Keras 3", "fastai": "fastai"}


def run() -> Iterator[Row]:
    """Every network against every loop that is installed."""
    mlp = document(MLP, Component(kind="digits", parameters={"layout": "flat"}))
    cnn = Component(kind="mnist-5k")
    yield from _compare("MLP on digits", mlp, 2.2, epochs=20)
    yield from _compare("CNN on MNIST-5k, channels first", document(CNN, cnn, "off"), 1.0, libraries=False)
    yield from _compare("CNN on MNIST-5k, channels last", document(CNN, cnn), 1.7)
    for name, epochs in PROJECTS.items():
        yield from _compare(f"project {name}", example(name), 1.7, epochs=epochs, libraries=False)


def _compare(
    name: str, document: Document, target: float, *, epochs: int = 2, libraries: bool = True
) -> Iterator[Row]:
    task = task_of(document)
    name = f"{name}, an epoch in batches of {task.batch}"
    with ExitStack() as stack:
        contenders = {
            OURS: in_a_process(stack, ours, schema.encode(document), epochs),
            PLAIN: in_a_process(stack, loops.measure, "plain", task, epochs),
        }
        for loop, title in LIBRARIES.items() if libraries else ():
            if importlib.util.find_spec(loop):
                contenders[title] = in_a_process(stack, loops.measure, loop, task, epochs)
            else:
                yield Row(name=name, ours="", baseline=f"{title} is not installed")
        costs = take_turns(contenders, ROUNDS)
    seconds = {title: statistics.median(found) for title, found in costs.items()}
    for title in (title for title in costs if title != OURS):
        faster = ratio(costs[title], costs[OURS])
        wanted = target if title == PLAIN else None
        yield Row(
            name=name,
            ours=f"{seconds[OURS]:.3f} s",
            baseline=f"{title} {seconds[title]:.3f} s",
            result=f"{faster:.2f}×",
            target="" if wanted is None else f"≥ {wanted}×",
            met=None if wanted is None else faster >= wanted,
        )


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
