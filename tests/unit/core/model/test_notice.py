# SPDX-License-Identifier: Apache-2.0

import dataclasses
import enum
import re
import typing

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model import notice
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.times import MAX_TIME_S


ID = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'

NIGHT_S = 1796162400
"""2026-12-01 22:00 UTC."""

WHOLE = Notice(
    maintenance_id=ID,
    state=State.ANNOUNCED,
    starts_s=NIGHT_S,
    ends_s=NIGHT_S + 3 * 3600,
    answer_by_s=NIGHT_S - 3600,
    effect=Effect.LIVE,
    host=HostFate.RETURNS,
    word='stop-and-start',
)

METADATA = {
    'maintenance:id': ID,
    'maintenance:state': 'announced',
    'maintenance:starts': '2026-12-01T22:00:00Z',
    'maintenance:ends': '2026-12-02T01:00:00Z',
    'maintenance:answer_by': '2026-12-01T21:00:00Z',
    'maintenance:effect': 'live',
    'maintenance:host': 'returns',
    'maintenance:word': 'stop-and-start',
}

MOST_LENGTH = 255
"""Nova's longest key and value of metadata."""


class TestKeys(base.TestCase):
    def test_are_those_of_a_notice(self):
        self.assertEqual(
            [f.name for f in dataclasses.fields(Notice)],
            [key.field for key in KEYS],
        )

    def test_are_written_as_published(self):
        self.assertEqual(METADATA, WHOLE.to_metadata())

    def test_nova_takes_them(self):
        for key in KEYS:
            self.assertRegex(key.name, r'\A[a-zA-Z0-9-_:. ]{1,255}\Z')
            self.assertLessEqual(key.longest, MOST_LENGTH)

    def test_have_every_value_of_their_type(self):
        kinds = typing.get_type_hints(Notice)
        for key in KEYS:
            kind = typing.get_args(kinds[key.field] | None)[0]
            if issubclass(kind, enum.Enum):
                self.assertEqual(', '.join(kind), key.form)
                self.assertEqual(max(map(len, kind)), key.longest)

    def test_no_value_is_longer_than_the_table_says(self):
        longest = dataclasses.replace(WHOLE, ends_s=MAX_TIME_S)
        for key in KEYS:
            text = longest.to_metadata()[key.name]
            self.assertLessEqual(len(text), key.longest, key)

    def test_have_writers_and_readers(self):
        for key in KEYS:
            self.assertEqual((notice.WATCHER,), key.writers)
            self.assertIn(notice.OWNER, key.readers)
            self.assertIn(notice.GUEST, key.readers)


@ddt.ddt
class TestNotice(base.TestCase):
    def test_is_read_as_written(self):
        self.assertEqual(WHOLE, Notice.from_metadata(METADATA))
        self.assertEqual(Notice(), Notice.from_metadata({}))
        self.assertEqual({}, Notice().to_metadata())

    def test_other_keys_are_ignored(self):
        others = {'maintenance:contact': 'x', 'id': ID, 'state': 'done', 1: 2}
        self.assertEqual(WHOLE, Notice.from_metadata(METADATA | others))

    @ddt.named_data(
        # name, key, value, field
        ('no_uuid',       'id',        'compute-1',             'maintenance_id'),
        ('upper_case',    'id',        ID.upper(),              'maintenance_id'),
        ('line_break',    'id',        f'{ID}\n',               'maintenance_id'),
        ('other_digits',  'id',        f'{ID[:-1]}\u0664',      'maintenance_id'),
        ('other_state',   'state',     'over',                  'state'),
        ('capital',       'state',     'Moving',                'state'),
        ('space',         'state',     'moving ',               'state'),
        ('empty',         'effect',    '',                      'effect'),
        ('number',        'effect',    7,                       'effect'),
        ('list',          'effect',    ['live'],                'effect'),
        ('other_host',    'host',      'compute-1',             'host'),
        ('go',            'word',      'go',                    'word'),
        ('other_word',    'word',      'halt',                  'word'),
        ('no_text',       'word',      None,                    'word'),
        ('date',          'starts',    '2026-12-01',            'starts_s'),
        ('zone',          'starts',    '2026-12-01T22:00:00+01:00', 'starts_s'),
        ('no_zone',       'starts',    '2026-12-01T22:00:00',   'starts_s'),
        ('fraction',      'ends',      '2026-12-01T22:00:00.5Z', 'ends_s'),
        ('day_30',        'ends',      '2026-02-30T22:00:00Z',  'ends_s'),
        ('hour_24',       'ends',      '2026-02-20T24:00:01Z',  'ends_s'),
        ('second_60',     'ends',      '2026-12-01T22:00:60Z',  'ends_s'),
        ('year_0',        'answer_by', '0000-12-01T22:00:00Z',  'answer_by_s'),
        ('year_10000',    'answer_by', '10000-12-01T22:00:00Z', 'answer_by_s'),
        ('before_1970',   'answer_by', '1969-12-31T23:59:59Z',  'answer_by_s'),
        ('none',          'answer_by', None,                    'answer_by_s'),
        ('arabic_digits', 'answer_by', '202\u0666-12-01T22:00:00Z',
         'answer_by_s'),
    )  # fmt: skip
    @ddt.unpack
    def test_invalid_value_is_no_value(self, key, value, field):
        metadata = METADATA | {f'maintenance:{key}': value}
        absent = {k: v for k, v in METADATA.items() if not k.endswith(key)}
        read = Notice.from_metadata(metadata)
        self.assertEqual(Notice.from_metadata(absent), read)
        self.assertFalse(getattr(read, field))

    @ddt.named_data(
        ('first',  0,          '1970-01-01T00:00:00Z'),
        ('second', 1,          '1970-01-01T00:00:01Z'),
        ('last',   MAX_TIME_S, '9999-12-31T23:59:59Z'),
    )  # fmt: skip
    @ddt.unpack
    def test_ends_of_time(self, seconds, text):
        metadata = Notice(starts_s=seconds).to_metadata()
        self.assertEqual({'maintenance:starts': text}, metadata)
        self.assertEqual(seconds, Notice.from_metadata(metadata).starts_s)

    @ddt.named_data(
        ('before_1970', {'ends_s': -1}, 'ends_s'),
        ('year_10000', {'starts_s': MAX_TIME_S + 1}, 'starts_s'),
        ('no_uuid', {'maintenance_id': 'compute-1'}, 'maintenance_id'),
        ('no_word', {'word': 'go'}, 'word'),
    )
    @ddt.unpack
    def test_refuses(self, fields, path):
        error = self.assertRaises(InvalidDocument, Notice, **fields)
        self.assertEqual(path, error.path)

    def test_difference(self):
        moving = dataclasses.replace(
            WHOLE, state=State.MOVING, answer_by_s=None
        )
        written = METADATA | {'maintenance:effect': 'compute-1', 'role': 'db'}
        self.assertEqual(
            (
                {
                    'maintenance:state': 'moving',
                    'maintenance:effect': 'live',
                },
                ('maintenance:answer_by',),
            ),
            moving.difference(written),
        )
        self.assertEqual(({}, ()), WHOLE.difference(METADATA | {'role': 'x'}))

    def test_no_notice_deletes_its_keys_alone(self):
        others = {f'maintenance:x{n}': 'x' for n in range(100)}
        self.assertEqual(
            ({}, tuple(METADATA)), Notice().difference(METADATA | others)
        )


