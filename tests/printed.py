"""Two well-known networks without networks in them, each block in a frame: large drawings, to be arranged and printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from drawings import drawing

from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import MoveNodes, SetFrames, apply

_COLUMN, _ROW, _MARGIN = 200.0, 500.0, 30.0


@dataclass(slots=True)
class _Text:
    """A drawing as text that grows block by block.

    Attributes:
        lines: As `drawings.drawing` reads them.
        blocks: Title, colour and nodes of each block.
    """

    lines: list[str] = field(default_factory=list)
    blocks: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def block(self, title: str, color: str, prefix: str, nodes: dict[str, str], wires: str) -> None:
        """Add a block: in its wires, words that are names of its nodes get the prefix."""
        for name, kind in nodes.items():
            self.lines.append(f"{prefix}{name} = {kind}")
        for line in filter(None, map(str.strip, wires.splitlines())):
            words = (f"{prefix}{word}" if word.split(".")[0] in nodes else word for word in line.split())
            self.lines.append(" ".join(words))
        self.blocks.append((title, color, [prefix + name for name in nodes]))

    def document(self) -> Document:
        """The drawing, each block in a frame of its own, one below the other."""
        made = drawing("\n".join(self.lines))
        frames = {}
        for number, (title, color, names) in enumerate(self.blocks, start=1):
            y = _ROW * number
            apply(made, MoveNodes("main", {name: (_COLUMN * i, y) for i, name in enumerate(names)}))
            area = (-_MARGIN, y - _MARGIN, _COLUMN * len(names) + _MARGIN, 4 * _MARGIN)
            frames[f"frame{number}"] = Frame(area=area, title=title, color=color)
        apply(made, SetFrames("main", frames))
        return made


def resnet_50() -> Document:
    """He et al., 2015, "Deep Residual Learning for Image Recognition": sixteen bottleneck blocks."""
    text = _Text()
    text.lines = [
        "image = Input(shape=[3, 224, 224])",
        "conv1 = Conv2d(out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)",
        "bn1 = BatchNorm2d()",
        "relu = ReLU()",
        "maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)",
        "image -> conv1 -> bn1 -> relu -> maxpool",
    ]
    before = "maxpool"
    stages = ((3, 64, "blue"), (4, 128, "teal"), (6, 256, "green"), (3, 512, "violet"))
    for stage, (blocks, width, color) in enumerate(stages, start=1):
        for block in range(blocks):
            prefix = f"l{stage}_{block + 1}_"
            stride = 2 if stage > 1 and block == 0 else 1
            nodes = {
                "conv1": f"Conv2d(out_channels={width}, kernel_size=1, bias=False)",
                "bn1": "BatchNorm2d()",
                "relu1": "ReLU()",
                "conv2": f"Conv2d(out_channels={width}, stride={stride}, padding=1, bias=False)",
                "bn2": "BatchNorm2d()",
                "relu2": "ReLU()",
                "conv3": f"Conv2d(out_channels={width * 4}, kernel_size=1, bias=False)",
                "bn3": "BatchNorm2d()",
                "add": "Add()",
                "relu3": "ReLU()",
            }
            skip = f"{before} -> add"
            if block == 0:
                nodes["down"] = (
                    f"Conv2d(out_channels={width * 4}, kernel_size=1, stride={stride}, bias=False)"
                )
                nodes["down_bn"] = "BatchNorm2d()"
                skip = f"{before} -> down -> down_bn -> add"
            main = "conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> relu2 -> conv3 -> bn3 -> add -> relu3"
            text.block(
                f"layer{stage}, block {block + 1}", color, prefix, nodes, f"{before} -> {main}\n{skip}"
            )
            before = f"{prefix}relu3"
    text.lines += [
        "pool = AdaptiveAvgPool2d()",
        "flatten = Flatten()",
        "fc = Linear(out_features=1000)",
        "scores = Output()",
        "label = Target()",
        "loss = CrossEntropyLoss()",
        f"{before} -> pool -> flatten -> fc -> scores",
        "fc -> loss",
        "label -> loss.target",
    ]
    return text.document()


def transformer(layers: int = 3) -> Document:
    """Vaswani et al., 2017, "Attention Is All You Need": an encoder and a decoder of so many layers."""
    text = _Text()
    text.lines = [
        'source = Input(shape=[32], dtype="int64")',
        'so_far = Input(shape=[24], dtype="int64")',
        "next_word = Target(shape=[24])",
        "words = Embedding(num_embeddings=8000, embedding_dim=512)",
        'words_out = Embedding(num_embeddings=8000, embedding_dim=512, shares="words")',
        "where = SinusoidalPositionalEncoding()",
        "where_out = SinusoidalPositionalEncoding()",
        "source -> words -> where",
        "so_far -> words_out -> where_out",
    ]
    before = "where"
    for layer in range(1, layers + 1):
        before = _encoder_layer(text, layer, before)
    memory, before = before, "where_out"
    for layer in range(1, layers + 1):
        before = _decoder_layer(text, layer, before, memory)
    text.lines += [
        "scores = Linear(out_features=8000)",
        "answer = Output()",
        "classes_first = Transpose()",
        "loss = CrossEntropyLoss()",
        f"{before} -> scores -> answer",
        "scores -> classes_first -> loss",
        "next_word -> loss.target",
    ]
    return text.document()


_FEED_FORWARD = {
    "wide": "Linear(out_features=2048)",
    "relu": "ReLU()",
    "narrow": "Linear(out_features=512)",
}


def _encoder_layer(text: _Text, layer: int, before: str) -> str:
    nodes = {"attention": "MultiheadAttention(num_heads=8)", "add1": "Add()", "norm1": "LayerNorm()"}
    nodes |= {**_FEED_FORWARD, "add2": "Add()", "norm2": "LayerNorm()"}
    wires = f"""
        {before} -> attention.query
        {before} -> attention.key
        {before} -> attention.value
        {before} -> add1
        attention -> add1 -> norm1 -> wide -> relu -> narrow -> add2 -> norm2
        norm1 -> add2
    """
    text.block(f"Encoder, layer {layer}", "teal", f"e{layer}_", nodes, wires)
    return f"e{layer}_norm2"


def _decoder_layer(text: _Text, layer: int, before: str, memory: str) -> str:
    nodes = {"own": "MultiheadAttention(num_heads=8, causal=True)", "add1": "Add()", "norm1": "LayerNorm()"}
    nodes |= {"across": "MultiheadAttention(num_heads=8)", "add2": "Add()", "norm2": "LayerNorm()"}
    nodes |= {**_FEED_FORWARD, "add3": "Add()", "norm3": "LayerNorm()"}
    wires = f"""
        {before} -> own.query
        {before} -> own.key
        {before} -> own.value
        {before} -> add1
        own -> add1 -> norm1 -> across.query
        {memory} -> across.key
        {memory} -> across.value
        norm1 -> add2
        across -> add2 -> norm2 -> wide -> relu -> narrow -> add3 -> norm3
        norm2 -> add3
    """
    text.block(f"Decoder, layer {layer}", "violet", f"d{layer}_", nodes, wires)
    return f"d{layer}_norm3"
