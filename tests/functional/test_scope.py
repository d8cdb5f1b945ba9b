# SPDX-License-Identifier: Apache-2.0

"""What the audit's scope leaves out: the node itself, or its servers."""

import ddt

from tests.functional import base


PROJECT = 'a' * 32
NO_NODE = (
    ": Watcher's compute model holds no compute node. Nothing was changed. "
    "Check the audit's scope and Nova's hypervisors."
)


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
        # name, node to empty, scope, what is said
        (
            'aggregate',
            'compute-3',
            scope({'host_aggregates': [{'name': 'fast'}]}),
            ": compute-3 is outside the audit's scope. Nothing was changed. "
            'Widen the scope of the audit template.',
        ),
        (
            'zone',
            'compute-1',
            scope({'availability_zones': [{'name': 'north'}]}),
            ": compute-1 is outside the audit's scope. Nothing was changed. "
            'Widen the scope of the audit template.',
        ),
        (
            'excluded',
            'compute-1',
            exclude(compute_nodes=[{'name': 'compute-1'}]),
            ": compute-1 is outside the audit's scope. Nothing was changed. "
            'Widen the scope of the audit template.',
        ),
        (
            'no_destination',
            'compute-1',
            exclude(
                compute_nodes=[{'name': 'compute-2'}, {'name': 'compute-3'}]
            ),
            ' compute-1: 4 of 4 instances cannot be moved. No other compute '
            'node in scope is enabled and up. Nothing was changed. Enable a '
            'compute node, or add an unused one.',
        ),
        (
            'project',
            'compute-1',
            exclude(projects=[{'uuid': PROJECT}]),
            ' compute-1: 1 of 4 instances cannot be moved. db is excluded by '
            "the audit's scope. Nothing was changed. Take it out of the "
            'exclusion, or move it by hand.',
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
            ": the audit's scope excludes compute-9, which is unknown. "
            'Nothing was changed. Correct the scope of the audit template.',
        ),
        # Watcher itself looks up an option that no collector has, and fails.
        (
            'metadata',
            'compute-1',
            exclude(instance_metadata=[{'optimize': False}]),
            ": the audit's scope excludes instance_metadata, which is "
            'unknown. Nothing was changed. Correct the scope of the audit '
            'template.',
        ),
    )
    @ddt.unpack
    def test_scope(self, node, scope, said):
        audit = self.drain(scope, maintenance_node=node)
        self.assertRefused(audit, f'Cannot drain{said}')

    def test_backup_outside(self):
        audit = self.drain(
            scope({'host_aggregates': [{'name': 'fast'}]}),
            maintenance_node='compute-1',
            backup_node='compute-3',
        )
        self.assertRefused(
            audit,
            "Cannot drain: compute-3 is outside the audit's scope. "
            'Nothing was changed. Widen the scope of the audit template.',
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
            'Cannot drain compute-1: 2 of 4 instances cannot be '
            "moved. web-1 is excluded by the audit's scope. Nothing was "
            'changed. Take it out of the exclusion, or move it by hand. '
            'More is in the way: see the decision engine log.',
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
            message="1 of 3 left: db is excluded by the audit's scope.",
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
