"""What a bypassed or muted node is: a kind made of its own, which passes values on or gives zeros.

Who looks at the kind of a node (costs, learning rules, live views, the compiler) then needs to know of no modes.
"""

from __future__ import annotations

from dataclasses import replace

from nodeforge.catalog.kind import CodeCall, Kept, Kind, Role, ShapeCall
from nodeforge.core.graph import Node
from nodeforge.core.specs import BATCH, TensorSpec


def can_be(kind: Kind, mode: str) -> bool:
    """Whether nodes of a kind can be in a mode (`core.graph.MODES`).

    Passing on takes an input and an output; zeros take an input that tells how many samples there are. A loss has
    nothing to pass on, but it can be muted: nothing then learns from it.
    """
    layer = kind.role is Role.LAYER and bool(kind.inputs and kind.outputs)
    return mode == "active" or layer or (mode == "muted" and kind.role is Role.OBJECTIVE)


def mode_of(node: Node, kind: Kind) -> str:
    """The mode that a node is in: it works as usual in one that its kind cannot be in, which is a finding."""
    return node.mode if can_be(kind, node.mode) else "active"


def acting(kind: Kind, mode: str) -> Kind:
    """The kind as which a node of a kind works while it is in a mode."""
    if mode == "bypassed":
        return replace(
            kind,
            module="",
            support="",
            parameter_count=None,
            macs=None,
            keeps=_keeps_nothing,
            blocks_gradient=False,
            rules=(),
            views=(),
        )
    if mode == "muted":
        several = ", ".join(f"{{{port.name}}}" for port in kind.outputs)
        return replace(
            kind,
            role=Role.LAYER,
            forward=_zeros,
            unpack=several if len(kind.outputs) > 1 else "",
            macs=None,
            keeps=_keeps_nothing,
            view=False,
            blocks_gradient=True,
            answers=None,
            rules=(),
            views=(),
        )
    return kind


def _keeps_nothing(call: ShapeCall, outputs: object) -> Kept:
    return Kept()


def _zeros(call: CodeCall) -> str:
    """Zeros for each output that is used, whatever arrives."""
    values = (_like(call, spec) if port in call.used else "None" for port, spec in call.outputs.items())
    return ", ".join(values)


def _like(call: CodeCall, spec: TensorSpec) -> str:
    arriving = [
        (expression, given)
        for port, expressions in call.inputs.items()
        for expression, given in zip(expressions, call.specs[port], strict=True)
    ]
    alike = next((expression for expression, given in arriving if given == spec), "")
    if alike:
        return f"torch.zeros_like({alike})"
    expression, given = next((pair for pair in arriving if BATCH in pair[1].shape), arriving[0])
    axis = given.shape.index(BATCH) if BATCH in given.shape else 0
    sizes = [f"{expression}.shape[{axis}]" if size == BATCH else str(size) for size in spec.shape]
    told = ", ".join(sizes) if len(sizes) > 1 else f"({', '.join([*sizes, ''])})" if sizes else "()"
    dtype = f", dtype=torch.{spec.dtype}" if given.dtype != spec.dtype else ""
    return f"{expression}.new_zeros({f'({told})' if dtype and len(sizes) > 1 else told}{dtype})"
