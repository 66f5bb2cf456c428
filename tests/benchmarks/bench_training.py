"""Training speed against loops and libraries, as ratios of processor time, taken in turn in one process.

Every contender trains the same network from the same weights on the same samples for the same number of
epochs, in a fresh random order each, and nothing but training is timed: ours through `train` with all it
does besides (events, log, metrics, checks for numbers that are not finite, checkpoints).
"""

from __future__ import annotations

import copy
import importlib
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.engine.messages import EpochEnded, Event, TrainingState
from nodeforge.torch_backend import build
from nodeforge.training import Control, TrainingJob, prepare
from nodeforge.training.material import gather
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import ratio, take_turns
from tests.drawings import drawing

ROUNDS = 5
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

Training = Callable[[int], float]
"""From a number of epochs to the processor seconds it took."""


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


def ours(document: Document) -> Training:
    """Our training, timed from its first batch to the end of its last epoch."""

    def work(epochs: int) -> float:
        (stage,) = document.recipe.stages
        document.recipe = replace(
            document.recipe, stages=(replace(stage, settings={**stage.settings, "epochs": epochs}),)
        )
        times: list[float] = []

        def listen(event: Event) -> None:
            if isinstance(event, EpochEnded) or (
                isinstance(event, TrainingState) and event.state == "running"
            ):
                times.append(time.process_time())

        with tempfile.TemporaryDirectory() as folder:
            prepare(TrainingJob(document=document, folder=Path(folder))).train(Control(), listen)
        return times[-1] - times[0]

    return work


class Theirs:
    """The same module and samples, for loops that are not ours."""

    def __init__(self, document: Document) -> None:
        with tempfile.TemporaryDirectory() as folder:
            material = gather(document, Path(folder))
        fields = material.dataset.splits["train"]
        names = {field.role: field.name for field in material.dataset.facts.fields}
        self.x = torch.tensor(fields[names["input"]])
        self.t = torch.tensor(fields[names["target"]])
        torch.manual_seed(0)
        self._module = build(material.source)

    def module(self) -> nn.Module:
        return copy.deepcopy(self._module)

    def loader(self) -> DataLoader[tuple[Tensor, ...]]:
        return DataLoader(TensorDataset(self.x, self.t), batch_size=BATCH, shuffle=True)

    def plain(self, epochs: int) -> float:
        """The loop of the tutorials."""
        module, loader, criterion = self.module(), self.loader(), nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(module.parameters(), lr=LEARNING_RATE)
        start = time.process_time()
        for _ in range(epochs):
            for x, t in loader:
                optimizer.zero_grad()
                loss = criterion(module(x), t)
                loss.backward()
                optimizer.step()
        return time.process_time() - start

    def lightning(self, epochs: int) -> float:
        """Lightning's Trainer at its barest."""
        import lightning

        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        module = self.module()

        class Classifier(lightning.LightningModule):
            def __init__(self) -> None:
                super().__init__()
                self.module = module

            def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
                return nn.functional.cross_entropy(self.module(batch[0]), batch[1])

            def configure_optimizers(self) -> torch.optim.Optimizer:
                return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

        trainer = lightning.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        start = time.process_time()
        trainer.fit(Classifier(), self.loader())
        return time.process_time() - start

    def keras(self, epochs: int) -> float:
        """Keras 3 on torch: `fit` on the arrays."""
        import keras

        model = keras.Sequential([keras.layers.TorchModuleWrapper(self.module())])
        model.compile(
            keras.optimizers.Adam(LEARNING_RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        x, t = self.x.numpy(), self.t.numpy()
        start = time.process_time()
        model.fit(x, t, batch_size=BATCH, epochs=epochs, verbose=0)
        return time.process_time() - start

    def fastai(self, epochs: int) -> float:
        """fastai's Learner; its progress bars are a callback that is not loaded."""
        from fastai.data.core import DataLoaders
        from fastai.learner import Learner

        learner = Learner(
            DataLoaders(self.loader(), self.loader()),
            self.module(),
            loss_func=nn.CrossEntropyLoss(),
            lr=LEARNING_RATE,
        )
        with learner.no_logging():
            start = time.process_time()
            learner.fit(epochs)
            return time.process_time() - start


LIBRARIES = {"lightning": "Lightning's Trainer", "keras": "Keras 3", "fastai": "fastai"}
PLAIN = "plain DataLoader loop"


def run() -> Iterator[Row]:
    """Every network against every loop that is installed."""
    torch.set_num_threads(1)
    os.environ.setdefault("KERAS_BACKEND", "torch")
    mlp = document(MLP, Component(kind="digits", parameters={"layout": "flat"}))
    cnn = Component(kind="mnist-5k")
    yield from _compare("MLP on digits", mlp, 2.2, epochs=10)
    yield from _compare("CNN on MNIST-5k, channels first", document(CNN, cnn, "off"), 1.0, libraries=False)
    yield from _compare("CNN on MNIST-5k, channels last", document(CNN, cnn), 1.7)


def _compare(
    name: str, document: Document, target: float, *, epochs: int = 1, libraries: bool = True
) -> Iterator[Row]:
    theirs = Theirs(document)
    trainings: dict[str, Training] = {"NodeForge": ours(document), PLAIN: theirs.plain}
    name = f"{name}, an epoch in batches of {BATCH}"
    for module, title in LIBRARIES.items() if libraries else ():
        if _is_here(module):
            trainings[title] = getattr(theirs, module)
        else:
            yield Row(name=name, ours="", baseline=f"{title} is not installed")
    turns = {title: partial(train, epochs) for title, train in trainings.items()}
    costs = take_turns(turns, ROUNDS)
    seconds = {title: statistics.median(found) / epochs for title, found in costs.items()}
    for title in (title for title in trainings if title != "NodeForge"):
        faster = ratio(costs[title], costs["NodeForge"])
        wanted = target if title == PLAIN else None
        yield Row(
            name=name,
            ours=f"{seconds['NodeForge']:.3f} s",
            baseline=f"{title} {seconds[title]:.3f} s",
            result=f"{faster:.2f}×",
            target="" if wanted is None else f"≥ {wanted}×",
            met=None if wanted is None else faster >= wanted,
        )


def _is_here(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
