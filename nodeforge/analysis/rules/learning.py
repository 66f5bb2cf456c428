"""Whether the stages of a recipe go together, and each with what it teaches: rules, losses, order, turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.analysis.teaching import behind, can_learn, leaves, objective_of, taught
from nodeforge.analysis.words import listed, were
from nodeforge.catalog import learning_rules
from nodeforge.catalog.kind import Role
from nodeforge.catalog.learning_rules import FROZEN, GRADIENT
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document, Stage
from nodeforge.core.edits import SetRecipe
from nodeforge.core.specs import DataFacts

Reports = Mapping[str, NetworkReport]
_RECURRENT = ("RNN", "LSTM", "GRU")


def same_names(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Two stages of one name, so that nobody knows which is meant."""
    stages = document.recipe.stages
    names = [stage.name for stage in stages]
    for place, stage in enumerate(stages):
        if stage.name not in names[:place]:
            continue
        free = next(n for i in range(2, len(stages) + 2) if (n := f"{stage.name}_{i}") not in names)
        yield Diagnostic(
            code="stage-same-name",
            severity=Severity.ERROR,
            message=f"Two stages are called {stage.name}: give one of them another name.",
            parameter="name",
            stage=stage.name,
            fixes=(_fix(document, f"Call the second {free}", {place: replace(stage, name=free)}),),
        )


