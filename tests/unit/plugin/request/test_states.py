# SPDX-License-Identifier: Apache-2.0

"""The names of states are those of Watcher."""

from watcher import objects

from tests.unit.plugin import base
from watcher_host_maintenance.client.records import AUDIT_ENDED
from watcher_host_maintenance.request import states


def of_watcher(kind):
    """Return name -> value of all states of an object."""
    return {n: v for n, v in vars(kind.State).items() if n.isupper()}


class TestStates(base.TestCase):
    def test_each_is_one_of_watchers(self):
        objects.register_all()
        known = {}
        for kind in (objects.audit, objects.action_plan, objects.action):
            known |= of_watcher(kind)
        ours = {
            name: value
            for name, value in vars(states).items()
            if isinstance(value, str) and name.isupper()
        }
        self.assertIn('SUSPENDED', ours)
        self.assertEqual({name: known.get(name) for name in ours}, ours)

    def test_audits_that_have_ended_and_others(self):
        objects.register_all()
        self.assertEqual(
            {*of_watcher(objects.audit).values()},
            AUDIT_ENDED.union(states.LIVING),
        )
        self.assertEqual(set(), AUDIT_ENDED.intersection(states.LIVING))
