# SPDX-License-Identifier: Apache-2.0

"""How far a plan is, how long it takes, and how it ended."""

import ddt

from tests.unit import base
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.progresses import HALF
from tests.unit.client.progresses import progress_of
from watcher_host_maintenance.client.progress import measure
from watcher_host_maintenance.client.progress import remaining_s
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.results import result_of
from watcher_host_maintenance.cloud.records import Transfer


@ddt.ddt
class TestShare(base.TestCase):
    @ddt.named_data(
        # name, states, transfers, done, share
        ('begun', ['PENDING', 'PENDING'], {}, 0, 0.0),
        ('half', ['SUCCEEDED', 'PENDING'], {}, 1, 0.5),
        ('skipped', ['SKIPPED', 'PENDING'], {}, 1, 0.5),
        ('failed', ['FAILED', 'PENDING'], {}, 0, 0.5),
        ('moving', ['ONGOING', 'PENDING'], {'server-0': HALF}, 0, 0.25),
        ('moving_unknown', ['ONGOING', 'PENDING'], {}, 0, 0.0),
        ('all', ['SUCCEEDED', 'SUCCEEDED'], {}, 2, 1.0),
        ('nothing', [], {}, 0, 0.0),
    )
    @ddt.unpack
    def test_share(self, states, transfers, done, share):
        progress = progress_of(*states, transfers=transfers)
        self.assertEqual(
            (done, len(states), share),
            (progress.done, progress.total, progress.share),
        )

    @ddt.named_data(
        # name, total, remaining, share
        ('begun', 100, 100, 0.0),
        ('done', 100, 0, 1.0),
        ('grown', 100, 150, 0.0),
        ('unknown', 0, 0, 0.0),
    )
    @ddt.unpack
    def test_share_of_a_transfer(self, total, remaining, share):
        transfer = Transfer(
            status='running',
            total_bytes=total,
            remaining_bytes=remaining,
            id=1,
        )
        self.assertEqual(share, transfer.share)

    def test_nodes(self):
        self.assertEqual(('compute-1',), progress_of('PENDING').nodes)

    def test_enabled_spare_is_not_emptied(self):
        enable = about_node(
            'e', 'change_nova_service_state', host='s', state='enabled'
        )
        actions = [enable]
        progress = measure(
            ActionPlan.of(a_plan()), [Action.of(a) for a in actions], {}
        )
        self.assertEqual((), progress.nodes)


@ddt.ddt
class TestRemaining(base.TestCase):
    @ddt.named_data(
        # name, states, elapsed, estimate, expected
        ('estimate', ['PENDING'], 10, 60, 50),
        ('over_estimate', ['PENDING'], 70, 60, 0),
        ('by_speed', ['SUCCEEDED', 'PENDING', 'PENDING'], 10, 60, 20),
    )
    @ddt.unpack
    def test_remaining(self, states, elapsed, estimate, expected):
        progress = progress_of(*states, estimated_duration=estimate)
        self.assertAlmostEqual(expected, remaining_s(progress, elapsed))

    @ddt.named_data(
        # name, how many of 4 have ended, elapsed, expected
        ('nothing_since', 2, 10, 40),
        ('one_since', 3, 10, 10),
    )
    @ddt.unpack
    def test_plan_that_runs_already(self, ended, elapsed, expected):
        """Half of it was done at the first look."""
        states = ended * ['SUCCEEDED'] + (4 - ended) * ['PENDING']
        progress = progress_of(*states, estimated_duration=100)
        self.assertAlmostEqual(expected, remaining_s(progress, elapsed, 0.5))

    def test_unknown(self):
        self.assertIsNone(remaining_s(progress_of('PENDING'), 10))

    def test_ended(self):
        progress = progress_of('FAILED', plan='FAILED')
        self.assertEqual(0.0, remaining_s(progress, 10))


@ddt.ddt
class TestResult(base.TestCase):
    @ddt.named_data(
        # name, plan, states, look, remaining, expected
        ('done', 'SUCCEEDED', ['SUCCEEDED'], {'remaining': []}, 0, 'DONE'),
        (
            'left',
            'SUCCEEDED',
            ['SUCCEEDED'],
            {'remaining': ['x']},
            0,
            'PARTLY',
        ),
        ('left_unseen', 'SUCCEEDED', ['SUCCEEDED'], None, 1, 'PARTLY'),
        ('nothing_moved', 'FAILED', ['FAILED'], None, 0, 'ERROR'),
        ('some_moved', 'FAILED', ['SUCCEEDED', 'FAILED'], None, 0, 'PARTLY'),
        ('cancelled', 'CANCELLED', ['CANCELLED'], None, 0, 'ERROR'),
        (
            'half_cancelled',
            'CANCELLED',
            ['SUCCEEDED', 'CANCELLED'],
            None,
            0,
            'PARTLY',
        ),
    )
    @ddt.unpack
    def test_result(self, plan, states, look, remaining, expected):
        progress = progress_of(
            *states, plan=plan, look=look, remaining_instances_count=remaining
        )
        self.assertIs(Result[expected], result_of(progress))

    def test_who_cannot_come_back(self):
        progress = progress_of(
            'SUCCEEDED', plan='SUCCEEDED', blocked_instances_count=1
        )
        self.assertIs(Result.PARTLY, result_of(progress))

    @ddt.named_data(
        # name, plan, state of the return, states of the moves, expected
        ('none_home', 'FAILED', 'SUCCEEDED', ['FAILED'], 'PARTLY'),
        ('stopped', 'CANCELLED', 'SUCCEEDED', ['CANCELLED'], 'PARTLY'),
        ('not_verified', 'FAILED', 'SUCCEEDED', [], 'PARTLY'),
        ('not_fit', 'FAILED', 'FAILED', ['FAILED'], 'ERROR'),
        ('not_reached', 'CANCELLED', 'CANCELLED', ['CANCELLED'], 'ERROR'),
        ('in_service', 'FAILED', 'SKIPPED', ['FAILED'], 'ERROR'),
        ('whole', 'SUCCEEDED', 'SUCCEEDED', ['SUCCEEDED'], 'DONE'),
    )
    @ddt.unpack
    def test_return(self, plan, returned, states, expected):
        progress = progress_of(*states, plan=plan, returned=returned)
        self.assertIs(Result[expected], result_of(progress))

    def test_statuses_are_documented(self):
        self.assertEqual([0, 1, 2, 3, 4, 130], [r.value for r in Result])
