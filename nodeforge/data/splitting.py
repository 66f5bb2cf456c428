"""Which sample goes into which split. Deterministic; the same indices as scikit-learn's splitters give.

Written here because importing scikit-learn takes longer than reading any of the shipped data.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.specs import SPLITS
from nodeforge.data.source import Array, Samples
from nodeforge.data.words import counted

Picker = Callable[[Array, float, int], tuple[Array, Array]]
"""(indices, share, seed) -> those kept, and the share that is held out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """How to split.

    Attributes:
        method: "auto", "given", "grouped", "stratified", "random" or "chronological".
        test: Share of all samples kept for the test.
        validation: Share of the remaining samples kept for validation.
        seed: Of the random ones.
    """

    method: str = "auto"
    test: float = 0.2
    validation: float = 0.1
    seed: int = 0


def split(samples: Samples, plan: SplitPlan) -> tuple[dict[str, Array], str]:
    """Indices of the samples by split, and a sentence on how it was done; empty splits are left out.

    Raises:
        UserError: There are too few samples, or a class is too rare to stand in every split.
    """
    method = plan.method if plan.method != "auto" else _suited(samples)
    try:
        parts = _parts(samples, plan, method)
    except UserError:
        if plan.method != "auto":
            raise
        method = "random"  # a class is too rare to stand in every split
        parts = _parts(samples, plan, method)
    between = ""
    if method == "chronological" and samples.overlap:
        parts = _apart(parts, samples.overlap)
        between = f" {samples.overlap:,} between two splits are left out, for they hold some of both."
    wanted = {"train": True, "validation": plan.validation > 0, "test": plan.test > 0}
    missing = [name for name, part in parts.items() if wanted[name] and not len(part)]
    if missing:
        raise UserError(
            f"{samples.title} has {counted(len(samples), 'usable sample')}: too few to have some for "
            f"{' and '.join(missing)}. Give it more rows, or set test_fraction and validation_fraction lower."
        )
    kept = {name: part for name, part in parts.items() if len(part)}
    sizes = ", ".join(f"{len(part):,} for {name}" for name, part in kept.items())
    return kept, f"{_METHODS[method].format(seed=plan.seed)}: {sizes}.{between}"


_METHODS = {
    "given": "Split as the makers of the data do, validation drawn from their training samples (seed {seed})",
    "grouped": "Split at random, what belongs together kept in one split (seed {seed})",
    "stratified": "Split at random with the same share of each class everywhere (seed {seed})",
    "random": "Split at random (seed {seed})",
    "chronological": "Split in order, the last samples for the test",
}


def _suited(samples: Samples) -> str:
    if samples.given_test is not None:
        return "given"
    if samples.timeline is not None or samples.ordered:
        return "chronological"
    if samples.groups is not None:
        return "grouped"
    return "random" if samples.labels is None else "stratified"


def _parts(samples: Samples, plan: SplitPlan, method: str) -> dict[str, Array]:
    """Indices by split, in the order of SPLITS."""
    if method == "chronological":
        training, test = _by_time(samples, np.arange(len(samples)), plan.test)
        training, validation = _by_time(samples, training, plan.validation)
    elif method == "given":
        training, test = _as_given(samples)
        try:
            training, validation = _picker(samples)(training, plan.validation, plan.seed)
        except UserError:  # a class is too rare to stand in both
            training, validation = _random(training, plan.validation, plan.seed)
    else:
        pick = _PICKERS[method](samples)
        training, test = pick(np.arange(len(samples)), plan.test, plan.seed)
        training, validation = pick(training, plan.validation, plan.seed)
    return dict(zip(SPLITS, (training, validation, test), strict=True))


def _as_given(samples: Samples) -> tuple[Array, Array]:
    if samples.given_test is None:
        raise UserError(
            f"{samples.title} does not say which samples are for the test: set the split to another method."
        )
    return np.flatnonzero(~samples.given_test), np.flatnonzero(samples.given_test)


def _picker(samples: Samples) -> Picker:
    """What suits the samples when it is drawn by lot."""
    if samples.groups is not None:
        return _grouped(samples)
    return _random if samples.labels is None else _stratified(samples)


