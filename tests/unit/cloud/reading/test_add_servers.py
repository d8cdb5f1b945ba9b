# SPDX-License-Identifier: Apache-2.0

"""Tests of reading the servers of other nodes, which may make room."""

import dataclasses

from tests.unit.cloud.reading.test_refresh import TestCase
from tests.unit.cloud.reading.test_refresh import an_instance
from tests.unit.plugin import clouds
from tests.unit.plugin import nova_answers
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.planning.questions import Question


class TestAddServers(TestCase):
    """compute-2 holds ``cache``, of 2 VCPU."""

    def setUp(self):
        super().setUp()
        self.nova.services = [
            nova_answers.a_service(f'compute-{n}') for n in (1, 2, 3)
        ]
        self.nova.servers = [a_server('cache', 'compute-2')]
        self.placement.hold('cache', uuid_of('compute-2'), VCPU=2)
        self.known = dataclasses.replace(
            self.known, instances=(an_instance(VCPU=2),)
        )

    def answer(self, *hostnames, most=1):
        request = Request(('compute-1',), max_secondary_moves=most)
        refresh = Refresh(*clouds.connect(), request)
        question = Question(self.known, frozenset(), frozenset(hostnames))
        return refresh.answer(question)

    def test_servers(self):
        found = self.answer('compute-2', 'compute-3')
        [cache] = found.instances_on('compute-2')
        self.assertEqual(
            (uuid_of('cache'), 'active'), (cache.uuid, cache.vm_state)
        )
        self.assertEqual(2, cache.resources['VCPU'])
        self.assertEqual(self.known.instances, found.instances_on('compute-1'))
        self.assertEqual([1, 1, 0], [n.instance_count for n in found.nodes])
        self.assertEqual(
            [n.used for n in self.known.nodes], [n.used for n in found.nodes]
        )

    def test_only_of_these_nodes(self):
        found = self.answer('compute-3')
        self.assertEqual((), found.instances_on('compute-2'))

    def test_server_that_came_from_the_node_to_empty(self):
        self.nova.servers.append(a_server('web-1', 'compute-2'))
        found = self.answer('compute-2')
        self.assertEqual(
            ['compute-1'],
            [i.host for i in found.instances if i.name == 'web-1'],
        )

    def test_server_that_a_hint_names(self):
        """It stays, and does not seem to be on a node to empty."""
        hinted = dataclasses.replace(
            an_instance(VCPU=2), hints={'different_host': (uuid_of('cache'),)}
        )
        self.known = dataclasses.replace(self.known, instances=(hinted,))
        found = self.answer('compute-2')
        self.assertEqual((hinted,), found.instances)
        self.assertEqual(1, found.by_hostname['compute-2'].instance_count)

    def test_node_without_a_service(self):
        self.nova.services = self.nova.services[:1]
        found = self.answer('compute-2')
        self.assertEqual(self.known.instances, found.instances)

    def test_group(self):
        self.nova.groups = [
            nova_answers.a_group('db', 'anti-affinity', members=['cache'])
        ]
        found = self.answer('compute-2')
        [group] = found.groups
        self.assertEqual({'compute-2': 1}, group.members)
        self.assertEqual(group.uuid, found.by_uuid[uuid_of('cache')].group)

    def test_outage(self):
        self.nova.fail('/v2.1/servers/detail')
        self.assertRaises(NotPlanned, self.answer, 'compute-2')

    def test_outage_costs_no_more_than_advice(self):
        self.nova.fail('/v2.1/servers/detail')
        self.assertEqual(self.known, self.answer('compute-2', most=0))
        self.assertIn('Nothing to advise: ', self.log.output)
