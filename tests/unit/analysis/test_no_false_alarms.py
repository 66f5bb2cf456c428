"""What is usual in practice is not told of: well-known networks, shipped blocks, and drawings of the usual kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
import showcase
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.project import schema
from nodeforge.project.shipped import resources

UNFINISHED = {"no-data", "no-objective"}
"""That data or a loss is missing is true of a drawing that was made for a test."""

BLOCKS = sorted((resources() / "blocks").glob("*.json"))
KNOWN = [name for name, value in vars(showcase).items() if name.isupper() and isinstance(value, str)]

USUAL = {
    "LeNet-5, with its sigmoids": """
        x = Input(shape=[1, 32, 32])
        c1 = Conv2d(out_channels=6, kernel_size=5)
        s1 = Sigmoid()
        p1 = AvgPool2d(kernel_size=2)
        c2 = Conv2d(out_channels=16, kernel_size=5)
        s2 = Sigmoid()
        p2 = AvgPool2d(kernel_size=2)
        flat = Flatten()
        f1 = Linear(out_features=120)
        s3 = Sigmoid()
        f2 = Linear(out_features=84)
        s4 = Sigmoid()
        f3 = Linear(out_features=10)
        y = Output()
        x -> c1 -> s1 -> p1 -> c2 -> s2 -> p2 -> flat -> f1 -> s3 -> f2 -> s4 -> f3 -> y
    """,
    "pre-activation residual block": """
        x = Input(shape=[64, 16, 16])
        n1 = BatchNorm2d()
        r1 = ReLU()
        c1 = Conv2d(out_channels=64, kernel_size=3, padding=1, bias=False)
        n2 = BatchNorm2d()
        r2 = ReLU()
        d = Dropout(p=0.3)
        c2 = Conv2d(out_channels=64, kernel_size=3, padding=1, bias=False)
        add = Add()
        y = Output()
        x -> n1 -> r1 -> c1 -> n2 -> r2 -> d -> c2 -> add -> y
        x -> add
    """,
    "linear autoencoder": """
        x = Input(shape=[64])
        down = Linear(out_features=4)
        up = Linear(out_features=64)
        y = Output()
        loss = MSELoss()
        x -> down -> up -> y
        up -> loss
        x -> loss.target
    """,
    "image autoencoder that ends in a sigmoid": """
        x = Input(shape=[1, 28, 28])
        c1 = Conv2d(out_channels=8, kernel_size=3, stride=2, padding=1)
        r1 = ReLU()
        u1 = ConvTranspose2d(out_channels=1, kernel_size=2, stride=2)
        s = Sigmoid()
        y = Output()
        loss = BCELoss()
        x -> c1 -> r1 -> u1 -> s -> y
        s -> loss
        x -> loss.target
    """,
    "value and advantage": """
        x = Input(shape=[8])
        h = Linear(out_features=32)
        r = ReLU()
        v = Linear(out_features=1)
        a = Linear(out_features=4)
        q = Add()
        y = Output()
        x -> h -> r -> v -> q -> y
        r -> a -> q
    """,
    "squeeze and excite": """
        x = Input(shape=[32, 16, 16])
        pool = AdaptiveAvgPool2d(output_size=1)
        c1 = Conv2d(out_channels=8, kernel_size=1)
        r = ReLU()
        c2 = Conv2d(out_channels=32, kernel_size=1)
        gate = Sigmoid()
        scaled = Multiply()
        y = Output()
        x -> pool -> c1 -> r -> c2 -> gate -> scaled -> y
        x -> scaled
    """,
    "separable convolution": """
        x = Input(shape=[16, 32, 32])
        deep = Conv2d(out_channels=16, kernel_size=3, padding=1, groups=16, bias=False)
        wide = Conv2d(out_channels=64, kernel_size=1, bias=False)
        n = BatchNorm2d()
        r = ReLU6()
        y = Output()
        x -> deep -> wide -> n -> r -> y
    """,
    "text classifier with convolutions": """
        x = Input(shape=[40], dtype="int64")
        e = Embedding(num_embeddings=1000)
        p = Permute(dims=[0, 2, 1])
        c = Conv1d(out_channels=32, kernel_size=3)
        r = ReLU()
        m = AdaptiveMaxPool1d(output_size=1)
        f = Flatten()
        d = Dropout()
        fc = Linear(out_features=2)
        y = Output()
        x -> e -> p -> c -> r -> m -> f -> d -> fc -> y
    """,
    "features by convolutions, then a recurrent layer": """
        x = Input(shape=[9, 100])
        c = Conv1d(out_channels=32, kernel_size=5, bias=False)
        n = BatchNorm1d()
        r = ReLU()
        p = MaxPool1d(kernel_size=2)
        t = Permute(dims=[0, 2, 1])
        g = GRU(hidden_size=32, bidirectional=True)
        last = Select()
        fc = Linear(out_features=6)
        y = Output()
        x -> c -> n -> r -> p -> t -> g -> last -> fc -> y
    """,
    "patches and a transformer": """
        x = Input(shape=[3, 32, 32])
        patches = Conv2d(out_channels=64, kernel_size=4, stride=4)
        flat = Flatten(start_dim=2)
        order = Permute(dims=[0, 2, 1])
        where = LearnedPositionalEncoding()
        encoder = TransformerEncoder(nhead=4, num_layers=2)
        norm = LayerNorm()
        pool = Mean()
        head = Linear(out_features=10)
        y = Output()
        x -> patches -> flat -> order -> where -> encoder -> norm -> pool -> head -> y
    """,
    "attention by hand": """
        x = Input(shape=[20, 64])
        q = Linear(out_features=64)
        k = Linear(out_features=64)
        v = Linear(out_features=64)
        turned = Transpose(dim0=1, dim1=2)
        scores = MatMul()
        soft = Softmax(dim=-1)
        drop = Dropout(p=0.1)
        mixed = MatMul()
        out = Linear(out_features=64)
        y = Output()
        x -> q -> scores.input
        x -> k -> turned -> scores.other
        scores -> soft -> drop -> mixed.input
        x -> v -> mixed.other
        mixed -> out -> y
    """,
    "variational autoencoder": """
        x = Input(shape=[784])
        e = Linear(out_features=400)
        r = ReLU()
        mean = Linear(out_features=20)
        spread = Linear(out_features=20)
        noise = GaussianNoise(std=1.0)
        zero = Subtract()
        scaled = Multiply()
        z = Add()
        d = Linear(out_features=400)
        r2 = ReLU()
        back = Linear(out_features=784)
        y = Output()
        loss = BCEWithLogitsLoss()
        x -> e -> r -> mean -> z -> d -> r2 -> back -> y
        r -> spread -> scaled -> z
        mean -> zero.input
        mean -> zero.other
        zero -> noise -> scaled
        back -> loss
        x -> loss.target
    """,
    "generator": """
        z = Input(shape=[100, 1, 1])
        u1 = ConvTranspose2d(out_channels=128, kernel_size=4, bias=False)
        n1 = BatchNorm2d()
        r1 = ReLU()
        u2 = ConvTranspose2d(out_channels=64, kernel_size=4, stride=2, padding=1, bias=False)
        n2 = BatchNorm2d()
        r2 = ReLU()
        u3 = ConvTranspose2d(out_channels=1, kernel_size=4, stride=2, padding=1)
        t = Tanh()
        y = Output()
        z -> u1 -> n1 -> r1 -> u2 -> n2 -> r2 -> u3 -> t -> y
    """,
}


@pytest.mark.parametrize("name", KNOWN)
def test_well_known_networks(name: str) -> None:
    assert _codes(drawing(getattr(showcase, name))) <= UNFINISHED


@pytest.mark.parametrize("name", USUAL)
def test_usual_drawings(name: str) -> None:
    assert _codes(drawing(USUAL[name])) <= UNFINISHED


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.stem)
def test_shipped_blocks(path: Path) -> None:
    assert _codes(schema.decode(path.read_bytes(), path.name)) <= UNFINISHED


def _codes(document: Document) -> set[str]:
    return {finding.code for finding in check(document).diagnostics}
