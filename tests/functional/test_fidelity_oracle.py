# SPDX-License-Identifier: Apache-2.0

"""The oracle of benchmarks/fidelity, and the clouds that it is asked about."""

import ddt
import testtools

from benchmarks.fidelity import cases
from benchmarks.fidelity import facts
from benchmarks.fidelity import oracle
from benchmarks.fidelity import runs
from minicloud import description


def a_host(name='b', **fields):
    """A host with room for two of a_server(); 'a' is the one to empty."""
    return facts.Host(
        **{
            'name': name,
            'status': 'enabled',
            'state': 'up',
            'reason': '',
            'zone': 'nova',
            'hypervisor': ('QEMU', 8),
            'traits': frozenset(),
            'capacity': {'VCPU': 4.0, 'MEMORY_MB': 8192.0},
            'used': {},
            'max_unit': {'VCPU': 4, 'MEMORY_MB': 8192},
            'metadata': {},
            'consumers': frozenset(),
            'zones': frozenset({'nova'}),
            **fields,
        }
    )


def a_server(name='web', **fields):
    return facts.Server(
        **{
            'id': name,
            'name': name,
            'host': 'a',
            'status': 'ACTIVE',
            'busy': False,
            'project': 'ours',
            'pinned_zone': None,
            'wants': {'VCPU': 2, 'MEMORY_MB': 1024},
            'extra_specs': {},
            **fields,
        }
    )


def a_group(policy, *members, limit=1):
    return facts.Group(policy, limit, frozenset(members))


def a_move(server, source, target, left=''):
    return facts.Move(server, frozenset((source, target)), left)


WANTS_SSD = {'aggregate_instance_extra_specs:disk': 'ssd'}
EITHER = {'aggregate_instance_extra_specs:disk': '<or> hdd <or> ssd'}
SSD = {'disk': frozenset({'ssd', 'nvme'})}
TENANT = {'filter_tenant_id_1': frozenset({'theirs'})}
CLOSED = frozenset({'COMPUTE_STATUS_DISABLED'})
NEAR = {'build_near_host_ip': '10.0.0.1', 'cidr': '/24'}
ON_LAN = {'networks': frozenset({'lan'})}
ON_TUNNEL = {'networks': frozenset({'tunnel'})}
SMALL = {'VCPU': 1, 'MEMORY_MB': 8192}
HELD_BY_DB = frozenset({'web', 'db'})
SPARE = {'status': 'disabled', 'reason': 'watcher_disabled'}
TOGETHER = (a_group('affinity', 'web', 'db'),)
APART = (a_group('anti-affinity', 'web', 'db'),)
DB_ON_B = a_server('db', host='b')
DB_ON_C = a_server('db', host='c')


