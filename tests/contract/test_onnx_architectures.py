"""The layers of single architectures as ONNX files; loops over time stand there once for each step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from contract.test_onnx import samples, trained

from nodeforge.core.errors import UserError
from nodeforge.export import export_onnx

NETWORKS = {
    "capsules": """
        x = Input(shape=[2, 9, 8])
        parts = PrimaryCapsules(groups=2, dim=4, kernel_size=3)
        wholes = Capsules(capsules=3, dim=5)
        mask = ClassMask()
        flat = Flatten()
        drawn = Linear(out_features=6)
        lengths = Output()
        image = Output()
        x -> parts -> wholes -> mask -> flat -> drawn -> image
        wholes.lengths -> lengths
    """,
    "patches": """
        x = Input(shape=[2, 9, 6])
        patches = PatchEmbedding(features=8, patch_size=3)
        token = ClassToken()
        turned = RotaryPositionalEncoding()
        att = MultiheadAttention(num_heads=2)
        first = Select(dim=1, index=0)
        y = Output()
        x -> patches -> token -> turned -> att.query
        turned -> att.key
        token -> att.value
        att -> first -> y
    """,
    "time": """
        x = Input(shape=[6])
        code = SpikeEncoder(steps=7, coding="regular")
        echoes = Reservoir(units=10, leak=0.4, washout=1)
        weights = Linear(out_features=5)
        neurons = LeakyIntegrateAndFire(threshold=0.3, surrogate="arctan")
        count = SpikeCount()
        y = Output()
        potential = Output()
        last = Output()
        x -> code -> echoes -> weights -> neurons -> count -> y
        neurons.potential -> potential
        echoes.last -> last
    """,
    "rows": """
        x = Input(shape=[6])
        bells = RadialBasis(units=5, width=2.0)
        random = RandomFeatures(units=5, activation="sin")
        machine = RestrictedBoltzmannMachine(hidden=5, std=1.0)
        gate = Gate(experts=3, top_k=2, noisy=True)
        all = Mixture()
        map = SelfOrganizingMap(rows=2, columns=3)
        turned = GradientReversal()
        code = Reparameterize()
        y = Output()
        winner = Output()
        error = Output()
        back = Output()
        x -> bells -> all
        x -> random -> all
        x -> machine -> all
        x -> gate -> all.weights
        all -> turned -> code.mean
        random -> code.log_variance
        code -> y
        x -> map -> winner
        map.error -> error
        machine.reconstruction -> back
    """,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_onnxruntime_computes_what_torch_does(name: str, tmp_path: Path) -> None:
    run = trained(NETWORKS[name])
    export_onnx(run, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    spec = run.source.inputs[0].spec
    for count in (1, 2, 5, 8):
        x = samples(spec.sample_shape, spec.dtype, count)
        with torch.inference_mode():
            given = run.module(x)
        wanted = given if isinstance(given, tuple) else (given,)
        for found, expected in zip(session.run(None, {"x": x.numpy()}), wanted, strict=True):
            np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)


def test_what_is_drawn_at_random_has_no_file(tmp_path: Path) -> None:
    run = trained("x = Input(shape=[6])\ncode = SpikeEncoder()\ny = Output()\nx -> code -> y")
    with pytest.raises(UserError) as refused:
        export_onnx(run, tmp_path / "net.onnx")
    assert "differs from the trained one" in str(refused.value)
    assert list(tmp_path.iterdir()) == []
