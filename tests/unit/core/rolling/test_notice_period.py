# SPDX-License-Identifier: Apache-2.0

"""When a wave begins whose owners have to be told before."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Told
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rolling import notice_period


AUDIT = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'
OTHER = '00000000-0000-0000-0000-000000000000'
NOW_S = 10_000
HOUR_S = 3600
LATER_S = NOW_S + HOUR_S + 60
HOSTS = ('compute-1', 'compute-2')


def a_request(**fields):
    return RollRequest(
        HOSTS,
        **{
            'owners': Owners.OBEY,
            'notice_period': HOUR_S,
            'maintenance_id': AUDIT,
            'now_s': NOW_S,
            **fields,
        },
    )


def a_cloud(**states):
    """A server on each node; name of a node -> vm_state of its server."""
    return a_snapshot(
        [a_node(host) for host in (*HOSTS, 'compute-3')],
        [
            an_instance(
                f'web-{host}', host, vm_state=states.get(host, 'active')
            )
            for host in HOSTS
        ],
    )


def told(at_s=NOW_S, starts_s=0, by=AUDIT, host='compute-1'):
    return Journal(told={host: Told(by, at_s, starts_s)})


@ddt.ddt
class TestBegin(base.TestCase):
    @ddt.named_data(
        # name, when compute-1 was told, by whom, and promised; when it begins
        ('never',        None,                           LATER_S),
        ('now',          (NOW_S, LATER_S),               LATER_S),
        ('slowly',       (NOW_S + 61, LATER_S),          LATER_S + 1),
        ('long_ago',     (NOW_S - HOUR_S, NOW_S),        NOW_S),
        ('a_second_ago', (NOW_S - HOUR_S + 1, NOW_S),    NOW_S + 1),
        ('by_another',   (0, 0, OTHER),                  LATER_S),
        ('for_longer',   (0, NOW_S + 5 * HOUR_S),        NOW_S + 5 * HOUR_S),
    )  # fmt: skip
    @ddt.unpack
    def test_one_node(self, record, expected):
        journal = Journal() if record is None else told(*record)
        self.assertEqual(
            expected,
            notice_period.begins_s(
                ['compute-1'], a_cloud(), a_request(), journal
            ),
        )

    @ddt.named_data(
        # name, states of the servers, nodes, when they begin
        ('all_told',     {}, ['compute-1'],              NOW_S),
        ('one_untold',   {}, [*HOSTS],                   LATER_S),
        ('not_tellable', {'compute-2': 'error'}, [*HOSTS], NOW_S),
        ('none_is',      {'compute-1': 'error'}, ['compute-1'], 0),
        ('empty',        {}, ['compute-3'],              0),
    )  # fmt: skip
    @ddt.unpack
    def test_several(self, states, hosts, expected):
        journal = told(NOW_S - HOUR_S)
        self.assertEqual(
            expected,
            notice_period.begins_s(
                hosts, a_cloud(**states), a_request(), journal
            ),
        )

    @ddt.named_data(
        # name, until when owners may answer, node, when its wave begins
        ('sooner', NOW_S - 1, 'compute-1',     NOW_S),
        ('later',  NOW_S + 9, 'compute-1', NOW_S + 9),
        ('empty',  NOW_S + 9, 'compute-3',         0),
    )  # fmt: skip
    @ddt.unpack
    def test_time_of_answers(self, answer_by_s, host, expected):
        request = a_request(owners=Owners.WAIT, answer_by_s=answer_by_s)
        journal = told(NOW_S - HOUR_S)
        self.assertEqual(
            expected,
            notice_period.begins_s([host], a_cloud(), request, journal),
        )

    def test_time_of_answers_is_changed(self):
        """Owners were told another; of the period nothing is taken away."""
        request = a_request(owners=Owners.WAIT, answer_by_s=1)
        for at_s, expected in (
            (NOW_S - 2 * HOUR_S, NOW_S - HOUR_S + notice_period.WRITING_S),
            (NOW_S, LATER_S),
        ):
            record = Told(AUDIT, at_s, NOW_S + 99 * HOUR_S, waits=True)
            journal = Journal(told={'compute-1': record})
            self.assertEqual(
                expected,
                notice_period.begins_s(
                    ['compute-1'], a_cloud(), request, journal
                ),
            )

    def test_without_a_period(self):
        request = a_request(notice_period=0)
        self.assertEqual(
            0, notice_period.begins_s(HOSTS, a_cloud(), request, Journal())
        )

    def test_what_is_disabled_already(self):
        """A wave that has begun waits for no one who is told later."""
        for close, expected in ((CloseAt.START, 0), (CloseAt.NOW, LATER_S)):
            request = a_request(close=close)
            self.assertEqual(
                expected,
                notice_period.of_drain(HOSTS, a_cloud(), request, Journal()),
            )
            self.assertEqual(
                NOW_S + 10,
                notice_period.of_drain(
                    ['compute-1'],
                    a_cloud(),
                    request,
                    told(NOW_S + 10 - HOUR_S),
                ),
            )


@ddt.ddt
class TestWindow(base.TestCase):
    @ddt.named_data(
        # name, window, when owners have had their time, window of the wave
        ('none',      None,                 0,     None),
        ('at_once',   None,                 20000, Window(20000)),
        ('inside',    Window(0, 30000),     20000, Window(20000, 30000)),
        ('before_it', Window(25000, 30000), 20000, Window(25000, 30000)),
        ('no_end',    Window(5),            20000, Window(20000)),
        ('at_its_end', Window(0, 20000),    20000, Window(20000)),
        ('over',      Window(0, NOW_S),     20000, Window(0, NOW_S)),
    )  # fmt: skip
    @ddt.unpack
    def test_window(self, window, begin_s, expected):
        request = a_request(window=window)
        found = notice_period.window(request, begin_s)
        self.assertEqual(expected, found)

    def test_nothing_begins_before_owners_have_had_their_time(self):
        """Whatever the window is."""
        for window in (None, Window(0), Window(0, 20000), Window(0, 99999)):
            for now_s in (NOW_S, 19999, 20000, 20001):
                request = a_request(window=window, now_s=now_s)
                found = notice_period.window(request, 20000)
                opens = found is None or found.is_open(now_s)
                self.assertFalse(opens and now_s < 20000)


@ddt.ddt
class TestAnswers(base.TestCase):
    @ddt.named_data(
        # name, owners, answer_by, window of the wave, what owners read
        ('window',  Owners.WAIT, None,  Window(20000), 20000),
        ('sooner',  Owners.WAIT, 15000, Window(20000), 20000),
        ('later',   Owners.WAIT, 25000, Window(20000), 25000),
        ('at_once', Owners.WAIT, None,  Window(0),     None),
        ('none',    Owners.WAIT, None,  None,          None),
        ('told',    Owners.OBEY, None,  Window(20000), None),
    )  # fmt: skip
    @ddt.unpack
    def test_until(self, owners, answer_by_s, window, expected):
        request = a_request(owners=owners, answer_by_s=answer_by_s)
        self.assertEqual(expected, notice_period.answer_by_s(request, window))

    def test_does_not_change(self):
        """From the announcement to the wave, at any time of a run."""
        request = a_request(
            owners=Owners.WAIT, window=Window(NOW_S + 9 * HOUR_S)
        )
        until = set()
        journal = Journal()
        for now_s in (NOW_S, NOW_S + 60, NOW_S + 8 * HOUR_S):
            now = dataclasses.replace(request, now_s=now_s)
            begins_s = notice_period.begins_s(
                ['compute-1'], a_cloud(), now, journal
            )
            window = notice_period.window(now, begins_s)
            until.add(notice_period.answer_by_s(now, window))
            journal = told(NOW_S, window.starts_s)
        self.assertEqual({NOW_S + 9 * HOUR_S}, until)


@ddt.ddt
class TestRequest(base.TestCase):
    @ddt.named_data(
        ('too_long', {'notice_period': 30 * 86400 + 1}),
        ('negative', {'notice_period': -1}),
        ('ignores_owners', {'owners': Owners.IGNORE}),
        ('closes', {'notice_period': 0, 'close': CloseAt.NOW}),
    )
    def test_refused(self, fields):
        self.assertRaises(InvalidDocument, a_request, **fields)

    def test_longest(self):
        request = a_request(notice_period=30 * 86400, close=CloseAt.NOW)
        self.assertEqual(request, dataclasses.replace(request, parallel=1))