def _apart(parts: dict[str, Array], overlap: int) -> dict[str, Array]:
    """Without the last samples of each split, which hold some of the first ones of the next."""
    names = [name for name, part in parts.items() if len(part)]
    return {name: part[: len(part) - overlap] if name in names[:-1] else part for name, part in parts.items()}


def _by_time(samples: Samples, indices: Array, share: float) -> tuple[Array, Array]:
    """Those before and those after the moment that leaves the last `share` of the time behind it."""
    if samples.timeline is None:
        cut = len(indices) - math.ceil(share * len(indices))
        return indices[:cut], indices[cut:]
    moments = samples.timeline.moments[indices]
    end = int(moments.max()) + 1 if len(moments) else 0
    cut = end - math.ceil(share * end)
    return indices[moments < cut], indices[moments >= cut]


def _random(indices: Array, share: float, seed: int) -> tuple[Array, Array]:
    """As `sklearn.model_selection.ShuffleSplit`."""
    if share == 0:
        return indices, indices[:0]
    held = math.ceil(share * len(indices))
    order = np.random.RandomState(seed).permutation(len(indices))
    return indices[order[held:]], indices[order[:held]]


def _grouped(samples: Samples) -> Picker:
    groups = samples.groups
    if groups is None:
        raise UserError(
            f"{samples.title} does not say which samples belong together: set the split to random or stratified."
        )

    def pick(indices: Array, share: float, seed: int) -> tuple[Array, Array]:
        """As `sklearn.model_selection.GroupShuffleSplit`: `share` is of the groups."""
        present, places = np.unique(groups[indices], return_inverse=True)
        kept, held = _random(np.arange(len(present)), share, seed)
        return indices[np.isin(places, kept)], indices[np.isin(places, held)]

    return pick


def _stratified(samples: Samples) -> Picker:
    field = samples.labels
    if field is None:
        raise UserError(
            f"{samples.title} has no class labels, so it cannot be split by class: "
            "set the split to random or chronological."
        )

    def pick(indices: Array, share: float, seed: int) -> tuple[Array, Array]:
        """As `sklearn.model_selection.StratifiedShuffleSplit`."""
        if share == 0:
            return indices, indices[:0]
        labels = field.array[indices]
        present, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        held = math.ceil(share * len(indices))
        if counts.min() < 2:
            rare = field.classes[present[counts.argmin()]]
            raise UserError(
                f"The class {rare} occurs too rarely in {samples.title} to stand in every split: "
                "leave its rows out, or set the split to random."
            )
        smaller = min(held, len(indices) - held)
        if smaller < len(present):
            raise UserError(
                f"{samples.title} has {len(present)} classes, and a split of {counted(smaller, 'sample')} "
                "cannot hold one of each: set the split to random, or its share higher."
            )
        rng = np.random.RandomState(seed)
        take = _apportion(counts, len(indices) - held, rng)
        hold = _apportion(counts - take, held, rng)
        members = np.split(np.argsort(places, kind="stable"), np.cumsum(counts)[:-1])
        kept, out = [], []
        for own, first, second in zip(members, take, hold, strict=True):
            own = own[rng.permutation(len(own))]
            kept.append(own[:first])
            out.append(own[first : first + second])
        return indices[rng.permutation(np.concatenate(kept))], indices[rng.permutation(np.concatenate(out))]

    return pick


_PICKERS: dict[str, Callable[[Samples], Picker]] = {
    "random": lambda samples: _random,
    "stratified": _stratified,
    "grouped": _grouped,
}


def _apportion(counts: Array, draws: int, rng: np.random.RandomState) -> Array:
    """`draws` shared out by `counts`: rounded down, then one more where most was cut off, ties by lot."""
    exact = counts / counts.sum() * draws
    shares = np.floor(exact)
    missing = int(draws - shares.sum())
    rest = exact - shares
    for value in np.unique(rest)[::-1]:
        if missing <= 0:
            break
        (ties,) = np.where(rest == value)
        chosen = rng.choice(ties, size=min(len(ties), missing), replace=False)
        shares[chosen] += 1
        missing -= len(chosen)
    result: Array = shares.astype(int)
    return result
