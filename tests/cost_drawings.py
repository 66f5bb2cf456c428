"""Drawings whose costs are known from papers, or from torch's own counters."""

from __future__ import annotations

from collections.abc import Iterator

MLP = """
    x = Input(shape=[64])
    label = Target()
    hidden1 = Linear(out_features=256)
    relu1 = ReLU()
    drop = Dropout(p=0.2)
    hidden2 = Linear(out_features=128)
    tanh2 = Tanh()
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    x -> hidden1 -> relu1 -> drop -> hidden2 -> tanh2 -> scores -> y
    scores -> loss
    label -> loss.target
"""

TRANSFORMER = """
    tokens = Input(shape=[64], dtype='int64')
    label = Target()
    embed = Embedding(num_embeddings=1000, embedding_dim=96)
    place = LearnedPositionalEncoding()
    block1 = TransformerEncoderLayer(nhead=4, dim_feedforward=384, dropout=0.0, activation='gelu')
    block2 = TransformerEncoderLayer(nhead=4, dim_feedforward=384, dropout=0.1, norm_first=True)
    looks = MultiheadAttention(num_heads=4)
    both = Add()
    norm = LayerNorm()
    mean = Mean(dim=[1])
    scores = Linear(out_features=10)
    y = Output()
    loss = CrossEntropyLoss()
    tokens -> embed -> place -> block1 -> block2 -> looks -> both -> norm -> mean -> scores -> y
    block2 -> both
    scores -> loss
    label -> loss.target
"""

LSTM = """
    x = Input(shape=[40, 8])
    wanted = Target(shape=[1], dtype='float32')
    lstm = LSTM(hidden_size=48, num_layers=2)
    last = Select(dim=1, index=-1)
    value = Linear(out_features=1)
    y = Output()
    loss = MSELoss()
    x -> lstm -> last -> value -> y
    value -> loss
    wanted -> loss.target
"""


def resnet18(side: int = 224, classes: int = 1000) -> str:
    """ResNet-18 (He et al., 2015), as torchvision has it: 11,689,512 parameters with 1,000 classes."""
    return "\n".join(
        (
            f"x = Input(shape=[3, {side}, {side}])",
            "label = Target()",
            "stem = Conv2d(out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)",
            "stem_norm = BatchNorm2d()",
            "stem_relu = ReLU()",
            "stem_pool = MaxPool2d(kernel_size=3, stride=2, padding=1)",
            "x -> stem -> stem_norm -> stem_relu -> stem_pool",
            *_stages(),
            "pool = AdaptiveAvgPool2d()",
            "flat = Flatten()",
            f"scores = Linear(out_features={classes})",
            "y = Output()",
            "loss = CrossEntropyLoss()",
            "r3_1_out -> pool -> flat -> scores -> y",
            "scores -> loss",
            "label -> loss.target",
        )
    )


def _stages() -> Iterator[str]:
    before = "stem_pool"
    for stage, channels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            name, stride = f"r{stage}_{block}", 2 if stage and not block else 1
            yield f"{name}_a = Conv2d(out_channels={channels}, stride={stride}, padding=1, bias=False)"
            yield f"{name}_na = BatchNorm2d()"
            yield f"{name}_ra = ReLU()"
            yield f"{name}_b = Conv2d(out_channels={channels}, padding=1, bias=False)"
            yield f"{name}_nb = BatchNorm2d()"
            yield f"{name}_add = Add()"
            yield f"{name}_out = ReLU()"
            yield f"{before} -> {name}_a -> {name}_na -> {name}_ra -> {name}_b -> {name}_nb -> {name}_add"
            yield f"{name}_add -> {name}_out"
            if stride == 2:
                yield f"{name}_short = Conv2d(out_channels={channels}, kernel_size=1, stride=2, bias=False)"
                yield f"{name}_ns = BatchNorm2d()"
                yield f"{before} -> {name}_short -> {name}_ns -> {name}_add"
            else:
                yield f"{before} -> {name}_add"
            before = f"{name}_out"


def unet(side: int = 64, channels: int = 16, levels: int = 3) -> str:
    """A U-Net (Ronneberger et al., 2015) with padding, so that sizes halve and double exactly."""
    lines = [
        f"x = Input(shape=[1, {side}, {side}])",
        f"mask = Target(shape=[1, {side}, {side}], dtype='float32')",
    ]
    before = "x"
    for level in range(levels):
        lines += _twice(f"down{level}", before, channels << level)
        lines += [f"pool{level} = MaxPool2d()", f"down{level}_r2 -> pool{level}"]
        before = f"pool{level}"
    lines += _twice("middle", before, channels << levels)
    before = "middle_r2"
    for level in reversed(range(levels)):
        lines += [
            f"up{level} = ConvTranspose2d(out_channels={channels << level}, kernel_size=2, stride=2)",
            f"join{level} = Concat(dim=1)",
            f"{before} -> up{level} -> join{level}",
            f"down{level}_r2 -> join{level}",
        ]
        lines += _twice(f"wide{level}", f"join{level}", channels << level)
        before = f"wide{level}_r2"
    lines += [
        "scores = Conv2d(out_channels=1, kernel_size=1)",
        "y = Output()",
        "loss = BCEWithLogitsLoss()",
        f"{before} -> scores -> y",
        "scores -> loss",
        "mask -> loss.target",
    ]
    return "\n".join(lines)


def _twice(name: str, before: str, channels: int) -> list[str]:
    return [
        f"{name}_c1 = Conv2d(out_channels={channels}, padding=1)",
        f"{name}_r1 = ReLU()",
        f"{name}_c2 = Conv2d(out_channels={channels}, padding=1)",
        f"{name}_r2 = ReLU()",
        f"{before} -> {name}_c1 -> {name}_r1 -> {name}_c2 -> {name}_r2",
    ]
