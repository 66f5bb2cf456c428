"""Tries layers that a person wrote, on tensors without numbers."""

from __future__ import annotations

from nodeforge.catalog.custom import custom_kind
from nodeforge.core.document import CustomCode
from nodeforge.core.errors import ShapeError, UserError
from nodeforge.core.parameters import freeze
from nodeforge.core.specs import TensorSpec
from nodeforge.engine import messages as m
from nodeforge.torch_backend.oracle import Oracle

_ORACLE = Oracle()


def shapes_of(request: m.CustomShapes) -> m.ShapesFound:
    """What the layer gives for the inputs.

    Raises:
        UserError: Its code is no layer, or it is not trusted on this machine.
    """
    kind = custom_kind(request.name, CustomCode(text=request.text))
    if isinstance(kind, str):
        raise UserError(kind)
    values = {name: freeze(value) for name, value in request.values.items()}
    inputs = {
        port: tuple(TensorSpec(tuple(spec.shape), spec.dtype) for spec in specs)
        for port, specs in request.inputs.items()
    }
    try:
        answer = _ORACLE(kind, values, inputs)
    except ShapeError as error:
        return m.ShapesFound(fault=str(error))
    outputs = {
        port: m.Spec(shape=list(spec.shape), dtype=spec.dtype) for port, spec in answer.outputs.items()
    }
    return m.ShapesFound(outputs=outputs, parameters=answer.parameters)
