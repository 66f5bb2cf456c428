"""What is tried before a training: weights to begin with, and learning rates."""

from __future__ import annotations

import msgspec

from nodeforge.engine.messages.base import Reply, Request

LOW_RATE, HIGH_RATE, RATE_STEPS = 1e-6, 10.0, 100
"""Learning rates between which a range test looks, and in how many batches."""


class MatchWeights(Request, frozen=True, kw_only=True, tag=True):
    """See which of the weights that the recipe begins with fit. Answered with `WeightsMatched`."""

    document: bytes
    folder: str


class WeightMatch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of weights that a training begins with.

    Attributes:
        source, into: As in `core.document.WeightSource`.
        matched: Tensors of the network that were found, by name.
        other_shapes: (name, shape there, shape here) of those that are found, and do not fit.
        missing: Tensors of the network that are not found: they begin as drawn.
        unused: Tensors there that the network does not have.
    """

    source: str
    into: str
    matched: list[str]
    other_shapes: list[tuple[str, list[int], list[int]]]
    missing: list[str]
    unused: list[str]


class WeightsMatched(Reply, frozen=True, kw_only=True, tag=True):
    """One for each source of the recipe, in their order."""

    matches: list[WeightMatch]


class TryRates(Request, frozen=True, kw_only=True, tag=True):
    """Train a little at growing learning rates, for a plot of the loss over them. Answered with `RatesTried`.

    No run is made. It waits for no training, and none may run meanwhile.

    Attributes:
        document: Project JSON.
        folder: The project's folder.
        stage: Name of the stage to test; "" for the first.
        low, high: Learning rates to begin and end with.
        steps: Batches to take.
    """

    document: bytes
    folder: str
    stage: str = ""
    low: float = LOW_RATE
    high: float = HIGH_RATE
    steps: int = RATE_STEPS


class RatesTried(Reply, frozen=True, kw_only=True, tag=True):
    """The loss over growing learning rates.

    Attributes:
        stage: The stage that was tested.
        rates, losses, smoothed: By step; the test ends early where the loss runs away.
        steepest: The rate at which the smoothed loss falls fastest; 0 when it never falls.
        suggestion: A rate to train with; 0 when there is none.
        note: What it comes to, in a sentence.
    """

    stage: str
    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    steepest: float
    suggestion: float
    note: str
