# SPDX-License-Identifier: Apache-2.0

"""The documentation agrees with the code, and its commands are valid."""

import dataclasses
import functools
import importlib.util
import json
import pathlib
import re
import shlex
import textwrap
import types

from collections.abc import Iterator
from importlib import metadata

import yaml

from babel.messages import extract

from tests.unit import base
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import notice
from watcher_host_maintenance.core.model import request
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model import window
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.plugin.actions import notifications
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.request import parameters


ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / 'doc' / 'source'
README = (ROOT / 'README.rst').read_text()
CONTRIBUTING = (ROOT / 'CONTRIBUTING.rst').read_text()
REASONS = (SOURCE / 'reference' / 'reasons.rst').read_text()
REPORT = (SOURCE / 'reference' / 'report.rst').read_text()
NOTIFICATIONS = (SOURCE / 'admin' / 'notifications.rst').read_text()
OWNERS = (SOURCE / 'user' / 'owners.rst').read_text()
EXAMPLE = (SOURCE / 'examples' / 'compute-1.snapshot.json').read_text()


def load(name: str) -> types.ModuleType:
    """Load a Sphinx extension of ours."""
    spec = importlib.util.spec_from_file_location(
        name, ROOT / 'doc' / 'ext' / f'{name}.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


from_code = load('from_code')
strategy = load('strategy')


def section(text: str, title: str) -> str:
    """Return the text between a title and the next one."""
    _, _, rest = text.partition(f'\n{title}\n{"=" * len(title)}\n')
    return re.split(r'\n.+\n={3,}\n', rest)[0]


def commands(text: str) -> list[str]:
    """Return the openstack commands in the code blocks of a text."""
    joined = re.sub(r' \\\n +', ' ', text)
    return re.findall(r'^ {3,}(?:\$ )?(openstack .+)$', joined, re.MULTILINE)


class TestOwnersPage(base.TestCase):
    """The page of owners has what the table of the notice has."""

    def rows(self, title):
        text = section(OWNERS, title)
        found = re.findall(
            r'^(maintenance:\S+) +(.+(?:\n {8}.+)*)', text, re.MULTILINE
        )
        return {key: re.sub(r'\s+', ' ', told) for key, told in found}

    def test_keys(self):
        rows = self.rows('What you are told')
        self.assertEqual([key.name for key in notice.KEYS], [*rows])
        for key, values in (
            ('state', notice.State),
            ('effect', notice.Effect),
            ('host', notice.HostFate),
            ('word', notice.STANDING_WORDS),
        ):
            told = rows[f'maintenance:{key}'].rpartition(': ')[2]
            self.assertEqual([*values], told.split(', '))

    def test_words(self):
        words = {f'maintenance:{word}' for word in notice.OWNER_WORDS}
        self.assertEqual(words, {*self.rows('What you answer')})
        self.assertIn(
            f'careful one counts: {", ".join(notice.STANDING_WORDS)}.', OWNERS
        )

    def blocks(self, language):
        found = re.findall(
            rf'^\.\. code-block:: {language}\n\n((?: +.*\n|\n)+)',
            OWNERS,
            re.MULTILINE,
        )
        return [textwrap.dedent(block) for block in found]

    def test_template_of_heat(self):
        [template] = map(yaml.safe_load, self.blocks('yaml'))
        for tag in template['resources']['web']['properties']['tags']:
            self.assertIn(
                tag.removeprefix('maintenance:'), notice.STANDING_WORDS
            )

    def test_tags_of_terraform(self):
        [resource] = self.blocks('terraform')
        [word] = re.findall(r'tags = \["maintenance:(.+)"\]', resource)
        self.assertIn(word, notice.STANDING_WORDS)
        self.assertEqual(resource.count('{'), resource.count('}'))


class TestWishes(base.TestCase):
    """Each wish has tests that show it, and there are such tests."""

    def rows(self, text):
        """Yield each wish with what is said to show it."""
        for row in re.split(r'\n   \* - ', text)[1:]:
            wish, _, shown_by = row.partition('\n     - ')
            if wish != 'Wish':
                yield wish, shown_by

    def test_of_owners(self):
        text = (SOURCE / 'admin' / 'owners.rst').read_text()
        rows = [*self.rows(section(text, 'Wishes and tests'))]
        self.assertEqual(11, len(rows))
        for wish, shown_by in rows:
            code, tests = '', 0
            for name in re.findall('``(.+?)``', shown_by):
                if name.endswith('.py'):
                    code = (ROOT / name).read_text()
                    continue
                self.assertIn(f'def {name}(', code, wish)
                tests += 1
            self.assertNotEqual(0, tests, wish)

    def test_of_horizon(self):
        text = (SOURCE / 'user' / 'horizon.rst').read_text()
        wishes = section(text, 'What was wished for')
        files = (ROOT / 'tests' / 'dashboard').rglob('*.py')
        code = '\n'.join(path.read_text() for path in files)
        names = re.findall(r'``((?:Test|test_)[\w.]+)``', wishes)
        self.assertNotEqual([], names)
        for name in '.'.join(names).split('.'):
            kind = 'class' if name.startswith('Test') else 'def'
            self.assertIn(f'{kind} {name}(', code)


class TestNotificationsPage(base.TestCase):
    def test_event_types(self):
        rows = re.findall(
            r'^``(maintenance\.\w+)`` ', NOTIFICATIONS, re.MULTILINE
        )
        self.assertEqual([*dict.fromkeys(notifications.EVENTS.values())], rows)

    def test_fields(self):
        table = NOTIFICATIONS.partition('\nField ')[2].partition('To a web')[0]
        rows = re.findall(r'^``(\w+)`` ', table, re.MULTILINE)
        server = types.SimpleNamespace(project_id='', uuid='')
        sent = notifications.payload(server, notice.Notice())
        self.assertEqual([*sent], rows)

    def test_definitions(self):
        blocks = re.findall(
            r'code-block:: yaml\n.*\n\n((?: +.*\n|\n)+)', NOTIFICATIONS
        )
        definitions, pipeline = map(
            yaml.safe_load, map(textwrap.dedent, blocks)
        )
        for trait in definitions[0]['traits'].values():
            field = trait['fields'].removeprefix('payload.')
            self.assertIn(f'\n``{field}`` ', NOTIFICATIONS)
        self.assertEqual(
            [sink['name'] for sink in pipeline['sinks']],
            pipeline['sources'][0]['sinks'],
        )


class TestReadme(base.TestCase):
    def test_quick_start_has_two_commands(self):
        blocks = re.findall(
            r'::\n\n((?: +.+\n)+)', section(README, 'Quick start')
        )
        self.assertEqual(
            ['./tools/tox -e demo', './tools/tox -e unit,functional'],
            [block.strip() for block in blocks],
        )

    def test_every_parameter_has_a_row(self):
        rows = re.findall(
            r'^``(\w+)`` ', section(README, 'Parameters'), re.MULTILINE
        )
        self.assertEqual(list(parameters.SCHEMA['properties']), rows)

    def test_defaults_are_those_of_the_schema(self):
        rows = re.findall(
            r'^``(\w+)`` +(\w+) ', section(README, 'Parameters'), re.MULTILINE
        )
        self.assertEqual(
            {
                name: json.dumps(of.get('default', 'none')).strip('"')
                for name, of in parameters.SCHEMA['properties'].items()
            },
            dict(rows),
        )

    def test_links_lead_somewhere(self):
        paths = re.findall(r'`\w[^`]* <([^>]+)>`_', README)
        self.assertIn('CONTRIBUTING.rst', paths)
        for path in paths:
            self.assertTrue((ROOT / path).is_file(), path)

    def test_every_page_is_linked(self):
        pages = {
            str(path.relative_to(SOURCE))
            for path in SOURCE.rglob('*.rst')
            if path.name not in ('index.rst', 'contributing.rst')
        }
        linked = re.findall(r'<doc/source/([^>]+)>`_', README)
        self.assertEqual(pages, set(linked))


class TestNamedTests(base.TestCase):
    """The tests that pages name exist."""

    PAGES = '\n'.join(p.read_text() for p in SOURCE.rglob('*.rst'))

    def test_files(self):
        paths = {*re.findall(r'\btests/[\w/]+\.py\b', self.PAGES)}
        self.assertGreater(len(paths), 5)
        self.assertEqual([], [p for p in paths if not (ROOT / p).is_file()])

    def test_names(self):
        quoted = re.findall(r'``((?:\w+\.)?[Tt]est\w+)``', self.PAGES)
        named = {name for text in quoted for name in text.split('.')}
        self.assertGreater(len(named), 20)
        sources = (p.read_text() for p in (ROOT / 'tests').rglob('*.py'))
        defined = re.findall(
            r'\b(?:class|def) ([Tt]est\w+)', '\n'.join(sources)
        )
        self.assertEqual(set(), named - {*defined})


class TestContributing(base.TestCase):
    """The files and names in the guide exist."""

    def test_files_are_there(self):
        paths = set(re.findall(r'[\w/]+/\w+\.(?:py|rst)\b', CONTRIBUTING))
        self.assertIn('core/rules/leaving.py', paths)
        for path in paths:
            self.assertTrue(self.find(path).is_file(), path)

    def test_names_are_there(self):
        named = re.findall(
            r'``(\w+)``\s+(?:of|in)\s+``([\w/]+\.py)``', CONTRIBUTING
        )
        self.assertIn(('MODULES', 'core/rules/hosting.py'), named)
        for name, path in named:
            self.assertRegex(self.find(path).read_text(), rf'\b{name}\b', path)

    def find(self, path: str) -> pathlib.Path:
        inside = ROOT / 'watcher_host_maintenance' / path
        return inside if inside.exists() else ROOT / path


class TestTables(base.TestCase):
    def test_every_parameter_has_a_row(self):
        rows = re.findall(
            r'\* - ``(\w+)``', '\n'.join(from_code.parameters_table())
        )
        self.assertEqual(list(parameters.SCHEMA['properties']), rows)

    def test_every_reason_has_a_row(self):
        groups = re.findall(
            r'^\.\. reasons-table:: (\w+)$', REASONS, re.MULTILINE
        )
        self.assertEqual([of.value for of in Of], groups)
        rows = [
            row
            for group in groups
            for row in re.findall(
                r'\* - ``(\w+)``',
                '\n'.join(from_code.reasons_table(Of(group))),
            )
        ]
        self.assertEqual(list(every_reason()), sorted(rows))

    def test_every_field_of_a_record_is_explained(self):
        names = re.findall(
            r'^\.\. record-fields:: (\w+)\.(\w+)$', REPORT, re.MULTILINE
        )
        self.assertIn(('request', 'Request'), names)
        modules = {
            'request': request,
            'snapshot': snapshot,
            'window': window,
        }
        for module, name in names:
            record = getattr(modules[module], name)
            rows = re.findall(
                r'\* - ``(\w+)``', '\n'.join(from_code.record_table(record))
            )
            self.assertEqual(
                [field.name for field in dataclasses.fields(record)], rows
            )


class TestReport(base.TestCase):
    def test_every_field_is_named(self):
        records = (Outcome, NodeOutcome, Move, Stop, Stay, Finding)
        names = [
            field.name
            for record in records
            for field in dataclasses.fields(record)
        ]
        document = from_code.report_of(EXAMPLE, 'compute-1')
        text = section(REPORT, 'The full report')
        for name in (*document, *names):
            self.assertIn(f'``{name}``', text)

    def test_examples_show_the_status_message(self):
        for page, on_blocked in (
            ('admin/troubleshooting', OnBlocked.FAIL),
            ('user/usage', OnBlocked.LEAVE),
        ):
            with self.subTest(page=page):
                text = (SOURCE / f'{page}.rst').read_text()
                [arguments] = re.findall(
                    r'^\.\. status-message:: /(.+)$', text, re.MULTILINE
                )
                path, *others = arguments.split()
                shown = strategy.status_message(
                    (SOURCE / path).read_text(), *others
                )
                request = Request(('compute-1',), on_blocked=on_blocked)
                outcome = drain.plan(snapshot.load(EXAMPLE), request)
                self.assertEqual(' '.join(summary.sentences(outcome)), shown)

    def test_every_indicator_has_a_row(self):
        rows = re.findall(
            r'\* - ``(\w+)``', '\n'.join(strategy.indicators_table())
        )
        self.assertEqual(list(efficacy.measure(Outcome(), 0)), rows)


@functools.cache
def entry_points(group: str) -> tuple[metadata.EntryPoint, ...]:
    """Read the entry points of a group once: it takes a tenth of a second."""
    return tuple(metadata.entry_points(group=group))


class TestTroubleshooting(base.TestCase):
    """The table of status messages quotes what the package says."""

    def test_messages(self):
        templates = [
            re.sub(r'\{\w+\}', 'X', message)
            for _, _, message, _, _ in extract.extract_from_dir(
                ROOT / 'watcher_host_maintenance',
                keywords={'_': None, 'N_': None},
            )
        ]
        quoted = self.quoted()
        self.assertGreater(len(quoted), 4)
        for words in quoted:
            with self.subTest(words=words):
                self.assertTrue(any(words in text for text in templates))

    def quoted(self) -> list[str]:
        """Return the fixed parts of the messages, with X for the others."""
        page = (SOURCE / 'admin' / 'troubleshooting.rst').read_text()
        table = section(page, 'State and status message of an audit')
        cells = re.findall(r'\* - [A-Z]+\n +- ((?:.+\n {7})*.+)\n', table)
        messages = [
            re.sub(r'\*\w+\*|\b[NM]\b', 'X', ' '.join(cell.split()))
            for cell in cells
            if 'none' not in cell
        ]
        return [
            part.strip()
            for text in messages
            for part in text.split('...')
            if part.strip()
        ]


class TestCommands(base.TestCase):
    """The real client's parsers accept every command as it is written."""

    GROUPS = ('openstack.compute.v2', 'openstack.infra_optim.v1')

    def test_parse(self):
        pages = [README, *(p.read_text() for p in SOURCE.rglob('*.rst'))]
        shown = [c for page in pages for c in commands(page)]
        self.assertGreater(len(shown), 20)
        for command in shown:
            with self.subTest(command=command):
                self.parse(command)

    def parse(self, command: str) -> None:
        version = '--os-infra-optim-api-version 1.5 '
        words = shlex.split(command.replace(version, '', 1))[1:]
        entry = max(self.entries(words), key=lambda e: len(e.name))
        verbs = len(entry.name.split('_'))
        parser = entry.load()(None, None).get_parser('openstack')
        try:
            parser.parse_args(words[verbs:])
        except SystemExit:
            self.fail(command)

    def entries(self, words: list[str]) -> Iterator[metadata.EntryPoint]:
        for group in self.GROUPS:
            for entry in entry_points(group):
                verbs = entry.name.split('_')
                if words[: len(verbs)] == verbs:
                    yield entry
