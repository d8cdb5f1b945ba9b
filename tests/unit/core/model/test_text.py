# SPDX-License-Identifier: Apache-2.0

"""What owners wrote does not reach a terminal as it is."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.text import distinct
from watcher_host_maintenance.core.model.text import storable
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.model.text import visible_all


@ddt.ddt
class TestVisible(base.TestCase):
    @ddt.named_data(
        # name, text, quoted
        ('plain', 'web-1', 'web-1'),
        ('space', 'web 1', 'web 1'),
        ('umlaut', 'Büro', 'Büro'),
        ('chinese', '服务器', '服务器'),
        ('backslash', 'a\\b', 'a\\b'),
        ('escape', '\x1b[2Jweb', '\\x1b[2Jweb'),
        ('newline', 'a\nb', 'a\\nb'),
        ('return', 'a\rb', 'a\\rb'),
        ('bell', '\a', '\\x07'),
        ('delete', '\x7f', '\\x7f'),
        ('last_before_controls', '\x20', '\x20'),
        ('c1', '\x9b31m', '\\x9b31m'),
        ('first_after_c1', '\xa0', '\xa0'),
        ('right_to_left', 'a\u202eb', 'a\\u202eb'),
        ('zero_width', 'a\u200bb', 'a\\u200bb'),
        ('line_separator', 'a\u2028b', 'a\\u2028b'),
        ('tag', '\U000e0041', '\\U000e0041'),
        ('surrogate', '\ud800', '\\ud800'),
        ('next_line', 'a\u0085b', 'a\\x85b'),
        ('paragraph', 'a\u2029b', 'a\\u2029b'),
        ('emoji', '\U0001f600', '\U0001f600'),
        ('empty', '', ''),
    )
    @ddt.unpack
    def test_text(self, text, expected):
        self.assertEqual(expected, visible(text))
        self.assertEqual(expected, visible(expected))

    @ddt.named_data(
        ('list', ['\n', 1, None], ['\\n', 1, None]),
        ('tuple', ('\n',), ['\\n']),
        ('mapping', {'\n': {'a': ['\t']}}, {'\\n': {'a': ['\\t']}}),
        ('number', 1.5, 1.5),
        ('flag', True, True),
    )
    @ddt.unpack
    def test_inside(self, value, expected):
        self.assertEqual(expected, visible_all(value))


@ddt.ddt
class TestStorable(base.TestCase):
    @ddt.named_data(
        # name, text, stored
        ('plain', 'web-1', 'web-1'),
        ('three_bytes', '\uffee', '\uffee'),
        ('four_bytes', '\U00010000', '\\U00010000'),
        ('nul', 'a\0b', 'a\\x00b'),
        ('surrogate', '\ud800', '\\ud800'),
    )
    @ddt.unpack
    def test_text(self, text, expected):
        stored = storable(text)
        self.assertEqual(expected, stored)
        self.assertLessEqual(max(len(c.encode()) for c in stored), 3)


class TestDistinct(base.TestCase):
    def test_only_equal_names_get_more(self):
        self.assertEqual(
            {
                '11111111-1111': 'web (11111111)',
                '22222222-2222': 'web (22222222)',
                '33333333-3333': 'Web',
            },
            distinct(
                {
                    '11111111-1111': 'web',
                    '22222222-2222': 'web',
                    '33333333-3333': 'Web',
                }
            ),
        )
