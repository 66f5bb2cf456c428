"""Where NodeForge keeps what belongs to no project: recovery journal, recent projects, log."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE_VARIABLE = "NODEFORGE_STATE_DIR"
"""Environment variable that puts the state folder elsewhere (tests, shared machines)."""


def state_folder() -> Path:
    """The user's state folder of NodeForge; made when a file is first written into it."""
    elsewhere = os.environ.get(STATE_VARIABLE)
    return Path(elsewhere) if elsewhere else platformdirs.user_state_path("nodeforge", appauthor=False)


def log_file() -> Path:
    """Where tracebacks of our own faults go."""
    return state_folder() / "nodeforge.log"