@ddt.ddt
class TestOracle(testtools.TestCase):
    """One server 'web' on host a, one host b, and what is laid over them."""

    @ddt.named_data(
        # name, expected, fields of web, fields of b, the rest of the facts
        ('free', True, {}, {}, {}),
        ('stopped', True, {'status': 'SHUTOFF'}, {}, {}),
        ('paused', True, {'status': 'PAUSED'}, {}, {}),
        ('suspended', False, {'status': 'SUSPENDED'}, {}, {}),
        ('shelved', True, {'status': 'SHELVED'}, {'state': 'down'}, {}),
        ('resized', False, {'status': 'VERIFY_RESIZE'}, {}, {}),
        ('busy', False, {'busy': True}, {}, {}),
        ('just_fits', True, {}, {'used': {'VCPU': 2}}, {}),
        ('one_short', False, {}, {'used': {'VCPU': 3}}, {}),
        ('class_unknown', False, {'wants': {'PCPU': 1}}, {}, {}),
        (
            'at_max_unit',
            True,
            {},
            {'max_unit': {'VCPU': 2, 'MEMORY_MB': 1024}},
            {},
        ),
        (
            'over_max_unit',
            False,
            {},
            {'max_unit': {'VCPU': 1, 'MEMORY_MB': 1024}},
            {},
        ),
        ('port_bound_there', True, ON_LAN, ON_LAN, {}),
        ('port_not_bound_there', False, ON_LAN, ON_TUNNEL, {}),
        ('no_agent', False, ON_LAN, {}, {}),
        ('disabled', False, {}, {'status': 'disabled'}, {}),
        ('down', False, {}, {'state': 'down'}, {}),
        ('spare', True, {}, SPARE, {}),
        ('spare_down', False, {}, {**SPARE, 'state': 'down'}, {}),
        ('spare_with_server', False, {}, SPARE, {'others': (DB_ON_B,)}),
        (
            'spare_held',
            False,
            {},
            {**SPARE, 'consumers': frozenset({'x'})},
            {},
        ),
        (
            'spare_awaited',
            False,
            {},
            SPARE,
            {'moves': (a_move('x', 'b', 'c'),)},
        ),
        ('pinned', False, {'pinned_zone': 'east'}, {}, {}),
        ('pinned_there', True, {'pinned_zone': 'nova'}, {}, {}),
        (
            'zone_in_nova_only',
            False,
            {'pinned_zone': 'nova'},
            {'zones': frozenset()},
            {},
        ),
        ('closed_in_placement', False, {}, {'traits': CLOSED}, {}),
        ('spare_closed', True, {}, {**SPARE, 'traits': CLOSED}, {}),
        ('near', True, {'hints': NEAR}, {'address': '10.0.0.9'}, {}),
        ('far', False, {'hints': NEAR}, {'address': '10.0.1.9'}, {}),
        ('source_gives_less', False, {}, {}, {'node': {'max_unit': SMALL}}),
        (
            'allocation_left',
            False,
            {},
            {},
            {'others': (DB_ON_C,), 'node': {'consumers': HELD_BY_DB}},
        ),
        (
            'allocation_of_a_move',
            True,
            {},
            {},
            {
                'others': (DB_ON_C,),
                'moves': (a_move('db', 'b', 'c'),),
                'node': {'consumers': HELD_BY_DB},
            },
        ),
        ('ssd', True, {'extra_specs': WANTS_SSD}, {'metadata': SSD}, {}),
        ('no_ssd', False, {'extra_specs': WANTS_SSD}, {}, {}),
        ('ssd_or_hdd', True, {'extra_specs': EITHER}, {'metadata': SSD}, {}),
        ('tenant', False, {}, {'metadata': TENANT}, {}),
        ('own_tenant', True, {'project': 'theirs'}, {'metadata': TENANT}, {}),
        (
            'trait_missing',
            False,
            {'extra_specs': {'trait:CUSTOM_X': 'required'}},
            {},
            {},
        ),
        (
            'trait',
            True,
            {'extra_specs': {'trait:CUSTOM_X': 'required'}},
            {'traits': frozenset({'CUSTOM_X'})},
            {},
        ),
        (
            'trait_forbidden',
            False,
            {'extra_specs': {'trait:CUSTOM_X': 'forbidden'}},
            {'traits': frozenset({'CUSTOM_X'})},
            {},
        ),
        ('hypervisor_newer', True, {}, {'hypervisor': ('QEMU', 9)}, {}),
        ('hypervisor_older', False, {}, {'hypervisor': ('QEMU', 7)}, {}),
        (
            'paused_onto_older',
            False,
            {'status': 'PAUSED'},
            {'hypervisor': ('QEMU', 7)},
            {},
        ),
        (
            'older_but_stopped',
            True,
            {'status': 'SHUTOFF'},
            {'hypervisor': ('QEMU', 7)},
            {},
        ),
        (
            'hypervisor_other',
            False,
            {'status': 'SHUTOFF'},
            {'hypervisor': ('Xen', 8)},
            {},
        ),
        ('apart', False, {}, {}, {'groups': APART, 'others': (DB_ON_B,)}),
        (
            'apart_enough',
            True,
            {},
            {},
            {'groups': APART, 'others': (DB_ON_C,)},
        ),
        (
            'apart_arriving',
            False,
            {},
            {},
            {
                'groups': APART,
                'others': (DB_ON_C,),
                'moves': (a_move('db', 'c', 'b'),),
            },
        ),
        (
            'two_apart',
            True,
            {},
            {},
            {
                'groups': (a_group('anti-affinity', 'web', 'db', limit=2),),
                'others': (DB_ON_B,),
            },
        ),
        ('together', True, {}, {}, {'groups': TOGETHER, 'others': (DB_ON_B,)}),
        ('alone', False, {}, {}, {'groups': TOGETHER}),
        (
            'soft',
            True,
            {},
            {},
            {
                'groups': (
                    a_group('soft-affinity', 'web', 'db'),
                    a_group('soft-anti-affinity', 'web', 'db'),
                ),
                'others': (DB_ON_B,),
            },
        ),
        (
            'unconfirmed_away',
            False,
            {},
            {},
            {'others': (DB_ON_C,), 'moves': (a_move('db', 'a', 'c'),)},
        ),
        (
            'migrated_away',
            True,
            {},
            {},
            {'others': (DB_ON_C,), 'moves': (a_move('db', 'a', 'c', 'a'),)},
        ),
        (
            'migrated_here',
            False,
            {},
            {},
            {'moves': (a_move('web', 'c', 'a', 'c'),)},
        ),
        (
            'in_flight_elsewhere',
            True,
            {},
            {},
            {'others': (DB_ON_C,), 'moves': (a_move('db', 'c', 'd'),)},
        ),
    )
    @ddt.unpack
    def test_one(self, expected, server, host, more):
        known = facts.Facts(
            {
                'a': a_host('a', **more.get('node', {})),
                'b': a_host(**host),
                'c': a_host('c', status='disabled'),
            },
            (a_server(**server), *more.get('others', ())),
            more.get('groups', ()),
            more.get('moves', ()),
        )
        answer = oracle.ask(known, 'a')
        self.assertEqual(expected, answer.possible, answer.why)

    @ddt.named_data(
        ('both_on_one', 2, (), ('b',), True),
        ('three_on_one', 3, (), ('b',), False),
        ('three_on_two', 3, (), ('b', 'c'), True),
        ('apart_on_one', 2, ('anti-affinity',), ('b',), False),
        ('apart_on_two', 2, ('anti-affinity',), ('b', 'c'), True),
    )
    @ddt.unpack
    def test_together(self, count, policies, hosts, expected):
        servers = tuple(a_server(str(n)) for n in range(count))
        known = facts.Facts(
            {name: a_host(name) for name in ('a', *hosts)},
            servers,
            tuple(a_group(policy, '0', '1') for policy in policies),
            (),
        )
        self.assertEqual(expected, oracle.ask(known, 'a').possible)

    def test_ends(self):
        known = facts.Facts(
            {'a': a_host('a'), 'b': a_host()},
            (a_server(), a_server('off', status='SHELVED'), DB_ON_C),
            (),
            (a_move('db', 'a', 'c', 'a'), a_move('x', 'b', 'c', 'b')),
        )
        self.assertEqual(
            {'db': ('ACTIVE', 'SHUTOFF'), 'off': ('SHELVED_OFFLOADED',)},
            oracle.ends(known, 'a'),
        )

    def test_spares_do_not_share(self):
        known = facts.Facts(
            {
                'a': a_host('a'),
                'b': a_host(**SPARE),
                'c': a_host('c', **SPARE),
            },
            tuple(a_server(str(n)) for n in range(3)),
            (),
            (),
        )
        self.assertEqual(
            oracle.Answer(False, 'no placement'), oracle.ask(known, 'a')
        )

    @ddt.named_data(
        # name, hosts where the move of web has failed, those to be avoided
        ('never',      (),         ()),
        ('on_one',     ('b',),     ('b',)),
        # One of them has to be tried again.
        ('everywhere', ('b', 'c'), ()),
    )  # fmt: skip
    @ddt.unpack
    def test_failed_moves(self, hosts, expected):
        known = facts.Facts(
            {name: a_host(name) for name in 'abc'},
            (a_server(),),
            (),
            (),
            frozenset(('web', host) for host in hosts),
        )
        answer = oracle.ask(known, 'a')
        self.assertTrue(answer.possible)
        self.assertEqual(
            frozenset(('web', host) for host in expected), answer.avoidable
        )


class TestCases(testtools.TestCase):
    def test_same_seed_same_cloud(self):
        for seed in range(len(cases.KINDS)):
            self.assertEqual(cases.case(seed), cases.case(seed))

    def test_valid(self):
        for seed in range(200):
            case = cases.case(seed)
            parsed = description.parse(case.description)
            self.assertIn(case.node, parsed.hosts)
            self.assertIn(
                case.node, [s['host'] for s in parsed.servers.values()]
            )
            self.assertNotEqual((), case.drift)

    def test_kinds_take_turns(self):
        self.assertEqual(
            list(cases.KINDS),
            [cases.kind_of(seed) for seed in range(len(cases.KINDS))],
        )

    def test_seeds(self):
        self.assertEqual([3, 5, 9, 10, 11], runs.seeds('3,5,9-11'))
