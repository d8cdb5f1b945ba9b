# SPDX-License-Identifier: Apache-2.0

"""Moves that failed lately, in drains of compute-1."""

import collections

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking.check import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.rules import failures
from watcher_host_maintenance.core.scheduling import steps


def failed(*hostnames):
    return tuple(
        FailedMove(h, 'live-migration', '2026-11-21T12:00:00Z')
        for h in hostnames
    )


def told(findings):
    return [(f.subject, f.facts['destination']) for f in findings]


@ddt.ddt
class TestDrain(base.TestCase):
    def drained(self, nodes, servers, **request):
        self.before = a_snapshot([a_node('compute-1'), *nodes], servers)
        asked = a_request(**request)
        outcome = drain.plan(self.before, asked)
        schedule = steps.schedule(self.before, outcome, Pace())
        self.assertEqual((), check(self.before, asked, outcome, schedule))
        self.repeated = told(failures.repeated(self.before, outcome))
        self.avoided = told(failures.avoided(self.before, outcome))
        return {m.instance_name: m.destination for m in outcome.moves}

    def test_goes_elsewhere(self):
        """compute-2 is emptier, but the move there failed."""
        moves = self.drained(
            [a_node('compute-2'), a_node('compute-3', used={'VCPU': 10})],
            [an_instance('web', failed_moves=failed('compute-2'))],
        )
        self.assertEqual({'web': 'compute-3'}, moves)
        self.assertEqual([], self.repeated)
        self.assertEqual([('web', 'compute-2')], self.avoided)

    def test_again_when_nothing_else_takes_it(self):
        moves = self.drained(
            [a_node('compute-2'), a_node('compute-3', status='disabled')],
            [an_instance('web', failed_moves=failed('compute-2'))],
        )
        self.assertEqual({'web': 'compute-2'}, moves)
        self.assertEqual([('web', 'compute-2')], self.repeated)
        self.assertEqual([], self.avoided)

    def test_backup_node(self):
        moves = self.drained(
            [a_node('compute-2'), a_node('compute-3')],
            [an_instance('web', failed_moves=failed('compute-2'))],
            backup_node='compute-2',
        )
        self.assertEqual({'web': 'compute-2'}, moves)
        self.assertEqual([('web', 'compute-2')], self.repeated)

    def test_one_that_must_repeat_makes_no_other_repeat(self):
        """All failed on compute-2; compute-3 has room for all but one."""
        moves = self.drained(
            [a_node('compute-2', vcpus=64), a_node('compute-3', vcpus=4)],
            [
                an_instance(f'web-{n}', failed_moves=failed('compute-2'))
                for n in range(5)
            ],
        )
        counts = collections.Counter(moves.values())
        self.assertEqual({'compute-2': 1, 'compute-3': 4}, counts)
        self.assertEqual(1, len(self.repeated))
        self.assertEqual(4, len(self.avoided))

    def test_large_one_repeats_for_three_small_ones(self):
        moves = self.drained(
            [a_node('compute-2', vcpus=64), a_node('compute-3', vcpus=3)],
            [
                an_instance('big', vcpus=3, failed_moves=failed('compute-2')),
                *(
                    an_instance(f'web-{n}', failed_moves=failed('compute-2'))
                    for n in range(3)
                ),
            ],
        )
        self.assertEqual('compute-2', moves['big'])
        self.assertEqual([('big', 'compute-2')], self.repeated)

    def test_as_many_as_possible_leave(self):
        """One stays; of those that go as few as possible repeat."""
        moves = self.drained(
            [a_node('compute-2', vcpus=1), a_node('compute-3', vcpus=2)],
            [
                an_instance(f'web-{n}', failed_moves=failed('compute-2'))
                for n in range(3)
            ]
            + [an_instance('db')],
            on_blocked=OnBlocked.LEAVE,
        )
        self.assertEqual(3, len(moves))
        self.assertEqual('compute-2', moves['db'])
        self.assertEqual([], self.repeated)

    def test_other_unused_node(self):
        """An unused node that fits more tightly has failed before."""
        spare = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
        moves = self.drained(
            [
                a_node('compute-2', vcpus=2, **spare),
                a_node('compute-3', vcpus=8, **spare),
            ],
            [an_instance('web', failed_moves=failed('compute-2'))],
        )
        self.assertEqual({'web': 'compute-3'}, moves)

    def test_unused_node_or_spread(self):
        """The only unused node has failed: the servers are spread."""
        moves = self.drained(
            [
                a_node(
                    'compute-2',
                    status='disabled',
                    disabled_reason='watcher_disabled',
                ),
                a_node('compute-3'),
            ],
            [an_instance('web', failed_moves=failed('compute-2'))],
        )
        self.assertEqual({'web': 'compute-3'}, moves)

    @ddt.named_data(
        # name, where it failed, where it goes
        ('here_lacking', ('compute-3',), 'compute-2'),
        ('nowhere',      (),             'compute-3'),
    )  # fmt: skip
    @ddt.unpack
    def test_is_worse_than_a_cpu_that_lacks_features(self, before, expected):
        new = {'cpu_features': ('avx2',)}
        self.before = a_snapshot(
            [
                a_node('compute-1', **new),
                a_node('compute-2', cpu_features=()),
                a_node('compute-3', used={'VCPU': 2}, **new),
            ],
            [an_instance('web', failed_moves=failed(*before))],
        )
        [move] = drain.plan(self.before, a_request()).moves
        self.assertEqual(expected, move.destination)


@ddt.ddt
class TestLostMakers(base.TestCase):
    """Of compute-2, which another node has no room without."""

    @ddt.named_data(
        # name, fields of the server, host, most secondary moves, reason
        ('runs',      {}, 'compute-2', 1, 'maker_in_error'),
        ('paused',    {'power_state': 'paused'}, 'compute-2', 1,
         'maker_in_error_paused'),
        ('drained',   {}, 'compute-1', 1, None),
        ('not_asked', {}, 'compute-2', 0, None),
        ('set_active', {'vm_state': 'active'}, 'compute-2', 1, None),
        ('gone',      {'power_state': 'shutdown'}, 'compute-2', 1, None),
        ('otherwise', {'live_move_failed': False}, 'compute-2', 1, None),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, fields, host, most, expected):
        lost = an_instance(
            'small',
            host,
            **{
                'vm_state': 'error',
                'power_state': 'running',
                'live_move_failed': True,
                **fields,
            },
        )
        known = a_snapshot(
            [a_node('compute-1'), a_node('compute-2', vcpus=4)],
            [an_instance('big', vcpus=4), lost],
        )
        request = a_request(max_secondary_moves=most)
        outcome = drain.plan(known, request)
        found = failures.lost_makers(known, request, outcome)
        self.assertEqual(
            [(expected, 'small', 'compute-2')] if expected else [],
            [(f.reason.value, f.subject, f.facts['host']) for f in found],
        )
