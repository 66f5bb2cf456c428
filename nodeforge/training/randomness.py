"""Everything random in a training, so that the same seed gives the same numbers, also after a resume."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


class Turn:
    """A lock that nobody gets twice in a row while somebody else waits.

    A thread that lets go of a plain lock and takes it again at once, as a training does with every step, mostly gets it
    before another one has woken up.
    """

    def __init__(self) -> None:
        self._next, self._held = threading.Lock(), threading.Lock()

    def __enter__(self) -> None:
        with self._next:
            self._held.acquire()

    def __exit__(self, *error: object) -> None:
        self._held.release()


turn = Turn()
"""Held by whoever draws from torch's generators, of which a process has one set for all its threads: the
training for the time of one step, and `undisturbed` work in between."""


def seed_all(seed: int) -> None:
    """Seed torch's generators on every device."""
    torch.manual_seed(seed)


def permutation(seed: int, stage: int, epoch: int, count: int) -> Tensor:
    """The order of the training samples in an epoch: a function of its arguments alone, int64 (count,)."""
    mixed = np.random.SeedSequence([seed, stage, epoch]).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(mixed[0] >> 1))
    return torch.randperm(count, generator=generator)


def states() -> dict[str, Tensor]:
    """The state of every generator, by device."""
    found = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        found |= {f"cuda:{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    if torch.backends.mps.is_available():
        found["mps"] = torch.mps.get_rng_state()
    return found


def restore(found: dict[str, Tensor]) -> None:
    """Set the generators back; those of devices that are not here are left out."""
    for name, state in found.items():
        kind, _, index = name.partition(":")
        if kind == "cpu":
            torch.set_rng_state(state)
        elif kind == "cuda" and int(index) < torch.cuda.device_count():
            torch.cuda.set_rng_state(state, int(index))
        elif kind == "mps" and torch.backends.mps.is_available():
            torch.mps.set_rng_state(state)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Work that draws random numbers (making a module) without a running training noticing."""
    with turn:
        before = states()
        try:
            yield
        finally:
            restore(before)
