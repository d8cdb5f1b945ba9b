# SPDX-License-Identifier: Apache-2.0

"""Both matchers, the planner's and the checker's, beside Nova's own."""

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.rules.matchers import checked
from tests.unit.core.rules.matchers import nova
from watcher_host_maintenance.core.rules import extra_specs


class TestMatches(base.TestCase):
    OPERATORS = (
        '=',
        '==',
        '!=',
        '>=',
        '<=',
        '<',
        '>',
        's==',
        's!=',
        's<',
        's<=',
        's>',
        's>=',
        '<in>',
        '<all-in>',
        '<or>',
        '<and>',
        'ssd',
    )
    OPERANDS = ('4', '4.0', '10', '-1', 'nan', '1e3', 'a', 'ab', 'ssd', '')

    @generated.settings(1000)
    @hypothesis.given(
        st.sampled_from((*OPERANDS, *OPERATORS)) | st.text('ab4 .,<>=!'),
        st.lists(st.sampled_from((*OPERATORS, *OPERANDS)), max_size=5),
        st.sampled_from([' ', '  ', '\t', '']),
    )
    def test_as_nova_whatever_it_is(self, value, words, blank):
        self.compare(value, blank.join(words))

    @generated.settings(1000)
    @hypothesis.given(st.text(), st.text())
    def test_as_nova_of_any_text(self, value, wanted):
        self.compare(value, wanted)
        self.compare(value, value)

    def compare(self, value, wanted):
        expected = nova(value, wanted)
        self.assertIs(expected, extra_specs.matches(value, wanted))
        self.assertIs(expected, checked(value, wanted))
