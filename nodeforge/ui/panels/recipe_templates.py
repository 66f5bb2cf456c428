"""Recipes that suit what the drawing holds: machines to train layer by layer, two players, a map…"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.teaching import behind, can_learn, leaves, taught
from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.document import Component, Document, Stage
from nodeforge.ui.panels.stage_edits import unique_name

FINE_TUNING_RATE = 1e-4
"""Gentle enough for weights that are good already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Stages to choose at once.

    Attributes:
        title: Its words in the menu.
        summary: When it is the right one, in a sentence.
        stages: In order.
        whole: Whether they are a recipe of their own, and take the place of what is there; else they follow it.
    """

    title: str
    summary: str
    stages: tuple[Stage, ...]
    whole: bool = True


def templates(document: Document, main: NetworkReport) -> list[Template]:
    """Those that the drawing has the layers for."""
    return [
        *_fine_tuning(document, main),
        *_greedy(document, main),
        *_two_players(document, main),
        *_closed_form(document, main),
        *_centres(document, main),
        *_map(main),
    ]


def losses_of(main: NetworkReport) -> list[str]:
    """The losses of a network, in the order in which they are computed."""
    return [name for name in main.order if (kind := main.nodes[name].kind) and kind.role is Role.OBJECTIVE]


def learners_of(main: NetworkReport, rule: str) -> list[str]:
    """Paths of the nodes that a rule can teach, in execution order."""
    return [path for path, node in leaves(main) if can_learn(node, rule)]


def _fine_tuning(document: Document, main: NetworkReport) -> Iterator[Template]:
    if losses_of(main) and learners_of(main, "gradient"):
        optimizer = Component(kind="Adam", parameters={"lr": FINE_TUNING_RATE})
        yield Template(
            title="Fine-tune all",
            summary="One more stage, in which all nodes learn together in small steps.",
            stages=(Stage(name="fine-tune", optimizer=optimizer),),
            whole=False,
        )


def _greedy(document: Document, main: NetworkReport) -> Iterator[Template]:
    machines = learners_of(main, "contrastive-divergence")
    if not machines:
        return
    rule = "contrastive-divergence"
    stages = [Stage(name=f"pretrain {_last(path)}", rule=rule, learns=(path,)) for path in machines]
    if losses_of(main):
        stages.append(_by_gradient(document, "fine-tune"))
    yield Template(
        title="Greedy, layer by layer",
        summary="Each Boltzmann machine learns from what the one below gives; then all are tuned together.",
        stages=_named(stages),
    )


def _two_players(document: Document, main: NetworkReport) -> Iterator[Template]:
    for maker, judge in _players(document, main):
        makers_loss, judges_losses = _split_losses(document, main, maker)
        base = _by_gradient(document, "")
        first = replace(
            base, name=_last(judge), learns=(judge,), objectives=tuple(judges_losses), alternates=False
        )
        second = replace(base, name=_last(maker), learns=(maker,), objectives=(makers_loss,), alternates=True)
        yield Template(
            title=f"Two players: {judge} and {maker}",
            summary=f"They take turns, batch by batch: {judge} learns to tell samples from what {maker} makes, "
            f"{maker} to deceive it.",
            stages=_named([first, second]),
        )


def _closed_form(document: Document, main: NetworkReport) -> Iterator[Template]:
    solved = Stage(name="solve", rule="ridge")
    has_centres = bool(learners_of(main, "k-means"))  # there is a recipe for them
    if _has_answers(main) and taught(document, main, solved) and not has_centres:
        yield Template(
            title="Closed form",
            summary="The last layer is solved for at once, in one pass; all before it stays as it is.",
            stages=(solved,),
        )


def _centres(document: Document, main: NetworkReport) -> Iterator[Template]:
    centres = learners_of(main, "k-means")
    solved = Stage(name="solve", rule="ridge")
    if centres and _has_answers(main) and taught(document, main, solved):
        yield Template(
            title="Centres, then closed form",
            summary="Centres move to where samples crowd; then the last layer is solved for at once.",
            stages=(Stage(name="centres", rule="k-means"), solved),
        )


def _map(main: NetworkReport) -> Iterator[Template]:
    if learners_of(main, "competitive"):
        yield Template(
            title="Map",
            summary="A self-organizing map unfolds, and then settles.",
            stages=(Stage(name="unfold", rule="competitive"),),
        )


def _has_answers(main: NetworkReport) -> bool:
    """Whether the data hold answers that a loss compares with."""
    roles = {kind.role for node in main.nodes.values() if (kind := node.kind) is not None}
    return {Role.TARGET, Role.OBJECTIVE} <= roles


def _players(document: Document, main: NetworkReport) -> Iterator[tuple[str, str]]:
    """(maker, judge): networks with weights where the judge sees what the maker makes, and something else as well."""
    graph = document.main_network
    uses = [n for n in main.order if isinstance(main.nodes[n].kind, NetworkKind)]
    families: Mapping[str, list[str]] = {
        owner: [use for use in uses if owner in (use, graph.nodes[use].shares)]
        for owner in uses
        if not graph.nodes[owner].shares and main.nodes[owner].parameters
    }
    if len(losses_of(main)) < 2:
        return
    for maker in families:
        made = behind(graph, maker)
        for judge, seen in families.items():
            if maker != judge and 0 < len(made & set(seen)) < len(seen):
                yield maker, judge


def _split_losses(document: Document, main: NetworkReport, maker: str) -> tuple[str, list[str]]:
    """The maker's loss, which is the last one that its gradients come from, and those that are left to the judge."""
    losses = losses_of(main)
    reached = _reached_by_gradient(document, main, maker)
    own = [loss for loss in losses if loss in reached][-1:] or losses[-1:]
    return own[0], [loss for loss in losses if loss not in own]


def _reached_by_gradient(document: Document, main: NetworkReport, node: str) -> set[str]:
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        kind = main.nodes[name := waiting.pop()].kind
        if kind is not None and kind.blocks_gradient:
            continue
        fresh = document.main_network.successors(name) - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def _by_gradient(document: Document, name: str) -> Stage:
    """As the recipe has it already, but for all nodes and losses; else as usual."""
    known = [stage for stage in document.recipe.stages if stage.rule == "gradient"]
    base = known[-1] if known else Stage()
    return replace(base, name=name, learns=(), objectives=(), alternates=False)


def _named(stages: list[Stage]) -> tuple[Stage, ...]:
    """The stages, each with a name of its own."""
    names: list[str] = []
    for stage in stages:
        names.append(unique_name(stage.name, names))
    return tuple(replace(stage, name=name) for stage, name in zip(stages, names, strict=True))


def _last(path: str) -> str:
    return path.rpartition(".")[2]
