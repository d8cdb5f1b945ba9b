# SPDX-License-Identifier: Apache-2.0

"""Allocations on a node of what is not there, and what removes them."""

import uuid

from tests.functional import base
from tests.functional import nova_manage
from tests.functional import placement
from watcher_host_maintenance.core.rules.leaving import LEFT_ALLOCATION
from watcher_host_maintenance.core.rules.leaving import ORPHAN_ALLOCATION
from watcher_host_maintenance.core.telling import words


class TestLeftAllocations(base.CloudTestCase):
    """compute-1 is drained; web is on it, db is not."""

    CHECKED = True

    def setUp(self):
        super().setUp()
        self.start(
            hosts=dict.fromkeys(('compute-1', 'compute-2'), base.HOST),
            servers={'web': base.on('compute-1'), 'db': base.on('compute-2')},
        )
        path = placement.provider(self.cloud, 'compute-1')
        self.provider = path.rpartition('/')[2]

    def hold_for_db(self) -> str:
        """Let db hold something of compute-1, as a failed move leaves it.

        :returns: its UUID
        """
        db = self.cloud.nova.servers.find(name='db').id
        placement.hold(self.cloud, 'compute-1', db)
        return db

    def assert_told(self, finding):
        """Drain compute-1: it is refused, with the command that helps.

        :returns: the arguments of nova-manage
        """
        audit = self.drain(maintenance_node='compute-1')
        said = audit['status_message']
        report = self.assertRefused(audit, said)
        self.assertEqual(
            [finding.reason.value],
            [
                f['reason']
                for node in report['outcome']['nodes']
                for stay in node['stays']
                for f in stay['findings']
            ],
        )
        self.assertIn(words.say(finding)[-40:], said)
        helps = words.help_for(finding)
        self.assertEqual(helps, said[-len(helps) :])
        return helps.partition('nova-manage ')[2].split(' ')

    def assert_drained(self):
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            {'web': 'compute-2', 'db': 'compute-2'},
            {name: s.host for name, s in self.cloud.servers().items()},
        )
        self.assertPlacementTrue()

    def test_of_a_server_elsewhere(self):
        db = self.hold_for_db()
        facts = {'elsewhere': 'compute-2', 'host': 'compute-1'}
        finding = LEFT_ALLOCATION.about('db', provider=self.provider, **facts)
        command = self.assert_told(finding)
        # It adds what a server lacks, and takes nothing away.
        nova_manage.run(self.cloud, 'placement', 'heal_allocations')
        self.assertEqual(command, self.assert_told(finding))
        # Nova's word for: some were found, and deleted.
        self.assertEqual(4, nova_manage.run(self.cloud, *command))
        # A device of the node, and nothing of the node itself.
        device = placement.hold_below(self.cloud, 'compute-1', db)
        finding = LEFT_ALLOCATION.about('db', provider=device, **facts)
        command = self.assert_told(finding)
        self.assertEqual(4, nova_manage.run(self.cloud, *command))
        self.assert_drained()

    def test_of_no_server(self):
        consumer = str(uuid.uuid4())
        placement.hold(self.cloud, 'compute-1', consumer)
        command = self.assert_told(
            ORPHAN_ALLOCATION.about(
                consumer, host='compute-1', provider=self.provider
            )
        )
        self.assertEqual(4, nova_manage.run(self.cloud, *command))
        self.assert_drained()

    def test_left_where_it_is(self):
        self.hold_for_db()
        audit = self.drain(maintenance_node='compute-1', on_blocked='leave')
        self.assertIn(
            '1 of 2 left: db is on compute-2, but has an allocation on '
            'compute-1.',
            audit['status_message'],
        )
        plan = self.cloud.execute(
            self.assertPlanned(audit, audit['status_message'])
        )
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual('compute-2', self.cloud.servers()['web'].host)
