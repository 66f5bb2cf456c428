"""Live views: what is looked at, and what is shown of it."""

from __future__ import annotations

import msgspec

from nodeforge.engine.messages.base import Event, Request


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One live view that somebody looks at.

    Attributes:
        key: Whose it is; what is shown comes back with it.
        view: One of `analysis.views.VIEWS`.
        node: The node looked at, "block.conv1" inside another network; "" for the whole network.
        split, sample: The sample that the network is given.
        prompt, temperature: Of generated text: how it begins, and how daring it goes on.
    """

    key: int
    view: str
    node: str = ""
    split: str = "train"
    sample: int = 0
    prompt: str = ""
    temperature: float = 1.0


class WatchLive(Request, frozen=True, kw_only=True, tag=True):
    """Show from now on what a network makes of samples. Answered with `Done`; `LiveShown` events follow.

    It takes the place of the one before by the same watcher; without wishes nothing is shown and nothing is computed.

    Attributes:
        watcher: Who looks: several may, each at wishes with keys of its own.
        folder: The project's folder.
        run: The run that trains, whose weights are followed as they learn, or one that has ended, whose best are shown.
        wishes: What is looked at.
    """

    folder: str
    run: str
    wishes: list[Wish]
    watcher: str = ""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A table of numbers as a picture: 8 bits each from `low` to `high`, row by row.

    Attributes:
        channels: 3 for colours that are to be shown as they are, else 1.
        label: What is written below it.
    """

    width: int
    height: int
    pixels: bytes
    low: float
    high: float
    channels: int = 1
    label: str = ""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One curve: packed float32, little-endian."""

    name: str
    values: bytes


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one node: words in columns, a small picture, and the length of its bar (negative: none).

    Attributes:
        values: The numbers behind the words, where somebody reckons with them; NaN where there is none.
    """

    name: str
    cells: list[str]
    tile: Tile | None = None
    bar: float = -1.0
    values: list[float] = []


class NeuronLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A small dense layer for one sample; everything packed float32.

    Attributes:
        name: Its node.
        function: The activation behind it; "" for none.
        inputs: What arrives, (in,).
        weights: (out, in), row by row.
        bias, sums, outputs: (out,): b, w·x + b, and f of it.
    """

    name: str
    function: str
    inputs: bytes
    weights: bytes
    bias: bytes
    sums: bytes
    outputs: bytes


class LiveShown(Event, frozen=True, kw_only=True, tag=True):
    """What one view shows now; a newer one replaces an older.

    Attributes:
        run, key, step: Of which run, which `Wish` and which training step; -1 for a checkpoint.
        note: What is seen, in a sentence.
        warning: What is wrong with it and what helps, where something is.
        fault: Why nothing can be shown; all else is empty then.
        samples: How many samples the split has.
        total: How many pictures there would be; as many as `tiles` or more.
        tiles, across: Pictures, and how many stand side by side (0: as fits).
        series, start, steps: Curves; the place of their first value, or the packed int32 place of each.
        logarithmic: Whether curves span powers of ten.
        headings, rows: A table.
        text: Text, of which the first `given` letters are the prompt.
        layers: Neurons.
    """

    run: str
    key: int
    step: int
    note: str = ""
    warning: str = ""
    fault: str = ""
    samples: int = 0
    total: int = 0
    tiles: list[Tile] = []
    across: int = 0
    series: list[Series] = []
    start: int = 0
    steps: bytes = b""
    logarithmic: bool = False
    headings: list[str] = []
    rows: list[Row] = []
    text: str = ""
    given: int = 0
    layers: list[NeuronLayer] = []
