"""Being nobody for a while, so that tests of permissions mean something when root runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@contextmanager
def unwritable(folder: Path) -> Iterator[Path]:
    """Make a folder in which this process may not write.

    Root becomes nobody for that time, and may then not even read what it could import before.
    """
    if not hasattr(os, "geteuid"):
        pytest.skip("Windows has no folder that its owner may not write to")
    folder.mkdir(mode=0o500)
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
