# SPDX-License-Identifier: Apache-2.0

"""Tests of an audit, from its parameters to its solution or its reason.

Watcher's model and solution are real; Nova and Placement answer at their APIs.
"""

import dataclasses
import json
import pathlib

from unittest import mock

import ddt
import fixtures

from watcher import objects
from watcher.db.sqlalchemy import models

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin.audits import TestCase
from tests.unit.plugin.audits import a_cloud
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import an_audit
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED
from watcher_host_maintenance.core.rules.roles import BACKUP_IS_MAINTAINED
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.targets import HYPERVISOR_NAME
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.core.telling.words import UNCHANGED
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import audit as audits
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.plugin.watcher.audit import FAILED_CHECK
from watcher_host_maintenance.plugin.watcher.audit import UNEXPECTED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_EMPTY
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_FAILED
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_MISSING
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE
from watcher_host_maintenance.plugin.watcher.told import Told
from watcher_host_maintenance.request.parameters import BAD_OPTION
from watcher_host_maintenance.request.parameters import BAD_PARAMETER
from watcher_host_maintenance.request.parameters import BOTH_NODE_PARAMETERS


@ddt.ddt
class TestPlan(TestCase):
    def test_moves(self):
        self.model = a_cloud(
            [a_server('web-1'), a_server('db-1', state='stopped')]
        )
        audit = an_audit()
        solution = self.run_audit(audit, maintenance_node='compute-1')
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1'),
                ('migrate', 'db-1'),
                ('migrate', 'web-1'),
                ('verify_host_empty', 'compute-1'),
            ],
            [
                (a['action_type'], a['input_parameters']['resource_name'])
                for a in solution.actions
            ],
        )
        self.assertIsNone(audit.status_message)
        self.assertFalse(self.reported()['failed'])
        self.assertEqual(audit.uuid, self.reported()['audit'])

    def test_efficacy(self):
        solution = self.run_audit(an_audit(), maintenance_node='compute-1')
        self.assertEqual(
            {
                'instances_count': 1,
                'instances_to_move_count': 1,
                'live_migrations_count': 1,
                'cold_migrations_count': 0,
                'stopped_instances_count': 0,
                'released_instances_count': 0,
                'remaining_instances_count': 0,
                'secondary_moves_count': 0,
                'destinations_count': 1,
                'estimated_duration': 21,
            },
            {i.name: i.value for i in solution.efficacy_indicators},
        )
        self.assertEqual([100.0], [i.value for i in solution.global_efficacy])

    def test_spare(self):
        self.services = (
            a_service('compute-1'),
            disabled('compute-2', 'watcher_disabled'),
        )
        solution = self.run_audit(an_audit(), maintenance_node='compute-1')
        self.assertEqual(
            [('compute-1', 'disabled'), ('compute-2', 'enabled')],
            [
                (
                    a['input_parameters']['resource_name'],
                    a['input_parameters']['state'],
                )
                for a in solution.actions
                if a['action_type'] == 'change_nova_service_state'
            ],
        )

    def test_several(self):
        self.model = a_cloud(
            [a_server('web-1')], (a_node('compute-3'), [a_server('api-1')])
        )
        self.services = (*self.services, a_service('compute-3'))
        solution = self.run_audit(
            an_audit(), maintenance_nodes=['compute-1', 'compute-3']
        )
        self.assertEqual(
            ['compute-2', 'compute-2'],
            [
                a['input_parameters']['destination_node']
                for a in solution.actions
                if a['action_type'] == 'migrate'
            ],
        )

    def test_both_migrations_disabled(self):
        solution = self.run_audit(
            an_audit(),
            maintenance_node='compute-1',
            disable_live_migration=True,
            disable_cold_migration=True,
        )
        self.assertEqual(
            ['change_nova_service_state', 'stop', 'verify_host_empty'],
            [a['action_type'] for a in solution.actions],
        )

    def test_bare_goal_with_nothing_marked(self):
        audit = an_audit()
        solution = self.run_audit(audit)
        self.assertEqual([], solution.actions)
        self.assertIsNone(audit.status_message)
        self.assertEqual([100.0], [i.value for i in solution.global_efficacy])

    def test_bare_goal_with_a_marked_node(self):
        self.services = (
            disabled('compute-1', 'watcher_maintaining'),
            a_service('compute-2'),
        )
        solution = self.run_audit(an_audit())
        self.assertEqual(
            ['migrate', 'verify_host_empty'],
            [a['action_type'] for a in solution.actions],
        )

    def test_options_are_read(self):
        self.services = (
            disabled('compute-1', 'fan broken'),
            a_service('compute-2'),
        )
        self.configure_strategy(
            marking_reasons=['fan'], verify_host_empty=False
        )
        solution = self.run_audit(an_audit())
        self.assertEqual(
            ['migrate'], [a['action_type'] for a in solution.actions]
        )

    def test_on_blocked_leave(self):
        self.model = a_cloud(
            [a_server('web-1'), a_server('job-1', state='suspended')]
        )
        audit = an_audit()
        solution = self.run_audit(
            audit, maintenance_node='compute-1', on_blocked='leave'
        )
        self.assertEqual(
            ['change_nova_service_state', 'migrate', 'verify_host_empty'],
            [a['action_type'] for a in solution.actions],
        )
        self.assertIn('job-1', audit.status_message)
        self.assertIn('1 of 2', audit.status_message)
        self.assertEqual([50.0], [i.value for i in solution.global_efficacy])

    def test_without_audit(self):
        # What Watcher's base class allows.
        solution = self.run_audit(maintenance_node='compute-1')
        self.assertEqual(3, len(solution.actions))
        self.assertEqual('none', self.reported()['audit'])

    def test_same_plan_twice(self):
        self.model = a_cloud(
            [a_server(f'web-{n}', vcpus=n) for n in range(1, 5)],
            *((a_node(f'compute-{n}'), ()) for n in range(3, 6)),
        )
        self.services = (
            *self.services,
            *(a_service(f'compute-{n}') for n in range(3, 6)),
        )
        one, other = (
            self.run_audit(an_audit(), maintenance_node='compute-1')
            for _ in range(2)
        )
        self.assertEqual(one.actions, other.actions)


