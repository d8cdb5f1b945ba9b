# SPDX-License-Identifier: Apache-2.0

"""No name that we install may be one that somebody else has installed."""

from collections.abc import Iterable
from importlib import metadata

import ddt

from watcher import objects

from tests.unit import base
from watcher_host_maintenance.plugin import names


COMMANDS = 'openstack.infra_optim.v1'
"""The group of commands that are loaded beside those of Watcher's client."""


def installed() -> tuple[metadata.EntryPoints, metadata.EntryPoints]:
    """The entry points of our distribution, and those of all others."""
    ours, others = [], []
    for distribution in metadata.distributions():
        mine = distribution.metadata['Name'] == names.DISTRIBUTION
        (ours if mine else others).extend(distribution.entry_points)
    # A build leaves a second copy of our metadata in the working tree.
    return metadata.EntryPoints(set(ours)), metadata.EntryPoints(others)


def clashes(
    ours: Iterable[metadata.EntryPoint],
    others: Iterable[metadata.EntryPoint],
) -> list[str]:
    """The names that both want: Watcher could then load neither."""
    taken = {(other.group, other.name): other.value for other in others}
    return sorted(
        f'{our.group}: {our.name} is also {taken[our.group, our.name]}'
        for our in ours
        if our.group.startswith('watcher_') and (our.group, our.name) in taken
    )


class TestInstalled(base.TestCase):
    def setUp(self):
        super().setUp()
        self.ours, self.others = installed()

    def test_names(self):
        self.assertEqual(
            {
                ('oslo.config.opts', 'watcher_host_maintenance'),
                ('watcher_actions', names.AWAIT_HOST),
                ('watcher_actions', names.CHANGE_DISABLED_REASON),
                ('watcher_actions', names.CHANGE_SERVICE_IN_WINDOW),
                ('watcher_actions', names.CONFIRM_MIGRATION),
                ('watcher_actions', names.DISABLE_EMPTY_HOST),
                ('watcher_actions', names.LIVE_MIGRATE_PAUSED),
                ('watcher_actions', names.MIGRATE_IN_WINDOW),
                ('watcher_actions', names.MIGRATE_INTO_ROOM),
                ('watcher_actions', names.NOTIFY_OWNER),
                ('watcher_actions', names.RETURN_HOST),
                ('watcher_actions', names.RUN_HOOK),
                ('watcher_actions', names.SHELVE_OFFLOAD),
                ('watcher_actions', names.START_SERVER),
                ('watcher_actions', names.STOP_IN_WINDOW),
                ('watcher_actions', names.VERIFY_HOST_EMPTY),
                ('watcher_actions', names.VERIFY_HOST_RETURNED),
                ('watcher_goals', names.CANCEL_GOAL),
                ('watcher_goals', names.GOAL),
                ('watcher_goals', names.RETURN_GOAL),
                ('watcher_goals', names.ROLL_GOAL),
                ('watcher_planners', names.PLANNER),
                ('watcher_strategies', names.CANCEL_STRATEGY),
                ('watcher_strategies', names.STRATEGY),
                ('watcher_strategies', names.RETURN_STRATEGY),
                ('watcher_strategies', names.ROLL_STRATEGY),
            },
            {
                (our.group, our.name)
                for our in self.ours
                if our.group != COMMANDS
            },
            'If setup.cfg changed, install the package again.',
        )

    def test_names_are_free(self):
        self.assertEqual([], clashes(self.ours, self.others))

    def test_upstream_is_looked_at(self):
        # Without Watcher's own names the test above would prove nothing.
        self.assertIn(
            'host_maintenance',
            self.others.select(group='watcher_strategies').names,
        )

    def test_each_loads(self):
        # As each of Watcher's services does first.
        objects.register_all()
        for our in self.ours:
            self.assertTrue(callable(our.load()), our)


@ddt.ddt
class TestClashes(base.TestCase):
    @ddt.named_data(
        # name, our group, our name, expected number of clashes
        ('same_name',     'watcher_strategies', 'host_maintenance', 1),
        ('another_name',  'watcher_strategies', 'host_maintenance2', 0),
        ('another_group', 'watcher_planners',   'host_maintenance', 0),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, group, name, expected):
        ours = metadata.EntryPoint(name, 'ours:Strategy', group)
        theirs = metadata.EntryPoint(
            'host_maintenance', 'theirs:Strategy', 'watcher_strategies'
        )
        self.assertEqual(expected, len(clashes([ours], [theirs])))

    def test_both_are_told(self):
        ours = metadata.EntryPoint('weight', 'ours:P', 'watcher_planners')
        theirs = metadata.EntryPoint('weight', 'theirs:P', 'watcher_planners')
        self.assertEqual(
            ['watcher_planners: weight is also theirs:P'],
            clashes([ours], [theirs]),
        )
