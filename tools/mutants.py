# SPDX-License-Identifier: Apache-2.0

"""Small faults in Python source, one at a time.

A fault is what a tired person might write: a limit moved by one, a
condition turned round, a statement forgotten. Docstrings, annotations and
decorators are left alone, since no test should depend on them.
"""

import ast
import dataclasses
import functools
import types

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any


_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.And: ast.Or,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
    ast.Div: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.FloorDiv: ast.Mult,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Mod: ast.Mult,
    ast.Mult: ast.Div,
    ast.NotEq: ast.Eq,
    ast.NotIn: ast.In,
    ast.Or: ast.And,
    ast.Sub: ast.Add,
}

# Of a long statement this much is shown.
_WIDTH = 70

_UNTOUCHED = ('annotation', 'decorator_list', 'returns')


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A module with one fault, in a line.

    ``lines`` are those of the statement with the fault, or of the head of a
    compound statement: a test that reaches none of them cannot notice.
    """

    line: int
    lines: range
    before: str
    after: str
    code: types.CodeType


@dataclasses.dataclass(frozen=True)
class _Site:
    """A node, the statement that it belongs to, and how to replace it."""

    node: ast.AST
    statement: ast.stmt
    put: Callable[[ast.AST], None]


def mutants(source: str, filename: str) -> Iterator[Mutant]:
    """Every module that differs from the source by one fault, in order."""
    tree = ast.parse(source)
    for site in _sites(tree):
        for changed in _changes(site.node):
            yield _mutant(tree, site, changed, filename)


def _mutant(
    tree: ast.Module, site: _Site, changed: ast.AST, filename: str
) -> Mutant:
    before = _head(site.statement)
    ast.fix_missing_locations(ast.copy_location(changed, site.node))
    site.put(changed)
    same = site.node is not site.statement
    after = _head(site.statement if same else changed)
    code = compile(tree, filename, 'exec')
    site.put(site.node)
    lines = _lines(site.statement)
    line = getattr(site.node, 'lineno', lines[0])
    return Mutant(line, lines, *_excerpts(before, after), code)


def _sites(
    holder: ast.AST, statement: ast.stmt | None = None
) -> Iterator[_Site]:
    """Every replaceable node, in the order of the source."""
    for node, put in _children(holder):
        owner = node if isinstance(node, ast.stmt) else statement
        if owner is not None:
            yield _Site(node, owner, put)
        yield from _sites(node, owner)


def _children(
    holder: ast.AST,
) -> Iterator[tuple[ast.AST, Callable[[ast.AST], None]]]:
    for name, value in ast.iter_fields(holder):
        if name in _UNTOUCHED or _is_docstring(holder):
            continue
        if isinstance(value, ast.AST):
            yield value, functools.partial(setattr, holder, name)
        elif isinstance(value, list):
            for number, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield child, functools.partial(value.__setitem__, number)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of a node."""
    if type(node) in _SWAPS:
        yield _SWAPS[type(node)]()
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other_values(node.value))
    elif isinstance(node, ast.stmt):
        yield from _other_statements(node)
    else:
        yield from _other_conditions(node)


def _other_values(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield f'XX{value}XX'


def _other_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Return(value=ast.Constant()):
            pass  # another value is better than none
        case ast.Return(value=ast.expr()):
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Raise():
            if not _is_docstring(node):
                yield ast.Pass()


def _other_conditions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.comprehension(ifs=[_, *_]):
            yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _lines(statement: ast.stmt) -> range:
    body = getattr(statement, 'body', None)
    end = body[0].lineno if body else (statement.end_lineno or 0) + 1
    return range(statement.lineno, max(end, statement.lineno + 1))


def _head(node: ast.AST) -> str:
    """The statement in one line, without what is under it."""
    lines = ast.unparse(node).splitlines()
    return next(line for line in lines if not line.startswith('@'))


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Two texts, cut to what is around their first difference."""
    pairs = enumerate(zip(before, after, strict=False))
    first = next((at for at, (old, new) in pairs if old != new), 0)
    start = max(0, first - _WIDTH // 2)
    return _excerpt(before, start), _excerpt(after, start)


def _excerpt(text: str, start: int) -> str:
    head = '...' if start else ''
    tail = '...' if text[start + _WIDTH :] else ''
    return f'{head}{text[start : start + _WIDTH]}{tail}'
