# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import a_return_request
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import hints
from watcher_host_maintenance.core.rules.hints import FAR_AWAY
from watcher_host_maintenance.core.rules.hints import HINTED_LEAVES
from watcher_host_maintenance.core.rules.hints import HOLDS_OTHER
from watcher_host_maintenance.core.rules.hints import LACKS_OTHER


SAME, DIFFERENT = {'same_host': True}, {'different_host': True}
CIDR = {'cidr_affinity': True}
THERE, HERE = {'db': 'compute-2'}, {'db': 'compute-1'}
NEAR = {'build_near_host_ip': ('10.0.0.1',)}

ROWS = (
    # name, case, reasons given
    (
        'away_from_it',
        {
            'hints': {'different_host': ('db',)},
            'hinted': THERE,
            'request': DIFFERENT,
        },
        ['holds_other'],
    ),
    (
        'away_where_it_is_not',
        {
            'hints': {'different_host': ('db',)},
            'hinted': HERE,
            'request': DIFFERENT,
        },
        [],
    ),
    (
        'near_it',
        {'hints': {'same_host': ('db',)}, 'hinted': THERE, 'request': SAME},
        [],
    ),
    (
        'near_where_it_is_not',
        {'hints': {'same_host': ('db',)}, 'hinted': HERE, 'request': SAME},
        ['lacks_other'],
    ),
    (
        'far_away',
        {'hints': NEAR, 'node': {'host_ip': '10.0.1.1'}, 'request': CIDR},
        ['far_away'],
    ),
    (
        'near_address',
        {'hints': NEAR, 'node': {'host_ip': '10.0.0.9'}, 'request': CIDR},
        [],
    ),
    (
        'respects_none',
        {
            'hints': {'same_host': ('db',), 'different_host': ('web',)},
            'hinted': {'web': 'compute-2'},
        },
        [],
    ),
)


@ddt.ddt
class TestServers(base.TestCase):
    @ddt.named_data(
        # name, servers named, of them on the node, refused: away, near
        ('none',        (),            (),            False, False),
        ('there',       ('db',),       ('db',),       True,  False),
        ('elsewhere',   ('db',),       (),            False, True),
        ('other_there', ('db',),       ('web',),      False, True),
        ('one_of_two',  ('db', 'web'), ('web',),      True,  False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, named, there, away, near):
        for hint, rule, reason, refused in (
            ('different_host', hints.keeps_away, HOLDS_OTHER, away),
            ('same_host', hints.stays_near, LACKS_OTHER, near),
        ):
            findings = asking.findings(
                rule,
                hints={hint: named},
                hinted=dict.fromkeys(there, 'compute-2'),
                request={hint: True},
            )
            self.assertEqual(
                [reason] if refused else [], [f.reason for f in findings], hint
            )

    def test_names_each(self):
        findings = asking.findings(
            hints.keeps_away,
            hints={'different_host': ('db', 'web')},
            hinted=dict.fromkeys(('db', 'web'), 'compute-2'),
            request=DIFFERENT,
        )
        self.assertEqual(
            [
                Finding(HOLDS_OTHER, 'compute-2', {'other': 'db'}),
                Finding(HOLDS_OTHER, 'compute-2', {'other': 'web'}),
            ],
            findings,
        )


@ddt.ddt
class TestIsNearAddress(base.TestCase):
    @ddt.named_data(
        # name, address asked for, size, address of the node, is refused
        ('not_asked_for',   None,       None,  '10.0.0.1',   False),
        ('first',           '10.0.0.1', None,  '10.0.0.0',   False),
        ('last',            '10.0.0.1', None,  '10.0.0.255', False),
        ('just_past',       '10.0.0.1', None,  '10.0.1.0',   True),
        ('larger',          '10.0.0.1', '/23', '10.0.1.0',   False),
        ('smaller',         '10.0.0.1', '/31', '10.0.0.2',   True),
        ('other_family',    '10.0.0.1', None,  'fd00::1',    True),
        ('ipv6',            'fd00::1',  '/64', 'fd00::2',    False),
        ('unknown_there',   '10.0.0.1', None,  '',           True),
        ('no_sense',        'here',     None,  '10.0.0.1',   True),
        ('size_no_sense',   '10.0.0.1', '24',  '10.0.0.1',   True),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, near, size, address, refused):
        given = {'build_near_host_ip': near, 'cidr': size}
        findings = asking.findings(
            hints.is_near_address,
            hints={hint: (text,) for hint, text in given.items() if text},
            node={'host_ip': address},
            request=CIDR,
        )
        self.assertEqual(
            [FAR_AWAY] if refused else [], [f.reason for f in findings]
        )


@ddt.ddt
class TestBlockers(base.TestCase):
    @ddt.named_data(
        # name, hint, server named, request, hint told
        ('same',          'same_host',      'uuid-db', SAME,      'same_host'),
        ('different',     'different_host', 'uuid-db', DIFFERENT,
         'different_host'),
        ('not_respected', 'same_host',      'uuid-db', DIFFERENT, None),
        ('other_server',  'same_host',      'other',   SAME,      None),
    )  # fmt: skip
    @ddt.unpack
    def test_server_that_leaves_too(self, hint, named, respected, told):
        web = an_instance('web-1', hints={hint: (named,)})
        before = dataclasses.replace(
            a_snapshot(instances=[web, an_instance('db')]),
            hinted={named: 'compute-1'},
        )
        findings = hints.blockers(web, before, a_request(**respected))
        facts = {'hint': told, 'other': 'db'}
        self.assertEqual(
            [Finding(HINTED_LEAVES, 'web-1', facts)] if told else [],
            list(findings),
        )

    @ddt.named_data(
        # name, node of the server that is named, request, whether it blocks
        ('to_empty',     'compute-1', a_request(**SAME), True),
        ('elsewhere',    'compute-2', a_request(**SAME), False),
        ('marked',       'compute-3', a_bare_request(**SAME), True),
        ('not_marked',   'compute-2', a_bare_request(**SAME), False),
        ('comes_home',   'compute-2', a_return_request('compute-1', **SAME), True),
    )  # fmt: skip
    @ddt.unpack
    def test_node_of_the_other(self, host, request, blocks):
        """Servers of other nodes are listed when they may make room."""
        web = an_instance('web-1', hints={'same_host': ('uuid-db',)})
        marked = a_node(
            'compute-3',
            status='disabled',
            disabled_reason='watcher_maintaining',
        )
        before = a_snapshot(
            [a_node('compute-1'), a_node('compute-2'), marked],
            [web, an_instance('db', host)],
        )
        findings = hints.blockers(web, before, request)
        self.assertEqual(
            [HINTED_LEAVES] if blocks else [], [f.reason for f in findings]
        )


class TestRespected(base.TestCase):
    def test_by_switch(self):
        self.assertEqual(frozenset(), hints.respected(a_request()))
        self.assertEqual(
            {'build_near_host_ip', 'cidr'}, hints.respected(a_request(**CIDR))
        )
        self.assertEqual(
            {'same_host', 'different_host'},
            hints.respected(a_request(**SAME, **DIFFERENT)),
        )
