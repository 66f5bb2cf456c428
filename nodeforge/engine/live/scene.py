"""A network with weights to look at: its own copy, run on chosen samples without anybody else noticing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from nodeforge.analysis.report import NodeReport
from nodeforge.compiler import Slot
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Wish
from nodeforge.torch_backend.deep_check import Samples, Subject
from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.training import randomness
from nodeforge.training.material import Material
from nodeforge.training.passes import modules_at

_SEED = 0
"""Noise is the same in every look, so that only what was learned makes a difference."""


class Seen(NamedTuple):
    """A value that a node gave.

    Attributes:
        path: The node, "block.conv1" inside another network.
        port: The output port.
        value: (N, …).
    """

    path: str
    port: str
    value: Tensor


Put = Callable[[Seen], Tensor]
"""Is shown a value and gives back the one to go on with."""


class Scene:
    """One network and its data. Used by one thread at a time.

    Attributes:
        material: What it was made from.
        step: Training steps behind its weights; -1 for those of a checkpoint.
        gradients: By parameter, the norm of its gradient in that step; empty when unknown.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self.step = -1
        self.gradients: Mapping[str, float] = {}
        self._is_quiet = False
        self._looks: dict[tuple[str, int], list[Seen]] = {}
        self.subject = Subject(
            document=material.document,
            report=material.report,
            source=material.source,
            samples=Samples((), ()),
            device=torch.device("cpu"),
            seed=_SEED,
            causal=False,
            quiet=self.quiet,
            tick=lambda: None,
        )

    @property
    def module(self) -> nn.Module:
        return self.subject.probe.module

    @property
    def nodes(self) -> Mapping[str, NodeReport]:
        """What is known of the nodes of the main network."""
        return self.subject.nodes

    def node(self, path: str) -> NodeReport | None:
        """What is known of a node by its path."""
        nodes, found = self.nodes, None
        for name in path.split("."):
            found = nodes.get(name)
            if found is None:
                return None
            nodes = found.inside.nodes if found.inside is not None else {}
        return found

    def take(self, weights: Mapping[str, Tensor], step: int, gradients: Mapping[str, float]) -> None:
        """Put other weights into the network."""
        self.module.load_state_dict(dict(weights))
        self.step, self.gradients = step, gradients
        self._looks.clear()

    # Samples ----------------------------------------------------------------------------------------

    def count(self, split: str) -> int:
        """How many samples a split has."""
        return self.material.dataset.facts.sizes.get(split, 0)

    def samples(self, split: str, start: int, count: int = 1) -> Samples:
        """Some samples in a row, as far as there are any; a start beyond the end is the last sample.

        Raises:
            UserError: The data has no such split.
        """
        total = self.count(split)
        start = max(0, min(start, total - 1))
        rows = np.arange(start, min(total, start + count))
        source = self.material.source
        return Samples(
            tuple(self._tensor(slot, "input", split, rows) for slot in source.inputs),
            tuple(self._tensor(slot, "target", split, rows) for slot in source.targets),
        )

    def _tensor(self, slot: Slot, role: str, split: str, rows: np.ndarray) -> Tensor:
        dataset = self.material.dataset
        facts = dataset.facts.field(slot.field, role)
        if facts is None:
            raise UserError(f"{slot.node} asks for a field that {dataset.facts.title} lacks.")
        fields, streams = dataset.split(split), dataset.streams.get(split, {})
        values = streams[facts.name].read(rows) if facts.name in streams else fields[facts.name][rows]
        return torch.tensor(values, dtype=getattr(torch, slot.spec.dtype))

    def caption(self, wish: Wish) -> str:
        """Which sample is looked at, with its answer where that is a class."""
        total = self.count(wish.split)
        place = max(0, min(wish.sample, total - 1))
        words = f"{wish.split} sample {place + 1:,} of {total:,}"
        for slot in self.material.source.targets:
            facts = self.material.dataset.facts.field(slot.field, "target")
            if facts is not None and facts.classes:
                (answer,) = self._tensor(slot, "target", wish.split, np.array([place]))
                if answer.numel() == 1:
                    words += f", {slot.node} {facts.classes[int(answer)]}"
        return words

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Random numbers are drawn without anybody noticing; several runs in a row wait for that only once."""
        if self._is_quiet:
            yield
            return
        with randomness.undisturbed():
            self._is_quiet = True
            try:
                yield
            finally:
                self._is_quiet = False

    # Running ----------------------------------------------------------------------------------------

    def look(self, wish: Wish) -> list[Seen]:
        """Everything that the network computes for one sample, in order, the sample itself first."""
        key = wish.split, wish.sample
        if key not in self._looks:
            self._looks[key] = self.run(self.samples(*key))
        return self._looks[key]

    def run(
        self, samples: Samples, put: Put = lambda seen: seen.value, *, backward: bool = False
    ) -> list[Seen]:
        """Run samples through the network as after training, and give all that was computed."""
        source, probe = self.material.source, self.subject.probe
        found = [
            Seen(slot.node, "output", value)
            for slot, value in zip(
                (*source.inputs, *source.targets), (*samples.inputs, *samples.targets), strict=True
            )
        ]

        def watch(place: Place, value: Tensor) -> Tensor:
            known = self.subject.known(place)
            if known is None:
                return value
            seen = Seen(".".join(known.path), known.port, value)
            value = put(seen)
            found.append(seen._replace(value=value.detach().clone()))
            return value

        if source.objectives:
            probe.objectives(
                samples.inputs, samples.targets, watch, train=False, seed=_SEED, backward=backward
            )
        else:
            probe.forward(samples.inputs, watch, seed=_SEED)
        return found

    def outputs(self, samples: Samples, put: Put = lambda seen: seen.value) -> dict[str, Tensor]:
        """By Output node, what the network gives; it may be shown in between what to put in place of what."""

        def watch(place: Place, value: Tensor) -> Tensor:
            known = self.subject.known(place)
            return value if known is None else put(Seen(".".join(known.path), known.port, value))

        given = self.subject.probe.forward(samples.inputs, watch, seed=_SEED)
        return dict(zip(self.material.source.outputs, given, strict=True))

    def modules(self, path: str) -> list[nn.Module]:
        """The modules of a node; several where its network is repeated."""
        main = self.material.report.networks[self.material.document.main]
        return modules_at(self.module, self.material.source, main, path)

    def tensors(self, path: str) -> dict[str, Tensor]:
        """Parameters and buffers of a node, by name in its module; of a repeated network, numbered."""
        found: dict[str, Tensor] = {}
        for name, tensor in (*self.module.named_parameters(), *self.module.named_buffers()):
            way, _ = self.subject.way_to_parameter(name)
            if way and ".".join(way[-1].path) == path:
                short = name.rpartition(".")[2]
                number = sum(known.split(" ")[0] == short for known in found)
                found[f"{short} ({number + 1})" if number else short] = tensor.detach()
        return found
