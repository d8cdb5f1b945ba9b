# SPDX-License-Identifier: Apache-2.0

"""How results of benchmarks/fidelity are shown."""

import pathlib

import ddt
import testtools

from benchmarks.fidelity import table
from benchmarks.fidelity import verdicts


def a_record(kind='plain', right=True, possible=True, **fields):
    return {
        'way': 'ours',
        'stale': False,
        'kind': kind,
        'refused': [],
        'right': right,
        'possible': possible,
        **fields,
    }


def a_verdict(objections, accepted, is_stopped=True):
    return verdicts.Verdict(
        1, 'plain', 'vm-1', 'b', objections, accepted, is_stopped
    )


class TestTable(testtools.TestCase):
    def test_kinds_and_runs(self):
        shown = table.rst(
            [
                a_record(),
                a_record(right=False, possible=False),
                a_record(kind='zones'),
                a_record(way='upstream', right=False, refused=['a', 'b']),
                a_record(stale=True, possible=False),
            ]
        )
        self.assertEqual(
            """\
=============  ======  ========  ===========  ======  ========  ===========
..             possible                       impossible
-------------  -----------------------------  -----------------------------
kind           ours    upstream  ours, stale  ours    upstream  ours, stale
=============  ======  ========  ===========  ======  ========  ===========
plain          1 of 1  0 of 1    0 of 0       0 of 1  0 of 0    1 of 1
zones          1 of 1  0 of 0    0 of 0       0 of 0  0 of 0    0 of 0
**all**        2 of 2  0 of 1    0 of 0       0 of 1  0 of 0    1 of 1
moves refused  0       2         0            0       0         0
=============  ======  ========  ===========  ======  ========  ===========""",
            shown,
        )


@ddt.ddt
class TestVerdict(testtools.TestCase):
    @ddt.named_data(
        ('both_would', [], True, 'agreed'),
        ('neither_would', ['no_room'], False, 'agreed'),
        ('nova_would', ['no_room'], True, 'strict'),
        ('we_would', [], False, 'lax'),
        ('could_not_start', ['other_hypervisor'], True, 'on purpose'),
        ('could_not_be_plugged', ['no_agent'], True, 'on purpose'),
        ('in_no_cell', ['no_hypervisor', 'no_room'], True, 'on purpose'),
        ('not_only', ['other_hypervisor', 'no_room'], True, 'strict'),
    )
    @ddt.unpack
    def test_sense(self, objections, accepted, expected):
        self.assertEqual(expected, a_verdict(objections, accepted).sense)

    def test_running_server(self):
        found = a_verdict(['no_agent'], True, is_stopped=False)
        self.assertEqual('strict', found.sense)

    def test_summary(self):
        self.assertEqual(
            '3 moves, 1 accepted by Nova: 2 agreed, 1 lax\n'
            '  refused for no_room: 1',
            verdicts.summary(
                [
                    {'sense': 'agreed', 'accepted': True, 'objections': []},
                    {
                        'sense': 'agreed',
                        'accepted': False,
                        'objections': ['no_room'],
                    },
                    {'sense': 'lax', 'accepted': False, 'objections': []},
                ]
            ),
        )


class TestIndependence(testtools.TestCase):
    def test_oracle_shares_nothing(self):
        """What judges a plan must not think what has made it."""
        for name in ('facts', 'nova_rules', 'oracle', 'end', 'judge', 'ways'):
            path = pathlib.Path(table.__file__).with_name(f'{name}.py')
            self.assertNotIn('watcher_host_maintenance', path.read_text())
