# SPDX-License-Identifier: Apache-2.0

"""What the example that runs in a server does, and ignores."""

import ast
import configparser
import importlib.util
import json
import os
import pathlib

from unittest import mock

import ddt
import fixtures

from tests.unit import base
from watcher_host_maintenance.core.model import notice


EXAMPLE = (
    pathlib.Path(__file__).resolve().parents[2]
    / 'doc/source/examples/maintenance-watch/maintenance_watch.py'
)

spec = importlib.util.spec_from_file_location('maintenance_watch', EXAMPLE)
maintenance_watch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(maintenance_watch)

ID = 'b1a1b1ab-3d5a-4c9f-8f0e-6a1b0e0f7c11'
META = {
    'maintenance:id': ID,
    'maintenance:state': 'announced',
    'maintenance:starts': '2026-12-01T21:00:00Z',
    'maintenance:effect': 'live',
}
HOOK = """#!/bin/sh
env | grep ^MAINTENANCE_ | sort | tr '\\n' ' ' >> {log}
echo >> {log}
{more}
"""
TOLD = (
    f'MAINTENANCE_EFFECT=live MAINTENANCE_ID={ID} '
    'MAINTENANCE_STARTS=2026-12-01T21:00:00Z MAINTENANCE_STATE={} '
)
GONE_S = maintenance_watch.GONE_S
MAX_BYTES = maintenance_watch.MAX_BYTES


class TestUnit(base.TestCase):
    """The unit of systemd starts what the page of owners installs."""

    def setUp(self):
        super().setUp()
        text = EXAMPLE.with_name('maintenance-watch.service').read_text()
        self.unit = configparser.ConfigParser(interpolation=None)
        self.unit.optionxform = str
        self.unit.read_string(text)

    def test_starts_it(self):
        self.assertEqual(['Unit', 'Service', 'Install'], self.unit.sections())
        service = self.unit['Service']
        page = EXAMPLE.parents[2] / 'user' / 'owners.rst'
        installs = f'install -m 755 {EXAMPLE.name} /usr/local/sbin/\n'
        self.assertIn(installs, page.read_text())
        self.assertEqual(
            f'/usr/local/sbin/{EXAMPLE.name}', service['ExecStart']
        )
        self.assertTrue(os.access(EXAMPLE, os.X_OK))
        # Where it keeps its state without an option.
        self.assertIn(
            f"'/var/lib/{service['StateDirectory']}/", EXAMPLE.read_text()
        )


class Service:
    """A file that is read as if it were a metadata service."""

    def __init__(self, path):
        self._path = path
        self.url = path.as_uri()

    @property
    def body(self):
        return self._path.read_bytes()

    @body.setter
    def body(self, body):
        self._path.write_bytes(body)

    def tell(self, meta):
        self.body = json.dumps({'uuid': ID, 'meta': meta}).encode()


