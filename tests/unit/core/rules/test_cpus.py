# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import plan
from tests.unit.core.rules import asking
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules.rule import Leaver


LIVE, COLD = MoveKind.LIVE, MoveKind.COLD
REQUIRE = {'cpu_check': CpuCheck.REQUIRE}
NEW, OLD = {'cpu_features': ('avx2', 'vmx')}, {'cpu_features': ('vmx',)}

ROWS = (
    # name, case, reasons given
    ('lacks', {'source': NEW, 'node': OLD, 'request': REQUIRE}, ['cpu_lacks']),
    ('has_more', {'source': OLD, 'node': NEW, 'request': REQUIRE}, []),
    ('unknown', {'source': NEW, 'request': REQUIRE}, ['cpu_unknown']),
    ('preferred', {'source': NEW, 'node': OLD}, []),
    (
        'cold',
        {'kind': COLD, 'source': NEW, 'node': OLD, 'request': REQUIRE},
        [],
    ),
)


@ddt.ddt
class TestHasFeatures(base.TestCase):
    @ddt.named_data(
        # name, how it moves, of the source, of the node, what is missing
        ('same',           LIVE, ('a', 'b'), ('a', 'b'), ()),
        ('one_missing',    LIVE, ('a', 'b'), ('a',),     ('b',)),
        ('one_more',       LIVE, ('a',),     ('a', 'b'), ()),
        ('cold',           COLD, ('a', 'b'), ('a',),     ()),
        ('source_unknown', LIVE, None,       ('a',),     ()),
        ('both_unknown',   LIVE, None,       None,       ()),
        ('none_matters',   LIVE, (),         ('a',),     ()),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, kind, source, node, missing):
        findings = asking.findings(
            cpus.has_features,
            kind=kind,
            source={'cpu_features': source},
            node={'cpu_features': node},
            request=REQUIRE,
        )
        self.assertEqual(
            [{'count': len(missing), 'some': missing}] if missing else [],
            [dict(f.facts) for f in findings],
        )

    @ddt.data(cpus.NAMED, cpus.NAMED + 1)
    def test_so_many_are_named(self, count):
        features = tuple(f'f{n}' for n in range(count))
        [finding] = asking.findings(
            cpus.has_features,
            source={'cpu_features': features},
            node={'cpu_features': ()},
            request=REQUIRE,
        )
        self.assertEqual(count, finding.facts['count'])
        self.assertEqual(features[: cpus.NAMED], finding.facts['some'])


@ddt.ddt
class TestPreferred(base.TestCase):
    """compute-2 lacks a feature of compute-1, which compute-3 has."""

    def drained(self, **request):
        nodes = [
            a_node('compute-1', **NEW),
            a_node('compute-2', **OLD),
            a_node('compute-3', vcpus=4, used={'VCPU': 2}, **NEW),
        ]
        servers = [an_instance(f'web-{n}') for n in range(self.count)]
        return plan(nodes, servers, a_request(**request))

    @ddt.named_data(
        # name, servers, request, destinations
        ('all_fit',  2, {},                           {'compute-3'}),
        # As few as possible where a feature is missing.
        ('too_many', 3, {},                  {'compute-2', 'compute-3'}),
        ('off',      2, {'cpu_check': CpuCheck.OFF},  {'compute-2'}),
        ('required', 2, REQUIRE,                      {'compute-3'}),
        ('cold',     2, {'disable_live_migration': True}, {'compute-2'}),
    )  # fmt: skip
    @ddt.unpack
    def test_destinations(self, count, request, expected):
        self.count = count
        outcome = self.drained(**request)
        self.assertEqual(expected, {m.destination for m in outcome.moves})

    def test_impossible(self):
        self.count = 3
        self.assertTrue(self.drained(**REQUIRE).failed)

    @ddt.named_data(
        # name, features of the node, is it disliked
        ('lacks',   ('vmx',),        True),
        ('has_all', ('avx2', 'vmx'), False),
        ('unknown', None,            True),
    )  # fmt: skip
    @ddt.unpack
    def test_disliked(self, features, expected):
        web = an_instance()
        nodes = [
            a_node('compute-1', **NEW),
            a_node('compute-2', cpu_features=features),
        ]
        before = a_snapshot(nodes, [web])
        judge = hosting.Judge(before, a_request(), [Leaver(web, LIVE)])
        self.assertEqual(
            {web.uuid: hosting.LACKS_FEATURES} if expected else {},
            judge.disliked(before.by_hostname['compute-2']),
        )


FAILED_AT = '2026-11-21T12:00:00Z'


def failed(destination, failed_at=FAILED_AT, kind='live-migration'):
    return FailedMove(destination, kind, failed_at)


