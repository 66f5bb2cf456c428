"""The learning-rate range test: a short training at ever larger rates, to see where the loss falls and where it runs away.

After Smith, "Cyclical learning rates for training neural networks" (2017).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodeforge.core.document import Component, Document, Stage
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import RatesTried, TryRates
from nodeforge.training import randomness
from nodeforge.training.augmentation import augmenter_of
from nodeforge.training.batches import Batch
from nodeforge.training.bench import Bench, set_up
from nodeforge.training.loop import stage_ranges, stage_settings
from nodeforge.training.material import Material, gather
from nodeforge.training.rules.base import Context
from nodeforge.training.rules.gradient import GradientRule
from nodeforge.training.weights import begin_with

SMOOTHING = 0.9
"""Share of the running mean that each step keeps."""
RUNAWAY = 4.0
"""The test ends where the smoothed loss is so many times the best."""
MARGIN = 10.0
"""The suggestion is the best rate divided by this, or the steepest if that is smaller."""
LEAST_STEPS = 10
LEAST_FALL = 0.02
"""A loss that falls by less than this share has told nothing."""

Floats = NDArray[np.float64]


def try_rates(document: Document, folder: Path, request: TryRates) -> RatesTried:
    """Try the rates of a stage on a network as it is when its training begins. No run is made.

    Raises:
        UserError: Drawing, data or request is at fault, or the stage has no learning rate.
    """
    if not 0 < request.low < request.high < math.inf or request.steps < LEAST_STEPS:
        raise UserError(
            f"The test needs a lowest rate above 0, a highest one above that, and at least {LEAST_STEPS} steps."
        )
    material = gather(document, folder)
    stage = _stage(material.document, request.stage)
    bench = set_up(material, stage_settings(stage), material.document.recipe.seed)
    begin_with(bench.module, material, folder)
    bench.module.train()
    rule = _rule(stage, material, bench)
    rates = np.geomspace(request.low, request.high, request.steps)
    losses: list[float] = []
    for rate, batch in zip(rates, _batches(stage, material, bench), strict=False):
        rule.set_learning_rate(float(rate))
        with randomness.turn:
            loss = float(rule.step(batch).loss)
        if rule.refused():
            break
        losses.append(loss)
        if _runs_away(np.array(losses)):
            break
    if len(losses) < LEAST_STEPS:
        raise UserError(
            f"The loss runs away after {len(losses)} steps, at a learning rate of {rates[len(losses)]:.1e}: "
            "begin with a smaller one."
        )
    return judged(stage.name, rates[: len(losses)], np.array(losses))


def _stage(document: Document, name: str) -> Stage:
    named = [stage for stage in document.recipe.stages if name in ("", stage.name)]
    found = next((stage for stage in named if stage.rule == "gradient"), None)
    if found is None:
        what = f"Stage {name}" if named and name else f"A stage called {name}" if name else "No stage"
        raise UserError(f"{what} learns by gradient descent: there is no learning rate to test.")
    plain = {"warmup_epochs": 0.0, "ema_decay": None, "accumulation_steps": 1}
    return replace(found, schedule=Component(kind="constant"), settings={**found.settings, **plain})


def _rule(stage: Stage, material: Material, bench: Bench) -> GradientRule:
    settings, count = stage_settings(stage), len(bench.train)
    context = Context(
        module=bench.module,
        material=material,
        stage=stage,
        settings=settings,
        device=bench.device,
        epochs=1,
        batches=len(stage_ranges(settings, count)),
        samples=count,
    )
    return GradientRule(context)


def _batches(stage: Stage, material: Material, bench: Bench) -> Iterator[Batch]:
    """The training samples again and again, in a new order each time, as the training itself takes them."""
    augmenter, count = augmenter_of(material), len(bench.train)
    ranges = stage_ranges(stage_settings(stage), count)
    for epoch in itertools.count():
        order = randomness.permutation(material.document.recipe.seed, 0, epoch, count)
        for (start, _), batch in zip(ranges, bench.train.batches(ranges, order), strict=True):
            yield augmenter(batch, stage=0, epoch=epoch, place=start) if augmenter else batch


def _runs_away(losses: Floats) -> bool:
    smooth = smoothed(losses)
    return len(smooth) > LEAST_STEPS and smooth[-1] > smooth[0] and smooth[-1] > RUNAWAY * smooth.min()


def smoothed(losses: Floats) -> Floats:
    """Running means, without the pull of a start at zero."""
    means, mean = np.empty_like(losses), 0.0
    for place, loss in enumerate(losses):
        mean = SMOOTHING * mean + (1.0 - SMOOTHING) * loss
        means[place] = mean / (1.0 - SMOOTHING ** (place + 1))
    return means


def judged(stage: str, rates: Floats, losses: Floats) -> RatesTried:
    """What a test comes to: the steepest fall before the lowest loss, and a rate with a margin from the brink."""
    smooth = smoothed(losses)
    lowest = int(smooth.argmin())
    fall = (smooth[0] - smooth[lowest]) / max(abs(smooth[0]), 1e-12)
    steepest = suggestion = 0.0
    if fall < LEAST_FALL:
        note = "The loss never falls: begin with a larger or smaller rate, or take more steps."
    else:
        slope = np.gradient(smooth[: lowest + 1], np.log(rates[: lowest + 1]))
        steepest = float(rates[int(slope.argmin())])
        suggestion = rounded(min(steepest, float(rates[lowest]) / MARGIN))
        note = (
            f"The loss falls fastest at {steepest:.2g} and is lowest at {rates[lowest]:.2g}, beyond which steps go too far: "
            f"{suggestion:g} keeps a margin."
        )
    return RatesTried(
        stage=stage,
        rates=rates.tolist(),
        losses=losses.tolist(),
        smoothed=smooth.tolist(),
        steepest=steepest,
        suggestion=suggestion,
        note=note,
    )


def rounded(rate: float) -> float:
    """To one significant digit, as people write rates."""
    return float(f"{rate:.0e}")
