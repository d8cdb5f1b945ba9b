# SPDX-License-Identifier: Apache-2.0

"""Tests of Nova's reasons in the words of an action."""

from unittest import mock

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.plugin.actions import nova_reasons


def an_event(result='Error', **fields):
    return {'event': 'conductor_migrate_server', 'result': result, **fields}


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
        ('before_2_84', {'events': [an_event()]}, 'migrate failed'),
        ('before_2_51', {'message': 'Error'}, 'migrate failed'),
    )
    @ddt.unpack
    def test_failure(self, fields, expected):
        self.assertEqual(
            expected, nova_reasons.failure({'action': 'migrate', **fields})
        )


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
