# SPDX-License-Identifier: Apache-2.0

import io
import os

from unittest import mock

import ddt
import rich.console

from demo import screen
from demo import tables
from demo.picture import Host
from demo.picture import Picture
from demo.picture import Server
from tests.unit import base


def a_screen(width=120, terminal=False, **environment):
    """A screen that remembers what is printed on it, as output()."""
    with mock.patch.dict(os.environ, environment, clear=True):
        console = rich.console.Console(
            file=io.StringIO(),
            width=width,
            force_terminal=terminal,
            color_system='standard' if terminal else None,
            highlight=False,
            markup=False,
        )
    made = screen.Screen(console)
    made.output = console.file.getvalue
    return made


@ddt.ddt
class TestScreen(base.TestCase):
    def tell(self, made):
        """Print one of everything."""
        made.title('1 of 3: A part')
        made.say('word ' * 40)
        made.points(['word ' * 40, '[bold] is no markup'])
        made.seen('word ' * 40)
        made.typed(['openstack', *['optimize'] * 12])
        made.table(
            tables.hosts(
                Picture(
                    {'compute-1': Host('enabled')},
                    {f'web-{n}': Server('compute-1') for n in range(40)},
                )
            ),
            'note',
        )
        with made.busy('Starting'):
            pass

    @ddt.data(200, 80, 60)
    def test_keeps_to_the_width(self, width):
        made = a_screen(width)
        self.tell(made)
        longest = max(map(len, made.output().splitlines()))
        self.assertLessEqual(longest, min(width, 80))
        self.assertIn('[bold] is no markup', made.output())

    def test_no_colours_without_a_terminal(self):
        made = a_screen()
        self.tell(made)
        self.assertNotIn('\x1b', made.output())

    @ddt.named_data(
        # name, environment, whether there are colours
        ('terminal', {}, True),
        ('no_color', {'NO_COLOR': '1'}, False),
    )
    @ddt.unpack
    def test_colours_of_a_terminal(self, environment, coloured):
        made = a_screen(terminal=True, **environment)
        made.title('1 of 3: A part')
        self.assertEqual(coloured, '36m' in made.output())

    def test_servers_are_marked_without_colours(self):
        made = a_screen()
        made.table(
            tables.hosts(
                Picture(
                    {'a': Host('enabled')},
                    {'db': Server('a', 'SHUTOFF'), 'web': Server('a')},
                ),
                ['web'],
            )
        )
        self.assertIn('db* +web', made.output())
