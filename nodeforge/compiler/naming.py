"""Names, literals and words of the generated file.

Titles, node names and values come from files that anybody may have written, so only what passes through here
is ever emitted.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Container, Iterable

from nodeforge.core.parameters import Value, is_identifier

FILE_NAMES = frozenset({"self", "torch", "nn", "math", "F", "Tensor", "layer"})
"""What the generated file itself means by these names."""

# fmt: off
MODULE_NAMES = frozenset([
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children",
    "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward",
    "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "ipu", "load_state_dict",
    "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters",
    "objectives", "parameters", "register_backward_hook", "register_buffer", "register_forward_hook",
    "register_forward_pre_hook", "register_full_backward_hook", "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
    "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "source", "state_dict", "to",
    "to_empty", "train", "training", "type", "xpu", "zero_grad",
])
# fmt: on
"""Attributes of nn.Module and of the generated class, which no layer may take the place of."""


def literal(value: Value) -> str:
    """A parameter's value as Python source.

    Raises:
        TypeError: It is not plain data.
    """
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str):
        simple = value.isascii() and value.isprintable() and not set(value) & {'"', "\\"}
        return f'"{value}"' if simple else ascii(value)
    if isinstance(value, tuple):
        items = ", ".join(literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    raise TypeError(f"not a literal: {value!r}")


def safe_name(name: str, taken: Container[str]) -> str:
    """The name itself, or with underscores behind it until it is free.

    Raises:
        ValueError: It is no identifier (the graph admits none such).
    """
    if not is_identifier(name):
        raise ValueError(f"not an identifier: {name!r}")
    while name in taken:
        name += "_"
    return name


def class_name(title: str, taken: Container[str] = ()) -> str:
    """A title as a class name: "El Niño, with an LSTM" becomes ElNinoWithAnLstm."""
    words = re.findall(
        r"[A-Za-z0-9]+", unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    )
    if len(words) > 1:
        words = [word.lower() if word.isupper() else word for word in words]
    name = "".join(word[0].upper() + word[1:] for word in words)[:60] or "Network"
    if name[0].isdigit():
        name = f"Net{name}"
    if keyword.iskeyword(name) or name in FILE_NAMES:
        name = f"{name}Network"
    number, stem = 2, name
    while name in taken:
        name, number = f"{stem}{number}", number + 1
    return name


def plain(text: str) -> str:
    """A text on one line that may stand in a docstring or comment."""
    kept = "".join(c if c.isprintable() and c not in '"\\' else " " for c in text)
    return " ".join(kept.split())[:80].strip()


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
