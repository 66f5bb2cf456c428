"""Networks of the usual kinds as ONNX files: onnxruntime computes what torch does, or one sentence says why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.errors import UserError
from nodeforge.core.specs import DataFacts, FieldFacts
from nodeforge.data import Dataset
from nodeforge.data.source import RawField, Samples
from nodeforge.evaluation import task_of
from nodeforge.export import export_onnx
from nodeforge.project import schema
from nodeforge.torch_backend import build
from nodeforge.training import TrainedRun
from nodeforge.training.questions import Question

SAMPLES = 5
IMAGE = "x = Input(shape=[2, 9, 8])"
SEQUENCE = "x = Input(shape=[2, 4])"
ROW = "x = Input(shape=[12])"

NETWORKS = {
    "perceptron of many activations": f"""
        {ROW}
        a = Linear(out_features=16)
        norm = BatchNorm1d()
        relu = ReLU()
        drop = Dropout()
        b = Linear(out_features=3)
        silu = SiLU()
        plus = Softplus()
        swish = Hardswish()
        selu = SELU()
        prelu = PReLU()
        log = LogSoftmax()
        y = Output()
        x -> a -> norm -> relu -> drop -> b -> silu -> plus -> swish -> selu -> prelu -> log -> y
    """,
    "convolutions": f"""
        {IMAGE}
        conv = Conv2d(out_channels=4, kernel_size=3, padding=1)
        norm = BatchNorm2d()
        relu = LeakyReLU()
        pool = MaxPool2d(kernel_size=2)
        more = Conv2d(out_channels=8, kernel_size=3, stride=2, groups=2)
        mean = AdaptiveAvgPool2d(output_size=1)
        flat = Flatten()
        fc = Linear(out_features=3)
        y = Output()
        x -> conv -> norm -> relu -> pool -> more -> mean -> flat -> fc -> y
    """,
    "residual block": f"""
        {IMAGE}
        first = Conv2d(out_channels=2, kernel_size=3, padding=1)
        norm = GroupNorm(num_groups=2)
        act = GELU()
        gate = Sigmoid()
        add = Add()
        times = Multiply()
        pool = AvgPool2d(kernel_size=2)
        y = Output()
        x -> first -> norm -> act -> add
        x -> add
        add -> times
        x -> gate -> times
        times -> pool -> y
    """,
    "decoder": """
        x = Input(shape=[6])
        fc = Linear(out_features=24)
        shape = Reshape(shape=[6, 2, 2])
        up = ConvTranspose2d(out_channels=4, kernel_size=2, stride=2)
        norm = InstanceNorm2d()
        tanh = Tanh()
        larger = Upsample(scale_factor=2)
        y = Output()
        x -> fc -> shape -> up -> norm -> tanh -> larger -> y
    """,
    "signals": """
        x = Input(shape=[3, 20])
        conv = Conv1d(out_channels=4, kernel_size=3)
        elu = ELU()
        pool = MaxPool1d(kernel_size=2)
        mean = AdaptiveAvgPool1d(output_size=3)
        y = Output()
        x -> conv -> elu -> pool -> mean -> y
    """,
    "recurrent layers": f"""
        {SEQUENCE}
        rnn = RNN(hidden_size=5)
        gru = GRU(hidden_size=3)
        lstm = LSTM(hidden_size=5)
        last = Select(dim=1, index=-1)
        fc = Linear(out_features=1)
        y = Output()
        x -> rnn -> gru -> lstm -> last -> fc -> y
    """,
    "attention": f"""
        {SEQUENCE}
        place = SinusoidalPositionalEncoding()
        att = MultiheadAttention(num_heads=2)
        add = Add()
        norm = LayerNorm()
        mean = Mean(dim=[1])
        y = Output()
        x -> place -> att.query
        place -> att.key
        place -> att.value
        place -> add
        att -> add -> norm -> mean -> y
    """,
    "words": """
        x = Input(shape=[7], dtype="int64")
        words = Embedding(num_embeddings=2, embedding_dim=6)
        mean = Mean(dim=[1])
        fc = Linear(out_features=2)
        soft = Softmax()
        y = Output()
        x -> words -> mean -> fc -> soft -> y
    """,
    "shapes": f"""
        {SEQUENCE}
        turned = Permute(dims=[0, 2, 1])
        cut = Slice(dim=1, start=1)
        flat = Flatten()
        more = Flatten()
        both = Concat()
        wide = Unsqueeze(dim=1)
        thin = Squeeze(dim=1)
        y = Output()
        x -> turned -> cut -> flat -> both
        turned -> more
        more -> both
        both -> wide -> thin -> y
    """,
    "reductions": f"""
        {SEQUENCE}
        sum = Sum(dim=1)
        max = Max(dim=1)
        std = Std(dim=1)
        take = Subtract()
        norm = Norm(dim=1)
        y = Output()
        z = Output()
        x -> sum -> take.input
        x -> max -> take.other
        take -> y
        x -> std -> norm -> z
    """,
    "free numbers": f"""
        {ROW}
        w = Parameter(shape=[12])
        c = Constant(shape=[12], value=2.0)
        scaled = Multiply()
        moved = Add()
        y = Output()
        x -> scaled
        x -> w
        x -> c
        w -> scaled -> moved
        c -> moved -> y
    """,
}


def trained(text: str) -> TrainedRun:
    """A network with fresh weights, as if it had been trained on random samples."""
    document = drawing(text)
    spec = check(document).networks["main"].nodes["x"].outputs["output"]
    facts = DataFacts(
        title="Random numbers", fields=(FieldFacts(name="samples", spec=spec),), sizes={"test": SAMPLES}
    )
    source = generate(document, check(document, facts))
    torch.manual_seed(0)
    values = samples(spec.sample_shape, spec.dtype, SAMPLES).numpy()
    dataset = Dataset(
        facts=facts,
        splits={"test": {"samples": values}},
        samples=Samples(title=facts.title, fields=(RawField(name="samples", values=values),)),
        indices={"test": np.arange(SAMPLES)},
        fitted={},
    )
    return TrainedRun(
        run="r1",
        module=build(source).eval(),
        source=source,
        document=document,
        document_text=schema.encode(document),
        dataset=dataset,
        question=Question(task=task_of([], facts)),
    )


def samples(shape: tuple[int | str, ...], dtype: str, count: int) -> torch.Tensor:
    """Random numbers; whole ones are 0 or 1."""
    size = (count, *(int(d) for d in shape))
    return torch.randn(size) if dtype == "float32" else torch.randint(0, 2, size)


@pytest.mark.parametrize("name", NETWORKS)
def test_onnxruntime_computes_what_torch_does(name: str, tmp_path: Path) -> None:
    run = trained(NETWORKS[name])
    told = export_onnx(run, tmp_path / "net.onnx")
    assert told.checked_batches == [1, 2, 5]
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    spec = run.source.inputs[0].spec
    for count in (1, 2, 5, 8):
        x = samples(spec.sample_shape, spec.dtype, count)
        with torch.inference_mode():
            given = run.module(x)
        for found, expected in zip(
            session.run(None, {"x": x.numpy()}), given if isinstance(given, tuple) else (given,), strict=True
        ):
            np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("FractionalMaxPool2d", "kernel_size=2"), ("AdaptiveMaxPool2d", "output_size=2"), ("RReLU", "")],
)
def test_what_onnx_lacks_is_told_in_one_sentence(kind: str, parameters: str, tmp_path: Path) -> None:
    run = trained(f"{IMAGE}\nact = Tanh()\nodd = {kind}({parameters})\ny = Output()\nx -> act -> odd -> y")
    with pytest.raises(UserError) as refused:
        export_onnx(run, tmp_path / "net.onnx")
    assert str(refused.value) == (
        f"odd cannot be written as ONNX, which has nothing for {kind}: put another kind in its place."
    )
    assert refused.value.node == "odd"
    assert list(tmp_path.iterdir()) == []
