# SPDX-License-Identifier: Apache-2.0

"""Tests of Nova's reasons in the words of an action."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.plugin.actions import nova_reasons


def an_event(result='Error', **fields):
    return {'event': 'conductor_migrate_server', 'result': result, **fields}


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
            Migration(
                uuid_of('web'),
                'compute-1',
                'compute-2',
                'live-migration',
                status,
            )
        )
        self.assertEqual(
            expected
            and f'live-migration ended with {expected},'
            ' see the log of nova-compute on compute-1',
            told,
        )
