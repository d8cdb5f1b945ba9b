# SPDX-License-Identifier: Apache-2.0

"""Clouds that go from one test to the next, without any cloud."""

from unittest import mock

import testtools

from minicloud import exceptions
from tests.functional import labs


ONE = {'hosts': {'compute-1': {}}}
OTHER = {'hosts': {'compute-2': {}}}


class TestLabs(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.labs = labs.Labs()
        patched = mock.patch.object(
            labs.cloud, 'Cloud', side_effect=lambda *args, **named: mock.Mock()
        )
        self.started = patched.start()
        self.addCleanup(patched.stop)

    def take(self, description=ONE, name=''):
        return self.labs.take(
            description, watcher_options={'nova': {'name': name}}
        )

    def test_renewed(self):
        first = self.take()
        self.assertEqual([mock.call()], first.setUp.mock_calls)
        self.assertIsNot(first, self.take())
        self.labs.give_back(first)
        self.assertIs(first, self.take(OTHER))
        self.assertEqual(
            [
                mock.call.setUp(),
                mock.call.pause(),
                mock.call.resume(),
                mock.call.renew(OTHER),
            ],
            first.mock_calls,
        )
        self.assertEqual(2, self.started.call_count)

    def test_other_options(self):
        first = self.take()
        self.labs.give_back(first)
        self.assertIsNot(first, self.take(name='other'))
        self.assertEqual([], first.renew.mock_calls)

    def test_cannot_be_renewed(self):
        first = self.take()
        first.renew.side_effect = exceptions.CloudError
        self.labs.give_back(first)
        second = self.take(OTHER)
        self.assertIsNot(first, second)
        self.assertEqual([mock.call()], first.cleanUp.mock_calls)
        self.assertEqual([mock.call()], second.setUp.mock_calls)

    def test_distrusted(self):
        first = self.take()
        self.labs.distrust(first)
        self.labs.give_back(first)
        self.assertEqual([mock.call()], first.cleanUp.mock_calls)
        self.assertIsNot(first, self.take())

    def test_renewed_often_enough(self):
        first = self.take()
        for _renewal in range(labs.RENEWALS):
            self.labs.give_back(first)
            self.assertIs(first, self.take())
        self.assertEqual([], first.cleanUp.mock_calls)
        self.labs.give_back(first)
        self.assertEqual([mock.call()], first.cleanUp.mock_calls)
        self.assertIsNot(first, self.take())

    def test_two_wait(self):
        taken = [self.take(name=name) for name in 'abc']
        for lab in taken:
            self.labs.give_back(lab)
        self.assertEqual([1, 0, 0], [lab.cleanUp.call_count for lab in taken])
        self.labs.end()
        self.assertEqual([1, 1, 1], [lab.cleanUp.call_count for lab in taken])
        for lab in taken:
            ends = [mock.call.pause(), mock.call.resume(), mock.call.cleanUp()]
            self.assertEqual(ends, lab.mock_calls[1:])
