# SPDX-License-Identifier: Apache-2.0

"""The directive ``commands``: every command of ``openstack maintenance``.

It reads the entry points of setup.cfg, so that a page has the commands of the
working tree, whatever is installed.
"""

import argparse
import configparser
import importlib
import inspect
import pathlib
import textwrap

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


ROOT = pathlib.Path(__file__).resolve().parents[2]
GROUP = 'openstack.infra_optim.v1'

#: Every command that prints a table or a record has these.
_OUTPUT = frozenset({'output formatters', 'table formatter', 'json formatter'})
_LATE = frozenset({'CSV Formatter', 'shell formatter', 'value formatter'})


class Commands(SphinxDirective):
    """A section for each command: what it does, options, an example."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        text = '\n'.join(rst())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive('commands', Commands)
    return {'parallel_read_safe': True}


def commands() -> Iterator[tuple[str, type[Any]]]:
    """Yield the words of each command and its class, by name."""
    config = configparser.ConfigParser()
    config.read(ROOT / 'setup.cfg')
    for line in sorted(config['entry_points'][GROUP].strip().splitlines()):
        name, _, path = line.partition('=')
        module, _, kind = path.strip().partition(':')
        found = getattr(importlib.import_module(module), kind)
        yield f'openstack {name.strip().replace("_", " ")}', found


def rst() -> Iterator[str]:
    """Yield the lines of all sections."""
    for words, kind in commands():
        yield from (words, '-' * len(words), '')
        yield from _section(words, kind)


def parser_of(words: str, kind: type[Any]) -> argparse.ArgumentParser:
    """Build the parser of a command as ``openstack`` does."""
    app = SimpleNamespace(command_manager=SimpleNamespace(namespace='none'))
    parser = kind(app, None).get_parser(words)
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def _section(words: str, kind: type[Any]) -> Iterator[str]:
    yield from (inspect.getdoc(kind) or '').splitlines()
    yield from ('', '.. code-block:: console', '')
    yield from (f'   $ {line}' for line in _typed(kind.example))
    yield ''
    for group in parser_of(words, kind)._action_groups:
        if group.title in _OUTPUT | _LATE:
            continue
        for action in group._group_actions:
            if action.dest != 'help':
                yield from _option(action)
    yield ''


def _typed(command: str) -> list[str]:
    lines = textwrap.wrap(
        command, 72, break_long_words=False, break_on_hyphens=False
    )
    last = lines.pop()
    return [
        *(
            f'{line} \\' if n == 0 else f'    {line} \\'
            for n, line in enumerate(lines)
        ),
        f'    {last}' if lines else last,
    ]


def _option(action: argparse.Action) -> Iterator[str]:
    value = f' {action.metavar}' if action.metavar else ''
    names = [f'{name}{value}' for name in action.option_strings]
    several = ' ...' if action.nargs == '+' else ''
    yield f'``{", ".join(names) or f"{action.metavar}{several}"}``'
    yield from textwrap.wrap(
        action.help or '', 76, initial_indent='   ', subsequent_indent='   '
    )
    yield ''
