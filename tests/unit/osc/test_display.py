# SPDX-License-Identifier: Apache-2.0

"""What the progress display looks like."""

import io
import pathlib

import ddt

from rich.console import Console

from tests.functional import typed
from tests.unit import base
from tests.unit.client.progresses import HALF
from tests.unit.client.progresses import progress_of
from watcher_host_maintenance.osc.display import Bars
from watcher_host_maintenance.osc.display import Lines
from watcher_host_maintenance.osc.display import display
from watcher_host_maintenance.osc.display import frame
from watcher_host_maintenance.osc.words import duration
from watcher_host_maintenance.osc.words import in_options


PAGE = (
    pathlib.Path(__file__).resolve().parents[3]
    / 'doc/source/cli/maintenance.rst'
)


def drawn(progress, remaining_s=None, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(frame(progress, remaining_s))
    return console.file.getvalue().splitlines()


@ddt.ddt
class TestDuration(base.TestCase):
    @ddt.named_data(
        ('unknown', None, ''),
        ('none', 0, '0 s'),
        ('seconds', 99.4, '99 s'),
        ('minutes', 100, '2 min'),
        ('many_minutes', 5940, '99 min'),
        ('hours', 6000, '1 h 40 min'),
    )
    @ddt.unpack
    def test_duration(self, seconds, expected):
        self.assertEqual(expected, duration(seconds))


@ddt.ddt
class TestOptions(base.TestCase):
    @ddt.named_data(
        (
            'value',
            'leave a: -p on_blocked=leave.',
            'leave a: --on-blocked leave.',
        ),
        ('flag', '-p allow_unproved_moves=true', '--allow-unproved-moves'),
        ('node', '-p backup_node=c-1; no', '--backup-node c-1; no'),
        ('unknown', '-p colour=red', '-p colour=red'),
        (
            'in_a_name',
            'leave "a -p on_blocked=fail": -p on_blocked=leave',
            'leave "a -p on_blocked=fail": --on-blocked leave',
        ),
        (
            'invalid',
            'The parameter move_back is invalid: no',
            '--move-back is invalid: no',
        ),
        (
            'host',
            'The parameter maintenance_nodes is invalid: no',
            'HOST is invalid: no',
        ),
    )
    @ddt.unpack
    def test_parameters(self, text, expected):
        self.assertEqual(expected, in_options(text))


class TestFrame(base.TestCase):
    def test_lines(self):
        progress = progress_of(
            'ONGOING', 'SUCCEEDED', 'PENDING', transfers={'server-0': HALF}
        )
        first, second = drawn(progress, 150)
        self.assertTrue(first.startswith('compute-1 '))
        self.assertTrue(first.endswith('1 of 3, 2 min left'))
        self.assertTrue(
            second.startswith('  live migrate web-1 to compute-2 ')
        )
        self.assertTrue(second.rstrip().endswith('50%, 1024 of 2048 MiB'))

    def test_page_shows_it(self):
        progress = progress_of(
            'ONGOING', 'SUCCEEDED', 'PENDING', transfers={'server-0': HALF}
        )
        block = typed.blocks(PAGE.read_text(), 'text')[0]
        lines = [line.rstrip() for line in drawn(progress, 150, width=76)]
        self.assertEqual(lines, block.splitlines())

    def test_fits(self):
        progress = progress_of('ONGOING', transfers={'server-0': HALF})
        progress.running[0].action.parameters['resource_name'] = 'x' * 200
        for width in (80, 120):
            self.assertLessEqual(
                max(map(len, drawn(progress, 1, width))), width
            )

    def test_names_are_no_markup(self):
        progress = progress_of('ONGOING')
        progress.running[0].action.parameters['resource_name'] = '[red]\x1b'
        self.assertIn('[red]\\x1b', '\n'.join(drawn(progress)))


class TestLines(base.TestCase):
    def test_each_change_once(self):
        stream = io.StringIO()
        lines = Lines(stream)
        lines.show(progress_of('SUCCEEDED', 'ONGOING'), None)
        lines.show(progress_of('SUCCEEDED', 'ONGOING'), None)
        lines.show(progress_of('SUCCEEDED', 'FAILED', plan='FAILED'), None)
        self.assertEqual(
            [
                '0 of 2: disable compute-1: succeeded',
                '1 of 2: live migrate web-1 to compute-2: succeeded',
                'Action plan plan-1: ONGOING',
                '2 of 2: live migrate web-1 to compute-2: failed',
                'Action plan plan-1: FAILED',
            ],
            [line.replace('change', '') for line in self.read(stream)],
        )

    def read(self, stream):
        return stream.getvalue().splitlines()


class TestBars(base.TestCase):
    def test_failures_stay(self):
        console = Console(
            file=io.StringIO(),
            width=80,
            force_terminal=True,
            color_system=None,
        )
        with Bars(console) as bars:
            bars.show(progress_of('ONGOING', 'FAILED'), None)
            bars.show(progress_of('SUCCEEDED', 'FAILED'), None)
        text = console.file.getvalue()
        self.assertEqual(1, text.count('web-1 to compute-2: failed'))
        self.assertIn('1 of 2', text)

    def test_suits_the_stream(self):
        stream = io.StringIO()
        with display(stream) as shown:
            self.assertIsInstance(shown, Lines)
        stream.isatty = lambda: True
        with display(stream) as shown:
            self.assertIsInstance(shown, Bars)
