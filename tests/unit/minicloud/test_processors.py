# SPDX-License-Identifier: Apache-2.0

"""Clouds do not share a processor while another one is free."""

import os

from unittest import mock

from minicloud import processors
from tests.unit import base


class TestProcessors(base.TestCase):
    def setUp(self):
        super().setUp()
        # Real ones may have clouds on them.
        self.cpus = [10 * os.getpid() + n for n in (0, 1)]
        self.enterContext(
            mock.patch.object(
                os, 'sched_getaffinity', lambda pid: {*self.cpus}
            )
        )

    def take(self):
        return self.enterContext(processors.Processors())

    def test_clouds(self):
        first, second = self.cpus
        with processors.Processors() as one:
            self.assertEqual(
                [first, second, first],
                [
                    cloud.of(['nova'])['nova']
                    for cloud in (one, self.take(), self.take())
                ],
            )
        self.assertEqual(first, self.take().of(['nova'])['nova'])
        self.assertEqual(second, self.take().of(['nova'])['nova'])

    def test_processes_of_one(self):
        first, second = self.cpus
        self.assertEqual(
            {'nova': first, 'watcher': second, 'keystone': first},
            self.take().of(['keystone', 'nova', 'watcher']),
        )

    def test_many(self):
        taken = [self.take().of(['nova'])['nova'] for _ in range(101)]
        self.assertEqual(50, taken.count(self.cpus[1]))

    def test_none_to_choose(self):
        with mock.patch.object(os, 'sched_getaffinity', create=True):
            del os.sched_getaffinity
            self.assertEqual(
                {'nova': None, 'watcher': None},
                self.take().of(['nova', 'watcher']),
            )
