"""Tables on disk, and datasets by a short call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodeforge.core.document import Column, Component, DataSettings
from nodeforge.data import Dataset, load

Loader = Callable[..., Dataset]


def settings(
    source: str, *, columns: tuple[Column, ...] = (), preparation: Any = None, **values: Any
) -> DataSettings:
    return DataSettings(
        source=Component(kind=source, parameters=values), preparation=preparation or {}, columns=columns
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Loader:
    """Loads a source: `dataset("iris", preparation={...}, parameter=value)`."""
    return lambda source, **keywords: load(settings(source, **keywords), tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> Loader:
    """Writes a CSV file and loads it: `table("a,b\\n1,2\\n", target="b")`."""

    def write(content: str | bytes, **keywords: Any) -> Dataset:
        (tmp_path / "table.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        return load(settings("csv", **{"path": "table.csv", **keywords}), tmp_path)

    return write
