"""The compiler's product: a Python file, and which of its lines belongs to which node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodeforge.core.specs import TensorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One argument of the generated class's `forward` or `objectives`.

    Attributes:
        node: The Input or Target node.
        spec: What it declares.
        field: The field of the data that feeds it; "" for the first that fits.
    """

    node: str
    spec: TensorSpec
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A value that goes from one node to one module and nowhere else.

    Attributes:
        kind: Of the node that gives it.
        giver: The attribute of the class that holds the module of this node; "" for a plain expression and for a
            module that is called more than once.
        reader: The attribute of the module that reads it. It is called this once.
    """

    kind: str
    giver: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A network as Python source.

    Attributes:
        text: The file.
        class_name: The class in it.
        filename: Made from the text; stands in tracebacks.
        node_lines: By node, its line numbers, counted from 1.
        line_nodes: By line number, its node (the first of several).
        attributes: By node, the name of its module in the class: the node's own unless torch uses that.
        inputs: Arguments of `forward`, in order.
        targets: Further arguments of `objectives`, in order.
        outputs: Output nodes, in the order in which `forward` gives them.
        objectives: Loss nodes, the keys of what `objectives` gives.
        missing: Nodes that stand as comments only, since they are not complete; the source cannot run while
            there are any.
        custom: Of the layers that a person wrote and whose code is in the text: the hash by which it is trusted.
        passages: By class, the values in it that one module alone reads, in execution order.
    """

    text: str
    class_name: str
    filename: str
    node_lines: Mapping[str, tuple[int, ...]]
    line_nodes: Mapping[int, str]
    attributes: Mapping[str, str]
    inputs: tuple[Slot, ...] = ()
    targets: tuple[Slot, ...] = ()
    outputs: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the source can run: nothing is missing, and there is something to compute."""
        return not self.missing and bool(self.outputs or self.objectives)