class TestTruth(TestCase):
    """Placement and Nova have the last word, not the model."""

    def setUp(self):
        super().setUp()
        self.model = a_cloud(
            [a_server('web-1')],
            (a_node('compute-3'), [a_server('api-1', vcpus=8)]),
        )
        self.services = (*self.services, a_service('compute-3'))

    def destinations(self, strategy, audit=None):
        actions = strategy.execute(audit or an_audit()).actions
        return [
            a['input_parameters']['destination_node']
            for a in actions
            if a['action_type'] == 'migrate'
        ]

    def test_destination_that_has_filled_up(self):
        strategy = self.strategy(maintenance_node='compute-1')
        self.cloud.placement.hold('new-1', uuid_of('compute-2'), VCPU=16)
        self.assertEqual(['compute-3'], self.destinations(strategy))
        self.assertIn('Placement has 16 of 16.0.', self.log.output)

    def test_report_is_about_what_was_planned_on(self):
        directory = self.useFixture(fixtures.TempDir()).path
        self.configure_strategy(report_dir=directory)
        strategy = self.strategy(maintenance_node='compute-1')
        self.cloud.placement.hold('new-1', uuid_of('compute-2'), VCPU=16)
        audit = an_audit()
        self.destinations(strategy, audit)
        path = pathlib.Path(directory, f'{audit.uuid}.snapshot.json')
        known = snapshot.load(path.read_text(encoding='utf-8'))
        self.assertEqual(
            [16, 8],
            [n.used['VCPU'] for n in known.nodes if n.hostname != 'compute-1'],
        )

    def test_all_have_filled_up(self):
        strategy = self.strategy(maintenance_node='compute-1')
        for host in ('compute-2', 'compute-3'):
            self.cloud.placement.hold('new-1', uuid_of(host), VCPU=16)
        self.assertRaises(DrainRefused, strategy.execute, an_audit())
        (node,) = self.reported()['outcome']['nodes']
        self.assertEqual(
            [('compute-2', 0.0), ('compute-3', -8.0)],
            [
                (f['subject'], f['facts']['free'])
                for f in node['stays'][0]['findings'][1:]
            ],
        )

    def test_nova_is_busy_for_longer_than_the_audit_waits(self):
        strategy = self.strategy(maintenance_node='compute-1')
        [server] = [s for s in self.cloud.nova.servers if s['name'] == 'web-1']
        server['OS-EXT-STS:task_state'] = 'image_snapshot'
        audit = an_audit()
        self.assertRaises(DrainRefused, strategy.execute, audit)
        self.assertIn('image_snapshot', audit.status_message)


class TestPhases(TestCase):
    def test_pre_execute_touches_nothing(self):
        # It is not given the audit: what failed there could not be told.
        strategy = self.strategy(maintenance_node='compute-1')
        strategy.pre_execute()
        self.collectors.get_cluster_model_collector.assert_not_called()
        self.assertEqual([], self.cloud.nova.requests)
        self.assertEqual('', self.log.output)

    def test_model_is_read_before_nova(self):
        self.model = a_model()
        strategy = self.strategy(maintenance_node='compute-1')
        strategy.pre_execute()
        self.assertRaises(DrainRefused, strategy.do_execute, an_audit())
        self.collectors.get_cluster_model_collector.assert_called()

    def test_bad_parameters_are_told_before_anything_is_read(self):
        strategy = self.strategy(
            maintenance_node='compute-1', maintenance_nodes=['compute-2']
        )
        self.assertRaises(DrainRefused, strategy.execute, an_audit())
        self.collectors.get_cluster_model_collector.assert_not_called()
        self.assertEqual([], self.cloud.nova.requests)


ZONE_2 = [{'compute': [{'availability_zones': [{'name': 'az-2'}]}]}]


@ddt.ddt
class TestScope(TestCase):
    def test_excluded_server_is_a_blocker(self):
        self.scope = [
            {
                'compute': [
                    {'exclude': [{'instances': [{'uuid': uuid_of('web-1')}]}]}
                ]
            }
        ]
        self.refusal(maintenance_node='compute-1')
        (node,) = self.reported()['outcome']['nodes']
        self.assertEqual(
            'excluded_by_scope', node['stays'][0]['findings'][0]['reason']
        )

    def test_excluded_destination(self):
        self.scope = [
            {
                'compute': [
                    {'exclude': [{'compute_nodes': [{'name': 'compute-2'}]}]}
                ]
            }
        ]
        self.refusal(maintenance_node='compute-1')
        (why,) = self.reported()['outcome']['not_destinations']
        self.assertEqual(
            ('out_of_scope', 'compute-2'), (why['reason'], why['subject'])
        )

    @ddt.named_data(
        # name, scope of the audit, zone of the node, reasons
        ('none',     [],                               'az-1', []),
        ('null',     None,                             'az-1', []),
        ('storage',  [{'storage': [{'exclude': []}]}], 'az-1', []),
        ('no_rule',  [{'compute': [{'exclude': []}]}], 'az-1', []),
        ('inside',   ZONE_2,                           'az-2', []),
        ('outside',  ZONE_2,                           'az-1',
         ['out_of_scope']),
        ('both',     [{'storage': []}, *ZONE_2],       'az-1',
         ['out_of_scope']),
    )  # fmt: skip
    @ddt.unpack
    def test_node_is_not_in_the_model(self, scope, zone, reasons):
        self.scope = scope
        self.services = (
            a_service('compute-1', zone='az-2'),
            a_service('compute-2', zone='az-2'),
            a_service('compute-3', zone=zone),
        )
        strategy = self.strategy(maintenance_node='compute-3')
        self.cloud.placement.add(
            'compute-3', VCPU=16, MEMORY_MB=32768, DISK_GB=400
        )
        self.assertEqual(reasons, self.findings_of(strategy))

    def findings_of(self, strategy):
        """Why an audit fails; nothing when it does not."""
        try:
            strategy.execute(an_audit())
        except DrainRefused as exc:
            return [f.reason.value for f in exc.findings]
        return []

    def test_a_lost_node_takes_servers(self):
        self.services = (*self.services, a_service('compute-3'))
        self.model = a_model((a_node('compute-1'), [a_server('web-1')]))
        strategy = self.strategy(maintenance_node='compute-1')
        self.cloud.placement.add(
            'compute-3', VCPU=16, MEMORY_MB=32768, DISK_GB=400
        )
        self.assertEqual(
            ['compute-3'],
            [
                a['input_parameters']['destination_node']
                for a in strategy.execute(an_audit()).actions
                if a['action_type'] == 'migrate'
            ],
        )


