"""Kinds that cut an axis into several parts, each with a port of its own."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, batch_free_axis, set_parameter, with_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Integers, Parameter
from nodeforge.core.specs import TensorSpec

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_DIM = Parameter("dim", Integer(), 1, "The axis to cut; not 0, the batch.")
_INPUT = (Port(name="input", doc="any shape"),)


def _cut_axis(call: ShapeCall) -> tuple[TensorSpec, int, int]:
    """The input, the axis to cut from the front, and its size."""
    spec, axis = call.input(), batch_free_axis(call)
    size = spec.shape[axis]
    assert isinstance(size, int)
    return spec, axis, size


def _ports(parts: int, doc: str) -> tuple[Port, ...]:
    return tuple(Port(name=name, doc=doc.format(name=name)) for name in _ORDINALS[:parts])


def _unpack(parts: int) -> str:
    return ", ".join(f"{{{name}}}" for name in _ORDINALS[:parts])


def _chunk(parts: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        spec, axis, size = _cut_axis(call)
        if size % parts:
            raise ShapeError(
                f"{call.name} makes {parts} equal parts, and axis {axis} of {spec} has {size} places, which is no "
                f"multiple of {parts}: choose another dim, or Split for parts that differ.",
                port="input",
            )
        return {name: with_axis(spec, axis, size // parts) for name in _ORDINALS[:parts]}

    return Kind(
        name=f"Chunk{parts}",
        category="Shape",
        summary=f"Cuts an axis into {_WORDS[parts]} equal parts.",
        doc=_CHUNK_USES[parts] + " A port that nothing reads costs nothing.",
        formula=f"N×{parts}·a → {', '.join(['N×a'] * parts)}",
        source=OPS + "chunk.html",
        keywords=("chunk", "split", "parts", "divide", "cut"),
        parameters=(_DIM,),
        inputs=_INPUT,
        outputs=_ports(parts, f"the {{name}} of {_WORDS[parts]} equal parts: size/{parts} along dim"),
        shape=shape,
        forward=lambda call: f"{call.x}.chunk({parts}, dim={call.values['dim']})",
        unpack=_unpack(parts),
        keeps=keeps_nothing,
        view=True,
    )


_CHUNK_USES = {
    2: "For a mean and a spread, or a value and its gate, that one layer gives together.",
    3: "For queries, keys and values that one Linear gives together.",
    4: "For the four gates of a recurrent cell, or four branches of one convolution.",
    6: "For scales, shifts and gates of a block that is steered from outside, as in diffusion transformers.",
    8: "For eight heads or groups that go ways of their own.",
}
CHUNK2, CHUNK3, CHUNK4, CHUNK6, CHUNK8 = (_chunk(parts) for parts in _CHUNK_USES)


def _split(parts: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        spec, axis, size = _cut_axis(call)
        sizes = call.values["sizes"]
        assert isinstance(sizes, tuple)
        if sum(sizes) != size:
            left = size - sum(sizes[:-1])
            raise ShapeError(
                f"{call.name} has parts of {', '.join(map(str, sizes))}, together {sum(sizes)}, but axis {axis} of "
                f"{spec} has {size} places.",
                port="input",
                suggestions=(set_parameter("sizes", (*sizes[:-1], left)),) if left > 0 else (),
            )
        return {
            name: with_axis(spec, axis, part) for name, part in zip(_ORDINALS[:parts], sizes, strict=True)
        }

    def code(call: CodeCall) -> str:
        return f"{call.x}.split({call.values['sizes']}, dim={call.values['dim']})"

    letters = "abcd"[:parts]
    return Kind(
        name=f"Split{parts}",
        category="Shape",
        summary=f"Cuts an axis into {_WORDS[parts]} parts of given sizes.",
        doc="For parts that differ in size, such as the branches of a block. Chunk makes equal parts.",
        formula=f"N×({' + '.join(letters)}) → {', '.join(f'N×{letter}' for letter in letters)}",
        source=OPS + "split.html",
        keywords=("split", "parts", "divide", "cut"),
        parameters=(
            Parameter(
                "sizes",
                Integers(min_length=parts, max_length=parts),
                (1,) * parts,
                "Sizes of the parts, in order; together as large as the axis.",
            ),
            _DIM,
        ),
        inputs=_INPUT,
        outputs=_ports(parts, "the {name} part"),
        shape=shape,
        forward=code,
        unpack=_unpack(parts),
        keeps=keeps_nothing,
        view=True,
    )


SPLIT3, SPLIT4 = (_split(parts) for parts in (3, 4))


def _unbind(parts: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        spec, axis, size = _cut_axis(call)
        if size != parts:
            raise ShapeError(
                f"{call.name} gives the {parts} places of an axis one by one, but axis {axis} of {spec} has {size}.",
                port="input",
            )
        return {name: with_axis(spec, axis) for name in _ORDINALS[:parts]}

    return Kind(
        name=f"Unbind{parts}",
        category="Shape",
        summary=f"Gives the {_WORDS[parts]} places of an axis one by one, without the axis.",
        doc="The way back from Stack: a sequence or a pair comes apart into its members.",
        formula=f"N×{parts}×F → {', '.join(['N×F'] * parts)}",
        source=OPS + "unbind.html",
        keywords=("unstack", "split", "members", "cut"),
        parameters=(_DIM,),
        inputs=_INPUT,
        outputs=_ports(parts, "the {name} place, without the axis"),
        shape=shape,
        forward=lambda call: f"{call.x}.unbind({call.values['dim']})",
        unpack=_unpack(parts),
        keeps=keeps_nothing,
        view=True,
    )


UNBIND2, UNBIND3, UNBIND4 = (_unbind(parts) for parts in (2, 3, 4))
