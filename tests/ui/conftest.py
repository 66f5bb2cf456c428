"""What holds for every test of the window (see `window_rules`)."""

from __future__ import annotations

import pytest
from window_rules import nothing_left_running, own_settings

__all__ = ["nothing_left_running", "own_settings"]


@pytest.fixture(autouse=True)
def _rules(nothing_left_running: None) -> None:
    """Nothing a test of the window does stays behind."""
