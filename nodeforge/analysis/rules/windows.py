"""Sliding windows of convolutions and pooling: what they skip, and weights that only ever see padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodeforge.analysis.fixes import arriving, fits
from nodeforge.analysis.report import NodeReport
from nodeforge.analysis.rules.families import CONVOLUTIONS
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, SetParameter
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import format_shape

_POOLING = frozenset(f"{how}Pool{axes}d" for how in ("Max", "Avg", "LP") for axes in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class _Axis:
    """A window along one axis of its input."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def positions(self) -> int:
        return (self.size + 2 * self.padding - self.span) // self.stride + 1

    @property
    def used(self) -> int:
        """How many of the kernel's places are over the input at one position at least."""
        return sum(self._sees(place * self.dilation - self.padding) for place in range(self.kernel))

    def _sees(self, start: int) -> bool:
        """Whether a place of the kernel that begins here meets the input while the window moves."""
        moves = max(0, -(start // self.stride))
        return moves < self.positions and start + moves * self.stride < self.size


def _axes(report: NodeReport) -> list[_Axis]:
    """The windows of a convolution or pooling node; empty where they are not known."""
    spec = report.inputs.get("input", (None,))[0]
    if spec is None or not report.outputs:
        return []
    sizes = [size for size in spec.shape[2:] if isinstance(size, int)]
    values = report.values
    if isinstance(values.get("padding", 0), str):
        return []  # "same" and "valid" are never wider than what they look at needs
    stride = values["stride"] if values.get("stride") is not None else values["kernel_size"]
    columns = (values["kernel_size"], stride, values.get("padding", 0), values.get("dilation", 1))
    return [
        _Axis(size, *(int(column[axis] if isinstance(column, tuple) else column) for column in columns))  # type: ignore[arg-type]
        for axis, size in enumerate(sizes)
    ]


def skipping_stride(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Windows that jump further than they look: some of the input is never seen."""
    if node.kind not in CONVOLUTIONS | _POOLING:
        return
    axes = _axes(view.report(node.name))
    # A window of one place that jumps only thins the input out; shortcuts of residual networks do so.
    wide = [axis for axis in axes if axis.stride > axis.span > 1]
    if not wide:
        return
    axis = wide[0]
    stride = tuple(min(each.stride, each.span) for each in axes)
    value: Value = stride[0] if len(set(stride)) == 1 else stride
    edit = SetParameter(view.name, node.name, "stride", value)
    changed = Node(name=node.name, kind=node.kind, parameters={**node.parameters, "stride": value})
    fix = Fix(label=f"Set stride to {_shown(value)}", edit=edit)
    yield view.finding(
        "skipping-stride",
        Severity.HINT,
        f"{node.name} looks at {axis.span} places and jumps {axis.stride} further, so it never sees "
        f"{axis.stride - axis.span} of every {axis.stride}: a stride of at most {axis.span} leaves none out.",
        reason="What falls between two windows has no influence on the answer, and one step further it might have.",
        node=node.name,
        parameter="stride",
        fixes=[fix] if fits(view, changed, arriving(view, node.name)) else [],
    )


def only_padding(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A kernel so large that some of its weights only ever meet padding."""
    if node.kind not in CONVOLUTIONS:
        return
    report = view.report(node.name)
    if report.values.get("padding_mode") != "zeros":
        return
    axes = _axes(report)
    kernel = used = 1
    for axis in axes:
        kernel *= axis.kernel
        used *= axis.used
    if used == kernel:
        return
    sizes = format_shape(axis.size for axis in axes)
    yield view.finding(
        "only-padding",
        Severity.HINT,
        f"{node.name} looks at {format_shape(axis.span for axis in axes)} places, and its input has only {sizes}: "
        f"{kernel - used} of its {kernel} weights per channel never meet anything but padding.",
        reason="Those weights learn nothing. A smaller kernel does the same; or shrink the input less before.",
        node=node.name,
        parameter="kernel_size",
        fixes=_smaller_kernel(view, node, axes),
    )


def _smaller_kernel(view: NetworkView, node: Node, axes: list[_Axis]) -> list[Fix]:
    """The largest smaller kernel whose weights are all of use and that gives the same shape."""
    output = view.report(node.name).outputs["output"]
    for kernel in range(max(axis.kernel for axis in axes) - 1, 0, -1):
        cut = max(axis.kernel for axis in axes) - kernel
        padding = {axis.padding - axis.dilation * cut / 2 for axis in axes}
        if len(padding) != 1 or not (size := padding.pop()).is_integer() or size < 0:
            continue
        values: dict[str, Value] = {"kernel_size": kernel, "padding": int(size)}
        changed = Node(name=node.name, kind=node.kind, parameters={**node.parameters, **values})
        after = view.evaluator.evaluate(changed, arriving(view, node.name)).report
        if after.outputs.get("output") == output and all(axis.used == axis.kernel for axis in _axes(after)):
            label = f"Set kernel_size to {kernel} and padding to {int(size)}"
            edits = tuple(SetParameter(view.name, node.name, name, value) for name, value in values.items())
            return [Fix(label=label, edit=Batch(edits, label))]
    return []


def _shown(value: Value) -> str:
    return format_shape(value) if isinstance(value, tuple) else str(value)


NODE_RULES = (skipping_stride, only_padding)
