# SPDX-License-Identifier: Apache-2.0

"""What is believed of the time that a move takes."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.pace import Pace


@ddt.ddt
class TestPace(base.TestCase):
    @ddt.named_data(
        # name, MiB, MiB/s, expected seconds
        ('nothing', 0, 100, 10.0),
        ('usual', 8192, 100, 91.92),
        ('slow', 8192, 1, 8202.0),
    )
    @ddt.unpack
    def test_move_s(self, memory_mb, mib_per_s, expected):
        pace = Pace(mib_per_s=mib_per_s)
        self.assertEqual(expected, pace.move_s(memory_mb))

    @ddt.data('per_source', 'per_destination', 'overall', 'mib_per_s')
    def test_at_least_one(self, field):
        self.assertEqual(1, getattr(Pace(**{field: 1}), field))
        error = self.assertRaises(InvalidDocument, Pace, **{field: 0})
        self.assertIn(field, str(error))