@ddt.ddt
class TestWords(base.TestCase):
    @ddt.named_data(
        # name, words, the one that counts
        ('none',      (),                         ''),
        ('go',        ('go',),                    ''),
        ('one',       ('move', 'go'),             'move'),
        ('cold',      ('cold', 'move'),           'cold'),
        ('restart',   ('cold', 'stop-and-start'), 'stop-and-start'),
        ('stop',      ('stop', 'stop-and-start'), 'stop'),
        ('stay',      ('stay', 'stop'),           'stay'),
        ('keep',      ('stay', 'keep'),           'keep'),
        ('all',       notice.OWNER_WORDS,         'keep'),
    )  # fmt: skip
    @ddt.unpack
    def test_most_careful_counts(self, words, expected):
        self.assertEqual(expected, notice.standing_word(words))

    @ddt.named_data(
        # name, tags, words
        ('own',      ['maintenance:stop', 'maintenance:go'], ('go', 'stop')),
        ('twice',    ['maintenance:stop', 'lcm:action=off'], ('stop',)),
        ('foreign',  ['lcm:action=live'],                    ('move',)),
        ('unknown',  ['maintenance:x', 'stop', 'maintenance:Stop', '',
                      'maintenance:stop '],                  ()),
        ('no_text',  [None, 7, ['maintenance:stop']],        ()),
        ('none',     [],                                     ()),
    )  # fmt: skip
    @ddt.unpack
    def test_words_of_tags(self, tags, expected):
        foreign = {'lcm:action=off': 'stop', 'lcm:action=live': 'move'}
        self.assertEqual(expected, notice.words_of_tags(tags, foreign))

    def test_foreign_tag(self):
        tag = 'openstack.lcm.mirantis.com:maintenance_action=poweroff'
        self.assertEqual(
            (tag, 'stop'), notice.parse_foreign_tag(f'{tag}=stop')
        )
        longest = 'x' * notice.MAX_TAG
        self.assertEqual(
            (longest, 'go'), notice.parse_foreign_tag(f'{longest}=go')
        )

    @ddt.named_data(
        ('no_word',   'tag',                        'does not end with'),
        ('no_tag',    '=stop',                      'does not end with'),
        ('unknown',   'tag=halt',                   'does not end with'),
        ('other_sep', 'tag:stop',                   'does not end with'),
        ('too_long',  'x' * 61 + '=stop',           'is no tag of Nova'),
        ('slash',     'a/b=stop',                   'is no tag of Nova'),
        ('comma',     'a,b=stop',                   'is no tag of Nova'),
        ('own',       'maintenance:keep=move',      "begins with 'maint"),
    )  # fmt: skip
    @ddt.unpack
    def test_no_foreign_tag(self, pair, problem):
        error = self.assertRaises(ValueError, notice.parse_foreign_tag, pair)
        self.assertIn(problem, str(error))

    def test_default_of_a_project(self):
        self.assertEqual(('p1', 'stop'), notice.parse_default('p1=stop'))
        for pair in ('p1=go', 'p1', '=stop', 'p1=stop '):
            error = self.assertRaises(ValueError, notice.parse_default, pair)
            self.assertTrue(re.search('keep, stay, stop', str(error)))
