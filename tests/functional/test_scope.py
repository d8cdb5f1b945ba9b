# SPDX-License-Identifier: Apache-2.0

"""What the audit's scope leaves out: the node itself, or its servers."""

import ddt

from tests.functional import base
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from tests.functional.refusals import left_behind
from watcher_host_maintenance.core.advice.unplaced import NO_CANDIDATE
from watcher_host_maintenance.core.rules.leaving import EXCLUDED_BY_SCOPE
from watcher_host_maintenance.core.rules.roles import OUT_OF_SCOPE
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.scope import SCOPE_UNKNOWN


PROJECT = 'a' * 32
NO_NODE = cannot_drain(MODEL_EMPTY.about())


def scope(*rules):
    return [{'compute': list(rules)}]


def exclude(**resources):
    return scope({'exclude': [resources]})


@ddt.ddt
class TestRefused(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            'compute-2': base.HOST,
            'compute-3': base.a_host(zone='north'),
        },
        aggregates={'fast': {'hosts': ['compute-1', 'compute-2']}},
        servers={
            'web': base.on('compute-1', count=2),
            'db': base.on('compute-1', project=PROJECT),
            'cache': base.on('compute-1', metadata={'optimize': False}),
            'mail': base.on('compute-3'),
        },
    )

    @ddt.named_data(
        # name, node to empty, scope, message
        (
            'aggregate',
            'compute-3',
            scope({'host_aggregates': [{'name': 'fast'}]}),
            cannot_drain(OUT_OF_SCOPE.about('compute-3')),
        ),
        (
            'zone',
            'compute-1',
            scope({'availability_zones': [{'name': 'north'}]}),
            cannot_drain(OUT_OF_SCOPE.about('compute-1')),
        ),
        (
            'excluded',
            'compute-1',
            exclude(compute_nodes=[{'name': 'compute-1'}]),
            cannot_drain(OUT_OF_SCOPE.about('compute-1')),
        ),
        (
            'no_destination',
            'compute-1',
            exclude(
                compute_nodes=[{'name': 'compute-2'}, {'name': 'compute-3'}]
            ),
            cannot_move('compute-1', 4, 4, NO_CANDIDATE.about()),
        ),
        (
            'project',
            'compute-1',
            exclude(projects=[{'uuid': PROJECT}]),
            cannot_move('compute-1', 1, 4, EXCLUDED_BY_SCOPE.about('db')),
        ),
        # What follows is in no cloud.
        (
            'unknown_aggregate',
            'compute-1',
            scope({'host_aggregates': [{'name': 'slow'}]}),
            NO_NODE,
        ),
        (
            'unknown_excluded',
            'compute-1',
            exclude(compute_nodes=[{'name': 'compute-9'}]),
            cannot_drain(SCOPE_UNKNOWN.about(entries='compute-9')),
        ),
        # Watcher itself looks up an option that no collector has, and fails.
        (
            'metadata',
            'compute-1',
            exclude(instance_metadata=[{'optimize': False}]),
            cannot_drain(SCOPE_UNKNOWN.about(entries='instance_metadata')),
        ),
    )
    @ddt.unpack
    def test_scope(self, node, scope, message):
        audit = self.drain(scope, maintenance_node=node)
        self.assertRefused(audit, message)

    def test_backup_outside(self):
        audit = self.drain(
            scope({'host_aggregates': [{'name': 'fast'}]}),
            maintenance_node='compute-1',
            backup_node='compute-3',
        )
        self.assertRefused(
            audit,
            cannot_drain(OUT_OF_SCOPE.about('compute-3')),
        )

    def test_servers(self):
        ids = {s.name: s.id for s in self.cloud.nova.servers.list()}
        excluded = ('web-1', 'web-2', 'mail')
        audit = self.drain(
            exclude(instances=[{'uuid': ids[name]} for name in excluded]),
            maintenance_node='compute-1',
        )
        report = self.assertRefused(
            audit,
            cannot_move(
                'compute-1', 2, 4, EXCLUDED_BY_SCOPE.about('web-1'), more=True
            ),
        )
        self.assertEqual(
            {'web-1': ['excluded_by_scope'], 'web-2': ['excluded_by_scope']},
            {
                s['instance_name']: [f['reason'] for f in s['findings']]
                for s in report['outcome']['nodes'][0]['stays']
            },
        )


class TestLeave(base.CloudTestCase):
    def test_excluded_stays(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', project=PROJECT),
            },
        )
        self.drain_and_execute(
            exclude(projects=[{'uuid': PROJECT}]),
            message=left_behind(1, 3, EXCLUDED_BY_SCOPE.about('db')),
            maintenance_node='compute-1',
            on_blocked='leave',
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('ACTIVE', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
