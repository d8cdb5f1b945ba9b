# SPDX-License-Identifier: Apache-2.0

"""An answer as rows."""

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.core import drain


class TestRows(base.TestCase):
    def test_servers_of_other_nodes_come_first(self):
        snapshot = a_snapshot(
            [
                a_node('compute-1'),
                a_node('compute-2', vcpus=4),
                a_node('compute-3', vcpus=4, used={'VCPU': 3}),
            ],
            [
                an_instance('big', vcpus=4),
                an_instance('small', 'compute-2'),
            ],
        )
        request = a_request(max_secondary_moves=1)
        answer = Answer(snapshot, request, drain.plan(snapshot, request))
        self.assertEqual(
            [
                ('small', 'compute-2', 'live migrate', 'compute-3',
                 ('makes room',
                  'compute-3 then has 100 % of its VCPU in use')),
                ('', 'compute-1', 'planned', '', ()),
                ('big', 'compute-1', 'live migrate', 'compute-2',
                 ('after small made room', 'it is left least full',
                  'compute-2 then has 100 % of its VCPU in use')),
            ],
            [
                (row.server, row.host, row.what, row.destination, row.why)
                for row in reasons.rows(answer)
            ],
        )  # fmt: skip
        self.assertEqual(
            ['1 server of another node moves first; 1 move depends on it.'],
            reasons.message(answer),
        )
