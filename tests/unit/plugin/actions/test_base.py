# SPDX-License-Identifier: Apache-2.0

"""Tests of what all our actions do."""

import datetime
import itertools
import time

from unittest import mock

import ddt
import fixtures
import jsonschema

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.actions import base as actions
from watcher_host_maintenance.plugin.actions import nova_reasons
from watcher_host_maintenance.plugin.errors import ActionFailed


UUID = '5d1bd63d-3b2e-4b0e-9d61-0d5b6f9a6a52'


class Nothing(actions.Action):
    """The least that an action can be."""

    SCHEMA = actions.strict(resource_id=actions.UUID, name=actions.NAME)

    def execute(self):
        return True

    def get_description(self):
        return 'Nothing.'


@ddt.ddt
class TestSchema(base.TestCase):
    def validate(self, parameters):
        action = Nothing({})
        action.input_parameters = parameters
        return action.validate_parameters()

    def test_good(self):
        self.assertTrue(self.validate({'resource_id': UUID, 'name': 'x'}))

    @ddt.named_data(
        ('nothing', {}),
        ('one_is_missing', {'resource_id': UUID}),
        ('one_too_many', {'resource_id': UUID, 'name': 'x', 'host': 'y'}),
        ('empty_name', {'resource_id': UUID, 'name': ''}),
        ('no_text', {'resource_id': UUID, 'name': 1}),
        ('no_uuid', {'resource_id': 'compute-1', 'name': 'x'}),
        ('longer', {'resource_id': UUID + '0', 'name': 'x'}),
        ('no_hyphens', {'resource_id': UUID.replace('-', ''), 'name': 'x'}),
    )
    def test_bad(self, parameters):
        self.assertRaises(
            jsonschema.ValidationError, self.validate, parameters
        )


@ddt.ddt
class TestPolls(base.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(database.Database())
        self.limit(3)

    def limit(self, looks):
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=looks
        )

    @ddt.data((1, [0]), (3, [0, 1, 2]))
    @ddt.unpack
    def test_number(self, looks, expected):
        self.useFixture(base.StoppedClock())
        self.limit(looks)
        self.assertEqual(expected, list(Nothing({}).polls()))

    def test_abort(self):
        self.useFixture(base.StoppedClock())
        action = Nothing({})
        polls = action.polls()
        self.assertEqual(0, next(polls))
        self.assertIs(True, action.abort())
        self.assertEqual([], list(polls))

    def test_aborted_before(self):
        action = Nothing({})
        action.abort()
        self.assertEqual([0], list(itertools.islice(action.polls(), 9)))

    def test_time_is_on_the_clock(self):
        # A read that hangs is part of what three polls get: 0.3 s.
        action = Nothing({})
        polled = []
        for number in action.polls():
            polled.append(number)
            time.sleep(0.35)
        self.assertEqual([0], polled)

    def test_time_for_the_end(self):
        action = Nothing({})
        for _number in action.polls():
            # A read that has begun in time is not cut off.
            self.assertGreater(action.deadline.left_s, actions.GRACE_S - 5)
            self.assertLessEqual(action.deadline.left_s, actions.GRACE_S + 0.3)
            break
        self.assertGreater(action.deadline.left_s, actions.GRACE_S - 5)
        self.assertLessEqual(action.deadline.left_s, actions.GRACE_S)

    def test_a_read_has_taken_the_time_for_the_end(self):
        action = Nothing({})
        for _number in action.polls():
            action.deadline.start(0.2)
        self.assertLessEqual(action.deadline.left_s, 0.2)

    def test_time_begins_with_the_first_call(self):
        action = Nothing({})
        self.assertLessEqual(action.deadline.left_s, 0.3)

    def test_never_undone(self):
        self.assertIs(False, Nothing({}).revert())


class Plan:
    """In place of the row of a plan."""

    def __init__(self, state='ONGOING', created_at=None):
        self.state = state
        self.created_at = created_at


