"""What makes a good result on the test mean less than it seems: samples of the test that the training has seen, a
class that it has not, and a feature that tells the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nodeforge.core.specs import DataFinding
from nodeforge.data.source import Array, Layout, RawField, Samples
from nodeforge.data.streams import Stream
from nodeforge.data.words import agreeing, counted

MOST_NUMBERS = 1 << 26
"""Larger fields are not searched for equal samples: it would take seconds."""
MOST_COLUMNS = 2_000
ALIKE = 0.05
"""Up to this share of a split, equal samples are a hint and no warning."""
_NAMED = 3


def findings(samples: Samples, indices: Mapping[str, Array]) -> tuple[DataFinding, ...]:
    """All that is suspicious.

    Args:
        samples: What the source gave.
        indices: By split, its samples.
    """
    return (
        *_divided_groups(samples, indices),
        *_equal_samples(samples, indices),
        *_unknown_classes(samples, indices),
        *_telling_features(samples),
    )


def _divided_groups(samples: Samples, indices: Mapping[str, Array]) -> Iterator[DataFinding]:
    """Samples that belong together in several splits."""
    groups = samples.groups
    if groups is None:
        return
    train = np.unique(groups[indices["train"]])
    for split, rows in indices.items():
        shared = np.intersect1d(train, groups[rows]) if split != "train" else train[:0]
        if not len(shared):
            continue
        names = ", ".join(samples.group_names[group] for group in shared[:_NAMED].tolist())
        yield DataFinding(
            code="divided-group",
            message=f"{counted(len(shared), 'group')} of {samples.title} (such as {names}) {agreeing(len(shared), 'stand')} in the training samples and "
            f"in the {split} samples: set the split to grouped.",
            reason="Samples that belong together are alike, so the network is asked what it has learned by heart.",
            serious=True,
            preparation=(("split", "grouped"),),
        )


def _equal_samples(samples: Samples, indices: Mapping[str, Array]) -> Iterator[DataFinding]:
    """Samples of one split whose inputs stand in the training samples too."""
    if samples.timeline is not None or samples.ordered:
        return  # neighbours share values, and the split keeps them apart in time
    marks = _marks(samples)
    if marks is None:
        return
    train = indices["train"]
    known, first = np.unique(marks[train], return_index=True)
    for split, rows in indices.items():
        if split == "train":
            continue
        places = np.searchsorted(known, marks[rows]).clip(max=len(known) - 1)
        (found,) = np.nonzero(known[places] == marks[rows])
        if not len(found):
            continue
        pairs = ", ".join(
            f"{_name(samples, int(rows[place]))} like {_name(samples, int(train[first[places[place]]]))}"
            for place in found[:_NAMED]
        )
        yield DataFinding(
            code="equal-samples",
            message=f"{counted(len(found), 'sample')} of the {split} split of {samples.title} "
            f"{agreeing(len(found), 'stand')} in the training samples as well ({pairs}): take one of each out of the data.",
            reason="The network may know their answers by heart, so the result is better than it would be on new samples.",
            serious=len(found) > ALIKE * len(rows),
        )


def _marks(samples: Samples) -> Array | None:
    """A number for every sample that equal inputs share, and different ones all but never; None when there are too
    many values.
    """
    marks = np.zeros(len(samples), dtype=np.uint64)
    rng = np.random.default_rng(0)
    for field in samples.fields:
        if field.role != "input":
            continue
        if isinstance(field.values, Stream) or field.values.size > MOST_NUMBERS:
            return None
        flat = np.ascontiguousarray(field.values.reshape(len(samples), -1))
        # Odd factors, so that no digit of a value is lost; sums overflow, which is meant.
        factors = rng.integers(0, 1 << 63, flat.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        for start in range(0, len(flat), 4_096):
            part = flat[start : start + 4_096]
            bits = (part + 0.0).astype(np.float64).view(np.uint64)  # −0 and 0 are one number
            bits ^= bits >> np.uint64(29)
            marks[start : start + len(part)] += (bits * factors).sum(axis=1, dtype=np.uint64)
    return marks


def _name(samples: Samples, row: int) -> str:
    """A sample as a person finds it."""
    if samples.sample_names:
        return samples.sample_names[row]
    return f"sample {row + 1:,}"


def _unknown_classes(samples: Samples, indices: Mapping[str, Array]) -> Iterator[DataFinding]:
    """Classes that the network never sees while it learns."""
    labels = samples.labels
    if labels is None:
        return
    seen = np.bincount(labels.array[indices["train"]], minlength=len(labels.classes))
    for split, rows in indices.items():
        counts = np.bincount(labels.array[rows], minlength=len(labels.classes))
        missing = [
            name for name, here, there in zip(labels.classes, counts, seen, strict=True) if here and not there
        ]
        if missing:
            words = ", ".join(missing[:10])
            yield DataFinding(
                code="unknown-class",
                message=f"{words} of {samples.title} {'occurs' if len(missing) == 1 else 'occur'} in the {split} samples and "
                "not in the training samples: set the split to stratified, or add samples.",
                reason="The network cannot learn a class that it never sees, and gets all samples of it wrong.",
                serious=True,
                preparation=(("split", "stratified"),) if samples.groups is None else (),
            )


def _telling_features(samples: Samples) -> Iterator[DataFinding]:
    """Columns that give the answer away."""
    field = samples.fields[0]
    target = next((one for one in samples.fields if one.role == "target"), None)
    if target is None or field.layout is not Layout.FEATURES or field.value_range is not None:
        return
    if isinstance(field.values, Stream) or field.values.ndim != 2 or field.values.shape[1] > MOST_COLUMNS:
        return
    for name, values in _columns(field):
        if _tells_class(values, target) if target.classes else _tells_number(values, target):
            yield DataFinding(
                code="telling-feature",
                message=f"{name} of {samples.title} tells the target of every sample by itself: set its role to ignore, unless "
                "it is known before the answer is.",
                reason="A network that is given the answer learns nothing else, and fails where the answer is not known yet.",
                serious=True,
                column=name,
            )


def _columns(field: RawField) -> Iterator[tuple[str, Array]]:
    """Every feature as one column; a category as its number."""
    values, names = field.array, field.columns
    named = len(names) == values.shape[1]
    coded = {column for start, stop in field.one_hot for column in range(start, stop)}
    for start, stop in field.one_hot:
        name = names[start].split("=")[0] if named else f"Feature {start + 1}"
        yield name, np.nan_to_num(values[:, start:stop]).argmax(axis=1).astype(np.float64)
    for column in range(values.shape[1]):
        if column not in coded:
            yield names[column] if named else f"Feature {column + 1}", values[:, column]


def _tells_class(values: Array, target: RawField) -> bool:
    """Whether few different values have one class each; of many values every column has."""
    known = (target.array >= 0) & ~np.isnan(values)
    distinct, places = np.unique(values[known], return_inverse=True)
    classes = len(np.unique(target.array[known]))
    if not 1 < classes <= len(distinct) <= 2 * classes or known.sum() < 4 * len(distinct):
        return False
    pairs = np.unique(places * len(target.classes) + target.array[known])
    return len(pairs) == len(distinct)


def _tells_number(values: Array, target: RawField) -> bool:
    """Whether the target is the column but for unit and offset."""
    answers = target.array
    if answers.shape[1:] != (1,) or len(values) < 10:
        return False
    known = ~np.isnan(values) & ~np.isnan(answers[:, 0])
    one, other = values[known], answers[known, 0]
    if one.std() == 0 or other.std() == 0:
        return False
    return bool(abs(np.corrcoef(one, other)[0, 1]) > 1 - 1e-9)
