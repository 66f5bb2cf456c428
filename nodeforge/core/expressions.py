"""Expressions over named numbers: a parameter set to "=width*2" follows the variable `width`.

An expression is arithmetic and nothing else. It is parsed to a tree of which every node is one of a few known
kinds, and the numbers stay small; so a file from a stranger can neither run anything nor keep the program busy.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeforge.core.parameters import Value

Number = int | float
Scope = Mapping[str, Number]
"""What the names in an expression stand for."""

EMPTY: Scope = {}

MAX_LENGTH = 200
MAX_DEPTH = 20
MAX_MAGNITUDE = 1e15
MAX_EXPONENT = 64

_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "log2": math.log2,
}
FUNCTIONS = frozenset(_FUNCTIONS)
"""What an expression may call; names that no variable can have."""


def is_expression(value: object) -> bool:
    """Whether a parameter's value is an expression: a text that begins with "="."""
    return isinstance(value, str) and value.startswith("=")


def evaluate(text: str, scope: Scope = EMPTY) -> Number:
    """The value of an expression; a whole number wherever the result is one.

    Args:
        text: The expression with its "=".
        scope: The variables that it may name.

    Raises:
        ValueError: It is no arithmetic, names what there is not, or gives no usable number. The text continues a
            sentence that begins with the parameter: "=widht*2 names widht, and there is no such variable".
    """
    try:
        result = _value(parse(text), scope)
    except ZeroDivisionError:
        raise ValueError(f"{text} divides by zero") from None
    except (OverflowError, TypeError):
        raise ValueError(f"{text} cannot be computed") from None
    except ValueError as error:
        raise ValueError(f"{text} {error}") from None
    return int(result) if float(result).is_integer() else result


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The tree of an expression, every node of which is arithmetic.

    Raises:
        ValueError: It is something else; the text continues "=foo() ".
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.removeprefix("=").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("is no arithmetic: write it like =width*2") from None
    _require_arithmetic(tree, MAX_DEPTH)
    return tree


def names_in(text: str) -> frozenset[str]:
    """The variables that an expression names; none when it is broken."""
    try:
        tree = parse(text)
    except ValueError:
        return frozenset()
    calls = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in calls)


def replaced(text: str, names: Mapping[str, str]) -> str:
    """The expression as plain Python, without "=", with other words for some of its names."""

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(names.get(node.id, node.id), mode="eval").body

    return ast.unparse(Renamer().visit(ast.parse(text.removeprefix("=").strip(), mode="eval").body))


def renamed(value: Value, old: str, new: str) -> Value:
    """A parameter's value with a variable renamed in its expressions; all else as it stands."""
    if isinstance(value, tuple):
        items = tuple(renamed(item, old, new) for item in value)
        return value if items == value else items
    if isinstance(value, str) and is_expression(value) and old in names_in(value):
        return f"={replaced(value, {old: new})}"
    return value


def resolve(value: Value, scope: Scope = EMPTY) -> Value:
    """A parameter's value with its expressions computed, in lists too.

    Raises:
        ValueError: As `evaluate`.
    """
    if isinstance(value, tuple):
        return tuple(resolve(item, scope) for item in value)
    return evaluate(value, scope) if isinstance(value, str) and is_expression(value) else value


def has_expression(value: Value) -> bool:
    """Whether there is an expression in a parameter's value."""
    return any(map(has_expression, value)) if isinstance(value, tuple) else is_expression(value)


def scope_of(
    variables: Mapping[str, Value], outer: Scope = EMPTY
) -> tuple[dict[str, Number], dict[str, str]]:
    """What named numbers stand for, some of which may be expressions over others of them.

    Returns:
        The names that have a value, those of the outer scope included; and, for the others, what is wrong with
        them, as `evaluate` says it.
    """
    scope: dict[str, Number] = {name: value for name, value in outer.items() if name not in variables}
    faults: dict[str, str] = {}
    waiting = dict(variables)
    while waiting:
        ready = [name for name, value in waiting.items() if not _names(value) & waiting.keys()]
        for name in ready or list(waiting):
            value = waiting.pop(name)
            if not ready:
                faults[name] = f"{value} depends on itself"
                continue
            try:
                scope[name] = _plain_number(resolve(value, scope))
            except ValueError as error:
                faults[name] = str(error)
    return scope, faults


def _names(value: Value) -> frozenset[str]:
    return names_in(value) if isinstance(value, str) and is_expression(value) else frozenset()


def _plain_number(value: Value) -> Number:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"must be a number or an expression, not {value!r}")
    if not abs(value) <= MAX_MAGNITUDE:
        raise ValueError(f"must be a number of at most {MAX_MAGNITUDE:g}")
    return value


def _require_arithmetic(node: ast.expr, depth: int) -> None:
    if depth == 0:
        raise ValueError("is nested too deeply")
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            children: list[ast.expr] = []
        case ast.Name():
            children = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            children = [operand]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS or isinstance(
            operator, ast.Pow
        ):
            children = [left, right]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and args:
            children = args
        case _:
            raise ValueError(
                f"is no arithmetic: it may hold numbers, variables, + - * / // % **, and {', '.join(_FUNCTIONS)}"
            )
    for child in children:
        _require_arithmetic(child, depth - 1)


def _value(node: ast.expr, scope: Scope) -> Number:
    match node:
        case ast.Constant(value=value):
            result: Number = value  # type: ignore[assignment]
        case ast.Name(id=name):
            if name not in scope:
                near = get_close_matches(name, scope, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"names {name}, and there is no such variable{hint}")
            result = scope[name]
        case ast.UnaryOp(op=operator, operand=operand):
            result = -_value(operand, scope) if isinstance(operator, ast.USub) else _value(operand, scope)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _value(left, scope), _value(right, scope)
            if abs(exponent) > MAX_EXPONENT:
                raise ValueError(f"has an exponent beyond {MAX_EXPONENT}")
            result = base**exponent
        case ast.BinOp(left=left, op=operator, right=right):
            result = _OPERATORS[type(operator)](_value(left, scope), _value(right, scope))
        case ast.Call(func=ast.Name(id=name), args=args):
            try:
                result = _FUNCTIONS[name](*(_value(argument, scope) for argument in args))
            except TypeError:
                raise ValueError(f"gives {name} the wrong number of arguments") from None
            except ValueError as error:
                raise ValueError(
                    str(error) if str(error).startswith("names") else f"cannot take {name} of that"
                ) from None
        case _:
            raise AssertionError(node)  # parse lets nothing else through
    if isinstance(result, complex) or not abs(result) <= MAX_MAGNITUDE:
        raise ValueError(f"gives no number of at most {MAX_MAGNITUDE:g}")
    return result