def told(findings):
    return [(f.subject, f.facts['source'], f.facts['some']) for f in findings]


@ddt.ddt
class TestTold(base.TestCase):
    """What lesser CPUs lack is named, whatever becomes of the moves."""

    def planned(self, nodes, servers, **request):
        before = a_snapshot(nodes, servers)
        outcome = drain.plan(before, a_request(**request))
        self.assertFalse(outcome.failed)
        return before, outcome

    @ddt.named_data(
        # name, features of source and destination, request, expected
        ('lacks',      ('avx2', 'vmx'), ('vmx',), {},
         [('compute-2', 'compute-1', ('avx2',))]),
        ('has_all',    ('vmx',), ('avx2', 'vmx'), {}, []),
        ('not_read',   None, None, {}, []),
        # It may have all of them.
        ('unknown',    ('avx2',), None, {}, []),
        ('cold',       ('avx2',), (), {'disable_live_migration': True}, []),
    )  # fmt: skip
    @ddt.unpack
    def test_met(self, source, destination, request, expected):
        before, outcome = self.planned(
            [
                a_node('compute-1', cpu_features=source),
                a_node('compute-2', cpu_features=destination),
            ],
            # Each pair of nodes is told once.
            [an_instance('db'), an_instance('web')],
            **request,
        )
        self.assertEqual(expected, told(cpus.met(before, outcome)))

    @ddt.data(cpus.NAMED, cpus.NAMED + 1)
    def test_so_many_are_named(self, count):
        features = tuple(f'f{n}' for n in range(count))
        before, outcome = self.planned(
            [
                a_node('compute-1', cpu_features=features),
                a_node('compute-2', cpu_features=()),
            ],
            [an_instance()],
        )
        [finding] = cpus.met(before, outcome)
        self.assertEqual(count, finding.facts['count'])
        self.assertEqual(features[: cpus.NAMED], finding.facts['some'])

    @ddt.named_data(
        # name, kind of the move that failed, expected
        ('live', 'live-migration', [('compute-2', 'compute-1', ('avx2',))]),
        ('cold', 'migration',      []),
    )  # fmt: skip
    @ddt.unpack
    def test_avoided(self, kind, expected):
        before, outcome = self.planned(
            [
                a_node('compute-1', **NEW),
                a_node('compute-2', **OLD),
                a_node('compute-3', **NEW),
            ],
            [an_instance(failed_moves=(failed('compute-2', kind=kind),))],
        )
        self.assertEqual([], told(cpus.met(before, outcome)))
        self.assertEqual(expected, told(cpus.avoided(before, outcome)))

    @ddt.named_data(
        # name, power state, moves that failed, reason, where to
        ('aborted', 'running', (), 'error_alive', None),
        ('equal',   'running', (failed('compute-3'),), 'error_alive', None),
        ('gone',    'running', (failed('compute-9'),), 'error_alive', None),
        ('cold_before', 'running', (failed('compute-2', kind='migration'),),
         'error_alive', None),
        ('lesser',  'running', (failed('compute-2'), failed('compute-3')),
         'error_lacks_features', 'compute-2'),
        ('newest',  'running', (failed('compute-2'),
                                failed('compute-4', '2026-11-21T12:00:01Z')),
         'error_lacks_features', 'compute-4'),
        ('paused',  'paused',  (failed('compute-2'),),
         'paused_lacks_features', 'compute-2'),
        ('paused_equal', 'paused', (failed('compute-3'),),
         'error_paused', None),
    )  # fmt: skip
    @ddt.unpack
    def test_in_error(self, power_state, moves, reason, expected):
        web = an_instance(
            'web',
            vm_state='error',
            power_state=power_state,
            failed_moves=moves,
            live_move_failed=True,
        )
        before = a_snapshot(
            [
                a_node('compute-1', **NEW),
                a_node('compute-2', **OLD),
                a_node('compute-3', **NEW),
                a_node('compute-4', **OLD),
            ],
            [web],
        )
        [node] = drain.plan(before, a_request()).nodes
        [[finding]] = [stay.findings for stay in node.stays]
        self.assertEqual(reason, finding.reason.value)
        self.assertEqual(expected, finding.facts.get('destination'))

    def test_in_error_for_another_reason(self):
        """A live migration failed, and something else since."""
        web = an_instance(
            vm_state='error',
            power_state='running',
            failed_moves=(failed('compute-2'),),
        )
        before = a_snapshot(
            [a_node('compute-1', **NEW), a_node('compute-2', **OLD)], [web]
        )
        [node] = drain.plan(before, a_request()).nodes
        [[finding]] = [stay.findings for stay in node.stays]
        self.assertEqual('error_last_running', finding.reason.value)
