# SPDX-License-Identifier: Apache-2.0

"""Tests of Nova's reasons in the words of an action."""

from unittest import mock

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.plugin.actions import nova_reasons


def an_event(result='Error', **fields):
    return {'event': 'conductor_migrate_server', 'result': result} | fields


def on_host(host, finish_time, **fields):
    return an_event(
        event='compute_pre_live_migration',
        host=host,
        finish_time=finish_time,
        **fields,
    )


def a_migration(status, created_at):
    """A live migration of web from compute-1 to compute-2."""
    return Migration(
        instance_uuid=uuid_of('web'),
        source='compute-1',
        destination='compute-2',
        kind='live-migration',
        status=status,
        created_at=created_at,
        id=1,
    )


@ddt.ddt
class TestFault(base.TestCase):
    @ddt.named_data(
        ('none', {}, ''),
        ('message', {'message': 'No valid host'}, 'No valid host'),
        (
            'with_details',
            {'message': 'No valid host', 'details': 'a: b'},
            'No valid host',
        ),
        ('class', {'message': 'LibvirtError'}, 'LibvirtError'),
        (
            'class_with_details',
            {
                'message': 'LibvirtError',
                'details': 'Traceback:\n  line 1\nlibvirt.LibvirtError: no disk\n',
            },
            'libvirt.LibvirtError: no disk',
        ),
        ('empty', {'message': None, 'details': None}, ''),
    )
    @ddt.unpack
    def test_fault(self, found, expected):
        self.assertEqual(expected, nova_reasons.fault(found))

    @ddt.named_data(
        # name, when the fault was written, is it told
        ('after',      '2026-11-28T10:00:01Z', True),
        ('that_moment', '2026-11-28T10:00:00Z', True),
        ('before',     '2026-11-28T09:59:59Z', False),
        ('days_before', '2026-11-02T12:00:00Z', False),
        ('not_known',  None,                   False),
    )  # fmt: skip
    @ddt.unpack
    def test_old(self, created, is_told):
        record = {'message': 'No valid host', 'created': created}
        self.assertEqual(
            'No valid host' if is_told else '',
            nova_reasons.fault(record, since='2026-11-28T10:00:00'),
        )


@ddt.ddt
class TestFailure(base.TestCase):
    @ddt.named_data(
        ('no_events', {'message': None}, ''),
        ('well', {'events': [an_event('Success')], 'message': None}, ''),
        ('on_its_way', {'events': [an_event(None)], 'message': None}, ''),
        (
            'details',
            {'events': [an_event(details='No valid host.')]},
            'migrate failed: No valid host.',
        ),
        (
            'first_line',
            {'events': [an_event(details='One\nTwo')]},
            'migrate failed: One',
        ),
        (
            'newest',
            {'events': [an_event(details='Late'), an_event(details='Early')]},
            'migrate failed: Late',
        ),
        (
            'none_with_details',
            {'events': [an_event(details=None), an_event(details='Early')]},
            'migrate failed: Early',
        ),
        (
            # What failed in it has ended first.
            'innermost',
            {
                'events': [
                    on_host('compute-1', '12:00:02', details='Rolled back'),
                    on_host('compute-2', '12:00:01', details='No disk'),
                    an_event(
                        details='No disk', host='api', finish_time='12:00:01'
                    ),
                ]
            },
            'migrate failed on compute-2: No disk',
        ),
        (
            'host_not_shown',
            {'events': [on_host(None, '12:00:02', details='No disk')]},
            'migrate failed: No disk',
        ),
        ('before_2_84', {'events': [an_event()]}, 'migrate failed'),
        ('before_2_51', {'message': 'Error'}, 'migrate failed'),
    )
    @ddt.unpack
    def test_failure(self, fields, expected):
        self.assertEqual(
            expected, nova_reasons.failure({'action': 'migrate', **fields})
        )


BROKEN = 'Connection to the hypervisor is broken on host'


