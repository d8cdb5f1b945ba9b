# SPDX-License-Identifier: Apache-2.0

"""Servers go where Placement has what Nova asks it for their ports."""

import re
import uuid

from collections.abc import Collection

from minicloud import waiting
from tests.functional import base
from tests.functional import placement
from tests.neutron import base as neutron_base
from watcher_host_maintenance.cloud.reading.ports import ROUTED


EGRESS = 'NET_BW_EGR_KILOBIT_PER_SEC'
KBPS = 1000

#: Of Neutron's mechanism driver: names of its providers are made with it.
NAMESPACE = uuid.UUID('87ee7d5c-73bb-11e8-9008-c4d987b2a692')

OUTSIDE = 'outside: Placement has its provider in no aggregate of the network'
NARROW = 'narrow: Placement refuses'
UNPROVED = f'fast needs {EGRESS}; no API can prove that it fits'


class TestPlacement(neutron_base.NeutronTestCase):
    """All hosts reach physnet1.

    Neutron has put them into the aggregate of the routed network's segment;
    all but rack-1 and rack-2 have been taken out of it. Of bandwidth, narrow
    has half as much as the port of fast wants, wide-1 and wide-2 have a lot.
    """

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        hosts = ('rack-1', 'rack-2', 'outside', 'wide-1', 'wide-2', 'narrow')
        servers = {'routed': base.on('rack-1'), 'fast': base.on('wide-1')}
        cls.share_with_neutron(
            base.description(dict.fromkeys(hosts, base.HOST), servers),
            {
                'watcher_strategies.cluster_host_maintenance': {
                    'scheduler_prefilters': ROUTED
                }
            },
            nova_options={'scheduler': {ROUTED: True}},
        )
        offers = {
            'wide-1': 10 * KBPS,
            'wide-2': 10 * KBPS,
            'narrow': KBPS // 2,
        }
        for host in hosts:
            kbps = offers.get(host, 0)
            cls.cloud.report_agent(host, ['physnet1'], kbps=kbps)
            if kbps:
                cls.offer(host, kbps)
        cls.networks['lan'] = cls.neutron.create_network('lan', 'physnet1')
        cls.networks['routed'] = cls.neutron.create_network(
            'routed', 'physnet1', is_routed=True
        )
        cls.leave_aggregate(set(hosts) - {'rack-1', 'rack-2'})

    @classmethod
    def leave_aggregate(cls, hosts: Collection[str]) -> None:
        """Take hosts out of the only aggregate, once Neutron has filled it."""

        def is_filled() -> bool:
            aggregates = cls.cloud.nova.aggregates.list()
            return any(set(hosts) <= set(a.hosts) for a in aggregates)

        waiting.until(is_filled, 60, lambda: 'Neutron tells Nova nothing')
        [aggregate] = cls.cloud.nova.aggregates.list()
        for host in hosts:
            aggregate.remove_host(host)

    @classmethod
    def offer(cls, host: str, kbps: int) -> None:
        """Let Placement have the bridge of a host, as Neutron would."""
        placement.offer_below(
            cls.cloud,
            host,
            str(uuid.uuid5(NAMESPACE, f'{host}:br-ex')),
            {EGRESS: kbps},
            ['CUSTOM_PHYSNET_PHYSNET1', 'CUSTOM_VNIC_TYPE_NORMAL'],
        )

    def test_segment_of_a_routed_network(self) -> None:
        port = self.attach('routed', 'routed')
        audit = self.drain(maintenance_node='rack-1', backup_node='outside')
        self.assertRefused(audit, re.compile(OUTSIDE))
        self.assertNovaRefuses('routed', 'outside')
        self.drain_and_execute(maintenance_node='rack-1')
        self.assertBound(port, 'rack-2')

    def test_bandwidth(self) -> None:
        policy = self.neutron.create('policy', 'qos/policies', name='fast')
        self.neutron.create(
            'minimum_bandwidth_rule',
            f'qos/policies/{policy["id"]}/minimum_bandwidth_rules',
            direction='egress',
            min_kbps=KBPS,
        )
        port = self.attach('fast', 'lan', qos_policy_id=policy['id'])
        rows, _told = self.check_typed('wide-1', status=2)
        self.assertIn(UNPROVED, rows['fast']['Why'][0])
        unproved = {'maintenance_node': 'wide-1', 'allow_unproved_moves': True}
        refused = self.drain(backup_node='narrow', **unproved)
        self.assertRefused(refused, re.compile(NARROW))
        self.assertNovaRefuses('fast', 'narrow')
        self.drain_and_execute(**unproved)
        self.assertBound(port, 'wide-2')
