# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.drains import plan
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import CpuCheck
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