@ddt.ddt
class TestWhy(base.TestCase):
    SINCE = '2026-11-28T10:00:00'

    def setUp(self):
        super().setUp()
        self.nova = mock.Mock()
        self.nova.fault.return_value = {
            'message': 'Unable to get console',
            'created': '2026-11-02T12:00:00Z',
        }
        self.nova.instance_actions.return_value = []
        self.nova.server_migrations.return_value = []
        self.nova.cpu_features.return_value = None

    def test_an_old_fault_is_no_reason(self):
        self.assertEqual(
            '', nova_reasons.why(self.nova, uuid_of('web'), self.SINCE)
        )

    def test_an_old_fault_hides_no_reason_of_now(self):
        self.nova.server_migrations.return_value = [
            a_migration('error', '2026-11-28T10:00:05.000000')
        ]
        self.assertIn(
            'live-migration ended with status error',
            nova_reasons.why(self.nova, uuid_of('web'), self.SINCE),
        )

    def test_a_fault_of_now(self):
        self.nova.fault.return_value['created'] = '2026-11-28T10:00:05Z'
        self.assertEqual(
            'Unable to get console',
            nova_reasons.why(self.nova, uuid_of('web'), self.SINCE),
        )

    def broken(self, message=BROKEN, *events):
        """Return why a server has a fault whose host Nova does not name."""
        self.nova.fault.return_value = {
            'message': message,
            'created': '2026-11-28T10:00:05Z',
        }
        self.nova.instance_actions.return_value = [
            {
                'action': 'live-migration',
                'request_id': 'req-1',
                'start_time': '2026-11-28T10:00:00Z',
            }
        ]
        self.nova.instance_action.return_value = {
            'action': 'live-migration',
            'events': [*events],
        }
        self.nova.server_migrations.return_value = [
            a_migration('error', '2026-11-28T10:00:01.000000')
        ]
        return nova_reasons.why(self.nova, uuid_of('web'), self.SINCE)

    def test_host_of_the_event(self):
        self.assertEqual(
            f'compute-2: {BROKEN}',
            self.broken(
                BROKEN,
                an_event(details=BROKEN, host='api', finish_time='12:00:01'),
                on_host('compute-2', '12:00:01', details=BROKEN),
            ),
        )

    def test_event_of_something_else(self):
        self.assertEqual(
            f'{BROKEN} (live-migration from compute-1 to compute-2)',
            self.broken(
                BROKEN, on_host('compute-2', '12:00:01', details='No disk')
            ),
        )

    @ddt.named_data(
        # name, message, are the ends of the move told
        ('host',     'Secure Boot is not supported by host',           True),
        ('stop',     'CPU is not compatible with the host.',           True),
        ('node',     "This compute node's hypervisor is too old.",     True),
        ('named',    'Compute host compute-2 could not be found.',     False),
        ('hosts',    'There are not enough hosts available.',          False),
        ('no_valid', 'No valid host was found.',                       False),
        ('other',    'Unable to get console',                          False),
    )  # fmt: skip
    @ddt.unpack
    def test_ends(self, message, are_told):
        expected = (
            f'{message.rstrip(".")} '
            '(live-migration from compute-1 to compute-2)'
            if are_told
            else message
        )
        self.assertEqual(expected, self.broken(message))

    def test_ends_of_what_the_conductor_says(self):
        self.broken(BROKEN, an_event(details=BROKEN, host='api'))
        self.nova.fault.return_value = {}
        self.assertEqual(
            f'live-migration failed: {BROKEN} '
            '(live-migration from compute-1 to compute-2)',
            nova_reasons.why(self.nova, uuid_of('web'), self.SINCE),
        )

    def test_ends_of_a_move_before(self):
        self.broken()
        self.nova.server_migrations.return_value = [
            a_migration('error', '2026-11-28T09:00:00.000000')
        ]
        self.assertEqual(
            BROKEN, nova_reasons.why(self.nova, uuid_of('web'), self.SINCE)
        )

    @ddt.named_data(
        # name, status, features of source and destination, what is named
        ('one',     'error',  ('avx2', 'vmx'), ('vmx',), 'avx2'),
        ('failed',  'failed', ('avx2', 'vmx'), ('vmx',), 'avx2'),
        ('three',   'error',  ('a', 'b', 'c'), (),       'a, b, c'),
        ('four',    'error',  ('a', 'b', 'c', 'd'), (),
         'a, b, c and 1 more'),
        ('none',    'error',  ('vmx',), ('vmx',),        ''),
        ('unknown', 'error',  ('vmx',), None,            ''),
        ('source_unknown', 'error', None, ('vmx',),      ''),
        # An operator has ended that.
        ('aborted', 'cancelled', ('avx2',), (),          ''),
    )  # fmt: skip
    @ddt.unpack
    def test_cpu(self, status, source, destination, named):
        features = {'compute-1': source, 'compute-2': destination}
        self.nova.cpu_features.side_effect = features.get
        self.nova.server_migrations.return_value = [
            a_migration(status, '2026-11-28T10:00:05.000000')
        ]
        lacks = f' compute-2 lacks CPU features ({named}),' if named else ''
        self.assertEqual(
            f'live-migration ended with status {status},{lacks} see the log '
            'of nova-compute on compute-1',
            nova_reasons.why(self.nova, uuid_of('web'), self.SINCE),
        )

    def test_cpu_not_read(self):
        self.nova.cpu_features.side_effect = NotPlanned(
            CALL_FAILED.about(service='Nova', call='GET /', error='away')
        )
        self.nova.server_migrations.return_value = [
            a_migration('error', '2026-11-28T10:00:05.000000')
        ]
        self.assertEqual(
            'live-migration ended with status error, see the log of '
            'nova-compute on compute-1',
            nova_reasons.why(self.nova, uuid_of('web'), self.SINCE),
        )


@ddt.ddt
class TestOutcome(base.TestCase):
    @ddt.named_data(
        # name, status, what is said at its end
        ('error',     'error',     'status error'),
        ('failed',    'failed',    'status failed'),
        ('cancelled', 'cancelled', 'status cancelled'),
        ('completed', 'completed', ''),
        ('running',   'running',   ''),
    )  # fmt: skip
    @ddt.unpack
    def test_status(self, status, expected):
        told = nova_reasons.outcome(
            a_migration(status, '2026-11-28T10:00:00.000000')
        )
        self.assertEqual(
            expected
            and f'live-migration ended with {expected},'
            ' see the log of nova-compute on compute-1',
            told,
        )