NO_ROOM = [a_server('big-1', vcpus=17)]
BLOCKED = [a_server('job-1', state='suspended')]
MARKED = (disabled('compute-1', 'watcher_maintaining'), a_service('compute-2'))
OUTAGES = (
    # name, service, path, status, reason, call
    ('nova',      'nova', '/v2.1/os-services', 503,
     CALL_FAILED, 'GET /os-services'),
    ('forbidden', 'nova', '/v2.1/os-aggregates', 403,
     CALL_REFUSED, 'GET /os-aggregates'),
    ('version',   'nova', '/v2.1', 503, CALL_FAILED, 'GET /'),
    ('placement', 'placement', f'/allocations/{uuid_of("web-1")}', 503,
     CALL_FAILED, f'GET /allocations/{uuid_of("web-1")}'),
    ('refresh',   'placement',
     f'/resource_providers/{uuid_of("compute-2")}/usages', 500,
     CALL_FAILED,
     f'GET /resource_providers/{uuid_of("compute-2")}/usages'),
)  # fmt: skip


@ddt.ddt
class TestRefusal(TestCase):
    @ddt.named_data(
        # name, parameters, reason
        ('both_parameters', {'maintenance_node': 'compute-1',
                             'maintenance_nodes': ['compute-1']},
         BOTH_NODE_PARAMETERS),
        ('unknown',         {'maintenance_node': 'compute-9'},
         UNKNOWN_NODE),
        ('hypervisor',      {'maintenance_node': 'c3.example'},
         HYPERVISOR_NAME),
        ('backup_is_it',    {'maintenance_node': 'compute-1',
                             'backup_node': 'compute-1'},
         BACKUP_IS_MAINTAINED),
        ('backup_unknown',  {'maintenance_node': 'compute-1',
                             'backup_node': 'compute-9'},
         UNKNOWN_NODE),
        ('backup_broken',   {'maintenance_node': 'compute-1',
                             'backup_node': 'compute-3'},
         BACKUP_DISABLED),
        ('bare_metal',      {'maintenance_node': 'ironic-1'},
         BARE_METAL),
    )  # fmt: skip
    @ddt.unpack
    def test_of_the_request(self, given, reason):
        self.model = a_cloud(
            [a_server()], (a_node('compute-3'), ()), (a_node('compute-4'), ())
        )
        self.services = (
            *self.services,
            disabled('compute-3', 'fan broken', hypervisors=['c3.example']),
            disabled('compute-4', 'watcher_disabled'),
            a_service('ironic-1', kind='ironic', hypervisors=['n1', 'n2']),
        )
        findings, message = self.refusal(**given)
        self.assertEqual([reason], [f.reason for f in findings])
        self.assertIn(UNCHANGED, message)

    def test_message_names_the_service_host(self):
        self.services = (
            a_service('compute-1', hypervisors=['c1.example']),
            a_service('compute-2'),
        )
        _, message = self.refusal(maintenance_node='c1.example')
        self.assertIn('c1.example', message)
        self.assertIn('compute-1', message)

    @ddt.named_data(
        # name, servers, reason
        ('no_room',    NO_ROOM, 'no_destination'),
        ('blocked',    BLOCKED, 'suspended'),
    )  # fmt: skip
    @ddt.unpack
    def test_of_the_node(self, servers, reason):
        self.model = a_cloud(servers)
        _, message = self.refusal(maintenance_node='compute-1')
        self.assertIn('compute-1', message)
        report = self.reported()
        self.assertTrue(report['failed'])
        (node,) = report['outcome']['nodes']
        self.assertEqual('refused', node['verdict'])
        self.assertEqual(reason, node['stays'][0]['findings'][0]['reason'])

    def test_no_destination(self):
        self.services = (
            a_service('compute-1'),
            disabled('compute-2', 'fan broken'),
        )
        self.refusal(maintenance_node='compute-1')
        (why,) = self.reported()['outcome']['not_destinations']
        self.assertEqual(
            ('disabled', 'fan broken'),
            (why['reason'], why['facts']['disabled_reason']),
        )

    def test_down_with_servers(self):
        self.services = (
            a_service('compute-1', state='down'),
            a_service('compute-2'),
        )
        findings, _ = self.refusal(maintenance_node='compute-1')
        self.assertEqual([NODE_DOWN], [f.reason for f in findings])

    @ddt.named_data(
        # name, what the collector builds, reason
        ('empty',   a_model(),               MODEL_EMPTY),
        ('missing', None,                    MODEL_MISSING),
        ('failed',  RuntimeError('No'),      MODEL_FAILED),
    )  # fmt: skip
    @ddt.unpack
    def test_of_the_model(self, built, reason):
        self.model = built
        findings, _ = self.refusal(maintenance_node='compute-1')
        self.assertEqual([reason], [f.reason for f in findings])

    def test_stale_model(self):
        strategy = self.strategy(maintenance_node='compute-1')
        self.collector.get_audit_scope_handler([])
        self.collector.set_cluster_data_model_as_stale()
        audit = an_audit()
        error = self.assertRaises(DrainRefused, strategy.execute, audit)
        self.assertEqual((Finding(MODEL_STALE),), error.findings)
        self.assertIn('stale', audit.status_message)

    @ddt.named_data(*OUTAGES)
    @ddt.unpack
    def test_outage(self, service, path, status, reason, call):
        getattr(self.cloud, service).fail(path, status_code=status)
        [finding], message = self.refusal(maintenance_node='compute-1')
        self.assertEqual(
            (reason, call), (finding.reason, finding.facts['call'])
        )
        self.assertIn(call, message)
        self.assertIn(UNCHANGED, message)

    def test_message_is_set_before_the_error(self):
        audit = an_audit()
        strategy = self.strategy(maintenance_node='compute-9')
        with mock.patch.object(audits, 'DrainRefused', Raised):
            self.assertRaises(Raised, strategy.execute, audit)
        self.assertIn('compute-9', audit.status_message)

    def test_solution_is_empty(self):
        strategy = self.strategy(maintenance_node='compute-9')
        self.assertRaises(DrainRefused, strategy.execute, an_audit())
        self.assertEqual([], strategy.solution.actions)

    def test_bad_option(self):
        self.configure_strategy(marking_reasons=[])
        findings, message = self.refusal(maintenance_node='compute-1')
        self.assertEqual((Finding(BAD_OPTION, 'marking_reasons'),), findings)
        self.assertIn('marking_reasons', message)

    def test_unexpected_error(self):
        error = InvalidDocument('reserved', 'must be 0 to total')
        with mock.patch.object(drain, 'plan', side_effect=error):
            findings, message = self.refusal(maintenance_node='compute-1')
        self.assertEqual([UNEXPECTED], [f.reason for f in findings])
        self.assertIn('reserved: must be 0 to total', message)
        self.assertIn('Traceback', self.log.output)

    def test_words_that_fail(self):
        with wrong_translation():
            findings, message = self.refusal(maintenance_node='compute-9')
        self.assertEqual([UNKNOWN_NODE], [f.reason for f in findings])
        self.assertEqual(UNTOLD, message)
        self.assertIn("KeyError: 'nodo'", self.log.output)
        self.assertIn('Cannot report of audit', self.log.output)

    def test_plan_that_is_not_proved(self):
        with mock.patch.object(
            audits, 'check', return_value=('web-1: lost', 'web-2: lost')
        ):
            findings, message = self.refusal(maintenance_node='compute-1')
        self.assertEqual(
            (Finding(FAILED_CHECK, facts={'violation': 'web-1: lost'}),),
            findings,
        )
        self.assertIn('web-1: lost', message)
        # With both, a bug report is complete.
        self.assertIn('web-1: lost; web-2: lost', self.log.output)
        self.assertIn('"hostname": "compute-2"', self.log.output)


