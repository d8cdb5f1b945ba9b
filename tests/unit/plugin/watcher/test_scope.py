# SPDX-License-Identifier: Apache-2.0


"""Our reading of a scope against Watcher's own, on the same clouds."""

import copy

from unittest import mock

import ddt
import fixtures

from watcher.common import exception
from watcher.common import nova_helper
from watcher.decision_engine.model.collector import nova as collector
from watcher.decision_engine.scope import compute as compute_scope

from tests.unit.plugin import base
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.scope import SCOPE_UNKNOWN
from watcher_host_maintenance.plugin.watcher.scope import AuditScope


OTHERS = uuid_of('another project')

SERVICES = (
    a_service('compute-1', zone='az-1'),
    a_service('compute-2', zone='az-1'),
    a_service('compute-3', zone='az-2'),
    a_service('compute-4', zone='nova'),
)

AGGREGATES = (
    Aggregate.read(an_aggregate(1, 'rack-1', ['compute-1', 'compute-3'])),
    Aggregate.read(an_aggregate(2, 'rack-2', ['compute-4'])),
    Aggregate.read(an_aggregate(3, 'empty', [])),
)

EVERY = {'compute-1', 'compute-2', 'compute-3', 'compute-4'}


def aggregates(*entries):
    return {'host_aggregates': list(entries)}


def zones(*names):
    return {'availability_zones': [{'name': name} for name in names]}


def exclude(**kinds):
    return {'exclude': [{kind: found} for kind, found in kinds.items()]}


def names(*found):
    return [{'name': name} for name in found]


def uuids(*found):
    return [{'uuid': uuid} for uuid in found]


def a_cloud():
    """A model of all these nodes with two servers on each."""
    return a_model(
        *(
            (
                a_node(s.host),
                [
                    a_server(f'mine on {s.host}'),
                    a_server(f'other on {s.host}', project_id=OTHERS),
                ],
            )
            for s in SERVICES
        )
    )


def by_watcher(audit_scope):
    """What remains of the model: hostnames, and UUIDs of the excluded."""
    model = compute_scope.ComputeScope(
        copy.deepcopy(audit_scope),
        mock.sentinel.config,
    ).get_scoped_model(a_cloud())
    return (
        {n.hostname for n in model.get_all_compute_nodes().values()},
        {
            i.uuid
            for i in model.get_all_instances().values()
            if i.watcher_exclude
        },
    )


def by_us(audit_scope):
    """The same, of what our own reading holds."""
    ours = AuditScope(audit_scope)
    try:
        hosts = ours.nodes(SERVICES, AGGREGATES)
    except NotPlanned as exc:
        assert exc.finding == Finding(MODEL_EMPTY), exc.finding
        return set(), set()
    model = a_cloud()
    return hosts, ours.excluded(
        as_nova_has_it(i)
        for node in model.get_all_compute_nodes().values()
        if node.hostname in hosts
        for i in model.get_node_instances(node)
    )


def by_us_all(audit_scope):
    """The hosts, or what is wrong with the scope."""
    return AuditScope(audit_scope).nodes(SERVICES, AGGREGATES)


def as_nova_has_it(instance):
    return Server(
        uuid=instance.uuid,
        name=instance.name,
        host='',
        vm_state='active',
        task_state='',
        power_state='running',
        pinned_zone=None,
        project_id=instance.project_id,
        extra_specs={},
        resources={},
    )


