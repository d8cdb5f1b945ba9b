# SPDX-License-Identifier: Apache-2.0

"""Tests of fitting words into database columns."""

import ddt

from watcher.db.sqlalchemy import models

from tests.unit import base
from watcher_host_maintenance.plugin.watcher import status_message


@ddt.ddt
class TestFit(base.TestCase):
    @ddt.named_data(
        # name, sentences, told within nine characters
        ('nothing',          [],                           ''),
        ('one',              ['What'],                     'What'),
        ('two_just_fit',     ['What', 'why.'],             'What why.'),
        ('third_just_fits',  ['Oh', 'no', 'aid'],          'Oh no aid'),
        ('third_is_over',    ['Oh', 'no', 'help'],         'Oh no'),
        ('fourth_fits',      ['Oh', 'no', 'help', 'aid'],  'Oh no aid'),
        ('two_fill_it',      ['What', 'why.', 'X'],        'What why.'),
        ('two_are_over',     ['What', 'why..'],            'What w...'),
        ('first_is_over',    ['What is up'],               'What i...'),
        ('cut_is_the_end',   ['What', 'why..', ''],        'What w...'),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, sentences, told):
        self.assertEqual(told, status_message.fit(sentences, 9))

    @ddt.named_data(
        # name, lengths of the first two sentences, length told, is cut
        ('full',       (100, 154), 255, False),
        ('over',       (100, 155), 255, True),
        ('far_over',   (900, 900), 255, True),
    )  # fmt: skip
    @ddt.unpack
    def test_default_limit(self, lengths, length, is_cut):
        first, second = lengths
        told = status_message.fit(['a' * first, 'b' * second, 'help'])
        self.assertEqual(length, len(told))
        self.assertEqual(is_cut, told.endswith(status_message.ELLIPSIS))

    def test_limit_is_watchers(self):
        column = models.Audit.__table__.c.status_message
        self.assertEqual(column.type.length, status_message.STATUS_MESSAGE)
