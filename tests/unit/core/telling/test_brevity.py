# SPDX-License-Identifier: Apache-2.0

import ddt

from watcher.db.sqlalchemy import models

from tests.unit import base
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core.telling import brevity


NAME = 'prod-webshop-payment-frontend-worker-012.example.org'


def and_more(count):
    return brevity.AND_MORE.format(count=count)


@ddt.ddt
class TestFit(base.TestCase):
    @ddt.named_data(
        # name, what and why, helps, told within nine characters
        ('nothing',          [],                   [],        ''),
        ('one',              ['What'],             [],        'What'),
        ('two_just_fit',     ['What', 'why.'],     [],        'What why.'),
        ('help_just_fits',   ['Oh', 'no'],         ['aid'],   'Oh no aid'),
        ('help_is_over',     ['Oh', 'no'],         ['help'],  'Oh no'),
        ('second_help_fits', ['Oh', 'no'], ['help', 'aid'],   'Oh no aid'),
        ('two_fill_it',      ['What', 'why.'],     ['X'],     'What why.'),
        ('two_are_over',     ['What', 'why..'],    [],        'What w...'),
        ('first_is_over',    ['What is up'],       [],        'What i...'),
        ('cut_is_the_end',   ['What', 'why..'],    [''],      'What w...'),
        ('longest_is_cut',   ['What is it', 'X'],  [],        'What... X'),
        ('both_are_long', ['What is it?', 'why it is'], [],   'What i...'),
        ('third_is_cut',  ['It', 'why', 'done'],   [],        'It why...'),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, sentences, helps, told):
        self.assertEqual(told, brevity.fit(sentences, 9, helps=helps))

    @ddt.named_data(
        # name, items, limit, told
        ('all',       ['b.', 'c.', 'd.'], 11, 'a. b. c. d.'),
        ('just_fits', ['bcd.', 'cde.', 12 * 'd'], 24,
         'a. bcd. cde. And 1 more.'),
        ('one_short', ['bcd.', 'cde.', 12 * 'd'], 23, 'a. bcd. And 2 more.'),
        ('none',      ['bcd.', 'cde.', 12 * 'd'], 14, 'a. And 3 more.'),
    )  # fmt: skip
    @ddt.unpack
    def test_a_list_is_cut_with_a_count(self, items, limit, told):
        self.assertEqual(told, brevity.fit(['a.'], limit, items))

    def test_help_comes_after_the_list(self):
        self.assertEqual('a. b. Do.', brevity.fit(['a.'], 9, ['b.'], ['Do.']))
        self.assertEqual('a. b.', brevity.fit(['a.'], 8, ['b.'], ['Do.']))

    def test_translated(self):
        self.assertEqual(
            'a. +3',
            brevity.fit(
                ['a.'],
                5,
                ['bcd.', 'cde.', 'defghijk.'],
                translate={brevity.MORE_ITEMS: '+{count}'}.__getitem__,
            ),
        )

    @ddt.named_data(
        # name, limit, told
        ('all', 104, f'Cannot drain {NAME}: {"why " * 9}.'),
        ('longest_word', 103,
         'Cannot drain prod-webshop-payment-fron...-worker-012.example.org: '
         f'{"why " * 9}.'),
        ('shortest', 67, 'Cannot drain prod-we...e.org: '
         f'{"why " * 9}.'),
        ('then_the_end', 66, 'Cannot drain prod-we...e.org: '
         f'{"why " * 8}w...'),
    )  # fmt: skip
    @ddt.unpack
    def test_names_are_cut_before_the_reason(self, limit, told):
        text = f'Cannot drain {NAME}: {"why " * 9}.'
        self.assertEqual(told, brevity.fit([text], limit))

    @ddt.named_data(
        # name, limit, told
        ('all',            73, f'{NAME}: why. Unchanged. Do.'),
        ('shorter',        72,
         'prod-webshop-payment-fron...-worker-012.example.org: why. '
         'Unchanged. Do.'),
        ('shortest',       36, 'prod-we...e.org: why. Unchanged. Do.'),
        ('without_one',    35, 'prod-webshop...xample.org: why. Do.'),
        ('without_both',   24, 'prod-web...ple.org: why.'),
    )  # fmt: skip
    @ddt.unpack
    def test_names_are_cut_before_what_helps(self, limit, told):
        text = brevity.fit(
            [f'{NAME}: why.'],
            limit,
            helps=['Unchanged.', 'Do.'],
            dispensable=['Unchanged.'],
        )
        self.assertEqual(told, text)

    @ddt.named_data(
        # name, what is said, told within 40 characters
        ('quoted',    f'"{"a b " * 9}" stays.',
         '"a b a b a b a ...b a b a b a b " stays.'),
        ('parameter', f'{"b" * 20} {"p" * 20}=x',
         f'bbbbbbb...bbbbbbb {"p" * 20}=x'),
        ('our_tag',   f'{"b" * 40} has maintenance:stay.',
         'bbbbbbbb...bbbbbbb has maintenance:stay.'),
        ('no_tag_of_ours', f'{"b" * 40} has maintenance:stays.',
         'bbbbbbb...bbbbbbb has mainten...:stays.'),
    )  # fmt: skip
    @ddt.unpack
    def test_what_is_one_word(self, text, told):
        self.assertEqual(told, brevity.fit([text], 40))

    def test_longer_words_of_the_reasons_are_known(self):
        templates = (
            text
            for reason in every_reason().values()
            for text in (reason.says, reason.named)
        )
        words = {
            word.rstrip('.,')
            for text in templates
            for word in brevity.WORDS.findall(text)
            if '{' not in word and '=' not in word
        }
        # With a full stop after it.
        longest = brevity.SHORTEST - 1
        self.assertEqual(brevity.OURS, {w for w in words if len(w) > longest})

    def test_limit_is_watchers(self):
        for table in (models.Audit, models.Action):
            column = table.__table__.c.status_message
            self.assertEqual(column.type.length, brevity.STATUS_MESSAGE)


