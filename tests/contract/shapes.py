"""Inputs of a kind, drawn from what its ports say: "N×length×features" is a shape, and a word is one size.

Ports of one kind that use the same word get the same size there, and "…" stands for the same axes everywhere. A port
that names no shape gets that of the first one. Now and then one axis is changed or added, to see the rule refuse it.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from nodeforge.catalog import Kind
from nodeforge.catalog.kind import Port
from nodeforge.core.specs import BATCH, TensorSpec

Inputs = dict[str, tuple[TensorSpec, ...]]
Sample = tuple[int, ...]

_SHAPE = re.compile(r"N(×[^,;:()]+)?(?=[,;:(]|$)")
_FEW, _MANY = st.integers(1, 4), st.integers(1, 9)
_SIZES = {
    **dict.fromkeys(("channels", "features", "classes"), st.sampled_from([1, 2, 4, 6])),
    **dict.fromkeys(("depth", "height", "width"), _MANY),
}
_ANYTHING = st.lists(st.sampled_from([1, 2, 3, 4, 6]), max_size=3).map(tuple)
_REST = st.lists(_FEW, max_size=2).map(tuple)


@st.composite
def drawn_inputs(draw: st.DrawFn, kind: Kind) -> Inputs:
    """Specs for the ports of a kind; optional ports are there half of the time."""
    words: dict[str, Sample] = {}
    usual = draw(_ANYTHING)
    dtype = draw(st.sampled_from(sorted(kind.inputs[0].dtypes)))
    found: Inputs = {}
    for port in kind.inputs:
        if port.optional and draw(st.booleans()):
            continue
        sample = _sample(draw, port, words, usual)
        usual = sample if not found else usual
        kept = dtype in port.dtypes and draw(st.integers(0, 9))
        one = dtype if kept else draw(st.sampled_from(sorted(port.dtypes)))
        count = draw(st.integers(1, 3)) if port.many else 1
        found[port.name] = tuple(TensorSpec((BATCH, *sample), one) for _ in range(count))
    return _spoiled(draw, found)


def _sample(draw: st.DrawFn, port: Port, words: dict[str, Sample], usual: Sample) -> Sample:
    """One sample of what the port says, without the batch."""
    shape = _SHAPE.match(port.doc)
    if shape is None:
        return usual
    sizes: Sample = ()
    for word in (shape[1] or "").strip().split("×")[1:]:
        if word not in words:
            words[word] = draw(_REST) if word == "…" else (draw(_SIZES.get(word, _FEW)),)
        sizes += words[word]
    return sizes


def _spoiled(draw: st.DrawFn, found: Inputs) -> Inputs:
    """One time in five, one axis of one spec has another size, or there is one more."""
    if draw(st.integers(0, 4)):
        return found
    name = draw(st.sampled_from(sorted(found)))
    first, *others = found[name]
    if first.rank < 2:
        return found
    axis = draw(st.integers(1, first.rank - 1))
    kept = first.shape[axis + draw(st.integers(0, 1)) :]
    return found | {name: (first.with_shape((*first.shape[:axis], draw(_FEW), *kept)), *others)}
