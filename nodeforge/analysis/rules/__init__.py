"""The rules: small functions that look at a node, a network or a document and yield diagnostics.

A node's rules are asked again when the node, what arrives at it or a node within `chains.REACH` wires before
it changed, or while it has findings; a network's rules when nodes, wires or kinds changed, weights came or went, an
element type changed, or shapes while it has findings; rules about weights when nodes, wires, kinds or counts of
weights changed; a document's rules always, but those on
who teaches whom when the recipe changed, or structure, kinds or the presence of weights of the main network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.rules import (
    activations,
    batch,
    custom,
    data,
    large,
    learning,
    losses,
    modes,
    networks,
    node_training,
    parameters,
    ports,
    recipe,
    regularization,
    sequences,
    shapes,
    sharing,
    stages,
    structure,
    targets,
    training,
    windows,
)
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.document import Document
from nodeforge.core.graph import Node
from nodeforge.core.specs import DataFacts

NodeRule = Callable[[NetworkView, Node], Iterable[Diagnostic]]
NetworkRule = Callable[[NetworkView], Iterable[Diagnostic]]
DocumentRule = Callable[[Document, DataFacts | None, Mapping[str, NetworkReport]], Iterable[Diagnostic]]

NODE_RULES: tuple[NodeRule, ...] = (
    *modes.NODE_RULES,
    *parameters.NODE_RULES,
    *custom.NODE_RULES,
    *networks.NODE_RULES,
    *sharing.NODE_RULES,
    *ports.NODE_RULES,
    *shapes.NODE_RULES,
    *data.NODE_RULES,
    *losses.NODE_RULES,
    *targets.NODE_RULES,
    *activations.NODE_RULES,
    *regularization.NODE_RULES,
    *sequences.NODE_RULES,
    *windows.NODE_RULES,
    *batch.NODE_RULES,
    *large.NODE_RULES,
)
RULES_OF_MODE: Mapping[str, tuple[NodeRule, ...]] = {
    "active": NODE_RULES,
    "bypassed": (*modes.NODE_RULES, ports.too_many_wires, ports.unknown_ports),
    "muted": (
        *parameters.NODE_RULES,
        *custom.NODE_RULES,
        *networks.NODE_RULES,
        *ports.NODE_RULES,
        *shapes.NODE_RULES,
    ),
}
"""What is asked of a node: one that is bypassed only for its wires, one that is muted for its shapes as well."""
NETWORK_RULES: tuple[NetworkRule, ...] = (
    *structure.NETWORK_RULES,
    *networks.NETWORK_RULES,
    *training.NETWORK_RULES,
    *activations.NETWORK_RULES,
    *modes.NETWORK_RULES,
)
WEIGHT_RULES: tuple[NetworkRule, ...] = (*regularization.WEIGHT_RULES,)
TEACHING_RULES: tuple[DocumentRule, ...] = learning.TEACHING_RULES
DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    *networks.DOCUMENT_RULES,
    *recipe.DOCUMENT_RULES,
    *stages.DOCUMENT_RULES,
    *modes.DOCUMENT_RULES,
    *node_training.DOCUMENT_RULES,
    *learning.DOCUMENT_RULES,
    *regularization.DOCUMENT_RULES,
    *data.DOCUMENT_RULES,
)
