"""What the shape rules of many kinds share: looking at axes, and saying what does not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nodeforge.catalog.kind import ShapeCall
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.specs import BATCH, Dim, TensorSpec, format_shape

Specs = Mapping[str, TensorSpec]

_SPATIAL = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
LAYOUT = {axes: "×".join(("N", "channels", *names)) for axes, names in _SPATIAL.items()}
"""Shapes of signals, images and volumes, for the documentation of ports."""
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
OPS = "https://docs.pytorch.org/docs/stable/generated/torch."


def same_as_input(call: ShapeCall) -> Specs:
    """The rule of everything that works element by element."""
    return {"output": call.input()}


def sample_dims(call: ShapeCall, port: str = "") -> tuple[int, ...]:
    """The axes behind the batch, which must be the first axis.

    Raises:
        ShapeError: The batch is elsewhere, or there is none.
    """
    spec = call.input(port)
    dims = tuple(d for d in spec.shape[1:] if isinstance(d, int))
    if spec.shape[:1] != (BATCH,) or len(dims) != spec.rank - 1:
        raise ShapeError(
            f"{call.name} needs the batch N as the first axis; it gets {spec}.", port=_port(call, port)
        )
    return dims


def feature_dims(call: ShapeCall, port: str = "") -> int:
    """Size of the last axis, which must not be the batch."""
    spec = call.input(port)
    size = spec.shape[-1] if spec.shape else BATCH
    if not isinstance(size, int):
        raise ShapeError(
            f"{call.name} needs at least one axis of features after the batch; it gets {spec}.",
            port=_port(call, port),
            suggestions=_reshape(1) if spec.shape == (BATCH,) else (),
        )
    return size


def channels_and_space(call: ShapeCall, axes: int) -> tuple[int, tuple[int, ...]]:
    """Splits (N, C, spatial...) into channels and spatial sizes.

    Raises:
        ShapeError: The input has other axes than these; suggests the Reshape that would give them.
    """
    dims = sample_dims(call)
    if len(dims) == axes + 1:
        return dims[0], dims[1:]
    wanted = format_shape((BATCH, "channels", *_SPATIAL[axes]))
    raise ShapeError(
        f"{call.name} needs {wanted}; it gets {call.input()}.",
        port=_port(call, ""),
        suggestions=_towards_space(dims, axes),
    )


def sequence_dims(call: ShapeCall, port: str = "") -> tuple[int, int]:
    """Splits (N, length, features) into length and features."""
    dims = sample_dims(call, port)
    if len(dims) == 2:
        return dims[0], dims[1]
    suggestions: tuple[Suggestion, ...] = ()
    if len(dims) == 1:
        suggestions = _reshape(dims[0], 1)
    elif len(dims) > 2:
        suggestions = _reshape(dims[0], math.prod(dims[1:]))
    raise ShapeError(
        f"{call.name} needs sequences N×length×features; it gets {call.input(port)}.",
        port=_port(call, port),
        suggestions=suggestions,
    )


def check_divides(call: ShapeCall, parameter: str, number: int, what: str) -> None:
    """The parameter must divide the number."""
    divisor = call.integer(parameter)
    if number % divisor:
        fitting = max(d for d in range(1, divisor + 1) if number % d == 0)
        raise ShapeError(
            f"{call.name} has {parameter} {divisor}, which does not divide its {number} {what}.",
            suggestions=(set_parameter(parameter, fitting),),
        )


def window_positions(
    size: int,
    kernel: int,
    *,
    stride: int,
    padding: tuple[int, int],
    dilation: int = 1,
    ceil: bool = False,
) -> int:
    """How many places a sliding window takes along one axis (0 or less when it does not fit).

    The formula is that of torch's convolution and pooling documentation; with `ceil` the last window may
    hang over the end, but must start inside the input or its left padding.
    """
    room = size + sum(padding) - dilation * (kernel - 1) - 1
    if not ceil:
        return room // stride + 1
    positions = -(-room // stride) + 1
    if (positions - 1) * stride >= size + padding[0]:
        positions -= 1
    return positions


def check_window(call: ShapeCall, sizes: Sequence[int], outputs: Sequence[int], spans: Sequence[int]) -> None:
    """The window must fit into every axis at least once; `spans` are its sizes, dilation included."""
    if min(outputs) >= 1:
        return
    fitting = tuple(min(size, span) for size, span in zip(sizes, spans, strict=True))
    raise ShapeError(
        f"The window of {call.name} spans {format_shape(spans)}, and its input is only "
        f"{format_shape(sizes)}: "
        "use a smaller kernel, more padding, or fewer layers that shrink the input before it.",
        port=_port(call, ""),
        suggestions=(set_parameter("kernel_size", fitting[0] if len(set(fitting)) == 1 else fitting),),
    )


def set_parameter(name: str, value: object) -> Suggestion:
    """The suggestion to set a parameter of the node itself."""
    text = format_shape(value) if isinstance(value, tuple) else value
    return Suggestion(label=f"Set {name} to {text}", set_parameter=(name, value))


def insert_reshape(*shape: int) -> Suggestion:
    """The suggestion to put a Reshape before the port at fault."""
    return Suggestion(
        label=f"Insert Reshape to {format_shape((BATCH, *shape))}", insert=("Reshape", {"shape": shape})
    )


def insert_flatten() -> Suggestion:
    """The suggestion to put a Flatten before the port at fault."""
    return Suggestion(label="Insert Flatten", insert=("Flatten", {}))


def _reshape(*shape: int) -> tuple[Suggestion, ...]:
    return (insert_reshape(*shape),)


def _towards_space(dims: tuple[int, ...], axes: int) -> tuple[Suggestion, ...]:
    """Reshapes that give channels and space without changing what lies beside what."""
    if len(dims) == axes:
        return _reshape(1, *dims)
    if len(dims) == 1 and axes == 2:
        for channels in (1, 3):
            side = math.isqrt(dims[0] // channels)
            if channels * side * side == dims[0]:
                return _reshape(channels, side, side)
    if len(dims) == 3 and axes == 1:
        return _reshape(dims[0], dims[1] * dims[2])
    return ()


def _port(call: ShapeCall, port: str) -> str:
    return port or next(iter(call.inputs))


def same_shapes(call: ShapeCall, *ports: str) -> None:
    """Ports whose values are paired one by one need equal shapes and element types; torch would broadcast."""
    first = call.input(ports[0])
    for port in ports[1:]:
        spec = call.input(port)
        if spec != first:
            raise ShapeError(
                f"{call.name} pairs {ports[0]} and {port} value by value, so they must be alike; they are "
                f"{first} of {first.dtype} and {spec} of {spec.dtype}.",
                port=port,
            )


def batch_free_axis(call: ShapeCall, dim: int | None = None, *, parameter: str = "dim") -> int:
    """The axis that a parameter counts (or `dim`), from the front; it must exist and not be the batch."""
    spec = call.input()
    axis = call.integer(parameter) if dim is None else dim
    last = spec.rank - 1
    suggestions = (set_parameter(parameter, last),) if last > 0 and dim is None else ()
    if not -spec.rank <= axis <= last:
        raise ShapeError(
            f"{call.name} has {parameter} {axis}, but {spec} has axes 0 to {last}.", suggestions=suggestions
        )
    if spec.shape[axis] == BATCH:
        raise ShapeError(
            f"{call.name} works along axis {axis % spec.rank} of {spec}, which is the batch: samples must be kept "
            "apart.",
            suggestions=suggestions,
        )
    return axis % spec.rank


def axis_size(spec: TensorSpec, axis: int) -> int:
    """Size of an axis that `batch_free_axis` gave."""
    size = spec.shape[axis]
    assert isinstance(size, int)
    return size


def with_axis(spec: TensorSpec, axis: int, *sizes: Dim) -> TensorSpec:
    """The spec with other sizes in place of an axis; none takes it away."""
    return spec.with_shape((*spec.shape[:axis], *sizes, *spec.shape[axis + 1 :]))


def broadcast(call: ShapeCall, *ports: str) -> TensorSpec:
    """Broadcasting, but only where it is meant: one element type, equal ranks, axes that are equal or 1."""
    result = call.input(ports[0])
    for port in ports[1:]:
        spec = call.input(port)
        if spec.dtype != result.dtype:
            raise ShapeError(
                f"{call.name} gets {result.dtype} and {spec.dtype}: bring its inputs to one element type with Cast.",
                port=port,
            )
        alike = spec.rank == result.rank and all(
            mine == other or 1 in (mine, other) for mine, other in zip(result.shape, spec.shape, strict=True)
        )
        if not alike:
            raise ShapeError(
                f"{call.name} gets {result} and {spec}: they need as many axes, each equal or 1 in one of them. "
                "Reshape one of them first.",
                port=port,
            )
        result = result.with_shape(b if a == 1 else a for a, b in zip(result.shape, spec.shape, strict=True))
    return result
