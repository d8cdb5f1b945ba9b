# SPDX-License-Identifier: Apache-2.0

"""What an operator is told of a return."""

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import maintained
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling.words import UNCHANGED


def told(*args):
    return summary.sentences(a_return(*args).outcome)


class TestSentences(base.TestCase):
    def test_all_is_well(self):
        self.assertEqual([], told())

    def test_refused(self):
        snapshot = a_returning_snapshot(
            (maintained(disabled_reason='fan broken'), a_node())
        )
        self.assertEqual(
            [
                'Cannot return: compute-1 is disabled for another reason: '
                '"fan broken".',
                UNCHANGED,
                'If it is fit for service: openstack maintenance done '
                'compute-1',
            ],
            told(snapshot),
        )

    def test_down(self):
        snapshot = a_returning_snapshot(
            (maintained(state='down'), maintained('compute-3'), a_node())
        )
        self.assertEqual(
            [
                'Cannot return compute-1: compute-1: nova-compute is down.',
                'Start nova-compute there.',
                'Nothing is recorded of a maintenance of compute-3: no server '
                'is moved back or started.',
            ],
            told(snapshot, ReturnRequest()),
        )

    def test_no_room_and_nothing_else_will_do(self):
        snapshot = a_returning_snapshot((maintained(vcpus=0), a_node()))
        self.assertEqual(
            [
                'Cannot return compute-1: web-1 fits on no destination.',
                'Free the room named, or: -p on_blocked=leave',
                'Nothing was changed.',
            ],
            told(snapshot, a_return_request(on_blocked=OnBlocked.FAIL)),
        )

    def test_some_stay_away(self):
        tagged = an_instance('a', 'compute-2', owner_words=('stay',))
        web, db = (an_instance(n, 'compute-2', vcpus=2) for n in ('web', 'db'))
        snapshot = a_returning_snapshot(
            (maintained(vcpus=3), a_node()), (tagged, web, db)
        )
        self.assertEqual(
            [
                '2 of 3 stay away: web has no room beside the others '
                '(compute-1: needs 2 VCPU, 1 free).',
                'And 1 more: see the decision engine log.',
            ],
            told(snapshot),
        )

    def test_half_of_the_records_is_gone(self):
        snapshot = a_returning_snapshot(
            closings=[a_closing(moved={'web-1': 'compute-2'}, is_whole=False)]
        )
        self.assertEqual(
            [
                'Nothing is recorded of how compute-1 was disabled: what it '
                'was, and who left or was stopped then, is unknown.'
            ],
            told(snapshot),
        )

    def test_records_differ(self):
        snapshot = a_returning_snapshot(departures=())
        self.assertEqual(
            [
                '1 of 1 stay away: web-1 left compute-1 by a plan, but Nova '
                'has no such migration.'
            ],
            told(snapshot),
        )


class TestReport(base.TestCase):
    def lines(self, *args):
        return report.as_text(a_return(*args).outcome).splitlines()

    def test_returns(self):
        stopped = an_instance('db', 'compute-1', vm_state='stopped')
        snapshot = a_returning_snapshot(
            (maintained(), a_node('spare-1')),
            (stopped, an_instance(host='spare-1')),
            closings=[
                a_closing(
                    moved={'web-1': 'spare-1'},
                    stopped=['db'],
                    woken={'spare-1': 'watcher_disabled'},
                )
            ],
        )
        self.assertEqual(
            [
                'Return compute-1 to service.',
                'Disable spare-1 again when it is empty: "watcher_disabled".',
                'compute-1: planned, instances: 1, method: home',
                '  web-1: live to compute-1',
                '  db: start',
            ],
            self.lines(snapshot),
        )

    def test_a_spare(self):
        snapshot = a_returning_snapshot(
            instances=(),
            departures=[a_departure('gone')],
            closings=[a_closing(spare_reason='watcher_disabled')],
        )
        self.assertEqual(
            'Return compute-1, as a spare: "watcher_disabled".',
            self.lines(snapshot)[0],
        )

    def test_nothing_waits(self):
        snapshot = a_returning_snapshot((a_node(),), ())
        request = ReturnRequest(move_back=MoveBack.LEFT)
        self.assertEqual(
            ['No node in scope waits for its return.'],
            self.lines(snapshot, request),
        )
