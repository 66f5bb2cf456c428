"""The Python API (`import nodeforge as nf`): the work of the window, from a script or a notebook.

```python
project = nf.Project()
net = project.network("main")
x = net.add("Input", shape=[1, 28, 28])
c = net.add("Conv2d", out_channels=8, kernel_size=3)
y = net.add("Output")
net.connect(x, c)
net.connect(c, y)
module = project.compile()  # a torch.nn.Module
```

Mistakes of the user raise `nf.UserError`, whose text is one sentence that names the place and the remedy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeforge.analysis import Report
from nodeforge.analysis.placement import free_spot, right_of
from nodeforge.analysis.wiring import check_connect, node_name
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import reachable
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.edits import AddNode, Connect, SetData, SetMode, apply
from nodeforge.core.errors import EditError, UserError
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.core.parameters import freeze
from nodeforge.engine.messages import (
    HIGH_RATE,
    LOW_RATE,
    RATE_STEPS,
    DeepChecked,
    Evaluated,
    Event,
    Exported,
    Predicted,
    RatesTried,
    WeightMatch,
)
from nodeforge.project import schema, shipped
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.session.assignments import assignment
from nodeforge.session.checking import check_project, require_ok
from nodeforge.session.jobs import Jobs, find_run
from nodeforge.session.starting_weights import begins_with, weight_source
from nodeforge.session.workspace import Workspace

if TYPE_CHECKING:
    from torch import nn

    from nodeforge.compiler import Source

__all__ = ["Network", "Project", "Run", "UserError", "examples", "open"]

PathLike = str | os.PathLike[str]


def open(path: PathLike) -> Project:
    """A project from its folder or its project.json.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    return Project(workspace=Workspace.open(path))


def examples() -> list[str]:
    """Names of the projects that come with NodeForge, for `Project.from_example`."""
    return shipped.project_names()


