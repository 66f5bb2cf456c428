"""The face of a layer that a person wrote, read from the text of its class. Nothing of the text is ever run here.

A file holds one class of the file's name, made of nn.Module, and what it needs: other classes and functions. The
arguments of `__init__` become parameters, those of `forward` inputs, and what `forward` returns outputs.
"""

from __future__ import annotations

import ast
import builtins
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nodeforge.catalog.kind import Derived, Port, ShapeCall
from nodeforge.catalog.rules import feature_dims, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import (
    REQUIRED,
    Boolean,
    Integer,
    Integers,
    Number,
    Numbers,
    Optional,
    Parameter,
    ParameterType,
    Required,
    Text,
    Value,
    freeze,
    is_identifier,
)

MAX_LETTERS = 100_000
MAX_LINE = 200
"""What stands further right than this may be overlooked by whoever reads the text before trusting it."""
MAX_OUTPUTS = 16

IMPORTS = {
    "import math": "math",
    "import torch": "torch",
    "import torch.nn as nn": "nn",
    "import torch.nn.functional as F": "F",
    "from torch import nn": "nn",
    "from torch import Tensor": "Tensor",
    "from torch.nn import functional as F": "F",
}
"""What a file may import, one name at a time, and what that is called then: as in the generated file."""

PROVIDED = frozenset(IMPORTS.values())
_TYPES: dict[str, ParameterType] = {
    "int": Integer(),
    "float": Number(),
    "bool": Boolean(),
    "str": Text(),
    "tuple[int,...]": Integers(minimum=None),
    "tuple[float,...]": Numbers(),
}
_TENSORS = ("Tensor", "torch.Tensor")
_MODULES = ("nn.Module", "torch.nn.Module")
_WRITABLE = "int, float, bool, str, tuple[int, ...] or tuple[float, ...], or one of these with `| None`"

_TOO_DEEP = "its brackets lie too deep in each other to be read: write it plainer"


