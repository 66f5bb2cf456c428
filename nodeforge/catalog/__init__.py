"""Everything that can be chosen by name, as data: node kinds, learning rules, optimizers, schedules, recipe
settings.

A node kind is a module-level `Kind` in any file of `catalog/nodes/`; it needs no registration. Nothing here
imports torch or Qt.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from nodeforge.catalog.kind import CATEGORIES, Kind
from nodeforge.catalog.learning_rules import learning_rules
from nodeforge.catalog.optimizers import optimizers
from nodeforge.catalog.schedules import schedules

__all__ = ["CATEGORIES", "Kind", "kinds", "learning_rules", "optimizers", "schedules"]


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """All node kinds by name, in palette order: by category, then as written in their file."""
    from nodeforge.catalog import nodes

    found: dict[str, Kind] = {}
    for info in sorted(pkgutil.iter_modules(nodes.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{nodes.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Kind):
                if found.get(value.name, value) is not value:
                    raise ValueError(f"two node kinds are called {value.name}")
                found[value.name] = value
    ordered = sorted(found.values(), key=lambda kind: CATEGORIES.index(kind.category))
    return MappingProxyType({kind.name: kind for kind in ordered})
