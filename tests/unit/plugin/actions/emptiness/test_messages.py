# SPDX-License-Identifier: Apache-2.0

"""Tests of what is said of a node that is not ready."""

import ddt

from tests.unit.plugin import base
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.actions.emptiness import messages
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    ON_HYPERVISOR,
)


@ddt.ddt
class TestSentences(base.TestCase):
    def sentences(self, **reasons):
        """What is said of servers: name -> reason."""
        obstacles = [
            node_obstacles.Obstacle(Finding(ON_HYPERVISOR, name), server=name)
            for name in reasons
        ]
        return [
            sentence.replace(ON_HYPERVISOR.says.format(subject=''), '')
            for sentence in messages.sentences(
                obstacles, lambda uuid: reasons[uuid]
            )
        ]

    @ddt.named_data(
        # name, reasons, expected
        ('one', {'a': 'x'}, ['a: x.']),
        ('no_reason', {'a': '', 'b': ''}, ['a.', 'b.']),
        (
            'shared',
            {'a': 'x', 'b': 'y', 'c': 'x', 'd': 'y'},
            ['a: x.', 'c: likewise.', 'b: y.', 'd: likewise.'],
        ),
    )
    @ddt.unpack
    def test_told(self, reasons, expected):
        self.assertEqual(expected, self.sentences(**reasons))

    def test_nova_is_asked_why_for_a_few(self):
        names = [f'web-{n:02}' for n in range(22)]
        told = self.sentences(**{name: f'why {name}' for name in names})
        self.assertEqual('web-19: why web-19.', told[19])
        self.assertEqual(['web-20.', 'web-21.'], told[20:])