class FaceError(ValueError):
    """What keeps a text from being a layer, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a layer is to others.

    Attributes:
        doc: The docstring of its class.
        parameters: What it can be told.
        derived: Arguments that follow from the input (`in_features`, `in_channels`).
        inputs: Its inputs; those that may stay unwired are passed by name.
        outputs: Its outputs.
        imports: Names that it takes from torch and math.
        defines: Names of its classes and functions.
        code: The text without its imports.
    """

    doc: str
    parameters: tuple[Parameter, ...]
    derived: tuple[Derived, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    imports: frozenset[str]
    defines: frozenset[str]
    code: str


def read_face(name: str, text: str) -> Face:
    """The face of the layer that a text declares.

    Args:
        name: The name of its class.
        text: The whole file.

    Raises:
        FaceError: It is no such layer; the sentence says where and what to do.
    """
    _require_readable(text)
    try:
        return _face(name, text, _parsed(text))
    except RecursionError:
        raise FaceError(_TOO_DEEP) from None


def _face(name: str, text: str, tree: ast.Module) -> Face:
    imports = frozenset(_imports(tree))
    definitions = list(_definitions(tree))
    defines = frozenset(node.name for node in definitions)
    for node in definitions:
        if node.name in PROVIDED or hasattr(builtins, node.name) or not node.name.isascii():
            raise FaceError(f"line {node.lineno} defines {node.name}, which has a meaning already: rename it")
    made = next((n for n in definitions if isinstance(n, ast.ClassDef) and n.name == name), None)
    if made is None:
        raise FaceError(f"it has no class {name}, and the class must be called as its file is")
    if not any(_spelled(base) in _MODULES or _spelled(base) in defines for base in made.bases):
        raise FaceError(f"{name} is no module: write `class {name}(nn.Module):`")
    parameters, derived = _parameters(_method(made, "__init__"))
    inputs, outputs = _ports(made)
    return Face(
        doc=ast.get_docstring(made) or "",
        parameters=parameters,
        derived=derived,
        inputs=inputs,
        outputs=outputs,
        imports=imports,
        defines=defines,
        code=_code(text, definitions),
    )


# The text ---------------------------------------------------------------------------------------------


def _require_readable(text: str) -> None:
    """Refuse what does not look like what it is: unseen signs, lines that run out of sight."""
    if len(text) > MAX_LETTERS:
        raise FaceError(f"it is longer than {MAX_LETTERS:,} letters: split the layer")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise FaceError(f"line {number} is longer than {MAX_LINE} letters: break it")
        for sign in line:
            if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and sign != "\t":
                raise FaceError(
                    f"line {number} holds a sign that cannot be seen (U+{ord(sign):04X}): delete it"
                )


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the text's own style
            return ast.parse(text)
    except SyntaxError as error:
        raise FaceError(f"line {error.lineno} is no Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise FaceError(_TOO_DEEP) from None


def _imports(tree: ast.Module) -> Iterator[str]:
    """The names that are imported, at any place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            spelled = [f"import {_alias(alias)}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            spelled = [f"from {'.' * node.level}{node.module or ''} import {_alias(a)}" for a in node.names]
        else:
            continue
        for line in spelled:
            if line not in IMPORTS:
                allowed = "; ".join(IMPORTS)
                raise FaceError(f"line {node.lineno} says `{line}`; a layer may only say: {allowed}")
            yield IMPORTS[line]


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """The classes and functions of a file, which holds nothing else but imports and its docstring."""
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node
        elif not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_docstring(node):
            raise FaceError(
                f"line {node.lineno} stands outside of every class and function: only imports may, so put it "
                "into the class"
            )


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _code(text: str, definitions: Sequence[ast.ClassDef | ast.FunctionDef]) -> str:
    """The classes and functions as they are written, one blank line apart: two would part pieces of support."""
    lines = text.split("\n")
    parts = []
    for node in definitions:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        parts.append("\n".join(lines[first - 1 : node.end_lineno]).rstrip())
    code = "\n\n".join(parts)
    while "\n\n\n" in code:
        code = code.replace("\n\n\n", "\n\n")
    return code


# The class --------------------------------------------------------------------------------------------


def _method(made: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((n for n in made.body if isinstance(n, ast.FunctionDef) and n.name == name), None)


def _arguments(method: ast.FunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """The arguments of a method after self, each with its default."""
    told = method.args
    if told.vararg or told.kwarg or told.posonlyargs:
        raise FaceError(
            f"{method.name} in line {method.lineno} takes `*` or `/` arguments: name each one, with its type"
        )
    if not told.args or told.args[0].arg != "self":
        raise FaceError(f"{method.name} in line {method.lineno} lacks `self` as its first argument")
    missing: list[ast.expr | None] = [None] * (len(told.args) - len(told.defaults))
    yield from list(zip(told.args, [*missing, *told.defaults], strict=True))[1:]
    yield from zip(told.kwonlyargs, told.kw_defaults, strict=True)


def _parameters(init: ast.FunctionDef | None) -> tuple[tuple[Parameter, ...], tuple[Derived, ...]]:
    parameters, derived = [], []
    for argument, default in _arguments(init) if init is not None else ():
        follows = _FOLLOWING.get(argument.arg)
        if follows is not None and default is None:
            derived.append(follows)
        else:
            parameters.append(_parameter(argument, default))
    return tuple(parameters), tuple(derived)


def _parameter(argument: ast.arg, default: ast.expr | None) -> Parameter:
    name = argument.arg
    if not is_identifier(name):
        raise FaceError(f"__init__ takes {name}: begin the name with a letter")
    value: Value | Required = REQUIRED
    if default is not None:
        try:
            value = freeze(ast.literal_eval(default))
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            raise FaceError(
                f"the default of {name} is computed: write a number, text, True, False or None"
            ) from None
    type = _type_of(name, argument.annotation, value)
    try:
        value = value if isinstance(value, Required) else type.check(value)
    except (ValueError, OverflowError) as error:
        raise FaceError(f"the default of {name} {error}") from None
    return Parameter(name, type, value)


def _type_of(name: str, annotation: ast.expr | None, default: Value | Required) -> ParameterType:
    if annotation is None:
        for kind, type in ((bool, Boolean()), (int, Integer()), (float, Number()), (str, Text())):
            if isinstance(default, kind):
                return type
        raise FaceError(f"__init__ does not say what {name} is: give it a type, `{name}: int`")
    spelled = _spelled(annotation)
    plain = spelled.removesuffix("|None")
    if plain not in _TYPES:
        raise FaceError(f"__init__ says that {name} is {ast.unparse(annotation)[:80]}: use {_WRITABLE}")
    return _TYPES[plain] if plain == spelled else Optional(of=_TYPES[plain])


def _ports(made: ast.ClassDef) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    forward = _method(made, "forward")
    if forward is None:
        raise FaceError(f"{made.name} has no method forward: it says what the layer computes")
    if forward.args.kwonlyargs:
        raise FaceError("forward takes arguments by name alone: leave out the `*`")
    inputs = []
    for argument, default in _arguments(forward):
        wanted = (*_TENSORS, "") if default is None else (*(f"{t}|None" for t in _TENSORS), *_TENSORS, "")
        if _spelled(argument.annotation) not in wanted:
            raise FaceError(f"forward takes {argument.arg}, which is no Tensor: tell it to __init__ instead")
        if default is not None and _spelled(default) != "None":
            raise FaceError(f"the default of {argument.arg} in forward must be None: it is the input unwired")
        if not is_identifier(argument.arg):
            raise FaceError(f"forward takes {argument.arg}: begin the name with a letter")
        inputs.append(Port(name=argument.arg, optional=default is not None))
    if not any(not port.optional for port in inputs):
        raise FaceError("forward takes no input: give it one, `def forward(self, x: Tensor) -> Tensor:`")
    return tuple(inputs), _outputs(forward.returns)


def _outputs(returns: ast.expr | None) -> tuple[Port, ...]:
    spelled = _spelled(returns)
    if spelled in (*_TENSORS, ""):
        return (Port(name="output"),)
    parts = spelled.removeprefix("tuple[").removesuffix("]").split(",")
    if spelled != f"tuple[{','.join(parts)}]" or not all(part in _TENSORS for part in parts):
        raise FaceError("forward must say that it gives a Tensor, or how many: `-> tuple[Tensor, Tensor]`")
    if len(parts) > MAX_OUTPUTS:
        raise FaceError(f"forward gives {len(parts)} tensors; a layer has at most {MAX_OUTPUTS} outputs")
    if len(parts) == 1:
        raise FaceError("forward gives a tuple of one: give the Tensor itself")
    return tuple(Port(name=f"output_{place}") for place in range(1, len(parts) + 1))


def _spelled(node: ast.expr | None) -> str:
    """An expression without blanks; "" for none."""
    return "" if node is None else ast.unparse(node).replace(" ", "").replace("(", "").replace(")", "")


def _channels(call: ShapeCall) -> Value:
    dims = sample_dims(call)
    if not dims:
        raise ShapeError(f"{call.name} needs an axis of channels after the batch; it gets {call.input()}.")
    return dims[0]


_FOLLOWING = {
    "in_features": Derived(
        name="in_features", compute=feature_dims, doc="Size of the last axis of the input.", positional=False
    ),
    "in_channels": Derived(
        name="in_channels", compute=_channels, doc="Size of the first axis after the batch.", positional=False
    ),
}
