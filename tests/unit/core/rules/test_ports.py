# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import an_instance
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.rules import ports
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.ports import AGENTS_DEAD
from watcher_host_maintenance.core.rules.ports import NETWORK_UNREACHED
from watcher_host_maintenance.core.rules.ports import NO_AGENT


LIVE, COLD = MoveKind.LIVE, MoveKind.COLD
LAN = {'ports': (Port('lan', segments=('physnet1',)),)}
ALIVE, OTHER = {'reaches': ('physnet1',)}, {'reaches': ('physnet2',)}
DEAD = {'dead_agents': ('neutron-ovs',)}

ROWS = (
    # name, case, reasons given
    ('reaches', {**LAN, 'source': ALIVE, 'node': ALIVE}, []),
    (
        'reaches_another',
        {**LAN, 'source': ALIVE, 'node': OTHER},
        ['network_unreached'],
    ),
    ('dead', {**LAN, 'source': ALIVE, 'node': DEAD}, ['agents_dead']),
    ('none', {**LAN, 'source': ALIVE}, ['no_agent']),
    ('dead_here_and_there', {**LAN, 'source': DEAD, 'node': DEAD},
     ['agents_dead']),
    ('no_agents_at_all', LAN, []),
    ('no_port', {'source': ALIVE}, []),
)  # fmt: skip


@ddt.ddt
class TestReachesNetworks(base.TestCase):
    @ddt.named_data(
        # name, segments, source reaches, node reaches, reason
        ('one',           ('a',),     ('a',),     ('a',),     None),
        ('other',         ('a',),     ('a',),     ('b',),     NETWORK_UNREACHED),
        ('nothing',       ('a',),     ('a',),     (),         NETWORK_UNREACHED),
        ('one_of_two',    ('a', 'b'), ('a',),     ('b',),     None),
        ('more',          ('a',),     ('a',),     ('a', 'b'), None),
        ('like_a_name',   ('a',),     ('a',),     ('aa',),    NETWORK_UNREACHED),
        ('tunnel',        ('vxlan',), ('vxlan',), ('gre',),   NETWORK_UNREACHED),
        # Another driver connects it.
        ('not_of_agents', ('a',),     ('b',),     (),         None),
        ('unknown',       (),         ('a',),     ('b',),     None),
    )  # fmt: skip
    @ddt.unpack
    def test_segments(self, segments, source, node, reason):
        findings = asking.findings(
            ports.reaches_networks,
            ports=(Port('lan', segments=segments),),
            source={'reaches': source},
            node={'reaches': node},
        )
        facts = {'network': 'lan', 'segments': segments}
        self.assertEqual(
            [Finding(reason, 'compute-2', facts)] if reason else [], findings
        )

    @ddt.named_data(
        # name, fields of the node, reason, facts
        ('alive',     ALIVE, None, {}),
        ('dead',      DEAD, AGENTS_DEAD, {'agents': ('neutron-ovs',)}),
        ('no_agent',  {}, NO_AGENT, {}),
        # One of two is enough, if it reaches the network.
        ('one_alive', {**ALIVE, **DEAD}, None, {}),
    )  # fmt: skip
    @ddt.unpack
    def test_agents(self, node, reason, facts):
        for source in (ALIVE, DEAD):
            findings = asking.findings(
                ports.reaches_networks, **LAN, source=source, node=node
            )
            self.assertEqual(
                [Finding(reason, 'compute-2', facts)] if reason else [],
                findings,
            )

    def test_a_port_with_a_device_is_not_looked_at(self):
        self.assertEqual(
            [],
            asking.findings(
                ports.reaches_networks,
                ports=(Port('lan', 'direct', ('physnet1',)),),
                source=ALIVE,
                node=OTHER,
            ),
        )

    def test_each_network_once(self):
        findings = asking.findings(
            ports.reaches_networks,
            ports=(
                Port('b', segments=('physnet1',)),
                Port('a', segments=('physnet1',)),
                Port('b', segments=('physnet1',)),
            ),
            source=ALIVE,
            node=OTHER,
        )
        self.assertEqual(['a', 'b'], [f.facts['network'] for f in findings])


@ddt.ddt
class TestBlockers(base.TestCase):
    @ddt.named_data(
        # name, type of the port, reason why not live, not cold, unproved
        ('normal',      'normal',             None,            None,  False),
        ('direct',      'direct',             None,            None,  True),
        ('macvtap',     'macvtap',            None,            None,  True),
        ('vdpa',        'vdpa',               None,            None,  True),
        ('forwarder',   'virtio-forwarder',   None,            None,  True),
        ('physical',    'direct-physical',    'port_not_live', None,  True),
        ('accelerator', 'accelerator-direct', 'port_never_moves',
         'port_never_moves', False),
    )  # fmt: skip
    @ddt.unpack
    def test_type(self, vnic_type, live, cold, is_unproved):
        web = an_instance(ports=(Port('lan'), Port('lan', vnic_type)))
        for kind, reason in ((LIVE, live), (COLD, cold)):
            findings = list(ports.blockers(web, kind))
            self.assertEqual(
                [reason] if reason else [], [f.reason.value for f in findings]
            )
        self.assertEqual(
            (f'port of type {vnic_type}',) if is_unproved else (),
            unproved.asked_for(web),
        )
