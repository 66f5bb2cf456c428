"""The library of blocks among the kinds that are offered: in the palette, in the search, in a drag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from nodeforge.catalog import Kind
from nodeforge.catalog.networks import network_kind
from nodeforge.session.blocks import Block, blocks

CATEGORY = "Blocks"
_PREFIX = "block:"
"""What the name of an offered block begins with; no kind of node is called so."""


@lru_cache(maxsize=1)
def _library() -> Mapping[str, tuple[Block, Kind]]:
    found, _ = blocks()
    return {_PREFIX + block.name: (block, _kind(block)) for block in found}


def _kind(block: Block) -> Kind:
    face = network_kind(block.document.main_network, block.document.scope)
    return replace(face, name=_PREFIX + block.name, title=block.title, category=CATEGORY, common=False)


def block_kinds() -> Mapping[str, Kind]:
    """What is in the library, each with the face that its node will have; read once."""
    return {name: kind for name, (_, kind) in _library().items()}


def block_of(kind: str) -> Block | None:
    """The block that is offered under a name."""
    found = _library().get(kind)
    return found[0] if found else None


def reread() -> None:
    """The library has changed: read it again when it is asked for next."""
    _library.cache_clear()
