# SPDX-License-Identifier: Apache-2.0

"""A move that libvirt or ssh lets fail: what is told, and what is left.

The guest of a live migration that fails goes on where it was, though Nova
has its server in ERROR.
"""

from minicloud import waiting
from tests.libvirt import base


_MIDDLE_S = 60
#: The one move of a plan, and the look at the host that ends it.
_MOVE = ('migrate', 'web')
_LOOK = ('verify_host_empty', 'host-1')


class TestFaults(base.LibvirtTestCase):
    """Each leaves a server on host-1, which is emptied in the end."""

    def test_feature_missing(self):
        """The processor of the destination lacks a feature of the guest."""
        self.boot('web', 'host-1')
        before = self.last('web')

        plan, actions = self.drain(
            maintenance_node='host-1', backup_node='host-3'
        )

        self.assertEqual('FAILED', plan['state'])
        self.check_failed_live(
            before,
            'host-3',
            actions,
            told=f'host-3 lacks CPU features ({base.LACKING})',
            next_audit=f'failed to move to host-3, which lacks {base.LACKING}',
        )
        self.assertIn(
            f'unknown CPU feature: {base.LACKING}',
            self.cloud.hosts['host-1'].log('nova-compute'),
        )
        self.check_next_audit(before)

    def test_aborted(self):
        """The migration is aborted on the source, in the middle."""
        source = self.cloud.hosts['host-1']
        uuid = self.boot('web', 'host-1')
        before = self.last('web')
        plan = self.start_slowly(uuid)

        source.run('virsh', 'domjobabort', uuid)

        plan, actions = self.finish(plan)
        self.assertEqual('FAILED', plan['state'])
        self.check_failed_live(before, 'host-2', actions)
        self.check_next_audit(before)

    def test_libvirtd_killed(self):
        """The destination loses its libvirtd, in the middle."""
        destination = self.cloud.hosts['host-2']
        uuid = self.boot('web', 'host-1')
        before = self.last('web')
        plan = self.start_slowly(uuid)

        destination.kill('libvirtd')

        plan, actions = self.finish(plan)
        self.assertEqual('FAILED', plan['state'])
        self.check_told(
            actions, 'error', 'host-2', 'Connection to the hypervisor'
        )
        self.check_stays(before)
        self.wait_for_reason('host-2', 'AUTO: Connection to libvirt lost: 1')
        refused = self.audit(maintenance_node='host-1', backup_node='host-2')
        self.assertEqual('FAILED', refused['state'])
        self.assertIn('host-2', refused['status_message'])
        self.assertIn('AUTO: Connection to libvirt', refused['status_message'])
        destination.start_libvirtd()
        self.wait_for_reason('host-2', None)
        self.assertOnly('host-2', {})
        self.check_next_audit(before)

    def test_ssh_fails(self):
        """The source does not reach the destination's sshd."""
        destination = self.cloud.hosts['host-2']
        uuid = self.boot('web', 'host-1', 'SHUTOFF')
        before = self.last('web')
        destination.kill('sshd')

        plan, actions = self.drain(
            maintenance_node='host-1', backup_node='host-2'
        )

        self.assertEqual('FAILED', plan['state'])
        self.check_told(actions, 'stopped', 'not able to execute ssh command')
        self.assertEqual({'web': ('SHUTOFF', 'host-1')}, self.placed())
        self.assertOnly('host-1', {'web': 'shut off'})
        self.assertOnly('host-2', {})
        self.assertHeld({'host-1': ('web',), 'host-2': (), 'host-3': ()})
        destination.start_sshd()
        plan, _ = self.drain(maintenance_node='host-1', backup_node='host-2')
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertOnly('host-1', {})
        self.cloud.nova.servers.start(uuid)
        booted = self.cloud.wait_for_beats(uuid)
        self.assertGreaterEqual(int(booted[-1].disk), before.tick)

    def test_node_lost(self):
        """The node to empty has lost its libvirtd: nothing is touched."""
        source = self.cloud.hosts['host-1']
        self.boot('web', 'host-1', 'SHUTOFF')
        source.kill('libvirtd')
        self.wait_for_reason('host-1', 'AUTO: Connection to libvirt lost: 1')

        refused = self.audit(maintenance_node='host-1', backup_node='host-2')

        self.assertEqual('FAILED', refused['state'])
        self.assertIn('host-1', refused['status_message'])
        self.assertIn('AUTO: Connection to libvirt', refused['status_message'])
        self.assertEqual({'web': ('SHUTOFF', 'host-1')}, self.placed())
        source.start_libvirtd()
        self.wait_for_reason('host-1', None)
        self.assertOnly('host-1', {'web': 'shut off'})

    def start_slowly(self, uuid):
        """Start a drain of host-1 to host-2, and return amid its move."""
        source = self.cloud.hosts['host-1']
        source.run('virsh', 'migrate-setspeed', uuid, '1')
        audit = self.audit(maintenance_node='host-1', backup_node='host-2')
        plan = self.start(audit)
        waiting.until(
            lambda: source.sends_memory(uuid), _MIDDLE_S, self.cloud.tails
        )
        return plan

    def check_told(self, actions, *facts):
        """Check that the look at host-1 has the facts about its server."""
        messages = self.messages(actions)
        self.assertEqual({_MOVE, _LOOK}, {*messages})
        for fact in ('host-1', 'web', *facts):
            self.assertIn(fact, messages[_LOOK])

    def check_failed_live(
        self, before, destination, actions, told='', next_audit=''
    ):
        """Check what is told of a failed live migration, and what is left.

        :param told: by the look at host-1 besides
        :param next_audit: what the next one says besides
        """
        self.check_told(
            actions,
            'error',
            'live-migration',
            'log of nova-compute on host-1',
            told,
        )
        self.check_stays(before)
        self.assertOnly(destination, {})
        refused = self.audit(maintenance_node='host-1', backup_node='host-2')
        self.assertEqual('FAILED', refused['state'])
        self.assertIn('guest is running', refused['status_message'])
        self.assertIn(next_audit, refused['status_message'])
        self.assertNotIn('delete', refused['status_message'])

    def check_stays(self, before):
        """Check that the guest goes on where it was."""
        self.assertEqual({'web': ('ERROR', 'host-1')}, self.placed())
        self.assertGoesOn('web', before)
        self.assertOnly('host-1', {'web': 'running'})
        self.assertHeld({'host-1': ('web',), 'host-2': (), 'host-3': ()})

    def check_next_audit(self, before):
        """Check that the host is emptied once its server is ACTIVE again."""
        self.cloud.nova.servers.reset_state(self.servers['web'], 'active')
        self.cloud.hosts['host-1'].run(
            'virsh', 'migrate-setspeed', self.servers['web'], '1000'
        )

        plan, _ = self.drain(maintenance_node='host-1', backup_node='host-2')

        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual({'web': ('ACTIVE', 'host-2')}, self.placed())
        self.assertGoesOn('web', before)
        self.assertOnly('host-1', {})
        self.assertOnly('host-2', {'web': 'running'})

    def wait_for_reason(self, host, reason):
        """Wait until a compute service is disabled for a reason, or None."""

        def disabled():
            services = self.cloud.nova.services.list(host, 'nova-compute')
            return services[0].disabled_reason == reason

        waiting.until(disabled, _MIDDLE_S, self.cloud.tails, poll_s=1)