@ddt.ddt
class TestPlan(base.TestCase):
    def in_plan(self, plan):
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{actions.action_row.__name__}.plan_of', lambda given: plan
            )
        )
        action = Nothing({})
        action.input_parameters = {'resource_id': UUID, 'name': 'x'}
        return action

    @ddt.named_data(
        # name, plan, whether the action is cancelled
        ('unknown',    None,               False),
        ('runs',       Plan('ONGOING'),    False),
        ('cancelling', Plan('CANCELLING'), True),
        ('cancelled',  Plan('CANCELLED'),  True),
    )  # fmt: skip
    @ddt.unpack
    def test_is_cancelled(self, plan, expected):
        self.assertIs(expected, self.in_plan(plan).is_cancelled())

    def test_cannot_be_aborted_yet(self):
        action = self.in_plan(Plan('CANCELLING'))
        with mock.patch.object(action, 'can_abort', return_value=False):
            self.assertIs(False, action.is_cancelled())
        self.assertIs(True, action.is_cancelled())

    @ddt.named_data(
        # name, plan, from when on a failure counts
        ('unknown', None, ''),
        ('known',
         Plan(created_at=datetime.datetime(
             2026, 11, 28, 10, 0, 30, tzinfo=datetime.UTC)),
         '2026-11-28T09:59:30'),
    )  # fmt: skip
    @ddt.unpack
    def test_why(self, plan, since):
        action = self.in_plan(plan)
        action.nova = mock.sentinel.nova
        with mock.patch.object(
            nova_reasons, 'why', return_value='Full'
        ) as why:
            self.assertEqual('Full', action.why(UUID))
        why.assert_called_once_with(mock.sentinel.nova, UUID, since)

    def test_why_in_an_outage(self):
        action = self.in_plan(None)
        action.nova = mock.Mock()
        facts = {'service': 'Nova', 'call': 'GET /', 'error': 'Full'}
        action.nova.fault.side_effect = NotPlanned(
            Finding(CALL_FAILED, facts=facts)
        )
        self.assertEqual('', action.why(UUID))
        self.assertIn(f'No reason for server {UUID}', self.log.output)


class TestNova(base.TestCase):
    def setUp(self):
        super().setUp()
        self.nova = fake_nova.FakeNova(fake_nova.mocker_for(self))
        self.nova.servers = [a_server('web')]
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.action = Nothing({})

    def discoveries(self):
        """How often Nova was asked what it offers."""
        return len(
            [r for r in self.nova.requests if r in ('/', '/v2.1', '/v2.1/')]
        )

    def test_is_connected_once(self):
        self.action.nova.server(uuid_of('web'))
        once = self.discoveries()
        for _look in range(3):
            self.action.nova.server(uuid_of('web'))
            self.action.nova.service('compute-1')
        self.assertEqual(once, self.discoveries())

    def test_answers_after_an_outage(self):
        path = f'/v2.1/servers/{uuid_of("web")}'
        self.nova.fail(path)
        with (
            self.assertRaisesRegex(ActionFailed, 'GET /servers/'),
            self.action.ending(),
        ):
            self.action.nova.server(uuid_of('web'))
        self.nova.fail(path, json={'server': a_server('web')})
        with self.action.ending():
            self.assertIsNotNone(self.action.nova.server(uuid_of('web')))

    def test_is_connected_after_an_outage(self):
        self.nova.fail('/v2.1')
        for _look in range(2):
            with (
                self.assertRaisesRegex(ActionFailed, 'GET /: '),
                self.action.asking('PUT /x'),
            ):
                raise AssertionError('there is no client')
        self.nova.fail('/v2.1', json={'version': self.nova._document()})
        with self.action.asking('PUT /x') as client:
            self.assertIs(self.action.nova.client, client)

    def test_change_that_fails_is_named(self):
        with (
            self.assertRaisesRegex(ActionFailed, 'answer PUT /x: Full'),
            self.action.asking('PUT /x'),
        ):
            raise RuntimeError('Full')


@ddt.ddt
class TestFailure(base.TestCase):
    @ddt.named_data(
        # name, what has failed, server, what is said
        (
            'call',
            CALL_FAILED,
            '',
            'Nova did not answer GET /: Full. Run the audit again when Nova '
            'answers.',
        ),
        (
            'server',
            CALL_FAILED,
            'web',
            'Nova refused the request for web: Full. Fix the problem Nova '
            'reports, then run the audit again.',
        ),
        (
            'right',
            CALL_REFUSED,
            'web',
            'Nova refused the request for web: Full. Give the user the role admin, '
            "or what Nova's policy wants.",
        ),
    )
    @ddt.unpack
    def test_failure(self, reason, server, expected):
        facts = {
            'call': 'GET /',
            'error': 'Full',
            'service': 'Nova',
            'user': None,
        }
        finding = Finding(reason, facts=facts)
        self.assertEqual(expected, str(actions.failure(finding, server)))

    def test_long_reason_is_in_the_log(self):
        facts = {'service': 'Nova', 'call': 'GET /', 'error': 'x' * 300}
        actions.failure(Finding(CALL_FAILED, facts=facts), 'web')
        self.assertIn('x' * 300, self.log.output)
