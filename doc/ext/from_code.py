# SPDX-License-Identifier: Apache-2.0

"""Tables and examples of the documentation, written from the code.

.. parameters-table:: [return|roll]
    every parameter of an audit of a drain, or of a return

.. reasons-table:: OF
    every reason about one thing, a value of ``Of``, with its words

.. roles-table::
    every kind of node, with what it may be used for

.. rules-table::
    every rule about a destination, with its reasons and its options

.. record-fields:: CLASS
    every field of a record of ``watcher_host_maintenance.core``

.. report-json:: SNAPSHOT HOSTNAME
    the report of an audit of one node, planned on a snapshot
"""

import contextlib
import dataclasses
import importlib
import json
import pathlib
import pkgutil
import re
import tempfile

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

import watcher_host_maintenance

from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import reasons
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Rule
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.plugin.watcher import reporting
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import return_parameters
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request.texts import is_text


AUDIT = '8d04bb2c-a6d0-4f13-ace8-a12e48067a82'
"""UUID of the audit that the examples are about."""

TYPES = {
    'array': 'JSON list of names',
    'boolean': 'true or false',
    'integer': 'whole number',
    'number': 'number',
    'string': 'name',
}

FORMATS = {'date-time': 'time with a zone', 'duration': 'minutes or duration'}


def every_reason() -> tuple[Reason, ...]:
    """Return every reason of the package, by value."""
    package = watcher_host_maintenance
    for module in pkgutil.walk_packages(
        package.__path__, f'{package.__name__}.'
    ):
        # Without Horizon its plugin cannot be imported; it declares none.
        if not module.name.startswith(f'{package.__name__}.dashboard.'):
            importlib.import_module(module.name)
    return reasons.declared()


def reasons_table(of: Of) -> list[str]:
    """Write all reasons about one thing as RST, by value."""
    return list_table(
        ('Reason', 'What it says', 'What helps'),
        (24, 44, 32),
        (_reason_row(reason) for reason in every_reason() if reason.of is of),
    )


def roles_table() -> list[str]:
    """Write the kinds of nodes, and what each may be used for, as RST."""
    kinds = (*roles.STATUSES, *roles.STATES, *roles.KINDS)
    return list_table(
        ('Node', *(use.value for use in Use)),
        (30, 14, 14, 14, 14, 14),
        ((role.description, *map(_cell, role.cells)) for role in kinds),
    )


def rules_table() -> list[str]:
    """Write all rules about a destination as RST."""
    return list_table(
        ('Condition', 'Reasons', 'Options'),
        (56, 24, 20),
        (
            (
                ' '.join(str(rule.objections.__doc__).split()),
                ', '.join(f'``{reason.value}``' for reason in rule.gives),
                ', '.join(_options(rule)),
            )
            for rule in hosting.RULES
        ),
    )


SCHEMAS = {
    'drain': parameters.SCHEMA,
    'return': return_parameters.SCHEMA,
    'roll': roll_parameters.SCHEMA,
}
"""What an audit is for -> the schema of its parameters."""


def parameters_table(of: str = 'drain') -> list[str]:
    """Write the schema of an audit's parameters as RST.

    :param of: a key of :data:`SCHEMAS`
    """
    return list_table(
        ('Parameter', 'Value', 'Default', 'Meaning'),
        (24, 18, 10, 48),
        (
            (f'``{name}``', _values(f), _default(f), f['description'])
            for name, f in SCHEMAS[of]['properties'].items()
        ),
    )


def record_table(record: type) -> list[str]:
    """Write the fields of a record as RST, from its docstring."""
    described = _described(record.__doc__ or '')
    return list_table(
        ('Field', 'Meaning'),
        (24, 76),
        (
            (f'``{f.name}``', described[f.name])
            for f in dataclasses.fields(record)
        ),
    )


def report_of(text: str, hostname: str) -> dict[str, Any]:
    """Build the report of an audit of one node.

    :param text: the snapshot, as JSON
    """
    known = snapshot.load(text)
    asked = Request((hostname,))
    outcome = drain.plan(known, asked)
    return reporting.whole(AUDIT, report.as_plain(known, asked, outcome))


def enter_examples(source: str) -> Callable[[], None]:
    """Go where the files of an audit are, as ``report_dir`` has them.

    :param source: path of the snapshot, named after the node to empty
    :returns: what to call to come back
    """
    path = pathlib.Path(source)
    text = path.read_text(encoding='utf-8')
    document = json.dumps(report_of(text, path.name.split('.')[0]), indent=2)
    stack = contextlib.ExitStack()
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(contextlib.chdir(directory))
    pathlib.Path(f'{AUDIT}.snapshot.json').write_text(text)
    pathlib.Path(f'{AUDIT}.report.json').write_text(document)
    return stack.close


