# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

from tests.unit import base
from watcher_host_maintenance.core import schedule
from watcher_host_maintenance.core.outcome import Disable
from watcher_host_maintenance.core.outcome import Enable
from watcher_host_maintenance.core.outcome import Method
from watcher_host_maintenance.core.outcome import Move
from watcher_host_maintenance.core.outcome import MoveKind
from watcher_host_maintenance.core.outcome import NodeOutcome
from watcher_host_maintenance.core.outcome import Outcome
from watcher_host_maintenance.core.outcome import Step
from watcher_host_maintenance.core.outcome import Stop
from watcher_host_maintenance.core.outcome import Verdict


WEB = Move('uuid-web', 'web', MoveKind.LIVE, 'compute-1', 'spare-1')
DB = Move('uuid-db', 'db', MoveKind.COLD, 'compute-2', 'spare-1')
OLD = Stop('uuid-old', 'old', 'compute-2')


def a_node_outcome(hostname, moves=(), stops=()):
    return NodeOutcome(
        hostname, Verdict.PLANNED, len(moves) + len(stops),
        Method.UNUSED_HOST, moves, stops)


class TestSchedule(base.TestCase):
    def test_nothing(self):
        self.assertEqual((), schedule.schedule(Outcome()))

    def test_everything(self):
        outcome = Outcome(
            nodes=(a_node_outcome('compute-1', (WEB,)),
                   a_node_outcome('compute-2', (DB,), (OLD,))),
            disables=('compute-1', 'compute-2'),
            enables=('spare-1', 'spare-2'),
        )
        services = ('enable spare-2',)
        self.assertEqual(
            (Step('disable compute-1', Disable('compute-1'), ()),
             Step('disable compute-2', Disable('compute-2'),
                  ('disable compute-1',)),
             Step('enable spare-1', Enable('spare-1'),
                  ('disable compute-2',)),
             Step('enable spare-2', Enable('spare-2'), ('enable spare-1',)),
             Step('stop uuid-old', OLD, services),
             Step('move uuid-web', WEB, services),
             Step('move uuid-db', DB, services)),
            schedule.schedule(outcome),
        )

    def test_moves_wait_for_the_disable(self):
        outcome = Outcome(
            nodes=(a_node_outcome('compute-1', (WEB,)),),
            disables=('compute-1',))
        self.assertEqual(
            [(), ('disable compute-1',)],
            [step.after for step in schedule.schedule(outcome)])

    def test_moves_that_wait_for_nothing(self):
        outcome = Outcome(nodes=(a_node_outcome('compute-1', (WEB,)),))
        self.assertEqual(
            (Step('move uuid-web', WEB, ()),), schedule.schedule(outcome))
