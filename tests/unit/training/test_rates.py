"""The learning-rate range test against losses with a known shape, and on a real network."""

from __future__ import annotations

import numpy as np
import pytest

from nodeforge.core.document import Component
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import TryRates
from nodeforge.project import schema
from nodeforge.training.rate_test import judged, smoothed, try_rates
from tests.training_jobs import PLAIN_NET, iris, run

SGD = Component(kind="SGD", parameters={"lr": 0.1})


def request(document, folder, **values):
    return TryRates(document=schema.encode(document), folder=str(folder), **values)


def test_the_running_mean_is_the_weighted_mean_of_all_so_far():
    losses = np.array([3.0, 1.0, 2.0, 5.0])
    by_hand = [np.average(losses[: n + 1], weights=0.9 ** np.arange(n, -1, -1)) for n in range(4)]
    assert smoothed(losses) == pytest.approx(by_hand)


def test_the_suggestion_lies_where_the_loss_falls_and_well_before_it_runs_away():
    rates = np.geomspace(1e-6, 10, 200)
    places = np.log10(rates)
    losses = (
        2.0 - 1.5 / (1 + np.exp(-4 * (places + 3))) + np.where(places > -0.5, 30 * (places + 0.5) ** 2, 0)
    )
    result = judged("train", rates, losses)
    assert 3e-4 < result.steepest < 1e-2  # the fall is at 1e-3; the running mean lags a little
    assert 1e-4 < result.suggestion <= result.steepest * 1.5
    assert f"{result.suggestion:g}" in result.note


def test_a_loss_that_never_falls_gives_no_suggestion():
    result = judged("train", np.geomspace(1e-6, 1, 50), np.full(50, 2.0))
    assert (result.suggestion, result.steepest) == (0.0, 0.0)
    assert "never falls" in result.note


def test_a_real_network_learns_with_what_is_suggested(tmp_path):
    document = iris(PLAIN_NET, optimizer=SGD, epochs=10)
    result = try_rates(document, tmp_path, request(document, tmp_path))
    assert len(result.rates) == len(result.losses) == len(result.smoothed) <= 100
    assert result.rates[0] == pytest.approx(1e-6)
    assert np.all(np.diff(result.rates) > 0)
    assert 1e-3 < result.suggestion <= 1.0
    assert result == try_rates(document, tmp_path, request(document, tmp_path))
    assert not (tmp_path / "runs").exists()
    info, _ = run(
        iris(PLAIN_NET, optimizer=Component(kind="SGD", parameters={"lr": result.suggestion}), epochs=20),
        tmp_path,
    )
    assert info.metrics["train"]["loss"] < 0.75 * result.losses[0]


def test_what_has_no_rate_to_test_is_one_sentence(tmp_path):
    document = iris()
    with pytest.raises(UserError, match="at least 10 steps"):
        try_rates(document, tmp_path, request(document, tmp_path, steps=3))
    with pytest.raises(UserError, match="A stage called tune learns"):
        try_rates(document, tmp_path, request(document, tmp_path, stage="tune"))
    with pytest.raises(UserError, match="begin with a smaller one"):
        try_rates(document, tmp_path, request(document, tmp_path, low=1e30, high=1e35))
