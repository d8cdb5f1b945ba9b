# SPDX-License-Identifier: Apache-2.0

"""Attributes that our source takes from objects that are not ours.

Who hands an object over is not written in the source, so names tell: what our
source defines nowhere, and Python's own types do not have, is somebody else's.
A name that is ours as well is not seen.
"""

import ast
import datetime

from collections.abc import Iterator
from collections.abc import Mapping

from tests.unit.contract import uses


_PYTHON = frozenset(
    name
    for kind in (
        str,
        bytes,
        int,
        float,
        list,
        tuple,
        dict,
        set,
        BaseException,
        type,
        datetime.datetime,
        datetime.timedelta,
    )
    for name in dir(kind)
)


def reached(
    sources: Mapping[str, str], package: Mapping[str, str]
) -> dict[str, list[str]]:
    """Find each attribute that somebody else's objects have to have.

    :param sources: file name -> its source; those to look at
    :param package: the same of all that may define a name
    :returns: 'lock' -> the files that read it, or set it though nobody in
        the package reads it
    """
    trees = [ast.parse(source) for source in package.values()]
    ours = _PYTHON.union(*map(_defined, trees))
    read = {name for tree in trees for name in _attributes(tree, ast.Load)}
    found: dict[str, list[str]] = {}
    for file, source in sorted(sources.items()):
        tree = ast.parse(source)
        left = set(_attributes(tree, ast.Store)) - read
        taken = set(_attributes(tree, ast.Load))
        for name in sorted((left | taken) - (ours - left)):
            found.setdefault(name, []).append(file)
    return found


def _defined(tree: ast.AST) -> set[str]:
    """Functions, classes, fields and attributes that a module makes."""
    names = set(_attributes(tree, ast.Store))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.Module | ast.ClassDef):
            names |= {
                name.id
                for line in node.body
                if isinstance(line, ast.Assign | ast.AnnAssign)
                for name in ast.walk(line)
                if isinstance(name, ast.Name)
                and isinstance(name.ctx, ast.Store)
            }
    return names


def _attributes(tree: ast.AST, context: type) -> Iterator[str]:
    """Names of attributes, but for those of what a module imports."""
    imported = set(_imported(tree))
    known = uses.known(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, context)
            and _root(node) not in imported
            and uses.dotted(node, known) is None
        ):
            yield node.attr
        elif context is ast.Load and (name := _asked_for(node)):
            yield name


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield (alias.asname or alias.name).split('.')[0]


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _asked_for(node: ast.AST) -> str | None:
    """The name in getattr(found, 'name', None)."""
    match node:
        case ast.Call(
            func=ast.Name(id='getattr' | 'hasattr'),
            args=[_, ast.Constant(value=str(name)), *_],
        ):
            return name
    return None
