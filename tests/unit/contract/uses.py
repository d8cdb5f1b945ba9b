# SPDX-License-Identifier: Apache-2.0

"""What our source takes from Watcher, as dotted names."""

import ast
import collections
import re

from collections.abc import Iterator
from collections.abc import Mapping


LIBRARY = 'watcher'

_IMPORTS = re.compile(rf'^\s*(from|import)\s.*\b{LIBRARY}\b', re.MULTILINE)
"""Parsing takes a hundred times as long as to see that none is there."""


def uses(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Find each use of Watcher's names, as long as it is written.

    :param sources: file name -> its source
    :returns: 'watcher.common.exception.ActionSkipped' -> the files that say
        so; a name that only leads to longer ones is left out
    """
    found = collections.defaultdict(set)
    for name, source in sources.items():
        if not _IMPORTS.search(source):
            continue
        for used in _names(ast.parse(source)):
            found[used].add(name)
    return {
        used: sorted(found[used])
        for used in sorted(found)
        if not any(other.startswith(f'{used}.') for other in found)
    }


def _names(tree: ast.AST) -> Iterator[str]:
    """Every dotted name of Watcher's, and all that leads to it."""
    meant = known(tree)
    yield from meant.values()
    for node in ast.walk(tree):
        if named := dotted(node, meant):
            yield named


def known(tree: ast.AST) -> dict[str, str]:
    """Local name -> what of Watcher's it stands for."""
    found = dict(_imports(tree))
    # As in CONF = conf.CONF; what is said of CONF is then said of that.
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and (named := dotted(node.value, found))
        ):
            found[node.targets[0].id] = named
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Local name -> what is imported under it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_watcher(node.module):
            for alias in node.names:
                yield (
                    alias.asname or alias.name,
                    f'{node.module}.{alias.name}',
                )
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_watcher(alias.name):
                    # Without "as" the first part alone is bound.
                    yield LIBRARY, LIBRARY
                    yield alias.asname or alias.name, alias.name


def _is_watcher(module: str | None) -> bool:
    return (module or '').split('.')[0] == LIBRARY


def dotted(node: ast.AST, known: Mapping[str, str]) -> str | None:
    """The whole name that an expression has, if it is one of Watcher's."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, known)
        return f'{before}.{node.attr}' if before else None
    return None
