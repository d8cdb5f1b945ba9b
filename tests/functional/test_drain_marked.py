# SPDX-License-Identifier: Apache-2.0

"""The bare goal: every host that is marked for maintenance."""

from tests.functional import base
from tests.functional import plans
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.telling.summary import REST_PLANNED


class TestMarked(base.CloudTestCase):
    """``openstack optimize audit create -g cluster_maintenance``."""

    CHECKED = True

    def test_none(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.SPARE,
                'compute-3': base.a_host(disabled_reason='fan broken'),
            },
            servers={'web': base.on('compute-1')},
        )
        before = self.state()
        done = self.drain_and_execute()
        self.assertEqual([], done.actions)
        self.assertEnd(*before)

    def test_one(self):
        self.start(
            hosts={'compute-1': base.MARKED, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2'),
            },
        )
        done = self.drain_and_execute()
        self.assertEqual(
            [
                ('migrate', 'web-1', 'compute-2'),
                ('migrate', 'web-2', 'compute-2'),
            ],
            plans.steps(done.actions),
        )
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2', 'db'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_two(self):
        # A reason that only starts with a marking one is a mark as well.
        reason = 'watcher_maintaining: ticket 4711'
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.a_host(disabled_reason=reason),
                'compute-3': base.HOST,
            },
            servers={
                'web': base.on('compute-1'),
                'db': base.on('compute-2', state='SHUTOFF'),
            },
        )
        self.drain_and_execute()
        self.assertEnd(
            servers={
                'web': ('ACTIVE', 'compute-3'),
                'db': ('SHUTOFF', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': ('disabled', 'up', reason),
                'compute-3': base.ENABLED,
            },
        )


class TestMarkedInPart(base.CloudTestCase):
    """One marked host cannot be emptied, or need not be."""

    CHECKED = True

    def test_one_of_two_blocked(self):
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.MARKED,
                'compute-3': base.HOST,
            },
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2', state='SUSPENDED'),
                'job': base.on('compute-2'),
            },
        )
        self.drain_and_execute(
            message=(
                cannot_move(
                    'compute-2',
                    1,
                    2,
                    SUSPENDED.about('db'),
                    changed=REST_PLANNED,
                )
            )
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-3', 'web-1', 'web-2'),
                'db': ('SUSPENDED', 'compute-2'),
                'job': ('ACTIVE', 'compute-2'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.MAINTAINED,
                'compute-3': base.ENABLED,
            },
        )

    def test_both_blocked(self):
        self.start(
            hosts={
                'compute-1': base.MARKED,
                'compute-2': base.MARKED,
                'compute-3': base.HOST,
            },
            servers={
                'web': base.on('compute-1', state='SUSPENDED'),
                'db': base.on('compute-2', state='SUSPENDED'),
            },
        )
        self.assertRefused(
            self.drain(),
            (
                cannot_move(
                    'compute-1, compute-2',
                    2,
                    2,
                    SUSPENDED.about('web'),
                    more=True,
                )
            ),
        )

    def test_one_empty_and_down(self):
        # A host that was drained is often switched off.
        self.start(
            hosts={
                'compute-1': {**base.MARKED, 'down': True},
                'compute-2': base.MARKED,
                'compute-3': base.HOST,
            },
            servers={'web': base.on('compute-2')},
        )
        self.drain_and_execute()
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-3')},
            services={
                'compute-1': ('disabled', 'down', 'watcher_maintaining'),
                'compute-2': base.MAINTAINED,
                'compute-3': base.ENABLED,
            },
        )

    def test_the_only_one_empty_and_down(self):
        self.start(
            hosts={
                'compute-1': {**base.MARKED, 'down': True},
                'compute-2': base.HOST,
            }
        )
        done = self.drain_and_execute()
        self.assertEqual([], done.actions)
