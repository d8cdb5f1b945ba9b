# SPDX-License-Identifier: Apache-2.0

import contextlib
import pathlib
import sqlite3

import ddt
import fixtures

from minicloud import description
from minicloud import saves
from tests.unit import base


HOST = {'vcpus': 1, 'memory_mb': 1, 'disk_gb': 1}


def a_description(**server):
    """A host with a server."""
    return description.parse(
        {
            'hosts': {'compute-1': HOST, 'compute-2': HOST},
            'flavors': {'small': HOST},
            'servers': {
                'web': {'host': 'compute-1', 'flavor': 'small', **server}
            },
        }
    )


@ddt.ddt
class TestSaves(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def of(self, options=None, python='python', **server):
        return saves.Saves(str(self.directory / 'saves')).of(
            a_description(**server), options or {}, python
        )

    def test_the_same_is_found_again(self):
        cloud = self.directory / 'cloud'
        cloud.mkdir()
        for name in saves.DATABASES:
            with contextlib.closing(sqlite3.connect(cloud / name)) as made:
                made.execute(f'CREATE TABLE "{name}" (id)')
        self.assertIsNone(self.of().directory)
        self.of().keep(str(cloud))
        # Another process was as fast.
        self.of().keep(str(cloud))
        found = pathlib.Path(self.of().directory)
        self.assertEqual([found], list(found.parent.iterdir()))
        for name in saves.DATABASES:
            with contextlib.closing(sqlite3.connect(found / name)) as kept:
                self.assertEqual(
                    [(name,)],
                    kept.execute('SELECT name FROM sqlite_master').fetchall(),
                )

    @ddt.named_data(
        # name, what is other
        ('server', {'count': 2}),
        ('option', {'options': {'DEFAULT': {'rpc_response_timeout': 5}}}),
        ('python', {'python': 'python3.13'}),
    )
    def test_another_has_another_place(self, other):
        self.assertNotEqual(self.of()._path, self.of(**other)._path)

    @ddt.named_data(
        # name, fields of the server
        ('building', {'state': 'BUILD'}),
        (
            'resized',
            {
                'state': 'VERIFY_RESIZE',
                'resized_from': {'host': 'compute-2', 'flavor': 'small'},
            },
        ),
        ('volume', {'boot_from_volume': True}),
    )
    def test_what_is_in_no_database_is_not_kept(self, server):
        self.assertIsNone(self.of(**server))


class TestOfEnvironment(base.TestCase):
    def test_none(self):
        self.useFixture(fixtures.EnvironmentVariable('MINICLOUD_SAVES'))
        self.assertIsNone(saves.of_environment())

    def test_directory(self):
        self.useFixture(fixtures.EnvironmentVariable('MINICLOUD_SAVES', '/a'))
        self.assertIsNotNone(saves.of_environment())
