# SPDX-License-Identifier: Apache-2.0

"""How long a hook has worked on a node, by the plans of a roll."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.request import roll_journal
from watcher_host_maintenance.request.roll_journal import Action
from watcher_host_maintenance.request.roll_journal import Plan


LATE = {'compute-1': Failure(Part.HOOK, 1, 'It was not done in 60 seconds.')}


def called(at_s, state='SUCCEEDED', answer='later', took_s=0):
    """A plan that calls the hook of compute-1 at a time."""
    given = {'resource_name': 'compute-1', 'part': 'hook', 'answer': answer}
    action = Action('run_hook', given, state, ended_at_s=at_s + took_s)
    return Plan('SUCCEEDED', at_s, (action,))


def drained(at_s):
    """A plan that has emptied compute-1."""
    given = {'resource_name': 'compute-1'}
    action = Action('verify_host_empty', given, 'SUCCEEDED', ended_at_s=at_s)
    return Plan('SUCCEEDED', at_s, (action,))


@ddt.ddt
class TestHook(base.TestCase):
    @ddt.named_data(
        # name, plans, when the hook was first called, failures
        ('once',      [called(100)], 100, {}),
        ('again',     [called(100), called(159)], 100, {}),
        ('late',      [called(100), called(160)], 100, LATE),
        ('slow',      [called(100, took_s=60)], 100, LATE),
        ('done',      [called(100), called(160, answer='done')], 100, {}),
        # While no plan runs, no time passes.
        ('not_run',   [called(0, 'PENDING'), called(100)], 100, {}),
        ('cancelled', [called(0, 'CANCELLED'), called(100)], 100, {}),
        ('skipped',   [called(0, 'SKIPPED'), called(100)], 100, {}),
        # It was for the maintenance before.
        ('anew',      [called(0), drained(90), called(100)], 100, {}),
        ('drained',   [called(0), called(60), drained(90)], None, {}),
    )  # fmt: skip
    @ddt.unpack
    def test_time(self, plans, asked_s, failures):
        journal = roll_journal.journal(plans, 60)
        self.assertEqual(asked_s, journal.asked_s.get('compute-1'))
        self.assertEqual(failures, journal.failures)
