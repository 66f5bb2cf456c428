"""One pass of a batch through the network: its losses, its output, and what arrives at nodes inside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from nodeforge.analysis.report import NetworkReport
from nodeforge.compiler import Source
from nodeforge.training.batches import Batch

Output = Tensor | tuple[Tensor, ...] | None
Arguments = tuple[Any, ...]


def run(module: nn.Module, batch: Batch) -> tuple[dict[str, Tensor], Output]:
    """(losses by name, output); no losses when none is drawn."""
    objectives = getattr(module, "objectives", None)
    if objectives is None:
        return {}, module(*batch.inputs)
    return objectives(*batch.inputs, *batch.targets)  # type: ignore[no-any-return]


def total(losses: dict[str, Tensor], names: Collection[str] = ()) -> Tensor:
    """The sum of losses: of those named, or of all."""
    first, *others = [loss for name, loss in losses.items() if name in names] if names else losses.values()
    for loss in others:
        first = first + loss
    return first


def detached(output: Output) -> Output:
    """The output without its way back."""
    if output is None or isinstance(output, Tensor):
        return output if output is None else output.detach()
    return tuple(part.detach() for part in output)


def modules_at(module: nn.Module, source: Source, main: NetworkReport, path: str) -> list[nn.Module]:
    """The modules of a node, found by its path: several where its network is repeated with weights of its own, none
    where it is a mere expression or no output or loss depends on it.
    """
    holders, report, prefix = [module], main, ""
    for name in path.split("."):
        attribute = source.attributes.get(f"{prefix}{name}", "")
        found = [
            child for holder in holders if (child := getattr(holder, attribute or name, None)) is not None
        ]
        node = report.nodes[name]
        holders = found
        if node.inside is not None:
            assert node.kind is not None
            report, prefix = node.inside, f"{node.kind.name}."
            repeats = (nn.ModuleList, nn.Sequential)
            holders = [c for child in found for c in (child if isinstance(child, repeats) else (child,))]
    return holders


class _Enough(Exception):  # noqa: N818  # no error: what was asked for is there
    """Ends a pass early."""


def arriving(module: nn.Module, watched: Sequence[nn.Module], batch: Batch) -> list[Tensor]:
    """What arrives first at each of some modules; the pass goes no further than it must."""
    arrived: dict[int, Tensor] = {}

    def take(place: int, arguments: Arguments) -> None:
        arrived.setdefault(place, arguments[0])
        if len(arrived) == len(watched):
            raise _Enough

    try:
        with _hooked(watched, take):
            run(module, batch)
    except _Enough:
        pass
    return [arrived[place] for place in range(len(watched))]


def watched_run(
    module: nn.Module, watched: Sequence[nn.Module], batch: Batch
) -> tuple[dict[str, Tensor], Output, list[Arguments]]:
    """A whole pass, and the arguments with which some modules were called last."""
    arrived: dict[int, Arguments] = {}
    with _hooked(watched, arrived.__setitem__):
        losses, output = run(module, batch)
    return losses, output, [arrived[place] for place in range(len(watched))]


@contextmanager
def _hooked(watched: Sequence[nn.Module], take: Callable[[int, Arguments], object]) -> Iterator[None]:
    def hook(place: int) -> Callable[[nn.Module, Arguments], None]:
        def arrive(_: nn.Module, arguments: Arguments) -> None:
            take(place, arguments)

        return arrive

    with ExitStack() as hooks:
        for place, module in enumerate(watched):
            hooks.callback(module.register_forward_pre_hook(hook(place)).remove)
        yield