UNTOLD = 'The outcome cannot be told: see the decision engine log.'


def wrong_translation():
    """A translator has put a name in braces into another language."""
    return mock.patch.object(
        audits, '_', lambda text: text.replace('{subject}', '{nodo}')
    )


class Raised(Exception):
    """In place of what the strategy raises."""

    def __init__(self, *args):
        super().__init__()


EARLY, LATE = '2001-01-01T00:00Z', '2999-01-01T00:00Z'
TOO_LATE = {'owners': 'wait', 'answer_by': '2001-01-01T00:00Z'}


@ddt.ddt
class TestContinuous(TestCase):
    def setUp(self):
        super().setUp()
        self.audit = an_audit(audit_type='CONTINUOUS')
        self.useFixture(database.Database())

    def waits(self, **given):
        """Run an audit that has to wait; return what it says."""
        self.audit.status_message = None
        solution = self.run_audit(self.audit, **given)
        self.assertEqual([], solution.actions)
        self.assertTrue(self.reported()['failed'])
        return solution, self.audit.status_message

    @ddt.named_data(
        # name, servers on compute-1, services
        ('no_room',        NO_ROOM, MARKED),
        ('blocked',        BLOCKED, MARKED),
        ('no_destination', [a_server()],
         (MARKED[0], disabled('compute-2', 'fan broken'))),
        ('down',           [a_server()],
         (disabled('compute-1', 'watcher_maintaining', state='down'),
          a_service('compute-2'))),
    )  # fmt: skip
    @ddt.unpack
    def test_marked_node(self, servers, services):
        self.model = a_cloud(servers)
        self.services = services
        solution, message = self.waits()
        self.assertIn('compute-1', message)
        self.assertEqual([0.0], [i.value for i in solution.global_efficacy])

    @ddt.named_data(
        # name, what the collector builds
        ('empty',   a_model()),
        ('missing', None),
        ('failed',  RuntimeError('No')),
    )  # fmt: skip
    @ddt.unpack
    def test_model(self, built):
        self.model = built
        solution, message = self.waits()
        self.assertIn('model', message)
        # Nothing is known: neither that all is well nor that all is not.
        self.assertEqual([], solution.global_efficacy)

    def test_stale_model(self):
        strategy = self.strategy()
        self.collector.get_audit_scope_handler([])
        self.collector.set_cluster_data_model_as_stale()
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.assertIn('stale', self.audit.status_message)

    @ddt.named_data(*OUTAGES)
    @ddt.unpack
    def test_outage(self, service, path, status, reason, call):
        self.services = MARKED
        getattr(self.cloud, service).fail(path, status_code=status)
        _solution, message = self.waits()
        self.assertIn(call, message)

    def test_refused_after_the_announcement(self):
        # It would not be announced now, but owners still read it.
        notice = Notice(maintenance_id=self.audit.uuid, state=State.ANNOUNCED)
        self.model = a_cloud(BLOCKED)
        strategy = self.strategy(
            maintenance_node='compute-1',
            owners='wait',
            answer_by='2999-01-01T00:00Z',
        )
        self.cloud.nova.servers[0]['metadata'] = notice.to_metadata()
        self.assertEqual([], strategy.execute(self.audit).actions)
        message = self.audit.status_message
        self.assertTrue(message.startswith('Cannot drain compute-1'), message)
        self.assertIn(
            'Servers whose owners still see the announcement: 1.', message
        )

    ANNOUNCED = 'Servers whose owners still see the announcement'

    def told(self, host='compute-1', **given):
        """Run the audit, which has told the owner of web-1, on compute-1.

        :param host: the node that Nova has it on now
        :returns: states that owners are told of, and what is said
        """
        notice = Notice(
            maintenance_id=self.audit.uuid,
            state=State.ANNOUNCED,
            host=HostFate.RETURNS,
        )
        strategy = self.strategy(**{'owners': 'obey', **given})
        [web] = self.cloud.nova.servers
        web['metadata'] = notice.to_metadata()
        web['OS-EXT-SRV-ATTR:host'] = host
        told = {web['id']: Told(notice, 'compute-1')}
        with mock.patch.object(audits.told, 'last', return_value=told):
            solution = strategy.execute(self.audit)
        return [
            action['input_parameters']['notice']['maintenance:state']
            for action in solution.actions
        ], self.audit.status_message

    @ddt.named_data(
        # name, host of the server, parameters, what owners are told
        ('possible_later', 'compute-1', {}, []),
        ('left_meanwhile', 'compute-2', {}, ['done']),
        ('passed', 'compute-1', {'ends': EARLY}, ['cancelled']),
        ('passed_and_left', 'compute-2', {'ends': EARLY}, ['done']),
        ('years_have_passed', 'compute-1',
         {'cron': '0 22 * * * 0 2001', 'duration': 60}, ['cancelled']),
    )  # fmt: skip
    @ddt.unpack
    def test_refused_later(self, host, given, states):
        self.model = a_cloud(BLOCKED)
        told, message = self.told(host, maintenance_node='compute-1', **given)
        self.assertEqual(states, told)
        self.assertIn('Cannot drain compute-1', message)
        self.assertEqual(not states, self.ANNOUNCED in message)

    @ddt.named_data(
        # name, message of the announcement, its tags, last state, does it go
        ('answered',     False, False, State.ANNOUNCED, True),
        ('removed',      False, True,  State.ANNOUNCED, True),
        ('not_removed',  True,  True,  State.ANNOUNCED, False),
        ('failed',       False, True,  State.DONE,      True),
        ('called_off',   False, True,  State.CANCELLED, False),
    )  # fmt: skip
    @ddt.unpack
    def test_go_of_this_maintenance(self, message, tags, state, goes):
        notice = Notice(
            maintenance_id=self.audit.uuid,
            state=State.ANNOUNCED,
            host=HostFate.RETURNS,
        )
        strategy = self.strategy(
            maintenance_node='compute-1', owners='wait', answer_by=LATE
        )
        [web] = self.cloud.nova.servers
        web['metadata'] = notice.to_metadata()
        web['tags'] = ['maintenance:go']
        last = Told(
            dataclasses.replace(notice, state=state),
            'compute-1',
            message,
            tags,
        )
        with mock.patch.object(
            audits.told, 'last', return_value={web['id']: last}
        ):
            solution = strategy.execute(self.audit)
        types = [action['action_type'] for action in solution.actions]
        self.assertEqual(goes, 'migrate' in types, types)
        used = [
            action['input_parameters']['used_tags']
            for action in solution.actions
            if action['action_type'] == 'notify_owner'
        ]
        self.assertIn(['maintenance:go'], used)

    def test_unmarked(self):
        self.model = a_cloud([a_server('web-1')])
        self.assertEqual(['cancelled'], self.told()[0])

    def test_taken_out(self):
        self.model = a_cloud([a_server('web-1')])
        self.services = (*self.services, disabled('compute-3', 'x'))
        self.model = a_cloud([a_server('web-1')], (a_node('compute-3'), ()))
        states, _message = self.told(maintenance_node='compute-3', starts=LATE)
        self.assertEqual(['cancelled'], states)

    def test_nova_does_not_say_where_a_server_is(self):
        """It holds up no plan."""
        with mock.patch.object(
            audits.endings,
            'find',
            side_effect=NotPlanned(NODE_DOWN.about('compute-1', instances=1)),
        ):
            solution = self.run_audit(
                self.audit, maintenance_node='compute-1', owners='obey'
            )
        types = [action['action_type'] for action in solution.actions]
        self.assertIn('migrate', types)
        self.assertIn('Cannot tell owners of the end', self.log.output)

    def test_unexpected_error(self):
        # It may be one that passes, and the audit would never run again.
        with mock.patch.object(drain, 'plan', side_effect=RuntimeError('No')):
            _solution, message = self.waits()
        self.assertIn('No', message)

    def test_words_that_fail(self):
        self.services = MARKED
        self.model = a_cloud(BLOCKED)
        with wrong_translation():
            solution = self.run_audit(self.audit)
        self.assertEqual([], solution.actions)
        self.assertEqual(UNTOLD, self.audit.status_message)

    def test_solution_that_fails(self):
        # An empty plan must not claim to move something.
        self.services = MARKED
        self.model = a_cloud([a_server('web-1')])
        with mock.patch.object(
            emit, 'emit', side_effect=ValueError('exists twice')
        ):
            solution, message = self.waits()
        self.assertIn('exists twice', message)
        self.assertEqual([], list(solution.efficacy_indicators))

    def test_plan_that_is_not_proved(self):
        with mock.patch.object(audits, 'check', return_value=('web-1: lost',)):
            _solution, message = self.waits()
        self.assertIn('web-1: lost', message)

    @ddt.named_data(
        # name, parameters, reason
        ('both_parameters', {'maintenance_node': 'compute-1',
                             'maintenance_nodes': ['compute-1']},
         BOTH_NODE_PARAMETERS),
        ('unknown',         {'maintenance_node': 'compute-9'},
         UNKNOWN_NODE),
        ('hypervisor',      {'maintenance_node': 'c2.example'},
         HYPERVISOR_NAME),
        ('backup_is_it',    {'maintenance_node': 'compute-1',
                             'backup_node': 'compute-1'},
         BACKUP_IS_MAINTAINED),
        ('updated',         {'maintenance_node': 'compute-1',
                             'disable_live_migration': 'False'},
         BAD_PARAMETER),
    )  # fmt: skip
    @ddt.unpack
    def test_bad_parameters(self, given, reason):
        self.services = (
            a_service('compute-1'),
            a_service('compute-2', hypervisors=['c2.example']),
        )
        findings, _ = self.refusal(self.audit, **given)
        self.assertEqual([reason], [f.reason for f in findings])

    def test_too_late_to_tell(self):
        _solution, message = self.waits(
            maintenance_node='compute-1', **TOO_LATE
        )
        self.assertIn('owners on compute-1 were not told', message)

    def test_nobody_is_there_to_tell(self):
        self.model = a_cloud([])
        solution = self.run_audit(
            self.audit, maintenance_node='compute-1', **TOO_LATE
        )
        types = [action['action_type'] for action in solution.actions]
        self.assertIn('change_nova_service_state', types)

    def test_time_to_answer_is_over(self):
        # An earlier run has told the owners.
        told = {
            uuid_of('web-1'): Told(Notice(host=HostFate.RETURNS), 'compute-1')
        }
        with mock.patch.object(audits.told, 'last', return_value=told):
            solution = self.run_audit(
                self.audit, maintenance_node='compute-1', **TOO_LATE
            )
        types = [action['action_type'] for action in solution.actions]
        self.assertIn('migrate', types)

    def test_bad_option(self):
        self.configure_strategy(unused_reasons=[''])
        findings, _ = self.refusal(self.audit)
        self.assertEqual([BAD_OPTION], [f.reason for f in findings])

    def test_next_good_run_clears_the_message(self):
        self.services = MARKED
        self.model = a_cloud(NO_ROOM)
        self.waits()
        self.audit.obj_reset_changes()
        self.model = a_cloud([a_server()])
        solution = self.run_audit(self.audit)
        self.assertEqual(
            ['migrate', 'verify_host_empty'],
            [a['action_type'] for a in solution.actions],
        )
        self.assertIsNone(self.audit.status_message)
        self.assertIn('status_message', self.audit.obj_what_changed())

    def test_message_is_cleared_by_an_audit_of_before(self):
        # Watcher's scheduler hands the audit over as it was when its job
        # was made: without a message, whatever the database holds.
        self.run_audit(self.audit)
        self.assertIn('status_message', self.audit.obj_what_changed())