class Project:
    """A project: networks, data, recipe, and the runs in its folder. Belongs to one thread."""

    def __init__(self, title: str = "Untitled", *, workspace: Workspace | None = None) -> None:
        self._workspace = workspace or Workspace(Document(title=title))

    @classmethod
    def from_example(cls, name: str) -> Project:
        """A copy of a shipped project; save it into a folder before training it."""
        return cls(workspace=Workspace.from_example(name))

    def __repr__(self) -> str:
        return f"<Project {self.document.title!r} in {self.folder or 'no folder yet'}>"

    @property
    def document(self) -> Document:
        """What the project file holds. Read only."""
        return self._workspace.document

    @property
    def folder(self) -> Path | None:
        """Where it is saved; None while it never was."""
        return self._workspace.folder

    def network(self, name: str = "") -> Network:
        """A network of the project, the main one if none is named.

        Raises:
            UserError: There is none of that name.
        """
        name = name or self.document.main
        if name not in self.document.networks:
            raise UserError(
                f"The project has no network {name!r}; it has: {', '.join(self.document.networks)}."
            )
        return Network(self._workspace, name)

    def set(self, key: str, value: object) -> None:
        """Change a setting: `set("epochs", 3)`, `set("optimizer.lr", 0.01)`, `set("conv1.out_channels", 8)`.

        Raises:
            UserError: There is no such setting, or it does not take the value.
        """
        self._workspace.do(assignment(self.document, key, value))

    def set_data(self, source: str, **parameters: Any) -> None:
        """Feed the project from a data source: `set_data("csv", path="flowers.csv", target="species")`."""
        values = {name: freeze(value) for name, value in parameters.items()}
        self._workspace.do(SetData(DataSettings(source=Component(kind=source, parameters=values))))

    def check(self) -> Report:
        """What is wrong with the drawing and the data, and shapes and counts of what is right."""
        return check_project(self.document, self.folder or Path.cwd())

    def deep_check(self, *, causal: bool = False, limit_s: float = 60.0) -> DeepChecked:
        """What only the running network can tell: each property with its verdict, and the nodes to blame.

        Args:
            causal: Whether no output may look ahead, also without a causal layer.
            limit_s: What is not done by then stays unfinished.

        Raises:
            UserError: The drawing or the data has errors.
        """
        with Jobs() as jobs:
            return jobs.deep_check(self.document, self.folder or Path.cwd(), causal=causal, limit_s=limit_s)

    def source(self, network: str = "") -> str:
        """The PyTorch source of a network, the main one if none is named.

        Raises:
            UserError: The drawing has errors.
        """
        return self._generate(network).text

    def compile(self, network: str = "") -> nn.Module:
        """A fresh, untrained module of a network.

        Raises:
            UserError: The drawing has errors.
        """
        from nodeforge.torch_backend import build

        return build(self._generate(network))

    def save(self, folder: PathLike | None = None) -> Path:
        """Save into the folder, or where it was saved before; returns the file written.

        Raises:
            UserError: It cannot be written; the old file is as it was.
        """
        return self._workspace.save(Path(folder) if folder is not None else None)

    def train(
        self,
        *,
        seed: int | None = None,
        settings: Mapping[str, object] | None = None,
        resume: str = "",
        on_event: Callable[[Event], None] = lambda event: None,
    ) -> Run:
        """Train the project as it stands, saved or not, and return when it is done.

        Args:
            seed: Instead of the project's; the same seed gives the same numbers on the same machine.
            settings: Set for this run only, as in `set`.
            resume: Run to go on with; it keeps its settings.
            on_event: Told of progress (see `nodeforge.engine.messages`).

        Raises:
            UserError: It has no folder yet, or graph or data are at fault.
        """
        folder = self._saved_folder()
        settings = {**({"seed": seed} if seed is not None else {}), **(settings or {})}
        if resume:
            if settings:
                raise UserError("A resumed run keeps its settings: leave out seed and settings.")
            resume = find_run(folder, resume)
            document = schema.decode(RunStore(folder).document(resume), f"run {resume}")
        else:
            document = _with_settings(self.document, settings)
        require_ok(check_project(document, folder))
        with Jobs() as jobs:
            done = jobs.train(document, folder, resume=resume, on_event=on_event)
        return self._run(RunStore(folder).info(done.run))

    def load_weights(self, source: PathLike, into: str = "", prefix: str = "") -> WeightMatch:
        """Let trainings of the project begin with weights from elsewhere, as far as they fit by name and shape.

        Args:
            source: A run by its id or name, or a .safetensors, .pt or .pth file.
            into: The node that gets them, "encoder" or "encoder.conv1"; "" for the whole main network.
            prefix: Take only tensors whose names begin so, without it.

        Returns:
            What fits, what does not, and what is missing. Nothing of it is stored but the name of the source.

        Raises:
            UserError: There is no such source, nothing in it fits, or graph or data are at fault.
        """
        folder = self._saved_folder()
        chosen = weight_source(folder, os.fspath(source), into=into, prefix=prefix)
        alone = self.document.copy()
        alone.recipe = replace(alone.recipe, weights=(chosen,))
        require_ok(check_project(alone, folder))
        with Jobs() as jobs:
            (match,) = jobs.match_weights(alone, folder)
        self._workspace.do(begins_with(self.document, chosen))
        return match

    def try_rates(
        self, stage: str = "", *, low: float = LOW_RATE, high: float = HIGH_RATE, steps: int = RATE_STEPS
    ) -> RatesTried:
        """Train a little at growing learning rates: the losses, and a suggestion. No run is made.

        Raises:
            UserError: Graph or data are at fault, or the stage has no learning rate.
        """
        folder = self.folder or Path.cwd()
        require_ok(self.check())
        with Jobs() as jobs:
            return jobs.try_rates(self.document, folder, stage=stage, low=low, high=high, steps=steps)

    def runs(self) -> list[Run]:
        """All runs of the project, the newest first."""
        return [self._run(info) for info in RunStore(self._saved_folder()).runs()]

    def evaluate(self, run: str = "", split: str = "test", without: Sequence[str] = ()) -> Evaluated:
        """Metrics of a run on a split, beside simple baselines. Without a name: of the newest run.

        Args:
            run: The run's id or name.
            split: "train", "validation" or "test".
            without: Nodes of the trained network that are muted meanwhile, to see what they are worth.
        """
        folder = self._saved_folder()
        with Jobs() as jobs:
            return jobs.evaluate(folder, find_run(folder, run), split, without)

    def export(self, format: str, output: PathLike, run: str = "") -> Exported:
        """Write a network to a file or folder that is proven to compute the same. Without a name: of the newest run."""
        folder = self._saved_folder()
        with Jobs() as jobs:
            return jobs.export(folder, find_run(folder, run) if run else "", format, Path(output))

    def predict(self, input: PathLike, run: str = "") -> Predicted:
        """A run's predictions for the samples in a file: a table, numbers, a .npy array or a picture."""
        folder = self._saved_folder()
        with Jobs() as jobs:
            return jobs.predict(folder, find_run(folder, run), Path(input))

    def _run(self, info: RunInfo) -> Run:
        return Run(
            project=self,
            id=info.id,
            status=info.status,
            epochs=info.epochs,
            seconds=info.seconds,
            samples_per_second=info.samples_per_second,
            metrics=info.metrics,
        )

    def _generate(self, network: str) -> Source:
        from nodeforge.compiler import generate

        report = self.check()
        require_ok(report)
        return generate(self.document, report, network or self.document.main)

    def _saved_folder(self) -> Path:
        if self.folder is None:
            raise UserError("Save the project first, with save(folder): its runs are kept there.")
        return self.folder


