# SPDX-License-Identifier: Apache-2.0

"""What others wrote forges no line of a log."""

import ddt
import fixtures

from tests.unit import base
from watcher_host_maintenance.cloud import logs


LOG = logs.get_logger(__name__)


@ddt.ddt
class TestLogger(base.TestCase):
    def logged(self, form='%(message)s'):
        return self.useFixture(fixtures.FakeLogger(format=form))

    @ddt.named_data(
        # name, argument, what is logged
        ('line',      'fan\nERROR all is lost', 'is fan\\nERROR all is lost'),
        ('next_line', 'a\u0085b',               'is a\\x85b'),
        ('direction', 'a\u202eb',               'is a\\u202eb'),
        ('error',     ValueError('a\rb'),       'is a\\rb'),
        ('number',    1.5,                      'is 1.5'),
        ('none',      None,                     'is None'),
    )  # fmt: skip
    @ddt.unpack
    def test_arguments_are_visible(self, argument, line):
        output = self.logged()
        LOG.warning('is %s', argument)
        self.assertEqual(f'{line}\n', output.output)

    def test_place_is_that_of_the_caller(self):
        output = self.logged('%(name)s %(funcName)s')
        LOG.error('lost')
        self.assertEqual(
            f'{__name__} test_place_is_that_of_the_caller\n', output.output
        )

    def test_number_is_formatted_as_a_number(self):
        output = self.logged()
        LOG.info('%d of %.1f', 2, 3.0)
        self.assertEqual('2 of 3.0\n', output.output)
