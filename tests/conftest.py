"""Rules for every test: what NodeForge keeps for its user goes to a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from nodeforge.project.places import STATE_VARIABLE

# How long an example takes says more of the machine than of the code.
settings.register_profile("nodeforge", deadline=None)
settings.load_profile("nodeforge")


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where recovery journal, recent projects and log of this test lie."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv(STATE_VARIABLE, str(folder))
    return folder