def list_table(
    head: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[str]],
) -> list[str]:
    """Write a table as RST, a line per cell."""
    lines = [
        '.. list-table::',
        '   :header-rows: 1',
        f'   :widths: {" ".join(map(str, widths))}',
        '',
    ]
    for row in (head, *rows):
        first, *others = row
        lines.append(f'   * - {first}')
        lines.extend(f'     - {cell}' for cell in others)
    return [*lines, '']


def _cell(cell: roles.Cell) -> str:
    if isinstance(cell, Reason):
        return f'no: ``{cell.value}``'
    return '**yes**' if cell else 'no'


def _options(rule: Rule) -> Iterator[str]:
    """Write the fields of the request that change a rule."""
    defaults = {f.name: f.default for f in dataclasses.fields(Request)}
    looks_at = {path.removeprefix('request.') for path in rule.looks_at}
    for name, default in defaults.items():
        if name == rule.switch or name in looks_at:
            yield f'``{name}``' if default else f'``{name}``, off'


def _reason_row(reason: Reason) -> tuple[str, str, str]:
    said = filter(None, (reason.says, reason.named))
    mark = ' [#bad]_' if reason.is_bad_request else ''
    return (
        f'``{reason.value}``{mark}',
        '; or: '.join(_as_rst(text) for text in said),
        _as_rst(reason.helps),
    )


def _as_rst(template: str) -> str:
    """Set what is filled in apart from what is always said."""
    text = re.sub(r'([\\*`|])', r'\\\1', template)
    text = text.replace('{subject}', '{name}')
    return re.sub(r'\{(\w+)\}', r'*\1*', text)


def _values(of: dict[str, Any]) -> str:
    if 'enum' in of:
        return ' or '.join(f'``{value}``' for value in of['enum'])
    if 'format' in of:
        return FORMATS[of['format']]
    text = TYPES['string' if is_text(of) else of['type']]
    if 'maximum' in of:
        sign = '<' if of.get('exclusiveMaximum') else '<='
        text += f', {of["minimum"]} <= x {sign} {of["maximum"]}'
    return text


def _default(of: dict[str, Any]) -> str:
    if 'default' not in of:
        return 'none'
    default = of['default']
    return f'``{json.dumps(default).strip(chr(34))}``'


def _described(docstring: str) -> dict[str, str]:
    """Read ``:ivar name: meaning`` of a docstring."""
    parts = re.split(r'\n\s*:ivar (\w+):', docstring)
    names, meanings = parts[1::2], parts[2::2]
    return {
        name: ' '.join(meaning.split('\n\n')[0].split())
        for name, meaning in zip(names, meanings, strict=True)
    }


class Written(SphinxDirective):
    """A directive that stands for RST."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the RST in place of the directive."""
        return self.parse_text_to_nodes('\n'.join(self.lines()))

    def lines(self) -> list[str]:
        """Write the RST."""
        raise NotImplementedError


class ParametersTable(Written):
    """Every parameter of an audit."""

    required_arguments = 0
    optional_arguments = 1

    def lines(self) -> list[str]:
        """Write the RST."""
        return parameters_table(*self.arguments)


class ReasonsTable(Written):
    """The reasons about one thing."""

    def lines(self) -> list[str]:
        """Write the RST."""
        of = directives.choice(self.arguments[0], [of.value for of in Of])
        return reasons_table(Of(of))


class RolesTable(Written):
    """The kinds of nodes."""

    def lines(self) -> list[str]:
        """Write the RST."""
        return roles_table()


class RulesTable(Written):
    """The rules about a destination."""

    def lines(self) -> list[str]:
        """Write the RST."""
        return rules_table()


class RecordFields(Written):
    """The fields of one record."""

    def lines(self) -> list[str]:
        """Write the RST."""
        module, name = self.arguments[0].split('.')
        path = f'watcher_host_maintenance.core.model.{module}'
        return record_table(getattr(importlib.import_module(path), name))


class ReportJson(Written):
    """The report of an audit of one node."""

    required_arguments = 2
    optional_arguments = 0

    def lines(self) -> list[str]:
        """Write the RST."""
        return ['.. code-block:: json', '', *self._indented()]

    def _indented(self) -> Iterator[str]:
        path, hostname = self.arguments
        _, absolute = self.env.relfn2path(path)
        self.env.note_dependency(absolute)
        text = pathlib.Path(absolute).read_text(encoding='utf-8')
        document = json.dumps(report_of(text, hostname), indent=2)
        return (f'   {line}' for line in document.splitlines())


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx of the directives."""
    app.add_directive('parameters-table', ParametersTable)
    app.add_directive('reasons-table', ReasonsTable)
    app.add_directive('roles-table', RolesTable)
    app.add_directive('rules-table', RulesTable)
    app.add_directive('record-fields', RecordFields)
    app.add_directive('report-json', ReportJson)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
