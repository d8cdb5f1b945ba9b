# SPDX-License-Identifier: Apache-2.0

"""A refusal from the first command to the last, as an operator sees it."""

import json

import ddt

from tests.functional import base
from tests.functional import command_line


@ddt.ddt
class TestShown(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.a_host(memory_mb=8192),
            'compute-2': base.HOST,
            'compute-3': base.SPARE,
        },
        servers={
            'db': base.on('compute-2', 'large'),
            'stuck': base.on('compute-1', state='SUSPENDED'),
        },
    )

    @ddt.named_data(
        # name, parameters, message
        (
            'node',
            'maintenance_node=compute-9',
            'Cannot drain: there is no compute node compute-9. Nothing was '
            'changed. Use a host from "openstack compute service list".',
        ),
        (
            'state',
            'maintenance_node=compute-1',
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. stuck '
            'is SUSPENDED. Nothing was changed. Its owner can resume it; an '
            'administrator can shelve it.',
        ),
        (
            'room',
            'maintenance_node=compute-2 -p backup_node=compute-1',
            'Cannot drain compute-2: 1 of 1 instances cannot be moved. db fits '
            'on no destination (compute-1: needs 32768 MEMORY_MB, 6144 free). '
            'Nothing was changed. Free the room named, or: '
            '-p on_blocked=leave',
        ),
    )
    @ddt.unpack
    def test_shown(self, parameters, message):
        self.before = self.state()
        created = self.openstack(
            'audit create -g cluster_maintenance '
            f'-s cluster_host_maintenance -p {parameters}'
        )
        self.assertEventually(
            'FAILED', lambda: self.cloud.audit(created['UUID'])['state']
        )
        shown = self.openstack(f'audit show {created["UUID"]}')
        self.assertEqual(
            ('FAILED', message), (shown['State'], shown['Status Message'])
        )
        self.assertEqual(
            [], self.openstack(f'actionplan list --audit {created["UUID"]}')
        )
        self.assertRefused(self.cloud.audit(created['UUID']), message)

    def openstack(self, command):
        """Run a command of Watcher's client, and return what it prints."""
        return json.loads(
            command_line.run_here(
                self.cloud,
                'openstack --os-infra-optim-api-version 1.5 '
                f'optimize {command} -f json',
            )
        )
