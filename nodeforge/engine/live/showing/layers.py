"""What layers hold and what they give: values, weights, prototypes, spikes, states."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from nodeforge.core.errors import UserError
from nodeforge.core.specs import TensorSpec
from nodeforge.engine.live.pictures import (
    MOST_TILES,
    as_picture,
    common,
    folded,
    numbers,
    series,
    tables,
    tile,
)
from nodeforge.engine.live.scene import Scene, Seen
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Row, Tile, Wish

MOST_CURVES = 12
MAP_SAMPLES = 1000
_FILTERS_ACROSS = 8


def seen_at(scene: Scene, wish: Wish, *, port: str = "") -> list[Seen]:
    """What the node that is looked at gives for the sample; several where it runs several times.

    Raises:
        UserError: Nothing depends on it, so it is not computed.
    """
    node = scene.node(wish.node)
    if node is None or node.kind is None:
        raise UserError(f"{wish.node} is no longer in the network: choose another node.")
    port = port or node.kind.outputs[0].name
    found = [seen for seen in scene.look(wish) if seen.path == wish.node and seen.port == port]
    if not found and port == node.kind.outputs[0].name:
        found = _heard(scene, wish, port)
    if not found:
        raise UserError(f"{wish.node} is not computed: wire it on to an Output or a loss.")
    return found


def _heard(scene: Scene, wish: Wish, port: str) -> list[Seen]:
    """The first output of a layer of which only others are wired on: its module computes it all the same."""
    given: list[Tensor] = []
    with ExitStack() as stack:
        for module in scene.modules(wish.node):
            handle = module.register_forward_hook(
                lambda module, taken, found: given.append(found[0] if isinstance(found, tuple) else found)
            )
            stack.callback(handle.remove)
        scene.run(scene.samples(wish.split, wish.sample))
    return [Seen(wish.node, port, value) for value in given]


def forward(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """Every value on its way through the network."""
    rows = []
    for seen in scene.look(wish):
        if seen.value.dim() == 0:
            rows.append(Row(name=seen.path, cells=["", f"{seen.value.item():.4g}", "", ""]))
            continue
        value = numbers(seen.value[0])
        shape = str(TensorSpec(tuple(seen.value.shape[1:]))) if seen.value.dim() > 1 else "1 number"
        name = seen.path if seen.port in ("output", "") else f"{seen.path}.{seen.port}"
        cells = [shape, *(f"{number:.3g}" for number in (value.min(), value.mean(), value.max()))]
        rows.append(Row(name=name, cells=cells, tile=_thumbnail(value)))
    return LiveShown(
        run="",
        key=0,
        step=0,
        note=scene.caption(wish),
        headings=["shape", "least", "mean", "greatest"],
        rows=rows,
    )


def _thumbnail(value: np.ndarray) -> Tile | None:
    """The first tables side by side."""
    if value.size < 2:
        return None
    if value.ndim == 3 and value.shape[0] == 3:
        return tile(as_picture(value))
    shown = tables(value)[:6]
    height, width = shown[0].shape
    gap = np.full((height, max(1, width // 12)), value.min(), np.float32)
    parts = [part for table in shown for part in (table, gap)][:-1]
    return tile(np.concatenate(parts, axis=1))


def activations(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """Every channel of a node, or its row of numbers."""
    found = seen_at(scene, wish)
    values = [numbers(seen.value[0]) for seen in found]
    shown = [table for value in values for table in tables(value)]
    tiles = [
        tile(table, _number(place, shown), common(shown)) for place, table in enumerate(shown[:MOST_TILES])
    ]
    flat = np.concatenate([value.ravel() for value in values])
    note = f"{scene.caption(wish)}: {flat.min():.3g} to {flat.max():.3g}, mean {flat.mean():.3g}, {(flat == 0).mean():.0%} zero"
    dead = float((flat == 0).mean()) == 1.0
    warning = f"{wish.node} gives nothing but zeros for this sample." if dead else ""
    return LiveShown(run="", key=0, step=0, note=note, warning=warning, tiles=tiles, total=len(shown))


def _number(place: int, shown: list[np.ndarray]) -> str:
    return str(place) if len(shown) > 1 else ""


def weights(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """Filters of a convolution, rows of a dense layer as pictures where they are, else tables of weights."""
    found = {name: tensor for name, tensor in scene.tensors(wish.node).items() if tensor.is_floating_point()}
    if not found:
        raise UserError(f"{wish.node} has no weights of its own: it shares them, or nothing depends on it.")
    shown: list[tuple[str, np.ndarray]] = []
    across = 0
    for name, tensor in found.items():
        parts = _parts(tensor)
        if len(parts) > 1 and tensor.dim() == 4 and tensor.shape[1] > 1:
            across = min(_FILTERS_ACROSS, tensor.shape[1])
        labels = [name] if len(parts) == 1 else [_label(tensor, place) for place in range(len(parts))]
        shown += list(zip(labels, parts, strict=True))
    span = common([table for _, table in shown], signed=True)
    tiles = [tile(table, label, span) for label, table in shown[:MOST_TILES]]
    values = np.concatenate([numbers(tensor).ravel() for tensor in found.values()])
    sizes = ", ".join(f"{name} {'×'.join(map(str, tensor.shape))}" for name, tensor in found.items())
    note = f"{sizes}: mean {values.mean():.3g}, spread {values.std():.3g}"
    return LiveShown(run="", key=0, step=0, note=note, tiles=tiles, total=len(shown), across=across)


def _parts(tensor: Tensor) -> list[np.ndarray]:
    """The tables in which weights make most sense."""
    values = numbers(tensor)
    if values.ndim <= 1:
        return [values.reshape(1, -1)]
    if values.ndim == 2:
        rows = [folded(row) for row in values]
        return rows if rows[0].shape[0] == rows[0].shape[1] and len(rows[0]) > 4 else [values]
    if values.ndim == 3:
        return list(values)
    return list(values[:, :_FILTERS_ACROSS].reshape(-1, *values.shape[-2:]))


def _label(tensor: Tensor, place: int) -> str:
    if tensor.dim() < 4 or tensor.shape[1] == 1:
        return str(place)
    across = min(_FILTERS_ACROSS, tensor.shape[1])
    return f"{place // across} ← {place % across}"


def prototypes(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """The map of a SelfOrganizingMap: what each unit stands for, and how many samples it wins."""
    node = scene.node(wish.node)
    found = scene.tensors(wish.node)
    if node is None or "prototypes" not in found:
        raise UserError(f"{wish.node} is not computed: wire one of its outputs on.")
    units = numbers(found["prototypes"])
    count = min(MAP_SAMPLES, scene.count(wish.split))
    winners: list[Tensor] = []
    # A hook, since the number of the winner need not be wired on.
    with ExitStack() as stack:
        for module in scene.modules(wish.node):
            handle = module.register_forward_hook(lambda module, given, found: winners.append(found[0]))
            stack.callback(handle.remove)
        scene.run(scene.samples(wish.split, 0, count))
    hits = torch.bincount(torch.cat(winners), minlength=len(units))
    span = common([units])
    tiles = [tile(folded(unit), str(int(hit)), span) for unit, hit in zip(units, hits.tolist(), strict=True)]
    idle = int((hits == 0).sum())
    note = f"{count:,} samples of {wish.split}; {idle} of {len(units)} units win none"
    return LiveShown(
        run="",
        key=0,
        step=0,
        note=note,
        tiles=tiles,
        total=len(tiles),
        across=int(str(node.values["columns"])),
    )


def spikes(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """A raster: neurons down, time across."""
    found = seen_at(scene, wish)
    tiles = []
    for seen in found:
        value = numbers(seen.value[0])
        raster = value.reshape(len(value), -1).T
        rows = np.linspace(0, len(raster) - 1, min(len(raster), 96)).astype(int)
        tiles.append(tile(raster[rows], f"{len(rows)} of {len(raster)} neurons, {len(value)} steps"))
    value = numbers(found[0].value[0])
    share, silent = float(value.mean()), float((value.reshape(len(value), -1).sum(axis=0) == 0).mean())
    note = f"{scene.caption(wish)}: a neuron spikes at {share:.1%} of the steps, {silent:.0%} of them never"
    warning = ""
    if silent > 0.95:
        warning = (
            f"Hardly any neuron of {wish.node} spikes: lower its threshold, or raise beta so that less leaks."
        )
    return LiveShown(
        run="", key=0, step=0, note=note, warning=warning, tiles=tiles, total=len(tiles), across=1
    )


def states(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """Some units of a recurrent layer or a reservoir as curves over time."""
    value = numbers(seen_at(scene, wish)[0].value[0])
    units = np.linspace(0, value.shape[1] - 1, min(MOST_CURVES, value.shape[1])).astype(int)
    curves = list(series([f"unit {unit}" for unit in units], value[:, units].T))
    note = f"{scene.caption(wish)}: {len(units)} of {value.shape[1]} units over {len(value)} steps"
    return LiveShown(run="", key=0, step=0, note=note, series=curves)
