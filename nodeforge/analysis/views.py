"""What of a network is worth watching while it runs: derived from its kinds, never from what a project is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport, NodeReport, Report
from nodeforge.catalog import learning_rules
from nodeforge.catalog.kind import Role
from nodeforge.core.document import Document
from nodeforge.core.graph import Graph
from nodeforge.core.specs import FLOATS, INTEGERS, TensorSpec

MOST_NEURONS = 24
"""A dense layer of more inputs or outputs is not drawn neuron by neuron."""
MOST_FEATURES = 16
"""A map over two of more features would say little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way of looking at a running network.

    Attributes:
        name: In messages, and in `Kind.views` where a kind asks for it.
        title: For people.
        doc: What is seen, in a sentence.
        of_node: Whether it is of one node; else of the whole network.
        of_sample: Whether it shows one sample.
    """

    name: str
    title: str
    doc: str
    of_node: bool = False
    of_sample: bool = True


VIEWS = {
    view.name: view
    for view in (
        View(
            name="forward",
            title="Step by step",
            doc="What every layer makes of the sample, in the order in which it is computed.",
        ),
        View(
            name="reconstruction",
            title="Reconstructions",
            doc="Samples above, what the network makes of them below.",
        ),
        View(
            name="latent",
            title="Latent grid",
            doc="What the decoder draws for codes on a grid: two numbers of the code vary, the others are 0.",
            of_node=True,
            of_sample=False,
        ),
        View(
            name="samples",
            title="Samples",
            doc="What is made of noise that stays the same from step to step.",
            of_node=True,
            of_sample=False,
        ),
        View(
            name="map",
            title="Map",
            doc="The prototype of every unit where it stands on the map, and how many samples it wins.",
            of_node=True,
            of_sample=False,
        ),
        View(
            name="text",
            title="Generated text",
            doc="How the network goes on with a text.",
            of_sample=False,
        ),
        View(
            name="spikes",
            title="Spikes",
            doc="Time runs to the right; each row is a neuron, each mark a spike.",
            of_node=True,
        ),
        View(
            name="states",
            title="States over time",
            doc="How single units move while the sequence passes.",
            of_node=True,
        ),
        View(
            name="attention",
            title="Attention",
            doc="Each row is a place that looks, each column a place that is looked at.",
            of_node=True,
        ),
        View(
            name="activations",
            title="Activations",
            doc="What the layer gives for the sample; of a convolution, one picture a channel.",
            of_node=True,
        ),
        View(
            name="weights",
            title="Weights",
            doc="The numbers that the layer has learned; of a convolution, its filters.",
            of_node=True,
            of_sample=False,
        ),
        View(
            name="neurons",
            title="Neurons",
            doc="Small dense layers, neuron by neuron. Point at one to see what it adds up.",
        ),
        View(
            name="boundary",
            title="Decision map",
            doc="What the network answers where its first two features have other values.",
        ),
        View(
            name="gradients",
            title="Gradients over time",
            doc="How strongly each layer is told to change, step by step.",
            of_sample=False,
        ),
        View(
            name="flow",
            title="Gradient flow",
            doc="How much of the gradient of the loss arrives at each layer on the way back.",
        ),
        View(
            name="vitals",
            title="Layers at a glance",
            doc="Gradient, mean and spread of every layer, and which share of its units is silent.",
            of_sample=False,
        ),
    )
}


_SAME_FOR_ALL = frozenset({"Constant"})
"""Give the same number everywhere, which is nothing to look at."""


def offered(document: Document, report: Report) -> dict[str, tuple[str, ...]]:
    """By view, in the order of `VIEWS`: the nodes it can be of ("block.conv1" inside another network), ("",) for the
    whole network. Views that show nothing of this network are absent.
    """
    main = report.networks.get(document.main)
    if main is None or not report.ok:
        return {}
    nodes = list(_nodes(document, document.main_network, main))
    found: dict[str, tuple[str, ...]] = {}
    for name, view in VIEWS.items():
        if view.of_node:
            paths = tuple(path for path, node, borrows in nodes if name in _views_of(node, borrows=borrows))
            if paths:
                found[name] = paths
        elif _OF_NETWORK[name](document, main):
            found[name] = ("",)
    return found


def _nodes(
    document: Document, graph: Graph, network: NetworkReport, prefix: str = "", shared: bool = False
) -> Iterator[tuple[str, NodeReport, bool]]:
    """Every node with its path, those inside other networks behind the one that they stand in; and whether it uses the
    weights of another.
    """
    for name in network.order or network.nodes:
        node, borrows = network.nodes[name], shared or bool(graph.nodes[name].shares)
        yield f"{prefix}{name}", node, borrows
        if node.inside is not None and node.kind is not None and node.mode == "active":
            inner = document.networks[node.kind.name]
            yield from _nodes(document, inner, node.inside, f"{prefix}{name}.", borrows)


def _views_of(node: NodeReport, *, borrows: bool) -> tuple[str, ...]:
    """Which views a node is worth: those its kind declares, and those that follow from its ports."""
    kind = node.kind
    if kind is None or kind.role is not Role.LAYER or not node.outputs or node.mode != "active":
        return ()
    found = list(kind.views)
    first = next(iter(node.outputs.values()))
    if first.dtype in FLOATS and first.rank > 1 and kind.name not in _SAME_FOR_ALL:
        found.append("activations")
    if node.parameters and node.inside is None and not borrows:
        found.append("weights")
    if kind.category == "Recurrent" and first.rank == 3:
        found.append("states")
    return tuple(found)


def small_dense(network: NetworkReport) -> tuple[str, ...]:
    """Dense layers that feed each other and are small enough to be drawn, in their order."""
    chain: list[str] = []
    for name in network.order:
        node = network.nodes[name]
        if node.kind is None or node.kind.name != "Linear" or node.mode != "active":
            continue
        arrives, leaves = node.inputs["input"][0], node.outputs["output"]
        small = arrives.rank == 2 and max(_features(arrives), _features(leaves)) <= MOST_NEURONS
        follows = chain and network.nodes[chain[-1]].outputs["output"].shape == arrives.shape
        if small:
            chain = [*chain, name] if follows else [name]
    return tuple(chain)


def looks_back(document: Document, network: NetworkReport) -> tuple[str, str] | None:
    """The Output and the Input of the same shape that it reconstructs; None if it is to answer something else."""
    answers = [spec for _, spec in _of_role(network, Role.TARGET)]
    for output, given in _of_role(network, Role.OUTPUT):
        for name, taken in _of_role(network, Role.INPUT):
            big = taken.dtype in FLOATS and all(isinstance(dim, int) for dim in taken.shape[1:])
            if given == taken and big and taken.rank > 1 and all(spec == taken for spec in answers):
                return output, name
    return None


def _of_role(network: NetworkReport, role: Role) -> Iterator[tuple[str, TensorSpec]]:
    for name in network.order:
        node = network.nodes[name]
        if node.kind is not None and node.kind.role is role:
            specs = node.inputs.get("input", ()) if role is Role.OUTPUT else tuple(node.outputs.values())
            if specs:
                yield name, specs[0]


def _features(spec: TensorSpec) -> int:
    last = spec.shape[-1]
    return last if isinstance(last, int) else MOST_NEURONS + 1


def _has_input(document: Document, network: NetworkReport) -> bool:
    return any(_of_role(network, Role.INPUT))


def _learns_by_gradient(document: Document, network: NetworkReport) -> bool:
    by_gradient = any(learning_rules()[stage.rule].name == "gradient" for stage in document.recipe.stages)
    return by_gradient and network.parameters > 0 and any(_of_loss(network))


def _of_loss(network: NetworkReport) -> Iterator[str]:
    for name, node in network.nodes.items():
        if node.kind is not None and node.kind.role is Role.OBJECTIVE:
            yield name


def _writes(document: Document, network: NetworkReport) -> bool:
    """Whether whole numbers come in and scores for the next one go out, place by place."""
    takes = next((spec for _, spec in _of_role(network, Role.INPUT)), None)
    gives = next((spec for _, spec in _of_role(network, Role.OUTPUT)), None)
    if takes is None or gives is None or takes.dtype not in INTEGERS or takes.rank != 2 or gives.rank != 3:
        return False
    targets = [spec for _, spec in _of_role(network, Role.TARGET)]
    return takes.shape[1] in gives.shape[1:] and any(spec.shape == takes.shape for spec in targets)


def _maps(document: Document, network: NetworkReport) -> bool:
    """Whether one sample is a few features, and the answer a few numbers."""
    inputs = list(_of_role(network, Role.INPUT))
    gives = next((spec for _, spec in _of_role(network, Role.OUTPUT)), None)
    if len(inputs) != 1 or gives is None or gives.rank > 2:
        return False
    takes = inputs[0][1]
    return takes.rank == 2 and takes.dtype in FLOATS and 2 <= _features(takes) <= MOST_FEATURES


_OF_NETWORK: dict[str, Callable[[Document, NetworkReport], bool]] = {
    "forward": _has_input,
    "reconstruction": lambda document, network: looks_back(document, network) is not None,
    "text": _writes,
    "neurons": lambda document, network: bool(small_dense(network)),
    "boundary": _maps,
    "gradients": _learns_by_gradient,
    "flow": _learns_by_gradient,
    "vitals": _has_input,
}
