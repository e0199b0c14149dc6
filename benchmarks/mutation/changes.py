"""What a mutant changes: one comparison, one sign, one limit, one condition of a module, and nothing a test could not be asked to see.

Left alone are words for people (f-strings), annotations, decorators, `strict=` of `zip`, and indices.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
"""A boundary moves by nothing but itself: the hardest to notice."""
LONGER = 1.1
"""A float becomes so many times as large, an integer one more."""

_OTHER_END = {"min": "max", "max": "min"}
_WORDS = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)


@dataclass(frozen=True)
class Site:
    """One place that can be changed, and the change."""

    line: int
    what: str
    change: Callable[[], None]


@dataclass(frozen=True)
class Mutant:
    """One module with one place changed."""

    path: Path
    number: int
    line: int
    what: str

    @property
    def name(self) -> str:
        """The module's dotted name."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts)

    @property
    def file(self) -> str:
        """The module's path in the project."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """The line that is changed."""
        return _lines(self.path)[self.line - 1].strip()

    def tree(self) -> ast.Module:
        """The changed module."""
        tree = ast.parse(self.path.read_text("utf-8"))
        list(sites(tree))[self.number].change()
        return ast.fix_missing_locations(tree)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.what}  |  {self.text}"


def mutants_of(path: Path) -> list[Mutant]:
    """Every mutant of one module."""
    found = sites(ast.parse(path.read_text("utf-8")))
    return [Mutant(path, number, site.line, site.what) for number, site in enumerate(found)]


def sites(node: ast.AST, above: ast.AST | None = None) -> Iterator[Site]:
    """All places of this node that can be changed, in the order of the file."""
    if isinstance(node, ast.expr):
        yield from _of_expression(node, above)
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        yield _sign(node)
    for child in _seen(node):
        yield from sites(child, node)


def _seen(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        return []
    if isinstance(node, ast.Subscript):
        return [node.value]
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return []
    left = [*getattr(node, "decorator_list", []), getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [child for child in ast.iter_child_nodes(node) if child not in left]


def _of_expression(node: ast.expr, above: ast.AST | None) -> Iterator[Site]:
    match node:
        case ast.Compare():
            for k, op in enumerate(node.ops):
                other = FLIPPED[type(op)]
                yield Site(
                    node.lineno,
                    f"{type(op).__name__} → {other.__name__}",
                    functools.partial(node.ops.__setitem__, k, other()),
                )
        case ast.Constant(value=bool() | int() | float() as value) if value != float("inf"):
            yield Site(
                node.lineno, f"{value} → {moved(value)}", functools.partial(setattr, node, "value", moved(value))
            )
        case ast.BoolOp():
            yield _exchange(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.BinOp(op=ast.Add() | ast.Sub()) if not (_is_words(node.left) or _is_words(node.right)):
            yield _sign(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield _without(node, node.operand, above)
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            yield _without(node, inner, above)
        case ast.Call(func=ast.Name(id="min" | "max" as end)):
            yield Site(
                node.lineno,
                f"{end} → {_OTHER_END[end]}",
                functools.partial(setattr, node.func, "id", _OTHER_END[end]),
            )
        case _:
            pass


def moved(value: bool | float) -> bool | float:
    """The value of a mutant."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value * LONGER if value else 1.0


def _sign(node: ast.BinOp | ast.AugAssign) -> Site:
    return _exchange(node, "op", ast.Sub() if isinstance(node.op, ast.Add) else ast.Add())


def _exchange(node: ast.BoolOp | ast.BinOp | ast.AugAssign, field: str, other: ast.AST) -> Site:
    old = getattr(node, field)
    return Site(
        node.lineno, f"{type(old).__name__} → {type(other).__name__}", functools.partial(setattr, node, field, other)
    )


def _without(node: ast.UnaryOp | ast.Call, inner: ast.expr, above: ast.AST | None) -> Site:
    """The same without the sign, the `not` or the `abs` in front."""
    what = type(node.op).__name__ if isinstance(node, ast.UnaryOp) else "abs"

    def change() -> None:
        assert above is not None
        for field, value in ast.iter_fields(above):
            if value is node:
                setattr(above, field, inner)
            elif isinstance(value, list) and node in value:
                value[value.index(node)] = inner

    return Site(node.lineno, f"{what} → nothing", change)


def _is_words(node: ast.expr) -> bool:
    return isinstance(node, _WORDS) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@functools.cache
def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()