@ddt.ddt
class TestScope(base.TestCase):
    def setUp(self):
        super().setUp()
        helper = mock.create_autospec(nova_helper.NovaHelper, instance=True)
        helper.get_aggregate_list.return_value = list(AGGREGATES)
        helper.get_service_list.return_value = SERVICES
        self.useFixture(
            fixtures.MockPatchObject(
                nova_helper, 'NovaHelper', return_value=helper
            )
        )

    def assert_like_watcher(self, audit_scope):
        if 'availability_zones' in str(audit_scope) and not self.adds_hosts():
            self.skipTest(
                'This Watcher adds the letters of the hosts of a '
                'zone to a scope, not the hosts.'
            )
        self.assertEqual(by_watcher(audit_scope), by_us(audit_scope))

    def adds_hosts(self):
        found = []
        compute_scope.ComputeScope([], mock.sentinel.config)._collect_zones(
            [{'name': 'az-2'}], found
        )
        return found == ['compute-3']

    @ddt.named_data(
        # name, rules about compute, hosts inside
        ('nothing',        [],                               EVERY),
        ('by_name',        [aggregates({'name': 'rack-1'})],
         {'compute-1', 'compute-3'}),
        ('by_id',          [aggregates({'id': 2})],          {'compute-4'}),
        ('several',        [aggregates({'id': 2}, {'name': 'rack-1'})],
         {'compute-1', 'compute-3', 'compute-4'}),
        ('every_name',     [aggregates({'name': '*'})],
         {'compute-1', 'compute-3', 'compute-4'}),
        ('every_id',       [aggregates({'id': '*'})],
         {'compute-1', 'compute-3', 'compute-4'}),
        ('empty',          [aggregates({'name': 'empty'})],  set()),
        ('unknown',        [aggregates({'name': 'rack-9'})], set()),
        ('name_is_no_id',  [aggregates({'name': '2'})],      set()),
        ('unknown_id',     [aggregates({'id': 9})],          set()),
        ('no_aggregate',   [aggregates()],                   set()),
        ('zone',           [zones('az-1')], {'compute-1', 'compute-2'}),
        ('zones',          [zones('az-1', 'nova')],
         {'compute-1', 'compute-2', 'compute-4'}),
        ('every_zone',     [zones('*')],                     EVERY),
        ('unknown_zone',   [zones('az-9')],                  set()),
        ('either',         [aggregates({'id': 2}), zones('az-2')],
         {'compute-3', 'compute-4'}),
        ('one_of_two',     [aggregates({'id': 9}), zones('az-2')],
         {'compute-3'}),
        ('node',           [exclude(compute_nodes=names('compute-2'))],
         EVERY - {'compute-2'}),
        ('nodes',          [exclude(
            compute_nodes=names('compute-2', 'compute-4'))],
         {'compute-1', 'compute-3'}),
        ('aggregate',      [exclude(host_aggregates=names('rack-1'))],
         {'compute-2', 'compute-4'}),
        ('aggregate_id',   [exclude(host_aggregates=[{'id': 2}])],
         EVERY - {'compute-4'}),
        ('all_aggregates', [exclude(host_aggregates=names('*'))],
         {'compute-2'}),
        ('one_rule',       [aggregates({'id': 2}) | zones('az-2')],
         {'compute-4'}),
        ('zone_without',   [zones('az-1'),
                            exclude(compute_nodes=names('compute-1'))],
         {'compute-2'}),
        ('both_excluded',  [exclude(
            compute_nodes=names('compute-2'),
            host_aggregates=[{'id': 2}])],
         {'compute-1', 'compute-3'}),
    )  # fmt: skip
    @ddt.unpack
    def test_hosts(self, rules, hosts):
        audit_scope = [{'compute': rules}]
        self.assertEqual(hosts, by_us(audit_scope)[0])
        self.assert_like_watcher(audit_scope)

    @ddt.named_data(
        # name, rules about compute, names of the servers excluded
        ('server',   [exclude(instances=uuids(
            uuid_of('mine on compute-1')))], {'mine on compute-1'}),
        ('servers',  [exclude(instances=uuids(
            uuid_of('mine on compute-1'), uuid_of('mine on compute-2')))],
         {'mine on compute-1', 'mine on compute-2'}),
        ('unknown',  [exclude(instances=uuids(uuid_of('nobody')))], set()),
        ('project',  [exclude(projects=uuids(OTHERS))],
         {f'other on {host}' for host in EVERY}),
        ('both',     [zones('az-2'), exclude(
            instances=uuids(uuid_of('mine on compute-3')),
            projects=uuids(OTHERS))],
         {'mine on compute-3', 'other on compute-3'}),
        ('two_rules', [
            exclude(instances=uuids(uuid_of('mine on compute-1'))),
            exclude(instances=uuids(uuid_of('mine on compute-2')))],
         {'mine on compute-1', 'mine on compute-2'}),
    )  # fmt: skip
    @ddt.unpack
    def test_servers(self, rules, excluded):
        audit_scope = [{'compute': rules}]
        self.assertEqual(
            {uuid_of(name) for name in excluded}, by_us(audit_scope)[1]
        )
        self.assert_like_watcher(audit_scope)

    @ddt.named_data(
        # name, scope of the audit, hosts inside
        ('null',           None,                             EVERY),
        ('empty',          [],                               EVERY),
        ('storage',        [{'storage': [{'exclude': []}]}], EVERY),
        ('storage_first',  [{'storage': []},
                            {'compute': [zones('az-2')]}],   {'compute-3'}),
        ('first_counts',   [{'compute': [zones('az-2')]},
                            {'compute': [zones('nova')]}],   {'compute-3'}),
        ('empty_first',    [{'compute': []},
                            {'compute': [zones('nova')]}],   {'compute-4'}),
    )  # fmt: skip
    @ddt.unpack
    def test_parts(self, audit_scope, hosts):
        self.assertEqual((hosts, set()), by_us(audit_scope))
        self.assert_like_watcher(audit_scope)

    def test_all_that_one_entry_excludes_stays_out(self):
        # Watcher looks at one kind of an entry and forgets the others.
        ours = AuditScope(
            [
                {
                    'compute': [
                        {
                            'exclude': [
                                {
                                    'compute_nodes': names('compute-2'),
                                    'host_aggregates': names('rack-2'),
                                    'projects': uuids(OTHERS),
                                }
                            ]
                        }
                    ]
                }
            ],
        )
        self.assertEqual(
            {'compute-1', 'compute-3'}, ours.nodes(SERVICES, AGGREGATES)
        )
        server = as_nova_has_it(a_server(project_id=OTHERS))
        self.assertEqual({server.uuid}, ours.excluded([server]))

    def assert_unknown(self, entries, rules):
        """Check that a scope is refused: what it means could be touched."""
        error = self.assertRaises(NotPlanned, by_us_all, [{'compute': rules}])
        self.assertEqual(
            Finding(SCOPE_UNKNOWN, facts={'entries': entries}), error.finding
        )

    @ddt.named_data(
        # name, nodes that are excluded, those that do not exist
        ('one',   ['compute-9'],                           ('compute-9',)),
        ('some',  ['compute-9', 'compute-1', 'compute-8'],
         ('compute-8', 'compute-9')),
    )  # fmt: skip
    @ddt.unpack
    def test_node_that_does_not_exist(self, excluded, entries):
        rules = [exclude(compute_nodes=names(*excluded))]
        self.assert_unknown(entries, rules)
        # Watcher fails as well.
        self.assertRaises(
            exception.ComputeNodeNotFound, by_watcher, [{'compute': rules}]
        )

    def test_metadata_is_no_scope_that_watcher_reads(self):
        # Its collector lacks the option that this part needs.
        opts = collector.NovaClusterDataModelCollector.get_config_opts()
        self.assertNotIn('check_optimize_metadata', [o.name for o in opts])
        self.assert_unknown(
            ('instance_metadata',),
            [exclude(instance_metadata=[{'optimize': False}])],
        )