def nobody_learns(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A rule that none of the nodes it is to teach supports."""
    main = reports[document.main]
    for place, stage in enumerate(document.recipe.stages):
        rule = learning_rules().get(stage.rule)
        if rule in (None, GRADIENT, FROZEN) or not main.order or taught(document, main, stage):
            continue
        assert rule is not None
        able = [path for path, node in leaves(main) if can_learn(node, rule.name)]
        fixes = [
            _fix(document, f"Teach {path}", {place: replace(stage, learns=(path,))}) for path in able[:2]
        ]
        fixes += [
            _fix(document, f"Use {learning_rules()[other].label}", {place: _with_rule(stage, other)})
            for other in _rules_of(document, main, stage)[:2]
        ]
        whom = f"none of the nodes it teaches ({listed(stage.learns)})" if stage.learns else "no node"
        yield Diagnostic(
            code="stage-rule-unsupported",
            severity=Severity.ERROR,
            message=f"Stage {stage.name} learns by {rule.label}, and {whom} can learn so.",
            reason=rule.doc,
            parameter="rule",
            stage=stage.name,
            fixes=tuple(fixes),
        )


def _rules_of(document: Document, main: NetworkReport, stage: Stage) -> list[str]:
    """Rules that could teach what a stage names, the most special first."""
    found = []
    for name, rule in reversed(list(learning_rules().items())):
        fits = not rule.needs_loss or _objectives(document, main)
        if name != FROZEN.name and fits and taught(document, main, replace(stage, rule=name)):
            found.append(name)
    return found


def losses_out_of_reach(
    document: Document, facts: DataFacts | None, reports: Reports
) -> Iterator[Diagnostic]:
    """A stage whose losses do not depend on what it teaches."""
    main, graph = reports[document.main], document.main_network
    for place, stage in enumerate(document.recipe.stages):
        rule = learning_rules().get(stage.rule)
        paths = taught(document, main, stage) if rule and rule.needs_loss and rule is not FROZEN else {}
        if rule is None or not paths or not (stage.objectives or rule.reads_answers):
            continue
        tops = {path.partition(".")[0] for path in paths}
        owners = tops | {graph.nodes[top].shares for top in tops}
        users = tops | {
            node.name for node in graph.ordered_nodes() if {node.name, node.shares} & (owners - {""})
        }
        reached = {name for top in users for name in behind(graph, top)}
        far = [name for name in stage.objectives if name in main.nodes and name not in reached]
        near = tuple(name for name in _objectives(document, main) if name in reached)
        if far:
            what = f"the {were(far, 'loss', 'losses')} {listed(far)}"
        elif rule.reads_answers and not all(objective_of(document, main, p, stage.objectives) for p in paths):
            what = "any loss that knows the answers"
        else:
            continue
        options = ((near, f"Follow {listed(near)}"),) if near and near != stage.objectives and far else ()
        yield Diagnostic(
            code="stage-loss-out-of-reach",
            severity=Severity.ERROR,
            message=f"Stage {stage.name} teaches {listed(sorted(tops))}, from where no wire leads to {what}.",
            reason="A node learns from a loss that depends on what the node gives.",
            parameter="objectives",
            stage=stage.name,
            fixes=tuple(
                _fix(document, label, {place: replace(stage, objectives=kept)}) for kept, label in options
            ),
        )


def loss_wanted(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A stage that asks for a loss where none is drawn, and a node that could learn without."""
    main = reports[document.main]
    if _objectives(document, main):
        return
    for place, stage in enumerate(document.recipe.stages):
        rule = learning_rules().get(stage.rule)
        if rule is None or not rule.needs_loss:
            continue
        fitting = _rules_of(document, main, stage)
        if fitting:
            yield Diagnostic(
                code="stage-without-loss",
                severity=Severity.WARNING,
                message=f"Stage {stage.name} learns by {rule.label}, which needs a loss, and none is drawn.",
                reason=learning_rules()[fitting[0]].doc,
                parameter="rule",
                stage=stage.name,
                fixes=tuple(
                    _fix(document, f"Use {learning_rules()[n].label}", {place: _with_rule(stage, n)})
                    for n in fitting
                ),
            )


def never_taught(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Nodes that could learn, and that no stage teaches."""
    main, recipe = reports[document.main], document.recipe
    if recipe.weights or any(stage.rule not in learning_rules() for stage in recipe.stages):
        return
    learning = {path for stage in recipe.stages for path in taught(document, main, stage)}
    idle: dict[str, list[str]] = {}
    for path, node in leaves(main):
        rule = _own_rule(node)
        if rule and path not in learning and not _shared(path, learning, document):
            idle.setdefault(rule, []).append(path)
    for rule, paths in idle.items():
        stage = Stage(name=_free_name(document, rule), rule=rule, learns=tuple(paths))
        yield Diagnostic(
            code="never-taught",
            severity=Severity.HINT,
            message=f"No stage teaches {listed(paths)}: {were(paths, 'it stays', 'they stay')} as at the start.",
            reason="That is right for layers that are meant to be random or that keep the weights they were given.",
            parameter="learns",
            node=paths[0].partition(".")[0],
            network=document.main,
            fixes=(
                Fix(
                    label=f"Add a stage of {learning_rules()[rule].label}",
                    edit=SetRecipe(replace(recipe, stages=(stage, *recipe.stages))),
                ),
            ),
        )


def _own_rule(node: NodeReport) -> str:
    """The rule by which a node that waits to learn would; "" for one without anything to learn."""
    if node.kind is None or not node.outputs or node.mode != "active":
        return ""
    if node.parameters:
        return GRADIENT.name if GRADIENT.name in node.kind.rules else node.kind.rules[0]
    return next((rule for rule in node.kind.rules if not learning_rules()[rule].needs_loss), "")


def _shared(path: str, learning: Iterable[str], document: Document) -> bool:
    """Whether a node uses the weights of another that is taught."""
    top = document.main_network.nodes.get(path.partition(".")[0])
    return top is not None and any(other.partition(".")[0] == top.shares for other in learning)


def wrong_order(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A stage that builds on what a later one changes: a readout solved before the centres are in place."""
    main, graph, stages = reports[document.main], document.main_network, document.recipe.stages
    teaches = [set(taught(document, main, s)) if s.rule in learning_rules() else set() for s in stages]
    for place, stage in enumerate(stages):
        if stage.rule in (GRADIENT.name, FROZEN.name):
            continue
        tops = {path.partition(".")[0] for path in teaches[place]}
        for later in range(place + 1, len(stages)):
            before = {p for p in teaches[later] if tops & behind(graph, p.partition(".")[0])}
            if not before or teaches[later] & teaches[place] or stages[later].alternates:
                continue
            order = [*stages[:place], stages[later], *stages[place:later], *stages[later + 1 :]]
            yield Diagnostic(
                code="stage-order",
                severity=Severity.WARNING,
                message=f"Stage {stage.name} learns from what {listed(sorted(before))} "
                f"{were(sorted(before), 'gives', 'give')}, and stage {stages[later].name} changes that afterwards.",
                reason="What was learned then no longer fits: teach the lower layers first.",
                parameter="stages",
                stage=stage.name,
                fixes=(
                    Fix(
                        label=f"Put {stages[later].name} before {stage.name}",
                        edit=SetRecipe(replace(document.recipe, stages=tuple(order))),
                    ),
                ),
            )
            break


def stacked_machines(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """One stage for several layers that learn from what the one below gives."""
    main, graph = reports[document.main], document.main_network
    for place, stage in enumerate(document.recipe.stages):
        rule = learning_rules().get(stage.rule)
        if rule is None or rule.needs_loss:
            continue
        paths = list(taught(document, main, stage))
        tops = [path.partition(".")[0] for path in paths]
        if not any(top in behind(graph, tops[0]) for top in tops[1:]):
            continue
        each = tuple(
            replace(stage, name=_free_name(document, path.replace(".", "_"), stage), learns=(path,))
            for path in paths
        )
        stages = document.recipe.stages
        split = (*stages[:place], *each, *stages[place + 1 :])
        yield Diagnostic(
            code="stage-not-greedy",
            severity=Severity.WARNING,
            message=f"Stage {stage.name} teaches {listed(paths)} at once, though each learns from what the one below "
            "gives.",
            reason="Layer by layer, the lowest first, each finds the ground under it firm.",
            parameter="learns",
            stage=stage.name,
            fixes=(
                Fix(label="Make a stage of each", edit=SetRecipe(replace(document.recipe, stages=split))),
            ),
        )


def turns(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Turns without a partner, or of players who move the same nodes."""
    main, stages = reports[document.main], document.recipe.stages
    if stages and stages[0].alternates:
        yield Diagnostic(
            code="stage-turns-alone",
            severity=Severity.WARNING,
            message=f"Stage {stages[0].name} takes turns with the stage before it, and it is the first.",
            parameter="alternates",
            stage=stages[0].name,
            fixes=(_fix(document, "Let it learn by itself", {0: replace(stages[0], alternates=False)}),),
        )
    for game in document.recipe.games:
        if any(stage.rule not in learning_rules() for stage in game):
            continue
        seen: set[str] = set()
        for stage in game:
            both = [path for path in taught(document, main, stage) if path in seen]
            seen |= set(taught(document, main, stage))
            if both:
                yield Diagnostic(
                    code="stage-same-nodes",
                    severity=Severity.WARNING,
                    message=f"Stage {stage.name} takes turns with another that moves {listed(both)} too.",
                    reason="Players of a game each have nodes of their own: name them in the stages.",
                    parameter="learns",
                    stage=stage.name,
                )


def truncation(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Gradients to be cut in time where no layer runs through time in one direction."""
    if all(stage.rule_settings.get("truncate_steps") is None for stage in document.recipe.stages):
        return
    nodes = [(path, node) for path, node in leaves(reports[document.main]) if node.kind is not None]
    layers = [(path, node) for path, node in nodes if node.kind and node.kind.name in _RECURRENT]
    both_ways = [path for path, node in layers if node.values.get("bidirectional")]
    for place, stage in enumerate(document.recipe.stages):
        if stage.rule != GRADIENT.name or stage.rule_settings.get("truncate_steps") is None:
            continue
        if layers and not both_ways:
            continue
        why = f"{listed(both_ways)} reads its sequence backwards too" if both_ways else "there is none"
        kept = {name: v for name, v in stage.rule_settings.items() if name != "truncate_steps"}
        yield Diagnostic(
            code="stage-truncation",
            severity=Severity.ERROR,
            message=f"Stage {stage.name} cuts the gradients of RNN, LSTM and GRU layers in time, and {why}.",
            reason="A layer that reads its sequence in pieces must read it forwards.",
            parameter="truncate_steps",
            stage=stage.name,
            fixes=(_fix(document, "Turn truncate_steps off", {place: replace(stage, rule_settings=kept)}),),
        )


def _objectives(document: Document, main: NetworkReport) -> list[str]:
    nodes = ((name, main.nodes[name].kind) for name in main.order)
    return [name for name, kind in nodes if kind is not None and kind.role is Role.OBJECTIVE]


def _with_rule(stage: Stage, rule: str) -> Stage:
    """The stage with another rule; what the old one was told means nothing to it."""
    return replace(stage, rule=rule, rule_settings={}, objectives=())


def _free_name(document: Document, wish: str, given_up: Stage | None = None) -> str:
    taken = {stage.name for stage in document.recipe.stages if stage is not given_up}
    return next(
        name for i in range(1, len(taken) + 2) if (name := wish if i == 1 else f"{wish}_{i}") not in taken
    )


def _fix(document: Document, label: str, changed: Mapping[int, Stage]) -> Fix:
    """A fix that puts other stages into some places."""
    stages = tuple(changed.get(place, stage) for place, stage in enumerate(document.recipe.stages))
    return Fix(label=label, edit=SetRecipe(replace(document.recipe, stages=stages)))


TEACHING_RULES = (
    same_names,
    nobody_learns,
    losses_out_of_reach,
    loss_wanted,
    never_taught,
    wrong_order,
    stacked_machines,
    turns,
)
DOCUMENT_RULES = (truncation,)
