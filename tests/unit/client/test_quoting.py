# SPDX-License-Identifier: Apache-2.0

"""What owners wrote does not reach a terminal as it is."""

import ddt

from tests.unit import base
from watcher_host_maintenance.client.quoting import quote
from watcher_host_maintenance.client.quoting import quote_all


@ddt.ddt
class TestQuote(base.TestCase):
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
        ('empty', '', ''),
    )
    @ddt.unpack
    def test_text(self, text, expected):
        self.assertEqual(expected, quote(text))

    @ddt.named_data(
        ('list', ['\n', 1, None], ['\\n', 1, None]),
        ('tuple', ('\n',), ['\\n']),
        ('mapping', {'\n': {'a': ['\t']}}, {'\\n': {'a': ['\\t']}}),
        ('number', 1.5, 1.5),
        ('flag', True, True),
    )
    @ddt.unpack
    def test_inside(self, value, expected):
        self.assertEqual(expected, quote_all(value))
