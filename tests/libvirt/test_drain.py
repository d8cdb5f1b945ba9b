# SPDX-License-Identifier: Apache-2.0

"""A drain is seen by the guests: they go on, and leave nothing behind."""

from tests.libvirt import base


class TestDrain(base.LibvirtTestCase):
    """A host is emptied whose servers are in each state that can move."""

    def test_each_state(self):
        self.boot('web', 'host-1')
        self.boot('db', 'host-1', 'PAUSED')
        self.boot('batch', 'host-1', 'SHUTOFF')
        before = {name: self.last(name) for name in self.servers}
        source = self.cloud.hosts['host-1']
        self.assertOnly(
            'host-1', {'web': 'running', 'db': 'paused', 'batch': 'shut off'}
        )

        plan, actions = self.drain(
            maintenance_node='host-1', backup_node='host-2'
        )

        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual({}, self.messages(actions))
        self.assertEqual(
            {
                'web': ('ACTIVE', 'host-2'),
                'db': ('PAUSED', 'host-2'),
                'batch': ('SHUTOFF', 'host-2'),
            },
            self.placed(),
        )
        self.assertOnly('host-1', {})
        self.assertOnly(
            'host-2', {'web': 'running', 'db': 'paused', 'batch': 'shut off'}
        )
        self.assertHeld(
            {'host-1': (), 'host-2': ('batch', 'db', 'web'), 'host-3': ()}
        )
        self.assertEqual('', source.processes('qemu-system-x86_64'))
        self.check_guests(before)

    def check_guests(self, before):
        """Check what each guest has kept of the time before its move."""
        self.assertGoesOn('web', before['web'])
        # It counts no further until it is let go on.
        self.assertEqual([], self.cloud.beats(self.servers['db']))
        self.cloud.nova.servers.unpause(self.servers['db'])
        self.assertGoesOn('db', before['db'])
        self.cloud.nova.servers.start(self.servers['batch'])
        booted = self.cloud.wait_for_beats(self.servers['batch'])
        self.show(f'batch, booted again: {booted[-1]}')
        self.assertNotEqual(before['batch'].boot_id, booted[-1].boot_id)
        # It may have counted once more until it was stopped.
        self.assertGreaterEqual(int(booted[-1].disk), before['batch'].tick)
        self.check_disk('web')

    def check_disk(self, name):
        """Check that what a guest wrote after its move is on its disk."""
        before = self.last(name)
        self.cloud.nova.servers.reboot(self.servers[name], 'HARD')
        self.cloud.wait_for_status(self.servers[name], 'ACTIVE')
        booted = self.cloud.wait_for_beats(self.servers[name])
        self.show(f'{name}, booted again: {booted[-1]}')
        self.assertGreaterEqual(int(booted[-1].disk), before.tick)