@ddt.ddt
class TestListed(base.TestCase):
    @ddt.named_data(
        # name, names, told
        ('none',  [], ''),
        ('one',   ['a'], 'a'),
        ('two',   ['b', 'a'], 'b, a'),
        ('full',  ['x' * 49] * 2, f'{"x" * 49}, {"x" * 49}'),
        ('over',  ['x' * 49, 'x' * 50], f'{"x" * 49} and 1 more'),
        ('many',  ['x' * 18] * 12,
         f'{", ".join(["x" * 18] * 4)} {and_more(8)}'),
        ('long',  ['x' * 101, 'a'], f'{"x" * 49}...{"x" * 48} {and_more(1)}'),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, names, told):
        self.assertEqual(told, brevity.listed(names))


@ddt.ddt
class TestShortened(base.TestCase):
    @ddt.named_data(
        ('longest', 100 * 'x', 100 * 'x'),
        ('too_long', 50 * 'x' + 51 * 'y', 49 * 'x' + '...' + 48 * 'y'),
    )
    @ddt.unpack
    def test_told(self, text, told):
        self.assertEqual(told, brevity.shortened(text))


@ddt.ddt
class TestWithReason(base.TestCase):
    @ddt.named_data(
        # name, what, why, told
        ('no_reason', 'It failed',  '',       'It failed.'),
        ('stop',      'It failed.', '',       'It failed.'),
        ('reason',    'It failed.', 'Quota',  'It failed: Quota.'),
        ('two_stops', 'It failed.', 'Quota.', 'It failed: Quota.'),
        ('cut',       'It failed.', 'Qu...',  'It failed: Qu...'),
    )  # fmt: skip
    @ddt.unpack
    def test_told(self, what, why, told):
        self.assertEqual(told, brevity.with_reason(what, why))
