"""Every layer by itself as an ONNX file: onnxruntime computes what torch does, or the table says why not."""

from __future__ import annotations

import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from contract.cases import NAMES, Case, cases
from contract.drawing import document, tensors
from contract.onnx_table import CHANCE, NO_ONNX
from contract.test_kinds import specs_of
from hypothesis import HealthCheck, Phase, find, settings
from torch import nn

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.compiler import generate
from nodeforge.export.onnx import OPSET
from nodeforge.torch_backend import build

LAYERS = [name for name in NAMES if kinds()[name].role is Role.LAYER]
QUICK = ("Linear", "Interpolate", "TopK", "Cdist")
"""What the short run of the tests looks at; a file takes seconds."""

FINDING = settings(
    max_examples=2000,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
TAKEN = {"float32", "int64", "bool"}


def _fits(case: Case) -> bool:
    """The rule accepts it, in element types that files have, with more than one place to compute.

    A recurrent layer that needs the length of a sample is beyond ONNX, and a random mask may hide all there is.
    """
    specs = [spec for arriving in case.inputs.values() for spec in arriving]
    packed = case.kind.category == "Recurrent" and "lengths" in case.inputs
    masked = any(port.endswith("mask") for port in case.inputs) and case.kind.category == "Attention"
    if packed or masked or not {s.dtype for s in specs} <= TAKEN:
        return False
    outputs = specs_of(case)
    return outputs is not None and all(spec.shape[-1:] != (1,) for spec in outputs.values())


def _session(module: nn.Module, inputs: list[str], outputs: tuple[str, ...], case: Case) -> object:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            tuple(tensors(case, 2)),
            input_names=inputs,
            output_names=list(outputs),
            dynamic_shapes=tuple({0: "batch"} for _ in inputs),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    data = program.model_proto.SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _compare(case: Case) -> None:
    drawing = document(case)
    source = generate(drawing, check(drawing))
    module = build(source).eval()
    names = [slot.node for slot in source.inputs]
    session = _session(module, names, source.outputs, case)
    for batch in (2, 5):
        given = dict(zip(names, tensors(case, batch), strict=True))
        with torch.inference_mode():
            answer = module(*given.values())
        wanted = {entry.name for entry in session.get_inputs()}  # type: ignore[attr-defined]
        found = session.run(None, {name: x.numpy() for name, x in given.items() if name in wanted})  # type: ignore[attr-defined]
        for mine, theirs in zip(answer if isinstance(answer, tuple) else (answer,), found, strict=True):
            np.testing.assert_allclose(theirs, mine.detach().numpy(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in LAYERS]
)
def test_a_file_computes_the_same_or_the_table_says_why_not(name: str) -> None:
    case = find(cases(name), _fits, settings=FINDING)
    reason = NO_ONNX.get(name, "")
    if not reason:
        _compare(case)
    elif CHANCE not in reason:
        with pytest.raises(torch.onnx.OnnxExporterError):
            _compare(case)


def test_reasons_are_for_kinds_that_there_are() -> None:
    assert NO_ONNX.keys() <= set(LAYERS)
