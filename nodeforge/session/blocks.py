"""The library of blocks: networks to put into a drawing, shipped ones and the person's own.

A block is a project file whose main network is the block; what stands in it comes along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodeforge.analysis.wiring import node_name
from nodeforge.catalog.networks import reachable
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch
from nodeforge.core.errors import EditError, UserError, system_reason
from nodeforge.core.graph import Node
from nodeforge.project import files, places, schema, shipped
from nodeforge.session.carrying import carried, own_layers

_SUFFIX = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A network in the library.

    Attributes:
        name: What the network is called.
        title: What people call it.
        document: The network as the main one, with all that stands in it.
        own: Whether the person put it there.
    """

    name: str
    title: str
    document: Document
    own: bool = False

    @property
    def description(self) -> str:
        """What it is for, in Markdown."""
        return self.document.main_network.description


def blocks() -> tuple[list[Block], list[str]]:
    """All blocks, shipped ones first, and a sentence for each file of the person's own that cannot be read."""
    found, faults = [], []
    for own, folder in ((False, shipped.resources() / "blocks"), (True, own_folder())):
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            try:
                document = schema.decode(path.read_bytes(), path.name)
            except (UserError, OSError) as error:
                faults.append(
                    str(error) if isinstance(error, UserError) else f"{path}: {system_reason(error)}."
                )
                continue
            found.append(Block(name=document.main, title=document.title, document=document, own=own))
    return found, faults


def own_folder() -> Path:
    """Where the person's own blocks lie, a file each."""
    return places.state_folder() / "blocks"


def insert_edits(document: Document, network: str, block: Block, at: tuple[float, float]) -> Batch:
    """Put a block into a network: the networks that are not here yet, and a node that uses it.

    Raises:
        EditError: The network would then contain itself.
    """
    edits, called = carried(document, block.document, [block.name])
    name = called[block.name]
    if name in document.networks and network in reachable(document, name):
        raise EditError(f"{name} contains {network}, so it cannot stand in it.")
    node = Node(name=node_name(document.networks[network], name), kind=name, position=at)
    return Batch((*edits, AddNode(network, node)), f"Add {block.title}")


def save_block(document: Document, network: str, title: str = "") -> Path:
    """Keep a network, with all that stands in it, in the person's own library; one of that name is replaced.

    Raises:
        UserError: It cannot be written.
    """
    kept = reachable(document, network)
    own = document.copy()
    for name in own.networks.keys() - kept:
        del own.networks[name]
    own.custom = own_layers(document, own.networks.values())
    own.main, own.data, own.title, own.description = network, None, title or network, ""
    path = own_folder() / f"{network}{_SUFFIX}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent} cannot be made: {system_reason(error)}.") from None
    files.write_atomic(path, schema.encode(own))
    return path


def remove_block(block: Block) -> None:
    """Take one of the person's own blocks out of the library; drawings that hold it keep it.

    Raises:
        UserError: It cannot be removed.
    """
    path = own_folder() / f"{block.name}{_SUFFIX}"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"The block {block.name} cannot be removed: {system_reason(error)}.") from None
