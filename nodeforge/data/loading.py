"""From a project's data settings to its dataset."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from nodeforge.core.document import DataSettings
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Declaration, Value, Values
from nodeforge.data import preparation
from nodeforge.data.dataset import Dataset
from nodeforge.data.preview import PreviewTable, preview_table
from nodeforge.data.source import Samples, Source, SourceCall

KEPT = 2
"""How many datasets stay in memory: the present one, and the one an undo goes back to."""
KEPT_RAW = 1
"""How many sources stay in memory as they were read, so that another split or scaling reads nothing again."""

T = TypeVar("T")

_cache: OrderedDict[object, Dataset] = OrderedDict()
_raw: OrderedDict[object, Samples] = OrderedDict()
_lock = threading.Lock()


@functools.cache
def sources() -> Mapping[str, Source]:
    """All data sources by name."""
    from nodeforge.data import source_kinds as package

    found: dict[str, Source] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Source):
                if found.get(value.name, value) is not value:
                    raise ValueError(f"two data sources are called {value.name}")
                found[value.name] = value
    return MappingProxyType(found)


def load(settings: DataSettings, folder: Path) -> Dataset:
    """The prepared dataset; from memory when settings and files are as they were the last time.

    Args:
        settings: The project's.
        folder: The project's folder, which relative paths start from.

    Raises:
        UserError: Settings or file are at fault.
    """
    how = _settled(preparation.SETTINGS, settings.preparation, "Data preparation")
    source, call = _call(settings, folder, preparation.memory(how))
    stamps = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in source.files(call))
    read = (source.name, tuple(call.values.items()), settings.columns, call.memory, stamps)

    def prepared() -> Dataset:
        return preparation.prepare(_remembered(_raw, KEPT_RAW, read, lambda: source.load(call)), how)

    return _remembered(_cache, KEPT, (read, tuple(how.items())), prepared)


def _remembered(cache: OrderedDict[object, T], kept: int, key: object, make: Callable[[], T]) -> T:
    """What the cache holds under the key; else it is made, and the oldest is forgotten."""
    with _lock:
        if key in cache:
            cache.move_to_end(key)
            return cache[key]
    made = make()
    with _lock:
        cache[key] = made
        while len(cache) > kept:
            cache.popitem(last=False)
    return made


def glimpse(settings: DataSettings, folder: Path, rows: int = 100) -> PreviewTable | None:
    """The first rows of a table that cannot be loaded, so that roles and types can be mended; None where even
    those cannot be read.
    """
    try:
        source, call = _call(settings, folder, 0)
        return preview_table(source.head(call), rows) if source.head else None
    except UserError:
        return None


def _call(settings: DataSettings, folder: Path, memory: int) -> tuple[Source, SourceCall]:
    source = sources().get(settings.source.kind)
    if source is None:
        raise UserError(
            f"There is no data source {settings.source.kind}: choose one of {', '.join(sources())}."
        )
    values = _settled(source, settings.source.parameters, f"Data source {source.name}")
    return source, SourceCall(values=values, folder=folder, columns=settings.columns, memory=memory)


def _settled(declaration: Declaration, values: Values, place: str) -> dict[str, Value]:
    try:
        return declaration.settled(values)
    except ValueError as error:
        raise UserError(f"{place}: {error}.") from None
