"""Several rules that take turns, step by step: the two players of a game."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch

from nodeforge.training.batches import Batch
from nodeforge.training.rules.base import Draw, LearningRule, RuleState, StepResult

_TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Player:
    """A stage that takes turns: its name, its rule, and its steps in a turn."""

    name: str
    rule: LearningRule
    steps: int


class Players(LearningRule):
    """The first player steps once a batch. After each of its turns the others make theirs, on the last batch.

    What is plotted as the loss is that of the first; each player's own stands beside it.
    """

    def __init__(self, players: Sequence[Player]) -> None:
        first, *self._others = players
        super().__init__(first.rule.context)
        self._players = tuple(players)
        self._first = first
        self._taken = 0
        unknown = torch.full((), torch.nan, device=self.context.device)
        self._losses = {player.name: unknown for player in players}
        # In a game no loss tells that the network got better: what is good for one is bad for the other.
        self.follows_loss = False

    @property
    def as_in_training(self) -> bool:  # type: ignore[override]
        """Of those that need it."""
        return any(player.rule.as_in_training for player in self._players)

    @property
    def learning_rate(self) -> float:
        return self._first.rule.learning_rate

    def begin(self, draw: Draw) -> None:
        for player in self._players:
            player.rule.begin(draw)

    def step(self, batch: Batch) -> StepResult:
        result = self._step(self._first, batch)
        self._taken += 1
        if self._taken % self._first.steps == 0:
            for player in self._others:
                for _ in range(player.steps):
                    self._step(player, batch)
        return result._replace(parts={f"loss/{name}": loss for name, loss in self._losses.items()})

    def _step(self, player: Player, batch: Batch) -> StepResult:
        result = player.rule.step(batch)
        self._losses[player.name] = result.loss
        return result

    def refused(self) -> bool:
        return any(player.rule.refused() for player in self._players)

    def end_pass(self) -> None:
        for player in self._players:
            player.rule.end_pass()

    def end_epoch(self, monitored: float | None) -> None:
        for player in self._players:
            player.rule.end_epoch(monitored)

    def end(self) -> None:
        for player in self._players:
            player.rule.end()

    @contextmanager
    def measured(self) -> Iterator[None]:
        with ExitStack() as held:
            for player in self._players:
                held.enter_context(player.rule.measured())
            yield

    def leave(self) -> None:
        for player in self._players:
            player.rule.leave()

    def state(self) -> RuleState:
        states = {player.name: player.rule.state() for player in self._players}
        tensors = {f"{name}/{key}": t for name, state in states.items() for key, t in state.tensors.items()}
        losses = {f"{_TAKEN}/{name}": loss for name, loss in self._losses.items()}
        values = {name: state.values for name, state in states.items()}
        return RuleState(tensors | losses, {_TAKEN: self._taken, "players": values})

    def load(self, state: RuleState) -> None:
        self._taken = state.values[_TAKEN]
        groups: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in state.tensors.items():
            name, _, rest = key.partition("/")
            groups.setdefault(name, {})[rest] = tensor
        for name, loss in groups[_TAKEN].items():
            self._losses[name] = loss.to(self.context.device)
        for player in self._players:
            values = state.values["players"][player.name]
            player.rule.load(RuleState(groups.get(player.name, {}), values))
