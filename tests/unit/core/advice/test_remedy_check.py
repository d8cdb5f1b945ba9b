# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_inventory
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import LOWER_HEADROOM
from watcher_host_maintenance.core.advice.remedies import WAKE_SPARE
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked


@ddt.ddt
class TestTaken(base.TestCase):
    """What is known and asked for once a remedy is taken."""

    KNOWN = a_snapshot([a_node('compute-1'), a_spare()])
    REQUEST = a_request(headroom_percent=20.0)

    def taken(self, reason, subject='', **facts):
        remedy = Finding(reason, subject, facts)
        return remedy_check.taken(self.KNOWN, self.REQUEST, remedy)

    def with_spare(self, **fields):
        spare = self.KNOWN.by_hostname['spare-1']
        changed = dataclasses.replace(spare, **fields)
        return projection.with_node(self.KNOWN, changed)

    def test_spare_is_awake(self):
        expected = self.with_spare(status='enabled', disabled_reason='')
        self.assertEqual(
            (expected, self.REQUEST), self.taken(WAKE_SPARE, 'spare-1')
        )

    def test_headroom_is_lower(self):
        expected = dataclasses.replace(self.REQUEST, headroom_percent=7.5)
        self.assertEqual(
            (self.KNOWN, expected), self.taken(LOWER_HEADROOM, percent=7.5)
        )

    def test_some_are_left(self):
        expected = dataclasses.replace(
            self.REQUEST, on_blocked=OnBlocked.LEAVE
        )
        self.assertEqual(
            (self.KNOWN, expected), self.taken(LEAVE_SOME, names='web-1')
        )

    @ddt.named_data(
        # name, ratio, room to add, how much larger the node is
        ('headroom_is_kept_of_it', 1.0, 4, 5),
        ('rounded_up',             1.0, 5, 7),
        ('overcommitted',          2.0, 4, 3),
    )  # fmt: skip
    @ddt.unpack
    def test_node_is_larger(self, ratio, amount, more):
        inventory = self.KNOWN.by_hostname['spare-1'].inventory
        before = {**inventory, 'VCPU': an_inventory(16, ratio=ratio)}
        after = {**inventory, 'VCPU': an_inventory(16 + more, ratio=ratio)}
        self.KNOWN = self.with_spare(inventory=before)
        self.assertEqual(
            (self.with_spare(inventory=after), self.REQUEST),
            self.taken(
                ADD_ROOM, 'spare-1', resource_class='VCPU', amount=amount
            ),
        )
