"""Long curves: what is drawn keeps every peak, costs pixels and not samples, and follows resumed runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.ui.plots import series as series_module
from nodeforge.ui.plots.series import Series, Smoothed, moving_average


def filled(values: np.ndarray, pieces: int = 1) -> Series:
    series = Series()
    for part in np.array_split(np.arange(len(values)), pieces):
        series.append(part, values[part])
    return series


@given(
    length=st.integers(1, 3000),
    pieces=st.integers(1, 40),
    pixels=st.integers(2, 300),
    window=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    seed=st.integers(0, 99),
)
def test_a_view_holds_the_extremes_of_its_window_in_few_points(length, pieces, pixels, window, seed):
    values = np.random.default_rng(seed).normal(size=length).astype(np.float32)
    first, last = sorted(int(share * (length - 1)) for share in window)
    x, y = filled(values, pieces).view(first, last, pixels)
    assert y.min() <= values[first : last + 1].min()
    assert y.max() >= values[first : last + 1].max()
    assert set(y.tolist()) <= set(values.tolist())
    assert (np.diff(x) >= 0).all()
    assert x[0] >= first - 1 - length / pixels
    assert len(x) <= 2 * pixels + 8


def test_a_view_of_few_samples_is_the_samples() -> None:
    x, y = filled(np.arange(10.0)).view(3, 6, 100)
    assert x.tolist() == [2, 3, 4, 5, 6, 7]
    assert y.tolist() == x.tolist()


def test_values_that_are_not_finite_are_left_out() -> None:
    series = filled(np.array([1.0, np.nan, 3.0, np.inf, 0.5]))
    assert series.view(0, 4, 100)[1].tolist() == [1.0, 3.0, 0.5]
    assert (series.low, series.high, series.low_positive) == (0.5, 3.0, 0.5)


def test_a_lone_nan_does_not_hide_its_neighbours() -> None:
    values = np.ones(4096)
    values[1000], values[1001] = np.nan, 50.0
    assert filled(values, 7).view(0, 4096, 20)[1].max() == 50.0


def test_a_resumed_run_replaces_what_it_repeats() -> None:
    series = filled(np.zeros(2000))
    series.append(np.arange(1500, 1600), np.ones(100))
    assert len(series) == 1600
    assert series.view(0, 1498, 40)[1].max() == 0
    assert series.view(1501, 1600, 40)[1].min() == 1


def test_the_past_is_halved_when_a_series_gets_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_module, "LIMIT", 1000)
    values = np.random.default_rng(0).normal(size=20_000).astype(np.float32)
    series = filled(values, 100)
    assert len(series) <= 1000
    assert series.y.max() == values.max()
    assert series.y.min() == values.min()
    assert series.x[-1] == 19_999


def test_the_nearest_sample_is_found() -> None:
    series = Series()
    series.append([10, 20, 40], [1, 2, 3])
    assert [series.at(x)[1] for x in (-5, 14, 16, 29, 31, 99)] == [1, 1, 2, 2, 3, 3]


@given(weight=st.floats(0, 0.99), length=st.integers(1, 400), seed=st.integers(0, 9))
def test_the_moving_average_is_the_plain_recursion(weight, length, seed):
    values = np.random.default_rng(seed).normal(size=length)
    expected, last = [], 0.7
    for value in values:
        last = weight * last + (1 - weight) * value
        expected.append(last)
    np.testing.assert_allclose(moving_average(values, weight, 0.7), expected, atol=1e-9)


def test_smoothing_in_pieces_is_smoothing_at_once() -> None:
    values = np.random.default_rng(1).normal(size=500)
    series = Series()
    smoothed = Smoothed(series, 0.8)
    for part in np.array_split(np.arange(500), 23):
        series.append(part, values[part])
        smoothed.update()
    whole = Smoothed(series, 0.8)
    whole.update()
    np.testing.assert_allclose(smoothed.series.y, whole.series.y, rtol=1e-5)
    series.append([100], [5.0])
    smoothed.update()
    assert len(smoothed.series) == 101


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(-5, 5, width=32)), min_size=1, max_size=80))
def test_pushed_one_by_one_is_as_appended_one_by_one(samples: list[tuple[int, float]]) -> None:
    pushed, appended = Series(), Series()
    for x, y in samples:
        pushed.push(x, y)
        appended.append([x], [y])
    np.testing.assert_array_equal(pushed.x, appended.x)
    np.testing.assert_array_equal(pushed.y, appended.y)
    assert (pushed.low, pushed.high, pushed.low_positive) == (
        appended.low,
        appended.high,
        appended.low_positive,
    )
    assert pushed.cuts == appended.cuts
    assert pushed.at(15) == appended.at(15)
