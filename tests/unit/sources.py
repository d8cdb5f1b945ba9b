# SPDX-License-Identifier: Apache-2.0

"""The package as text: its modules, and what each of them imports."""

import ast
import pathlib

from collections.abc import Collection
from collections.abc import Iterator

import watcher_host_maintenance


PACKAGE = watcher_host_maintenance.__name__

_ROOT = pathlib.Path(watcher_host_maintenance.__file__).parent


def _name(path: pathlib.Path) -> str:
    parts = path.relative_to(_ROOT.parent).with_suffix('').parts
    return '.'.join(parts)


SOURCES = {_name(p): p.read_text() for p in sorted(_ROOT.rglob('*.py'))}
"""Dotted name -> text of each module; a package is its ``__init__``."""


def imports(
    source: str, modules: Collection[str] = tuple(SOURCES)
) -> Iterator[str]:
    """Yield every module that a source may import, wherever it does so.

    :param modules: dotted names that tell a module of ours in ``from ...
        import`` from a name that a module defines
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield f'relative: {node.module}'
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f'{node.module}.{alias.name}'
                known = inner in modules or f'{inner}.__init__' in modules
                yield inner if known else str(node.module)


def room(name):
    """Return the room of a module, by its dotted name."""
    return name.removeprefix(PACKAGE).rpartition('.')[0].removeprefix('.')
