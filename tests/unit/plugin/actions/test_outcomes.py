# SPDX-License-Identifier: Apache-2.0

"""Tests of how an action ends."""

import ddt

from watcher.common import exception
from watcher.db.sqlalchemy import models

from tests.unit.plugin import base
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import MORE_ITEMS
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    HOLDS_DISK,
)
from watcher_host_maintenance.plugin.actions.server import SERVER_DELETED


PREFIXES = (
    'Action failed in pre_condition: ',
    'Action was skipped automatically: ',
)
HELPS = SERVER_DELETED.helps
DELETED = words.say(SERVER_DELETED.about('web'))


def a_finding(name):
    return Finding(SERVER_DELETED, name)


@ddt.ddt
class TestEnds(base.TestCase):
    @ddt.data('x' * 300, 'short')
    def test_fits_its_column(self, why):
        column = models.Action.__table__.c.status_message
        for text in (
            str(outcomes.failure_of(['It failed.', why])),
            str(outcomes.skipped(a_finding(why))),
            str(outcomes.failure(a_finding(why), 'Nova says.')),
            str(outcomes.failure(a_finding('web'), why)),
        ):
            for prefix in PREFIXES:
                self.assertThat(prefix + text, base.FitsInto(column))

    def test_all_is_in_the_log(self):
        error = outcomes.failure_of(['It failed.'], ['x ' * 150], ['Help.'])
        self.assertEqual(
            f'It failed. {MORE_ITEMS.format(count=1)} Help.', str(error)
        )
        self.assertIn(f'It failed. {"x " * 150} Help.', self.log.output)

    def test_reaches_the_status_message(self):
        # Of any other error Watcher stores the name of its class only.
        self.assertIsInstance(
            outcomes.failure_of(['x']), exception.WatcherException
        )

    @ddt.named_data(
        # name, length of what is said, whether there is room for what helps
        ('room',    210 - 1 - len(HELPS), True),
        ('no_room', 210 - len(HELPS),     False),
    )  # fmt: skip
    @ddt.unpack
    def test_helps(self, length, fits):
        said = ('x ' * length)[-length:]
        self.assertEqual(
            f'{said} {HELPS}' if fits else said,
            str(outcomes.failure_of([said], helps=[HELPS])),
        )
        self.assertIn(f'{said} {HELPS}', self.log.output)

    def test_help_is_not_cut(self):
        self.assertEqual(
            'Why. Do this.',
            str(outcomes.failure_of(['Why.'], helps=['x' * 210, 'Do this.'])),
        )

    @ddt.named_data(
        # name, what Nova says, what is told
        ('nothing', '',       f'{DELETED}.'),
        ('why',     'Quota',  f'{DELETED}: Quota.'),
        ('stop',    'Quota.', f'{DELETED}: Quota.'),
        ('cut',     'Qu...',  f'{DELETED}: Qu...'),
    )  # fmt: skip
    @ddt.unpack
    def test_failure(self, why, expected):
        self.assertEqual(
            f'{expected} {HELPS}', str(outcomes.failure(a_finding('web'), why))
        )

    def test_another_cure(self):
        cure = Finding(HOLDS_DISK, 'web')
        self.assertEqual(
            'web was deleted. Restore or force-delete it.',
            str(outcomes.failure(a_finding('web'), cure=cure)),
        )

    def test_skipped(self):
        self.assertEqual(
            'web was deleted', str(outcomes.skipped(a_finding('web')))
        )