class Network:
    """One network of a project, to be drawn by code."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace = workspace
        self.name = name

    def __repr__(self) -> str:
        return f"<Network {self.name} with {len(self.graph)} nodes>"

    @property
    def graph(self) -> Graph:
        """Nodes and wires. Read only."""
        return self._workspace.document.networks[self.name]

    def add(self, kind: str, name: str = "", **parameters: Any) -> str:
        """Add a node and return its name, which is made from the kind if none is given.

        Raises:
            UserError: There is no such kind, it does not take the parameters, or the name is taken.
        """
        declared = _kind(self._workspace, kind)
        document = self._workspace.document
        if kind in document.networks and self.name in reachable(document, kind):
            raise UserError(f"{self.name} cannot stand in itself: {kind} is it or contains it.")
        for parameter, problem in declared.problems(parameters):
            if parameter in parameters:
                raise UserError(f"{problem}." if problem.startswith(kind) else f"{kind}: {problem}.")
        values = {key: freeze(value) for key, value in parameters.items()}
        last = next(reversed(self.graph.nodes.values()), None)
        position = right_of(self.graph, last) if last else free_spot(self.graph, (0.0, 0.0))
        node = Node(name=name or node_name(self.graph, kind), kind=kind, parameters=values, position=position)
        self._workspace.do(AddNode(self.name, node))
        return node.name

    def connect(self, source: str, target: str, *, output: str = "", input: str = "") -> Wire:
        """Wire an output port (the first, if none is named) to an input port (the first that is free).

        Raises:
            UserError: There is no such node or port, or the wire may not be.
        """
        wire = Wire(
            source,
            output or self._first_output(source),
            target,
            input or self._first_free_input(target),
        )
        fault = check_connect(self.graph, wire, self._workspace.kinds)
        if fault:
            raise EditError(fault)
        self._workspace.do(Connect(self.name, wire))
        return wire

    def set_mode(self, node: str, mode: str) -> None:
        """Bypass a node, so that its first input goes on as its output, mute it, or let it work again.

        Args:
            node: Its name.
            mode: "bypassed", "muted" (its outputs are zeros) or "active".

        Raises:
            UserError: There is no such node or mode. What the node cannot be is a finding of `Project.check`.
        """
        self._workspace.do(SetMode(self.name, node, mode))

    def _first_output(self, node: str) -> str:
        ports = self._kind_of(node).outputs
        if not ports:
            raise EditError(f"{node} has no output to wire from.")
        return ports[0].name

    def _first_free_input(self, node: str) -> str:
        ports = self._kind_of(node).inputs
        if not ports:
            raise EditError(f"{node} has no input to wire to.")
        wired = self.graph.inputs_of(node)
        return next((port.name for port in ports if port.many or port.name not in wired), ports[0].name)

    def _kind_of(self, node: str) -> Kind:
        if node not in self.graph:
            raise EditError(f"Network {self.name} has no node {node!r}.")
        return _kind(self._workspace, self.graph.nodes[node].kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training.

    Attributes:
        project: The project it belongs to.
        id: Name of its folder under `runs/`.
        status: "finished", "stopped", "failed", "interrupted" or "running".
        epochs, seconds, samples_per_second: How far it came, pauses left out.
        metrics: By split ("train", "validation", "test"), the metrics by name.
    """

    project: Project
    id: str
    status: str
    epochs: int
    seconds: float
    samples_per_second: float
    metrics: Mapping[str, Mapping[str, float]]

    def evaluate(self, split: str = "test", without: Sequence[str] = ()) -> Evaluated:
        """Its metrics on a split, beside simple baselines; `without` nodes that are muted meanwhile."""
        return self.project.evaluate(self.id, split, without)

    def export(self, format: str, output: PathLike) -> Exported:
        """Write its network to a file or folder that is proven to compute the same."""
        return self.project.export(format, output, self.id)

    def predict(self, input: PathLike) -> Predicted:
        """Its predictions for the samples in a file: a table, numbers, a .npy array or a picture."""
        return self.project.predict(input, self.id)


def _kind(workspace: Workspace, name: str) -> Kind:
    known = workspace.kinds
    if name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UserError(f"There is no kind of node called {name!r}.{hint}")
    return known[name]


def _with_settings(document: Document, settings: Mapping[str, object]) -> Document:
    document = document.copy()
    for key, value in settings.items():
        apply(document, assignment(document, key, value))
    return document
