"""What networks make: reconstructions, drawings from codes and from noise, text."""

from __future__ import annotations

import torch
from torch import Tensor

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.views import looks_back
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.data.tokens import Vocabulary
from nodeforge.engine.live.pictures import as_picture, common, numbers, tile
from nodeforge.engine.live.scene import Scene, Seen
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Wish
from nodeforge.torch_backend.deep_check import Samples

PAIRS = 8
GRID = 10
REACH = 2.5
"""A normal code lies within so many deviations but for one in eighty."""
DRAWN = 16
LENGTH = {"characters": 80, "words": 30}
"""How far a text goes on, by what it is made of."""
AT_A_TIME = 10
"""Letters or words written between two steps of a training."""
_TEXT_SEED = 0


def reconstruction(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """Samples, and below each what the network makes of it."""
    material = scene.material
    found = looks_back(material.document, _main(scene))
    if found is None:
        raise UserError("No output of this network has the shape of an input.")
    output, taken = found
    batch = scene.samples(wish.split, wish.sample, PAIRS)
    place = [slot.node for slot in material.source.inputs].index(taken)
    originals, made = numbers(batch.inputs[place]), numbers(scene.outputs(batch)[output])
    span = common([originals])
    tiles = [tile(as_picture(value), span=span) for value in (*originals, *made)]
    error = float(((originals - made) ** 2).mean())
    note = f"{len(originals)} samples of {wish.split} from {wish.sample + 1:,} on: mean squared error {error:.4g}"
    return LiveShown(run="", key=0, step=0, note=note, tiles=tiles, total=len(tiles), across=len(originals))


def _main(scene: Scene) -> NetworkReport:
    return scene.material.report.networks[scene.material.document.main]


def latent(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """What is drawn for codes on a grid over the first two numbers of the code."""
    one = scene.samples(wish.split, wish.sample)
    batch = _repeated(one, GRID * GRID)
    steps = torch.linspace(-REACH, REACH, GRID)

    def put(seen: Seen) -> Tensor:
        if seen.path != wish.node:
            return seen.value
        codes = torch.zeros_like(seen.value).reshape(len(seen.value), -1)
        codes[:, 0] = steps.repeat(GRID)
        if codes.shape[1] > 1:
            codes[:, 1] = steps.flip(0).repeat_interleave(GRID)
        return codes.reshape(seen.value.shape)

    output = next(iter(scene.outputs(batch, put).values()))
    values = numbers(output)
    span = common([values])
    tiles = [tile(as_picture(value), span=span) for value in values]
    note = f"the first two numbers of {wish.node} from −{REACH} to {REACH}, across and up"
    return LiveShown(run="", key=0, step=0, note=note, tiles=tiles, total=len(tiles), across=GRID)


def _repeated(one: Samples, count: int) -> Samples:
    inputs, targets = (
        tuple(t.expand(count, *t.shape[1:]).clone() for t in part) for part in (one.inputs, one.targets)
    )
    return Samples(inputs, targets)


def samples(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """What the node behind a source of noise makes of it; the noise is the same in every look."""
    ends = _behind(scene, wish.node)
    found = [seen for seen in scene.run(scene.samples(wish.split, 0, DRAWN)) if seen.path in ends]
    if not found:
        raise UserError(f"{wish.node} is not computed: wire what follows it on to an Output or a loss.")
    values = numbers(found[-1].value)
    span = common([values])
    tiles = [tile(as_picture(value), span=span) for value in values]
    note = f"{len(tiles)} drawings of {found[-1].path}, of the same noise at every step"
    return LiveShown(run="", key=0, step=0, note=note, tiles=tiles, total=len(tiles))


def _behind(scene: Scene, path: str) -> set[str]:
    """The nodes that take a node's output; of one that is a network, those inside that make what it gives."""
    document, graph = scene.material.document, scene.material.document.main_network
    *way, name = path.split(".")
    for use in way:
        graph = document.networks[graph.nodes[use].kind]
    prefix = "".join(f"{use}." for use in way)
    found: set[str] = set()
    for wire in graph.wires_from(name):
        target = f"{prefix}{wire.target}"
        inner = document.networks.get(graph.nodes[wire.target].kind)
        found |= {target} if inner is None else {f"{target}.{node}" for node in _last(inner)}
    return found


def _last(graph: Graph) -> set[str]:
    """The nodes that feed the Outputs of a network."""
    outputs = {node.name for node in graph.nodes.values() if node.kind == "Output"}
    return {source for output in outputs for ends in graph.inputs_of(output).values() for source, _ in ends}


def text(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """How the network goes on with the prompt: letter by letter, each drawn by its probability."""
    vocabulary, length = _vocabulary(scene)
    tokens = vocabulary.tokens
    start = wish.prompt or tokens.join(_first_words(scene, vocabulary, wish))
    known = [int(number) for number in vocabulary.encode(start)]
    generator = torch.Generator().manual_seed(_TEXT_SEED)
    told = list(known) or [0]
    for start_of_part in range(0, LENGTH[tokens.unit], AT_A_TIME):
        with scene.quiet():
            for _ in range(min(AT_A_TIME, LENGTH[tokens.unit] - start_of_part)):
                seen = told[-length:]
                row = torch.tensor([seen + [0] * (length - len(seen))])
                scores = _scores(scene, row, len(vocabulary.words))[len(seen) - 1]
                # A network may have more outputs than the data has words; what they stand for nobody knows.
                told.append(_drawn(scores[: len(vocabulary.words)], wish.temperature, generator))
    written = tokens.join([vocabulary.words[number] for number in told[len(known) :]])
    gap = "" if tokens.unit == "characters" else " "
    note = f"goes on with {LENGTH[tokens.unit]} {tokens.unit}, temperature {wish.temperature:g}"
    return LiveShown(run="", key=0, step=0, note=note, text=f"{start}{gap}{written}", given=len(start))


def _vocabulary(scene: Scene) -> tuple[Vocabulary, int]:
    slot = scene.material.source.inputs[0]
    facts = scene.material.dataset.facts.field(slot.field, "input")
    vocabulary = scene.material.dataset.vocabulary(facts.name) if facts is not None else None
    length = slot.spec.shape[1]
    if vocabulary is None or not isinstance(length, int):
        raise UserError(f"{slot.node} does not take texts: there is nothing to write.")
    return vocabulary, length


def _first_words(scene: Scene, vocabulary: Vocabulary, wish: Wish) -> list[str]:
    """The beginning of a sample, to go on from while there is no prompt."""
    first = scene.samples(wish.split, wish.sample).inputs[0][0]
    return [vocabulary.words[int(number)] for number in first[: max(1, len(first) // 2)]]


def _scores(scene: Scene, row: Tensor, words: int) -> Tensor:
    """(places, words) for one row of numbers."""
    others = scene.samples("train", 0).inputs[1:]
    output = next(iter(scene.outputs(Samples((row, *others), ())).values()))[0]
    return output.T if output.shape[0] == words else output


def _drawn(scores: Tensor, temperature: float, generator: torch.Generator) -> int:
    if temperature <= 0:
        return int(scores.argmax())
    shares = (scores.float() / temperature).softmax(dim=0)
    return int(torch.multinomial(shares, 1, generator=generator))
