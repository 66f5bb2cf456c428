"""A training that was killed goes on as if nothing had happened, in every stage of every shipped project."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.project import shipped
from tests.kills import TIMES, kills, shortened


@pytest.mark.parametrize("name", ["iris-mlp", "rbf"])
def test_a_killed_stage_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, times=1)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", shipped.project_names())
def test_every_stage_of_every_project_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, times=TIMES)


def check(name: str, folder: Path, times: int) -> None:
    project = shortened(name, folder)
    found = list(kills(project, times))
    assert [kill for kill in found if kill.differences] == []
    assert {kill.stage for kill in found} == {game[0].name for game in project.document.recipe.games}
    assert len(found) == times * len(project.document.recipe.games)
