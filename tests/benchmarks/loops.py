"""Training loops that are not ours, in processes that know nothing of NodeForge: the generated code does not need it."""

from __future__ import annotations

import copy
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What every loop is given.

    Attributes:
        code: The network's source.
        name: The class in it.
        x: Samples.
        t: Their classes.
        batch: Samples in a batch.
        learning_rate: Of Adam.
        one_cycle: Whether the plain loop lets it rise and fall once, as OneCycleLR does.
    """

    code: str
    name: str
    x: np.ndarray
    t: np.ndarray
    batch: int
    learning_rate: float
    one_cycle: bool = False


class Loops:
    """Loops of the tutorials and of libraries; each takes a number of epochs and gives the processor seconds."""

    def __init__(self, task: Task) -> None:
        self._rate, self._batch, self._one_cycle = task.learning_rate, task.batch, task.one_cycle
        self._x, self._t = torch.from_numpy(task.x), torch.from_numpy(task.t)
        namespace: dict[str, type[nn.Module]] = {}
        exec(task.code, namespace)
        torch.manual_seed(0)
        self._module = namespace[task.name]()

    def _copy(self) -> nn.Module:
        return copy.deepcopy(self._module)

    def _loader(self) -> DataLoader[tuple[Tensor, ...]]:
        return DataLoader(TensorDataset(self._x, self._t), batch_size=self._batch, shuffle=True)

    def plain(self, epochs: int) -> float:
        """The loop of the tutorials."""
        module, loader, criterion = self._copy(), self._loader(), nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(module.parameters(), lr=self._rate)
        steps = epochs * len(loader)
        schedule = OneCycleLR(optimizer, self._rate, total_steps=steps) if self._one_cycle else None
        start = time.process_time()
        for _ in range(epochs):
            for x, t in loader:
                optimizer.zero_grad()
                loss = criterion(module(x), t)
                loss.backward()
                optimizer.step()
                if schedule is not None:
                    schedule.step()
        return time.process_time() - start

    def lightning(self, epochs: int) -> float:
        """Lightning's Trainer at its barest."""
        import lightning

        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        module, rate = self._copy(), self._rate

        class Classifier(lightning.LightningModule):
            def __init__(self) -> None:
                super().__init__()
                self.module = module

            def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
                return nn.functional.cross_entropy(self.module(batch[0]), batch[1])

            def configure_optimizers(self) -> torch.optim.Optimizer:
                return torch.optim.Adam(self.parameters(), lr=rate)

        trainer = lightning.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        start = time.process_time()
        trainer.fit(Classifier(), self._loader())
        return time.process_time() - start

    def keras(self, epochs: int) -> float:
        """Keras 3 on torch: `fit` on the arrays."""
        os.environ.setdefault("KERAS_BACKEND", "torch")
        import keras

        model = keras.Sequential([keras.layers.TorchModuleWrapper(self._copy())])
        model.compile(
            keras.optimizers.Adam(self._rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        x, t = self._x.numpy(), self._t.numpy()
        start = time.process_time()
        model.fit(x, t, batch_size=self._batch, epochs=epochs, verbose=0)
        return time.process_time() - start

    def fastai(self, epochs: int) -> float:
        """fastai's Learner; its progress bars are a callback that is not loaded."""
        from fastai.data.core import DataLoaders
        from fastai.learner import Learner

        learner = Learner(
            DataLoaders(self._loader(), self._loader()),
            self._copy(),
            loss_func=nn.CrossEntropyLoss(),
            lr=self._rate,
        )
        with learner.no_logging():
            start = time.process_time()
            learner.fit(epochs)
            return time.process_time() - start


def measure(loop: str, task: Task, epochs: int) -> float:
    """Processor seconds of an epoch of a loop."""
    torch.set_num_threads(1)
    train: Callable[[int], float] = getattr(Loops(task), loop)
    return train(epochs) / epochs
