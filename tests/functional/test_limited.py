# SPDX-License-Identifier: Apache-2.0

"""A test that hangs comes to an end, and says what its cloud did."""

import time

import fixtures
import testtools

from tests.functional import limited


class Hanging(limited.LimitedTestCase):
    LIMIT_S = 1

    class cloud:  # noqa: N801
        """What is asked of a cloud when a test fails."""

        @staticmethod
        def tails():
            return 'the end of its logs'

    def hang(self):
        time.sleep(60)


class TestLimit(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable('OS_TEST_TIMEOUT'))

    def test_hangs(self):
        test, result = Hanging('hang'), testtools.TestResult()
        test.run(result)
        [(_test, trace)] = result.errors
        self.assertIn('TimeoutException', trace)
        self.assertEqual(
            'the end of its logs', test.getDetails()['minicloud'].as_text()
        )