class WatchTestCase(base.TestCase):
    """A directory with a hook for each state, and what they have written."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.log = self.directory / 'log'
        self.log.touch()
        (self.directory / 'hooks').mkdir()
        for state in (*notice.State, 'gone'):
            self.hook(state)
        self.told = []
        self.now = 1000.0
        patch = mock.patch.object(maintenance_watch, 'log', self.told.append)
        patch.start()
        self.addCleanup(patch.stop)
        self.service = Service(self.directory / 'meta_data.json')
        self.watch = self.start()

    def hook(self, name, more='', mode=0o755):
        path = self.directory / 'hooks' / name
        path.write_text(HOOK.format(log=self.log, more=more))
        path.chmod(mode)

    def start(self, timeout_s=10):
        """Start a watch, as after a restart."""
        return maintenance_watch.Watch(
            self.service.url,
            str(self.directory / 'hooks'),
            str(self.directory / 'state.json'),
            timeout_s,
            lambda: self.now,
        )

    def look(self, **changes):
        """Look at a notice with these changes; return what hooks wrote."""
        changed = {f'maintenance:{k}': v for k, v in changes.items()}
        self.service.tell({**META, **changed})
        self.watch.look()
        return self.written()

    def written(self):
        lines = self.log.read_text().splitlines()
        self.log.write_text('')
        return lines


@ddt.ddt
class TestHooks(WatchTestCase):
    def test_once_for_each_change(self):
        self.assertEqual([TOLD.format('announced')], self.look())
        self.assertEqual([], self.look())
        self.watch = self.start()
        self.assertEqual([], self.look())
        for state in ('moving', 'done', 'left', 'cancelled'):
            self.assertEqual([TOLD.format(state)], self.look(state=state))
            self.assertEqual([], self.look(state=state))

    def test_another_start(self):
        self.look()
        [line] = self.look(starts='2026-12-02T21:00:00Z')
        self.assertIn('MAINTENANCE_STARTS=2026-12-02T21:00:00Z', line)

    def test_nothing_else_in_the_environment(self):
        self.hook('announced', f'env >> {self.log}')
        with mock.patch.dict(os.environ, SECRET='x'):
            lines = self.look()
        names = {line.split('=')[0] for line in lines[1:]}
        allowed = {'PATH', 'PWD', 'SHLVL', '_', 'OLDPWD'}
        self.assertEqual(
            set(), {n for n in names - allowed if 'MAINTENANCE_' not in n}
        )

    @ddt.named_data(
        ('absent', None),
        ('not_executable', 0o644),
        ('directory', 'directory'),
    )
    def test_no_hook(self, mode):
        path = self.directory / 'hooks' / 'announced'
        path.unlink()
        if mode == 'directory':
            path.mkdir()
        elif mode:
            self.hook('announced', mode=mode)
        if mode and os.geteuid() == 0 and mode != 'directory':
            self.assertFalse(os.access(path, os.X_OK))
        self.assertEqual([], self.look())
        self.assertIn('no hook', self.told[-1])
        # It is not run later for what has passed.
        if mode != 'directory':
            self.hook('announced')
        self.assertEqual([], self.look())

    def test_hook_that_cannot_start(self):
        path = self.directory / 'hooks' / 'announced'
        path.write_text('#!/no/such/interpreter\n')
        self.assertEqual([], self.look())
        self.assertIn('does not start', self.told[-1])

    def test_hook_that_fails(self):
        self.hook('announced', 'exit 3')
        self.look()
        self.assertTrue(self.told[-1].endswith('announced: 3'), self.told)
        self.assertEqual([], self.look())

    def test_hook_that_does_not_end(self):
        self.hook('announced', 'sleep 60 & sleep 60')
        self.watch = self.start(timeout_s=0.2)
        self.look()
        self.assertIn('killed after 0.2 s', self.told[-1])
        self.assertEqual([], self.look())

    @ddt.named_data(
        # name, how often it was interrupted, how often it is run
        ('once',  1, 1),
        ('twice', 2, 0),
    )  # fmt: skip
    @ddt.unpack
    def test_interrupted(self, times, runs):
        """A hook is run once more, but not for ever."""
        with mock.patch.object(
            maintenance_watch, 'run', side_effect=KeyboardInterrupt
        ):
            for _time in range(times):
                self.assertRaises(KeyboardInterrupt, self.look)
                self.watch = self.start()
        self.assertEqual(runs, len(self.look()))
        self.assertEqual([], self.look())

    @ddt.named_data(
        ('empty', b''),
        ('no_json', b'{'),
        ('of_another', b'[1]'),
        ('no_notice', b'{"notice": 7}'),
    )
    def test_state_that_is_not_understood(self, text):
        (self.directory / 'state.json').write_bytes(text)
        self.watch = self.start()
        self.assertEqual(1, len(self.look()))

    @ddt.named_data(
        # name, state before, seconds, if the hook is run
        ('early',     'announced', GONE_S - 1, False),
        ('announced', 'announced', GONE_S,     True),
        ('moving',    'moving',    GONE_S,     True),
        ('done',      'done',      GONE_S,     False),
        ('cancelled', 'cancelled', GONE_S,     False),
    )  # fmt: skip
    @ddt.unpack
    def test_gone(self, state, passed_s, runs):
        self.look(state=state)
        self.service.tell({})
        self.watch.look()
        self.now += passed_s
        for _look in range(2):
            self.watch.look()
        expected = ['MAINTENANCE_STATE=gone '] if runs else []
        self.assertEqual(expected, self.written())
        self.assertEqual(1 if runs else 0, len(self.look(state=state)))

    def test_written_again_in_time(self):
        """A notice that somebody deleted, and Watcher wrote again."""
        self.look()
        self.service.tell({})
        self.watch.look()
        self.assertEqual([], self.look())

    def test_never_announced(self):
        self.service.tell({'owner': 'me'})
        with mock.patch.object(maintenance_watch, 'GONE_S', 0):
            self.watch.look()
        self.assertEqual([], self.written())


@ddt.ddt
class TestRead(WatchTestCase):
    @ddt.named_data(
        # name, key, value
        ('shell',      'id',     '$(reboot)'),
        ('path',       'state',  '../../bin/sh'),
        ('other_state', 'state', 'gone'),
        ('line',       'state',  'announced\n'),
        ('upper',      'state',  'ANNOUNCED'),
        ('date',       'starts', '2026-12-01'),
        ('digits',     'starts', '\uff12026-12-01T21:00:00Z'),
        ('number',     'ends',   7),
        ('list',       'effect', ['live']),
        ('long',       'host',   'returns' * 1000),
        ('null',       'answer_by', None),
    )  # fmt: skip
    @ddt.unpack
    def test_invalid_values(self, key, value):
        good = dict(maintenance_watch.valid(META))
        bad = maintenance_watch.valid({**META, f'maintenance:{key}': value})
        good.pop(key, None)
        self.assertEqual({} if key == 'state' else good, bad)

    @ddt.named_data(
        ('nothing', b''),
        ('no_json', b'<html>'),
        ('no_text', b'\xff\xfe'),
        ('list', b'[]'),
        ('no_meta', b'{"uuid": "1"}'),
        ('meta_is_a_list', b'{"meta": []}'),
        ('too_long', b'"' + b'x' * (MAX_BYTES - 1) + b'"'),
    )
    def test_answer_that_makes_no_sense(self, body):
        self.service.body = body
        self.watch.look()
        self.assertEqual([], self.written())

    def test_longest_answer(self):
        self.service.tell(META)
        body = self.service.body
        for more, read in ((0, True), (1, False)):
            self.service.body = body.ljust(MAX_BYTES + more)
            told = len(self.told)
            self.watch.look()
            said = any('No metadata' in line for line in self.told[told:])
            self.assertEqual(read, not said)

    def test_no_service(self):
        self.watch._url = 'http://127.0.0.1:1/'
        self.watch.look()
        self.assertIn('No metadata', self.told[-1])


class TestSource(base.TestCase):
    def test_knows_what_the_plugin_writes(self):
        self.assertEqual(
            [key.name for key in notice.KEYS],
            [f'maintenance:{key}' for key in maintenance_watch.FORMS],
        )
        self.assertEqual((*notice.State,), maintenance_watch.STATES)
        for key, values in (
            ('effect', notice.Effect),
            ('host', notice.HostFate),
            ('word', notice.STANDING_WORDS),
        ):
            self.assertEqual('|'.join(values), maintenance_watch.FORMS[key])

    def test_old_python(self):
        """Servers run whatever their owners have installed."""
        ast.parse(EXAMPLE.read_text(), feature_version=(3, 6))