class WatchedAudit:
    """An audit that keeps every text written into its message.

    :ivar written: those texts, in order
    """

    def __init__(self, audit_type):
        self.uuid = uuid_of('audit')
        self.audit_type = audit_type
        self.interval = '60'
        self.written = []

    @property
    def status_message(self):
        return self.written[-1] if self.written else None

    @status_message.setter
    def status_message(self, text):
        self.written.append(text)


LONG = 'n' * 240
"""About as long as a name may be: Nova's columns hold 255 characters."""


@ddt.ddt
class TestEveryMessageFits(TestCase):
    def setUp(self):
        super().setUp()
        self.column = models.Audit.__table__.c.status_message

    def watch(self, **given):
        """Run an audit of each type; check all that it writes."""
        for audit_type in ('ONESHOT', 'CONTINUOUS'):
            audit = WatchedAudit(audit_type)
            try:
                self.run_audit(audit, **given)
            except DrainRefused as exc:
                # That text goes into the log alone, and may be longer.
                self.assertTrue(str(exc))
            self.assertTrue(audit.written)
            for text in audit.written:
                self.assertTrue(text)
                self.assertThat(text, base.FitsInto(self.column))

    def hosts(self, count, servers=(), **fields):
        """That many nodes with long names; the servers are on the first."""
        hosts = [f'{LONG}-{number}' for number in range(count)]
        self.model = a_model(
            *(
                (a_node(host), servers if host == hosts[0] else ())
                for host in hosts
            )
        )
        self.services = tuple(
            a_service(host, hypervisors=[f'{host}.fqdn'], **fields)
            for host in hosts
        )
        return hosts

    @ddt.named_data(
        # name, parameters
        ('both',           {'maintenance_node': f'{LONG}-0',
                            'maintenance_nodes': [f'{LONG}-1']}),
        ('unknown',        {'maintenance_node': f'{LONG}-9'}),
        ('all_unknown',    {'maintenance_nodes': [
            f'{LONG}-{number}' for number in range(10, 30)]}),
        ('hypervisor',     {'maintenance_node': f'{LONG}-0.fqdn'}),
        ('backup_is_it',   {'maintenance_node': f'{LONG}-0',
                            'backup_node': f'{LONG}-0'}),
        ('backup_unknown', {'maintenance_node': f'{LONG}-0',
                            'backup_node': f'{LONG}-9'}),
    )  # fmt: skip
    def test_request(self, given):
        self.hosts(3, [a_server(LONG)])
        self.watch(**given)

    @ddt.named_data(
        # name, fields of each service
        ('down',      {'state': 'down'}),
        ('ironic',    {'kind': 'ironic'}),
        ('foreign',   {'status': 'disabled', 'disabled_reason': LONG}),
    )  # fmt: skip
    def test_services(self, fields):
        first, second, *_others = self.hosts(3, [a_server(LONG)], **fields)
        self.watch(maintenance_node=first)
        self.watch(maintenance_nodes=[first, second])

    @ddt.named_data(
        # name, servers of the first node
        ('too_big',   [a_server(f'{LONG}-{n}', vcpus=17) for n in range(9)]),
        ('too_many',  [a_server(f'{LONG}-{n}') for n in range(99)]),
        ('blocked',   [a_server(f'{LONG}-{n}', state='suspended')
                       for n in range(9)]),
        ('strange',   [a_server(LONG, state=LONG)]),
    )  # fmt: skip
    def test_servers(self, servers):
        hosts = self.hosts(4, servers)
        self.watch(maintenance_node=hosts[0])
        self.watch(maintenance_nodes=hosts[:3])
        self.watch(maintenance_node=hosts[0], backup_node=hosts[1])
        self.watch(maintenance_node=hosts[0], on_blocked='leave')
        self.watch(maintenance_node=hosts[0], headroom_percent=99.9)

    def test_marked(self):
        hosts = self.hosts(
            9,
            BLOCKED,
            status='disabled',
            disabled_reason=f'watcher_maintaining {LONG}',
        )
        self.watch()
        self.watch(maintenance_nodes=hosts)

    def test_model(self):
        for built in (a_model(), None, RuntimeError(f'{LONG} {LONG}')):
            self.model = built
            self.watch(maintenance_node=LONG)

    def test_outage(self):
        for call in ('/v2.1/os-services', '/v2.1'):
            self.cloud.nova.fail(
                call,
                status_code=500,
                json={'computeFault': {'message': f'{LONG} {LONG}'}},
            )
            self.watch(maintenance_node=f'{LONG}-0')

    def test_unexpected(self):
        with mock.patch.object(
            drain, 'plan', side_effect=RuntimeError('x' * 10000)
        ):
            self.watch()

    def test_unproved(self):
        with mock.patch.object(audits, 'check', return_value=('x' * 10000,)):
            self.watch()


