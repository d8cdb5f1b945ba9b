# SPDX-License-Identifier: Apache-2.0


"""Tests of what is said where there is little room."""

from tests.unit.plugin import base
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.actions.emptiness import messages
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    ON_HYPERVISOR,
)


class TestVersions(base.TestCase):
    def versions(self, **reasons):
        """Everything that can be said of servers: name -> reason."""
        told = messages.versions(
            [
                node_obstacles.Obstacle(
                    Finding(ON_HYPERVISOR, name),
                    server=name,
                    brief=name,
                )
                for name in reasons
            ],
            lambda uuid: reasons[uuid],
        )
        return [
            [
                sentence.replace(' is on its hypervisor', '')
                for sentence in version
            ]
            for version in told
        ]

    def test_one(self):
        self.assertEqual([['a: x.']] * 2, self.versions(a='x'))

    def test_cut(self):
        self.assertEqual(
            [
                [f'a: {"x" * 91}.'],
                [f'a: {"x" * 87}...'],
            ],
            self.versions(a='x' * 91),
        )

    def test_no_reason(self):
        self.assertEqual(
            [['a.', 'b.']] * 3 + [['a.', 'And 1 more.']],
            self.versions(a='', b=''),
        )

    def test_shared(self):
        self.assertEqual(
            [['a: x.', 'c: likewise.', 'b: y.', 'd: likewise.']] * 3
            + [
                ['a: x.', 'c: likewise.', 'b.', 'd.'],
                ['a: x.', 'c: likewise.', 'b.', 'd.'],
                ['a: x.', 'c.', 'b.', 'And 1 more.'],
                ['a: x.', 'c.', 'And 2 more.'],
                ['a: x.', 'And 3 more.'],
            ],
            self.versions(a='x', b='y', c='x', d='y'),
        )
