# SPDX-License-Identifier: Apache-2.0

"""Every state that may leave does, and each server stays what it was."""

from tests.functional import base
from tests.functional import plans


class TestStates(base.CloudTestCase):
    def start_with_all(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'active': base.on('compute-1'),
                'locked': base.on('compute-1', locked=True),
                'paused': base.on('compute-1', state='PAUSED'),
                'shutoff': base.on('compute-1', state='SHUTOFF'),
                'shelved': base.on('compute-1', state='SHELVED'),
                'offloaded': base.on('compute-1', state='SHELVED_OFFLOADED'),
                'migrated': base.on(
                    'compute-2',
                    state='VERIFY_RESIZE',
                    resized_from={'host': 'compute-1'},
                ),
            },
        )

    def test_all(self):
        self.start_with_all()
        # The model has it until its period is over.
        self.cloud.add_servers({'deleted': base.on('compute-1')})
        self.cloud.refresh_model()
        self.cloud.nova.servers.find(name='deleted').force_delete()
        self.assertEventually(False, lambda: 'deleted' in self.cloud.servers())
        done = self.drain_and_execute(
            maintenance_node='compute-1',
            refresh=False,
            becomes={'shelved': 'SHELVED_OFFLOADED', 'migrated': 'ACTIVE'},
        )
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1', 'disabled'),
                ('confirm_migration', 'migrated', ''),
                ('live_migrate_paused', 'paused', 'compute-2'),
                ('migrate', 'active', 'compute-2'),
                ('migrate', 'locked', 'compute-2'),
                ('migrate', 'shutoff', 'compute-2'),
                ('shelve_offload', 'shelved', ''),
            ],
            plans.steps(done.actions),
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'active', 'locked', 'migrated'),
                'paused': ('PAUSED', 'compute-2'),
                'shutoff': ('SHUTOFF', 'compute-2'),
                'shelved': ('SHELVED_OFFLOADED', None),
                'offloaded': ('SHELVED_OFFLOADED', None),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        found = plans.indicators(done.plan)
        self.assertEqual(
            (6, 4, 2, 0),
            tuple(
                found[f'{name}_count']
                for name in (
                    'instances',
                    'instances_to_move',
                    'released_instances',
                    'remaining_instances',
                )
            ),
        )

    def test_neither_migration(self):
        self.start_with_all()
        plan = self.assertPlanned(
            self.drain(
                maintenance_node='compute-1',
                disable_live_migration=True,
                disable_cold_migration=True,
            )
        )
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
        expected = {
            name: server.status for name, server in self.before[0].items()
        }
        expected.update(active='SHUTOFF', locked='SHUTOFF')
        self.assertEqual(
            expected,
            {
                name: server.status
                for name, server in self.cloud.servers().items()
            },
        )

    def start_with_ours(self):
        """Start a cloud in which each of our own actions is planned."""
        self.start(
            hosts={'compute-1': base.SPARE, 'compute-2': base.HOST},
            servers={
                'paused': base.on('compute-1', state='PAUSED'),
                'frozen': base.on('compute-1', state='PAUSED'),
                'shelved': base.on('compute-1', state='SHELVED'),
                'migrated': base.on(
                    'compute-2',
                    state='VERIFY_RESIZE',
                    resized_from={'host': 'compute-1'},
                ),
            },
        )
        plan = self.assertPlanned(self.drain(maintenance_node='compute-1'))
        servers = {s.name: s for s in self.cloud.nova.servers.list()}
        services = {
            s.host: s
            for s in self.cloud.nova.services.list(binary='nova-compute')
        }
        return plan, servers, services

    def messages(self, plan, state):
        """Name -> message, of the actions that ended in this state."""
        return {
            a[2]: a[4]
            for a in plans.summary(self.cloud.actions(plan))
            if a[0] == state
        }

    def test_skipped(self):
        # Somebody else has done all of it before the plan was started.
        plan, servers, services = self.start_with_ours()
        self.cloud.nova.services.disable_log_reason(
            services['compute-1'].id, 'watcher_maintaining'
        )
        servers['migrated'].confirm_resize()
        servers['shelved'].shelve_offload()
        servers['frozen'].force_delete()
        servers['paused'].live_migrate(
            host='compute-2', block_migration='auto'
        )
        self.assertEventually(
            {
                'migrated': ('ACTIVE', 'compute-2'),
                'shelved': ('SHELVED_OFFLOADED', None),
                'paused': ('PAUSED', 'compute-2'),
            },
            self.cloud.servers,
            timeout_s=60,
        )
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
        skipped = 'Action was skipped automatically: '
        self.assertEqual(
            {
                'compute-1': skipped + 'compute-1 is disabled already: '
                '"watcher_maintaining"',
                'frozen': skipped + 'frozen does not exist any more',
                'migrated': skipped + 'migrated has nothing to confirm',
                'shelved': skipped + 'shelved is offloaded already',
                'paused': skipped + 'paused is not on compute-1 any more, but '
                'on compute-2',
            },
            self.messages(plan, 'SKIPPED'),
        )

    def test_not_fit_any_more(self):
        plan, servers, services = self.start_with_ours()
        servers['paused'].unpause()
        servers['migrated'].confirm_resize()
        self.cloud.nova.services.enable(services['compute-1'].id)
        self.cloud.nova.services.disable(services['compute-2'].id)
        self.assertEventually(
            ['ACTIVE', 'ACTIVE'],
            lambda: [
                self.cloud.servers()[name].status
                for name in ('paused', 'migrated')
            ],
        )
        # Of a resize before that the end would be lost.
        self.assertActed(servers['migrated'].id, 'confirmResize')
        servers['paused'].suspend()
        servers['shelved'].unshelve()
        medium = self.cloud.nova.flavors.find(name='medium')
        servers['migrated'].resize(medium.id)
        end = {
            'migrated': ('VERIFY_RESIZE', 'compute-1'),
            'shelved': ('ACTIVE', 'compute-1'),
            'frozen': ('PAUSED', 'compute-1'),
            'paused': ('SUSPENDED', 'compute-1'),
        }
        self.assertEventually(end, self.cloud.servers, timeout_s=60)
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        failed = 'Action failed in pre_condition: '
        found = self.messages(plan, 'FAILED')
        self.assertRegex(
            found.pop('compute-1'), 'compute-1 is not ready for maintenance.'
        )
        # To confirm a resize is its owner's.
        self.assertEqual(
            {
                'frozen': failed + 'compute-2 is disabled. Run the audit '
                'again: it finds another destination.',
                'migrated': failed + 'migrated did not migrate away from '
                'compute-1. Its owner has to confirm or revert the '
                'resize.',
                'shelved': failed + 'shelved is active now. Run the audit '
                'again: it plans by that state.',
                'paused': failed + 'paused is suspended now. Run the audit '
                'again: it plans by that state.',
            },
            found,
        )
        self.assertEqual(end, self.cloud.servers())
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])


class TestSpare(base.CloudTestCase):
    """A spare to be maintained is no spare any more."""

    def test_with_servers(self):
        self.start(
            hosts={'compute-1': base.SPARE, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
        )
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            [
                ('change_disabled_reason', 'compute-1', ''),
                ('migrate', 'web', 'compute-2'),
            ],
            plans.steps(done.actions),
        )
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual([], done.actions)
