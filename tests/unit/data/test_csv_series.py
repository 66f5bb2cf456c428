"""A column of the user's table as windows, against slices by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodeforge.core.errors import UserError

DAYS = [20.0 + (day % 7) + day / 10 for day in range(60)]
TABLE = "day;weather;degrees\n" + "".join(
    f"2026-01-{day};{('sun', 'rain')[day % 2]};{value:.1f}\n".replace(".", ",")
    for day, value in enumerate(DAYS)
)


@pytest.fixture
def series(dataset, tmp_path: Path):
    def load(text: str = TABLE, **parameters):
        (tmp_path / "own.csv").write_text(text)
        return dataset("csv-series", path="own.csv", **parameters)

    return load


def test_windows_are_slices_and_the_target_lies_the_horizon_later(series):
    data = series(window=5, horizon=3, preparation={"scaling": "none"})
    windows, targets = data.samples.fields
    assert windows.values.shape == (53, 5, 1)
    for row in (0, 17, 52):
        np.testing.assert_allclose(windows.values[row, :, 0], DAYS[row : row + 5])
        assert targets.values[row, 0] == pytest.approx(DAYS[row + 4 + 3])
    assert data.columns_of("target") == ("degrees",)
    last_trained = data.samples.timeline.moments[data.indices["train"]].max()
    assert last_trained < data.samples.timeline.moments[data.indices["test"]].min()


def test_the_column_may_be_named_and_its_season_is_a_baseline(series):
    from nodeforge.evaluation import baselines, task_of

    table = "a,b\n" + "".join(f"{value},{-value}\n" for value in DAYS)
    data = series(table, column="a", window=7, period=7)
    assert data.samples.timeline.values[0] == DAYS[0]
    found = baselines(data, task_of(["MSELoss"], data.facts))
    assert found.keys() == {"persistence", "seasonal mean", "linear model"}


@pytest.mark.parametrize(
    ("text", "parameters", "sentence"),
    [
        (
            TABLE,
            {"column": "weather"},
            "Column weather of own.csv holds text: choose the series among degrees",
        ),
        (TABLE, {"column": "rain"}, "Column rain of own.csv is not there"),
        (TABLE, {"window": 60}, "own.csv has 60 values; a window of 60 and a horizon of 1 need at least 61"),
        (TABLE.replace("21,1", ""), {}, "Column degrees of own.csv has no value in row 3"),
        ("a,b\nx,y\n", {}, "own.csv has no column of numbers"),
    ],
)
def test_a_table_that_holds_no_such_series_is_refused(series, text, parameters, sentence):
    with pytest.raises(UserError, match=sentence):
        series(text, **parameters)


def test_all_columns_of_numbers_can_be_seen_side_by_side(dataset, tmp_path: Path) -> None:
    rows = "".join(f"2020-01-{i % 28 + 1:02},{i},{i * i}\n" for i in range(60))
    (tmp_path / "t.csv").write_text("day,one,two\n" + rows)
    data = dataset(
        "csv-series",
        path="t.csv",
        column="one",
        inputs="all",
        window=4,
        horizon=2,
        preparation={"scaling": "none"},
    )
    assert data.facts.field("", "input").spec.shape == ("N", 4, 2)
    np.testing.assert_array_equal(data.splits["train"]["series"][3, :, 1], [9, 16, 25, 36])
    assert data.splits["train"]["target"][3, 0] == 8
    assert any("The network sees one, two" in note for note in data.notes)
