from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from nodeforge.core.errors import UserError
from nodeforge.data.source import RawField, Samples, Timeline
from nodeforge.data.splitting import SplitPlan, split


def samples(count: int, labels: np.ndarray | None = None, timeline: Timeline | None = None) -> Samples:
    fields = [RawField(name="features", values=np.arange(count, dtype=float)[:, None])]
    if labels is not None:
        names = tuple("abcdefghijkl"[: labels.max() + 1])
        fields.append(RawField(name="target", values=labels, role="target", classes=names))
    return Samples(title="data.csv", fields=tuple(fields), timeline=timeline)


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("counts", [(50, 50, 50), (3, 40, 11, 2), (178, 182, 177, 183), (2, 2)])
def test_stratified_gives_scikit_learns_samples(counts: tuple[int, ...], seed: int) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    plan = SplitPlan(method="stratified", test=0.4, validation=0.0, seed=seed)
    parts, _ = split(samples(len(labels), labels), plan)
    train, test = train_test_split(np.arange(len(labels)), test_size=0.4, stratify=labels, random_state=seed)
    np.testing.assert_array_equal(parts["train"], train)
    np.testing.assert_array_equal(parts["test"], test)


@pytest.mark.parametrize("count", [5, 100, 733])
def test_random_gives_scikit_learns_samples(count: int) -> None:
    parts, _ = split(samples(count), SplitPlan(test=0.2, validation=0.0, seed=3))
    train, test = train_test_split(np.arange(count), test_size=0.2, random_state=3)
    np.testing.assert_array_equal(parts["train"], train)
    np.testing.assert_array_equal(parts["test"], test)


def test_validation_comes_out_of_the_training_part_and_leaves_the_test_alone() -> None:
    labels = np.tile(np.arange(4), 50)
    without, _ = split(samples(200, labels), SplitPlan(validation=0.0))
    parts, note = split(samples(200, labels), SplitPlan(validation=0.25))
    np.testing.assert_array_equal(parts["test"], without["test"])
    assert sorted([*parts["train"], *parts["validation"]]) == sorted(without["train"])
    assert [len(parts[name]) for name in ("train", "validation", "test")] == [120, 40, 40]
    assert np.bincount(labels[parts["validation"]]).tolist() == [10] * 4
    assert "120 for train, 40 for validation, 40 for test" in note


def test_chronological_keeps_the_order() -> None:
    parts, _ = split(samples(100), SplitPlan(method="chronological", test=0.25, validation=0.2))
    assert [parts[name].tolist() for name in ("train", "validation", "test")] == [
        list(range(60)),
        list(range(60, 75)),
        list(range(75, 100)),
    ]


def test_series_are_split_in_time_by_themselves() -> None:
    line = Timeline(values=np.arange(20.0), moments=np.arange(4, 20), horizon=1)
    parts, _ = split(samples(16, timeline=line), SplitPlan(test=0.25, validation=0.2))
    assert [line.moments[parts[name]].tolist() for name in ("train", "validation", "test")] == [
        list(range(4, 12)),
        list(range(12, 15)),
        list(range(15, 20)),
    ]


def test_auto_takes_a_random_split_where_a_class_is_too_rare() -> None:
    labels = np.array([0] * 30 + [1] * 30 + [2])
    parts, note = split(samples(61, labels), SplitPlan())
    assert "at random (seed 0)" in note
    assert sum(map(len, parts.values())) == 61
    with pytest.raises(UserError, match=r"The class c occurs too rarely in data\.csv"):
        split(samples(61, labels), SplitPlan(method="stratified"))


@pytest.mark.parametrize(
    ("count", "labels", "plan", "sentence"),
    [
        (1, None, SplitPlan(), "data.csv has 1 usable sample: too few to have some for train"),
        (2, None, SplitPlan(method="chronological"), "has 2 usable samples: too few to have some for train"),
        (40, None, SplitPlan(method="stratified"), "has no class labels, so it cannot be split by class"),
        (
            40,
            np.arange(40) % 10,
            SplitPlan(method="stratified", test=0.1),
            "has 10 classes, and a split of 4 samples cannot hold one of each",
        ),
    ],
)
def test_impossible_splits_are_told(count: int, labels: np.ndarray, plan: SplitPlan, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        split(samples(count, labels), plan)
