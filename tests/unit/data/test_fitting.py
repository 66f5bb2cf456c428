from __future__ import annotations

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from nodeforge.data.fitting import fit
from nodeforge.data.source import Layout, RawField

RNG = np.random.default_rng(0)
TABLE = np.concatenate(
    [RNG.normal(50, 7, (40, 2)), RNG.integers(0, 4, (40, 1)), np.full((40, 1), 0.1)], axis=1
)


def features(values: np.ndarray, **keywords) -> RawField:
    return RawField(name="features", values=values, **keywords)


@pytest.mark.parametrize(("scaling", "scaler"), [("standard", StandardScaler()), ("min-max", MinMaxScaler())])
def test_scaling_is_scikit_learns_and_measured_on_the_training_rows(scaling: str, scaler) -> None:
    train, test = TABLE[:25], TABLE[25:]
    fitted = fit(features(TABLE), train, scaling=scaling, missing="mean")
    scaler.fit(train)
    for part in (train, test):
        assert fitted.apply(part).dtype == np.float32
        np.testing.assert_allclose(fitted.apply(part), scaler.transform(part), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scaling", ["none", "standard", "min-max", "0-1"])
def test_inverting_gives_the_values_back(scaling: str) -> None:
    fitted = fit(features(TABLE), TABLE, scaling=scaling, missing="mean")
    np.testing.assert_allclose(fitted.invert(fitted.apply(TABLE)), TABLE, rtol=1e-5, atol=1e-6)


def test_pixels_are_divided_by_their_range_whatever_the_training_rows_hold() -> None:
    values = np.array([[[[0, 4], [8, 8]]]], dtype=np.uint8)
    field = RawField(name="image", values=values, layout=Layout.IMAGE, value_range=(0, 16))
    np.testing.assert_array_equal(
        fit(field, values, scaling="0-1", missing="mean").apply(values), values / 16
    )


def test_images_are_standardised_by_channel_and_series_by_quantity() -> None:
    images = RNG.normal([[[[1.0]], [[100.0]]]], [[[[1.0]], [[9.0]]]], (50, 2, 4, 4))
    field = RawField(name="image", values=images, layout=Layout.IMAGE)
    prepared = fit(field, images, scaling="standard", missing="mean").apply(images)
    np.testing.assert_allclose(prepared.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(prepared.std((0, 2, 3)), 1, atol=1e-5)
    series = images.reshape(50, 2, 16).transpose(0, 2, 1)
    field = RawField(name="series", values=series, layout=Layout.SERIES)
    prepared = fit(field, series, scaling="standard", missing="mean").apply(series)
    np.testing.assert_allclose(prepared.mean((0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(prepared.std((0, 1)), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("missing", "strategy"), [("mean", "mean"), ("median", "median"), ("most frequent", "most_frequent")]
)
def test_gaps_are_filled_as_by_scikit_learn(missing: str, strategy: str) -> None:
    holes = TABLE.copy()
    holes[RNG.random(holes.shape) < 0.2] = np.nan
    train = holes[:25]
    fitted = fit(features(holes), train, scaling="none", missing=missing)
    reference = SimpleImputer(strategy=strategy).fit(train)
    np.testing.assert_allclose(fitted.apply(holes), reference.transform(holes), rtol=1e-6)


def test_categories_stay_zero_and_one_and_gaps_get_the_most_frequent() -> None:
    one_hot = np.eye(3)[[0, 1, 1, 1, 2]]
    one_hot[4] = np.nan
    table = np.concatenate([np.arange(5.0)[:, None], one_hot], axis=1)
    fitted = fit(features(table, one_hot=((1, 4),)), table, scaling="standard", missing="mean")
    prepared = fitted.apply(table)
    np.testing.assert_array_equal(prepared[:4, 1:], one_hot[:4])
    np.testing.assert_array_equal(prepared[4, 1:], [0, 1, 0])
    assert prepared[:, 0].std() == pytest.approx(1)


def test_a_constant_column_becomes_zero() -> None:
    fitted = fit(features(TABLE), TABLE, scaling="standard", missing="mean")
    np.testing.assert_allclose(fitted.apply(TABLE)[:, 3], 0, atol=1e-6)
