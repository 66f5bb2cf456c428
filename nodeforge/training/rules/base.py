"""What the runner asks of a learning rule, whatever it learns by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from nodeforge.analysis.teaching import taught
from nodeforge.catalog import learning_rules
from nodeforge.core.document import Stage
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Values
from nodeforge.training.batches import Batch
from nodeforge.training.material import Material
from nodeforge.training.passes import Output, modules_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may know.

    Attributes:
        module: The network, on its device; the rule changes its parameters and buffers.
        material: What it was made from.
        stage: The stage it is to carry out.
        settings: The stage's settings, complete.
        device: Where the module is.
        epochs, batches, samples: How long the stage lasts at most; batches and samples per epoch.
        partners: The stages that it takes turns with.
    """

    module: nn.Module
    material: Material
    stage: Stage
    settings: Values
    device: torch.device
    epochs: int
    batches: int
    samples: int
    partners: tuple[Stage, ...] = ()

    @property
    def rule_settings(self) -> Values:
        """What the rule was told, complete."""
        return learning_rules()[self.stage.rule].settled(self.stage.rule_settings)

    def taught(self) -> dict[str, nn.Module]:
        """The modules of the nodes that the stage teaches, by path.

        Raises:
            UserError: There are none, or one is not reached.
        """
        document, report = self.material.document, self.material.report
        paths = taught(document, report.networks[document.main], self.stage)
        if not paths:
            rule = learning_rules()[self.stage.rule]
            raise UserError(
                f"Stage {self.stage.name} has nobody to teach: no node that it names learns by {rule.label}."
            )
        found = {path: self.modules_of(path) for path in paths}
        for path in [path for path, modules in found.items() if not modules]:
            raise UserError(
                f"Nothing reaches {path} when the network runs: wire it on to an Output or a loss.",
                node=path.partition(".")[0],
            )
        return {
            path if len(modules) == 1 else f"{path}[{number}]": module
            for path, modules in found.items()
            for number, module in enumerate(modules)
        }

    def modules_of(self, path: str) -> list[nn.Module]:
        """The modules of one node."""
        document, report = self.material.document, self.material.report
        return modules_at(self.module, self.material.source, report.networks[document.main], path)


class StepResult(NamedTuple):
    """What one update tells. Tensors are detached and stay on the device: reading one would wait for it.

    Attributes:
        loss: () what the rule makes smaller, before the update.
        output: What the network gave, a tuple when it has several outputs; None when the rule has no prediction.
        gradient_norm: () if the rule knows it.
        parts: () further quantities by name, the same ones in every step.
    """

    loss: Tensor
    output: Output = None
    gradient_norm: Tensor | None = None
    parts: Mapping[str, Tensor] = {}


@dataclass(frozen=True, slots=True)
class RuleState:
    """What a checkpoint must hold for the rule to go on as if nothing had happened."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """Plain data for JSON."""


Draw = Callable[[int], Iterator[Batch]]
"""So many training samples at random, or all if there are fewer, in batches."""


class LearningRule(ABC):
    """One way of learning. Made when its stage begins.

    Attributes:
        as_in_training: Whether layers such as Dropout and BatchNorm behave as in training while it learns.
        follows_loss: Whether a lower loss on the validation data is a better network.
        solves: Whether the weights come at the end of a pass: training samples are then measured after it.
    """

    as_in_training: ClassVar[bool] = False
    follows_loss: bool = False
    solves: ClassVar[bool] = False

    def __init__(self, context: Context) -> None:
        self.context = context
        self.follows_loss = learning_rules()[context.stage.rule].follows_loss

    @property
    def learning_rate(self) -> float:
        """For the plots; 0 for rules that have none."""
        return 0.0

    @property
    def done(self) -> str:
        """Why there is nothing left to learn, as the end of a sentence; "" while there is."""
        return ""

    def begin(self, draw: Draw) -> None:  # noqa: B027  # most rules have nothing to do in some of these
        """Before the first step of the stage; not when it is resumed."""

    @abstractmethod
    def step(self, batch: Batch) -> StepResult:
        """One update."""

    def refused(self) -> bool:
        """Whether a step found numbers that are not finite; from then on no step changes the module.

        Waits for the device.
        """
        return False

    def end_pass(self) -> None:  # noqa: B027
        """After the last batch of an epoch, before anything is measured."""

    def end_epoch(self, monitored: float | None) -> None:  # noqa: B027
        """After the epoch's validation; `monitored` is smaller when better, None when it was not measured."""

    def end(self) -> None:  # noqa: B027
        """After the last epoch; once more when a training is resumed from there."""

    def measured(self) -> AbstractContextManager[None]:
        """Held while the network is measured and its weights are kept: the rule may put others in their place."""
        return nullcontext()

    def leave(self) -> None:  # noqa: B027
        """The stage is over or was stopped, and its checkpoint is written: leave the weights that are to be used."""

    def state(self) -> RuleState:
        """For a checkpoint; tensors may be the live ones."""
        return RuleState()

    def load(self, state: RuleState) -> None:  # noqa: B027
        """Go on from a state that the same rule gave."""
