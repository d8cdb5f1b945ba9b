# SPDX-License-Identifier: Apache-2.0

"""Both matchers, the planner's and the checker's, beside Nova's own."""

import ddt

from nova.scheduler.filters import extra_specs_ops
from oslo_utils import strutils

from tests.unit import base
from tests.unit.core.rules.matchers import checked
from tests.unit.core.rules.matchers import nova
from watcher_host_maintenance.core.model.nova import OPERATORS
from watcher_host_maintenance.core.rules import extra_specs


@ddt.ddt
class TestMatches(base.TestCase):
    @ddt.named_data(
        # name, value, wanted, expected
        ('equal',              'ssd',    'ssd',                True),
        ('not_equal',          'ssd',    'hdd',                False),
        ('part',               'ssd',    'ss',                 False),
        ('other_case',         'ssd',    'SSD',                False),
        ('empty',              '',       '',                   True),
        ('empty_wanted',       'ssd',    '',                   False),
        ('blank_wanted',       '',       ' ',                  False),
        ('two_words',          'a b',    'a b',                True),
        ('two_words_apart',    'a  b',   'a b',                False),
        ('trailing_blank',     'a',      'a ',                 False),
        ('plain_takes_more',   '5',      '= 4',                True),
        ('plain_reached',      '4',      '= 4',                True),
        ('plain_short',        '3',      '= 4',                False),
        ('exact',              '4.0',    '== 4',               True),
        ('exact_more',         '5',      '== 4',               False),
        ('unlike',             '5',      '!= 4',               True),
        ('unlike_same',        '4',      '!= 4',               False),
        ('at_least',           '4',      '>= 4',               True),
        ('at_least_short',     '3.9',    '>= 4',               False),
        ('as_a_number',        '10',     '>= 9',               True),
        ('at_most',            '4',      '<= 4',               True),
        ('at_most_over',       '4.1',    '<= 4',               False),
        ('less_is_no_operator', '3',     '< 4',                False),
        ('more_is_no_operator', '> 4',   '> 4',                True),
        ('no_number',          'ssd',    '>= 4',               False),
        ('no_number_wanted',   '4',      '>= ssd',             False),
        ('not_a_number',       'nan',    '!= nan',             True),
        ('not_a_number_same',  'nan',    '== nan',             False),
        ('endless',            'inf',    '>= 4',               True),
        ('two_operands',       '5',      '>= 4 6',             True),
        ('no_operand',         '4',      '>=',                 False),
        ('operator_itself',    '>=',     '>=',                 False),
        ('no_blank',           '>=4',    '>=4',                True),
        ('text_equal',         'ssd',    's== ssd',            True),
        ('text_not_equal',     'hdd',    's== ssd',            False),
        ('text_no_number',     '4.0',    's== 4',              False),
        ('text_unlike',        'hdd',    's!= ssd',            True),
        ('text_unlike_same',   'ssd',    's!= ssd',            False),
        ('text_less',          'a',      's< b',               True),
        ('text_less_same',     'b',      's< b',               False),
        ('text_at_most',       'b',      's<= b',              True),
        ('text_at_most_over',  'c',      's<= b',              False),
        ('text_more',          'c',      's> b',               True),
        ('text_more_same',     'b',      's> b',               False),
        ('text_at_least',      'b',      's>= b',              True),
        ('text_at_least_short', 'a',     's>= b',              False),
        ('text_as_text',       '10',     's>= 9',              False),
        ('inside',             'abc',    '<in> b',             True),
        ('not_inside',         'abc',    '<in> d',             False),
        ('first_inside_only',  'abc',    '<in> b <in> d',      True),
        ('inside_nothing',     'abc',    '<in>',               False),
        ('all_inside',         'aes mmx', '<all-in> mmx aes',  True),
        ('not_all_inside',     'aes',    '<all-in> mmx aes',   False),
        ('all_of_none',        'aes',    '<all-in>',           False),
        ('first_choice',       'a',      '<or> a <or> b',      True),
        ('last_choice',        'b',      '<or> a <or> b',      True),
        ('no_choice',          'c',      '<or> a <or> b',      False),
        ('part_of_a_choice',   'a',      '<or> ab <or> b',     False),
        ('word_between',       '<or>',   '<or> a <or> b',      False),
        ('choice_of_one',      'a',      '<or> a',             True),
        ('choice_of_none',     '',       '<or>',               False),
        ('choice_not_first',   'a',      'a <or> b',           False),
        ('choice_without_or',  'b',      '<or> a b',           False),
        ('third_is_a_choice',  'c',      '<or> a b c',         True),
        ('unknown_operator',   '<any> a', '<any> a',           True),
    )  # fmt: skip
    @ddt.unpack
    def test_as_nova(self, value, wanted, expected):
        self.assertEqual(
            (expected, expected, expected),
            (
                nova(value, wanted),
                extra_specs.matches(value, wanted),
                checked(value, wanted),
            ),
        )

    def test_every_operator_of_nova(self):
        # "<or>" is none of them: it is handled by itself.
        self.assertEqual(
            {*extra_specs_ops.op_methods},
            {*extra_specs.NUMERIC, *extra_specs.TEXTUAL, '<all-in>'},
        )
        self.assertEqual({*extra_specs_ops.op_methods}, {*OPERATORS})


@ddt.ddt
class TestIsTrue(base.TestCase):
    @ddt.named_data(
        # name, value, is it true
        ('true',    'true',  True),
        ('one',     '1',     True),
        ('short',   'Y',     True),
        ('on',      'oN',    True),
        ('blanks',  ' yes ', True),
        ('false',   'false', False),
        ('zero',    '0',     False),
        ('empty',   '',      False),
        ('unknown', 'truly', False),
    )  # fmt: skip
    @ddt.unpack
    def test_as_oslo(self, text, expected):
        self.assertIs(expected, extra_specs.is_true(text))
        self.assertIs(expected, strutils.bool_from_string(text))
