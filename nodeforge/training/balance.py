"""Classes of unequal size made to count the same: in the loss, or by how often they are drawn."""

from __future__ import annotations

from types import TracebackType
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nodeforge.core.errors import UserError
from nodeforge.training.material import Material

_WEIGHABLE = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)


class ClassWeights:
    """Weights of classes in the losses that take them, each the larger the rarer its class.

    To be held around a forward pass in training; what is measured is the plain loss.
    """

    def __init__(self, material: Material, module: nn.Module, device: torch.device) -> None:
        """
        Raises:
            UserError: There is no such loss, or one has weights already.
        """
        self._weights: list[tuple[nn.CrossEntropyLoss, Tensor]] = []
        for name in material.source.objectives:
            loss = getattr(module, material.source.attributes.get(name, name), None)
            if not isinstance(loss, _WEIGHABLE):
                continue
            if loss.weight is not None:
                raise UserError(
                    f"{name} has class weights of its own: clear its weight, or set class_weights to off.",
                    node=name,
                )
            weights = _frequency_weights(material, name)
            tensor = torch.tensor(weights, dtype=torch.float32, device=device)
            self._weights.append((cast(nn.CrossEntropyLoss, loss), tensor))
        if not self._weights:
            raise UserError(
                "class_weights needs a loss that chooses one of several classes, such as CrossEntropyLoss: "
                "set class_weights to off."
            )

    def __enter__(self) -> None:
        for loss, weights in self._weights:
            loss.weight = weights

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for loss, _ in self._weights:
            loss.weight = None


def _frequency_weights(material: Material, loss: str) -> NDArray[np.float64]:
    """By class, samples ÷ (classes · samples of the class), as scikit-learn's "balanced"."""
    graph = material.document.main_network
    wired = graph.inputs_of(loss)
    (target, _), (scores, port) = wired["target"][0], wired["input"][0]
    slot = next((slot for slot in material.source.targets if slot.node == target), None)
    facts = material.dataset.facts.field(slot.field, "target") if slot is not None else None
    if facts is None:
        raise UserError(
            f"{loss} does not compare with answers of the data, so classes have no frequencies: "
            "set class_weights to off.",
            node=loss,
        )
    shape = material.report.networks[material.document.main].nodes[scores].outputs[port].shape
    count = int(shape[1])
    labels = np.asarray(material.dataset.split("train")[facts.name]).ravel()
    found = np.bincount(labels[labels >= 0].astype(np.int64), minlength=count)
    present = found > 0
    return np.where(present, found.sum() / (present.sum() * np.maximum(found, 1)), 1.0)


def class_of_samples(targets: Tensor | None) -> Tensor:
    """The class of each training sample, (N,).

    Raises:
        UserError: The samples have no class.
    """
    if targets is None or targets.is_floating_point() or targets.dim() != 1:
        raise UserError("Balanced sampling needs samples of one class each: set sampling to plain.")
    return targets.cpu()


def balanced_order(seed: int, stage: int, epoch: int, classes: Tensor) -> Tensor:
    """Places of samples for an epoch, every class equally often: a function of its arguments alone, int64 (N,).

    Members of a class are drawn with replacement.
    """
    mixed = np.random.SeedSequence([seed, stage, epoch, 1]).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(mixed[0] >> 1))
    count = len(classes)
    places = classes.argsort(stable=True)
    _, sizes = classes.unique(return_counts=True)  # type: ignore[no-untyped-call]
    starts = sizes.cumsum(0) - sizes
    chosen = torch.randperm(count, generator=generator) % len(sizes)
    members = (torch.rand(count, generator=generator, dtype=torch.float64) * sizes[chosen]).long()
    return places[starts[chosen] + members]
