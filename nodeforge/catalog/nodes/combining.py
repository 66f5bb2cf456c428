"""Kinds that make one tensor of several."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_factors, keeps_nothing
from nodeforge.catalog.kind import CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Parameter
from nodeforge.core.specs import Dim, TensorSpec

_OPS = "https://docs.pytorch.org/docs/stable/generated/torch."
_INPUTS = Port(name="inputs", doc="two or more, in order", many=True)
_REPEATED = Port(name="inputs", doc="two or more, in order", many=True, repeats=True)


def _arriving(call: ShapeCall) -> tuple[TensorSpec, ...]:
    specs = call.inputs["inputs"]
    for spec in specs[1:]:
        if spec.dtype != specs[0].dtype:
            raise ShapeError(
                f"{call.name} gets {specs[0].dtype} and {spec.dtype}: bring its inputs to one element type "
                f"with Cast.",
                port="inputs",
            )
    return specs


def combined(call: ShapeCall) -> Specs:
    """Broadcasting, but only where it is meant: equal ranks, and axes that are equal or 1."""
    specs = _arriving(call)
    shape: list[Dim] = list(specs[0].shape)
    for spec in specs[1:]:
        if spec.rank != len(shape):
            raise ShapeError(
                f"{call.name} gets {specs[0]} and {spec}, with {len(shape)} and {spec.rank} axes: torch "
                f"would line "
                "them up from the back and mix up samples. Reshape one of them first.",
                port="inputs",
            )
        for axis, (mine, other) in enumerate(zip(shape, spec.shape, strict=True)):
            if mine != other and 1 not in (mine, other):
                raise ShapeError(
                    f"{call.name} gets {specs[0]} and {spec}, which differ in axis {axis}: {mine} is not "
                    f"{other}.",
                    port="inputs",
                )
            shape[axis] = other if mine == 1 else mine
    return {"output": specs[0].with_shape(shape)}


def _joined(call: ShapeCall) -> Specs:
    specs, dim = _arriving(call), call.integer("dim")
    rank = specs[0].rank
    if not -rank <= dim < rank:
        raise ShapeError(
            f"{call.name} has dim {dim}, but {specs[0]} has axes 0 to {rank - 1}.",
            suggestions=(set_parameter("dim", 1),) if rank > 1 else (),
        )
    axis = dim % rank
    total = 0
    for spec in specs:
        rest = (*spec.shape[:axis], *spec.shape[axis + 1 :])
        if spec.rank != rank or rest != (*specs[0].shape[:axis], *specs[0].shape[axis + 1 :]):
            raise ShapeError(
                f"{call.name} joins along axis {axis}, so all other axes must be equal; it gets {specs[0]} "
                f"and {spec}.",
                port="inputs",
            )
        size = spec.shape[axis]
        if not isinstance(size, int):
            raise ShapeError(
                f"{call.name} would join batches: axis {axis} of {spec} is the batch.",
                suggestions=(set_parameter("dim", 1),) if rank > 1 else (),
            )
        total += size
    return {"output": specs[0].with_shape((*specs[0].shape[:axis], total, *specs[0].shape[axis + 1 :]))}


def _operator(sign: str, call: CodeCall) -> str:
    return f" {sign} ".join(call.inputs["inputs"])


ADD = Kind(
    name="Add",
    category="Combine",
    summary="Adds its inputs, value by value.",
    doc="Joins a shortcut with the path it skips: a residual connection. All inputs need the same shape; "
    "an axis of 1 "
    "is repeated.",
    formula="y = a + b + …",
    source=_OPS + "add.html",
    keywords=("sum", "plus", "residual", "skip connection", "shortcut"),
    inputs=(_REPEATED,),
    outputs=(Port(name="output", doc="the shape of the inputs, axes of 1 repeated"),),
    shape=combined,
    forward=lambda call: _operator("+", call),
    keeps=keeps_nothing,
)

MULTIPLY = Kind(
    name="Multiply",
    category="Combine",
    summary="Multiplies its inputs, value by value.",
    doc="A gate: values between 0 and 1 from one path let through more or less of the other. All inputs "
    "need the same "
    "shape; an axis of 1 is repeated.",
    formula="y = a · b · …",
    source=_OPS + "mul.html",
    keywords=("product", "times", "gate", "mask"),
    inputs=(_REPEATED,),
    outputs=(Port(name="output", doc="the shape of the inputs, axes of 1 repeated"),),
    shape=combined,
    forward=lambda call: _operator("*", call),
    keeps=keeps_factors,
)

CONCAT = Kind(
    name="Concat",
    category="Combine",
    summary="Joins its inputs end to end along one axis.",
    doc="Axis 1 joins features or channels. All other axes must be equal.",
    formula="N×a, N×b → N×(a + b)",
    source=_OPS + "cat.html",
    keywords=("concatenate", "cat", "join", "merge", "stack"),
    parameters=(Parameter("dim", Integer(), 1, "The axis to join along; 1 is the first after the batch."),),
    inputs=(_INPUTS,),
    outputs=(Port(name="output", doc="the sum of the sizes along dim, the rest as in the inputs"),),
    shape=_joined,
    forward=lambda call: f"torch.cat([{', '.join(call.inputs['inputs'])}], dim={call.values['dim']})",
    keeps=keeps_nothing,
)