class TestReport(TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.configure_strategy(report_dir=str(self.directory))

    def written(self):
        return {
            p.name: p.read_text(encoding='utf-8')
            for p in self.directory.iterdir()
        }

    def test_holds_no_metadata(self):
        self.model = a_cloud(
            [a_server('web-1', metadata={'password': 'hunter2'})]
        )
        audit = an_audit()
        self.run_audit(audit, maintenance_node='compute-1')
        files = self.written()
        self.assertEqual(
            {f'{audit.uuid}.report.json', f'{audit.uuid}.snapshot.json'},
            set(files),
        )
        for text in (self.log.output, *files.values()):
            self.assertIn('web-1', text)
            self.assertNotIn('hunter2', text)
            self.assertNotIn('metadata', text)

    def test_snapshot_is_what_was_planned_on(self):
        audit = an_audit()
        self.run_audit(audit, maintenance_node='compute-1')
        known = snapshot.load(self.written()[f'{audit.uuid}.snapshot.json'])
        self.assertEqual(['web-1'], [i.name for i in known.instances])
        self.assertEqual({'compute-1', 'compute-2'}, set(known.by_hostname))

    def test_of_a_refusal(self):
        audit = an_audit()
        _, message = self.refusal(audit, maintenance_node='compute-9')
        report = json.loads(self.written()[f'{audit.uuid}.report.json'])
        self.assertTrue(report['failed'])
        self.assertTrue(report['message'].startswith(message))
        self.assertEqual(report, self.reported())

    def test_when_nothing_was_read(self):
        self.cloud.nova.fail('/v2.1/os-services')
        audit = an_audit()
        self.refusal(audit, maintenance_node='compute-1')
        self.assertEqual([f'{audit.uuid}.report.json'], list(self.written()))

    def test_directory_is_missing(self):
        self.configure_strategy(report_dir=str(self.directory / 'missing'))
        audit = an_audit()
        solution = self.run_audit(audit, maintenance_node='compute-1')
        self.assertEqual(3, len(solution.actions))
        self.assertIsNone(audit.status_message)
        self.assertIn('Cannot write the report', self.log.output)


@ddt.ddt
class TestWindow(TestCase):
    WAITS = (
        'compute-1 waits: its window begins at 2999-01-01T00:00:00Z. 1 of 1 '
        'servers wait. A CONTINUOUS audit begins by itself then. Planned: 1 '
        'moves, 0 stops, destinations: compute-2, about 21 s.'
    )
    OVER = 'compute-1 waits: its last window ended at 2001-01-01T00:00:00Z.'

    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())

    def older(self, state='ONGOING', interval='60', **given):
        """Write an audit into Watcher's database; return its UUID."""
        number = self.database.audit()
        row = objects.Audit.get(self.database.context, number)
        row.audit_type, row.interval = 'CONTINUOUS', interval
        row.state, row.parameters = state, given
        row.save()
        return row.uuid

    def refuse_continuous(self, interval='60', **given):
        """Run an audit that fails in its first run; return its message."""
        audit = an_audit(audit_type='CONTINUOUS', interval=interval)
        self.unchanged()
        _findings, message = self.refusal(
            audit, maintenance_node='compute-1', **given
        )
        return message

    def unchanged(self):
        """Let Watcher's database have the parameters that are given."""
        self.useFixture(
            fixtures.MockPatchObject(
                audits.audit_row, 'changed_parameters', return_value=None
            )
        )

    def run_continuous(self, interval='60', **given):
        self.unchanged()
        audit = an_audit(audit_type='CONTINUOUS', interval=interval)
        solution = self.run_audit(audit, maintenance_node='compute-1', **given)
        types = [action['action_type'] for action in solution.actions]
        return types, audit.status_message

    def test_open(self):
        types, message = self.run_continuous(starts=EARLY, ends=LATE)
        self.assertIn('migrate_in_window', types)
        self.assertIsNone(message)

    def test_before(self):
        self.assertEqual(([], self.WAITS), self.run_continuous(starts=LATE))

    def test_before_but_closed(self):
        types, _message = self.run_continuous(starts=LATE, close='now')
        self.assertEqual(
            ['change_nova_service_state', 'verify_host_empty'], types
        )

    def test_after(self):
        types, message = self.run_continuous(ends=EARLY)
        self.assertEqual([], types)
        self.assertIn(self.OVER, message)

    @ddt.data({'starts': LATE}, {'ends': EARLY})
    def test_oneshot_fails(self, given):
        findings, message = self.refusal(maintenance_node='compute-1', **given)
        self.assertEqual((), findings)
        self.assertIn(self.WAITS if 'starts' in given else self.OVER, message)

    def test_oneshot_that_closes_does_something(self):
        audit = an_audit()
        solution = self.run_audit(
            audit, maintenance_node='compute-1', starts=LATE, close='now'
        )
        self.assertEqual(2, len(solution.actions))
        self.assertIn('compute-1 waits', audit.status_message)

    def test_impossible_is_refused_before_it_begins(self):
        self.model = a_cloud([a_server('web-1', state='suspended')])
        _findings, message = self.refusal(
            maintenance_node='compute-1', starts=LATE
        )
        self.assertIn('Cannot drain compute-1', message)

    @ddt.named_data(
        # name, parameters, message
        (
            'no_zone',
            {'starts': '2026-12-01T21:00'},
            "the parameter starts is invalid: '2026-12-01T21:00' has no "
            'zone; write 2026-12-01T21:00Z if it is in UTC',
        ),
        (
            'oneshot',
            {'duration': 60},
            'the parameter duration is invalid: it needs cron, or a '
            'CONTINUOUS audit with a cron interval',
        ),
    )
    @ddt.unpack
    def test_invalid(self, given, said):
        [finding], message = self.refusal(
            maintenance_node='compute-1', **given
        )
        self.assertIs(BAD_PARAMETER, finding.reason)
        self.assertIn(said, message)

    @ddt.named_data(
        # name, the older audit
        ('same', {'maintenance_node': 'compute-1', 'starts': LATE}),
        ('same_written_otherwise', {
            'maintenance_node': 'compute-1',
            'starts': '2999-01-01T01:00:00+01:00',
        }),
        ('other_node', {'maintenance_node': 'compute-2', 'ends': LATE}),
        ('no_window', {'maintenance_node': 'compute-1'}),
        ('marked', {'starts': EARLY}),
        ('other_zone', {'zone': 'az-7', 'starts': EARLY}),
        ('unknown_aggregate', {'aggregate': 'rack-9', 'starts': EARLY}),
        ('no_longer_alive', {
            'maintenance_node': 'compute-1',
            'ends': LATE,
            'state': 'CANCELLED',
        }),
    )  # fmt: skip
    def test_no_other_window(self, older):
        self.older(**older)
        self.assertEqual(([], self.WAITS), self.run_continuous(starts=LATE))

    @ddt.named_data(
        # name, the older audit
        ('node', {'maintenance_node': 'compute-1', 'ends': LATE}),
        ('nodes', {
            'maintenance_nodes': ['compute-9', 'compute-1'],
            'starts': EARLY,
        }),
        ('frozen', {
            'aggregate': 'rack-9',
            'frozen_nodes': ['compute-1'],
            'starts': EARLY,
        }),
        ('aggregate', {'aggregate': 'rack-7', 'starts': EARLY}),
        ('zone', {'zone': 'nova', 'starts': EARLY}),
        ('suspended', {
            'maintenance_node': 'compute-1',
            'ends': LATE,
            'state': 'SUSPENDED',
        }),
        ('every_night', {
            'maintenance_node': 'compute-1',
            'starts': LATE,
            'duration': 'PT4H',
            'interval': '0 22 * * *',
        }),
        ('every_night_of_its_own', {
            'maintenance_node': 'compute-1',
            'starts': LATE,
            'duration': 'PT4H',
            'cron': '0 22 * * *',
        }),
        ('answers', {
            'maintenance_node': 'compute-1',
            'starts': LATE,
            'owners': 'wait',
            'answer_by': EARLY,
        }),
    )  # fmt: skip
    def test_other_window(self, older):
        self.cloud.nova.aggregates = [an_aggregate(1, 'rack-7', ['compute-1'])]
        uuid = self.older(**older)
        self.assertEqual(
            f'Cannot drain: compute-1 has another window in the audit {uuid}. '
            'Nothing was changed. Cancel that audit, or give both the same '
            'window.',
            self.refuse_continuous(starts=LATE),
        )

    def test_other_time_of_answers(self):
        """Without any other time."""
        asked = {'maintenance_node': 'compute-1', 'owners': 'wait'}
        uuid = self.older(answer_by='2998-01-01T00:00Z', **asked)
        self.assertIn(
            f'compute-1 has another window in the audit {uuid}.',
            self.refuse_continuous(owners='wait', answer_by=LATE),
        )

    def test_older_audit_keeps_its_window(self):
        self.older(maintenance_node='compute-1', ends=LATE)
        self.unchanged()
        audit = an_audit(audit_type='CONTINUOUS', interval='60', id=0)
        self.run_audit(audit, maintenance_node='compute-1', starts=LATE)
        self.assertEqual(self.WAITS, audit.status_message)

    def run_marked(self, **fields):
        """Run an audit of all marked nodes, one; return its message."""
        self.services = MARKED
        self.unchanged()
        audit = an_audit(audit_type='CONTINUOUS', interval='60', **fields)
        solution = self.run_audit(audit, starts=LATE)
        self.assertEqual([], solution.actions)
        return audit.status_message

    @ddt.named_data(
        # name, ID of the audit, the other audit, which has 1
        ('node',       7, {'maintenance_node': 'compute-1', 'ends': LATE}),
        ('newer',      0, {'maintenance_node': 'compute-1', 'ends': LATE}),
        ('zone',       7, {'zone': 'nova', 'starts': EARLY}),
        ('marked_too', 7, {'starts': EARLY}),
    )  # fmt: skip
    @ddt.unpack
    def test_other_window_of_a_marked_node(self, number, other):
        uuid = self.older(**other)
        self.assertIn(
            f'compute-1 has another window in the audit {uuid}.',
            self.run_marked(id=number),
        )

    @ddt.named_data(
        ('same',         7, {'starts': LATE}),
        ('newer_marked', 0, {'starts': EARLY}),
        ('other_node',   7, {'maintenance_node': 'compute-2', 'ends': LATE}),
        ('no_window',    7, {'maintenance_node': 'compute-1'}),
    )  # fmt: skip
    @ddt.unpack
    def test_no_other_window_of_a_marked_node(self, number, other):
        self.older(**other)
        self.assertEqual(self.WAITS, self.run_marked(id=number))

    def test_duration(self):
        types, _message = self.run_continuous('* * * * *', duration='PT4H')
        self.assertIn('migrate_in_window', types)

    @ddt.named_data(
        ('open',   '* * * * *',  True),
        ('closed', '0 0 29 2 *', False),
    )  # fmt: skip
    @ddt.unpack
    def test_cron(self, cron, begins):
        types, _message = self.run_continuous(cron=cron, duration='PT1H')
        self.assertEqual(begins, 'migrate_in_window' in types)

    def test_window_between_two_runs(self):
        self.assertIn(
            'the parameter duration is invalid: the audit is run every 61 s',
            self.refuse_continuous('61', cron='* * * * *', duration='PT1M'),
        )

    def test_duration_without_cron(self):
        self.assertIn(
            'the parameter duration is invalid',
            self.refuse_continuous('3600', duration='PT4H'),
        )
