# SPDX-License-Identifier: Apache-2.0

import copy
import pickle

from tests.unit import base
from tests.unit.reasons import every_module
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model import reasons
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.rules.room import NO_ROOM


class TestReasons(base.TestCase):
    def having(self, flag):
        return [
            value
            for value, reason in every_reason().items()
            if getattr(reason, flag)
        ]

    def test_what_no_waiting_cures(self):
        self.assertEqual(
            [
                'backup_is_maintained',
                'bad_hook',
                'bad_option',
                'bad_option_value',
                'bad_parameter',
                'bare_metal',
                'both_node_parameters',
                'empty_aggregate',
                'empty_zone',
                'hook_twice',
                'hypervisor_name',
                'named_otherwise',
                'no_set',
                'other_window',
                'several_sets',
                'unknown_aggregate',
                'unknown_node',
                'unknown_roll',
            ],
            self.having('is_bad_request'),
        )

    def test_what_an_instance_is_not_the_cause_of(self):
        self.assertEqual(
            [
                'no_candidate',
                'no_place_found',
                'no_place_in_time',
                'no_room_beside_others',
            ],
            self.having('is_shared'),
        )

    def test_what_is_not_known_for_certain(self):
        self.assertEqual(
            [
                'at_most_more',
                'no_fit_found',
                'no_fit_in_time',
                'no_order_found',
                'no_place_found',
                'no_place_in_time',
            ],
            self.having('is_undecided'),
        )

    def test_what_is_said_of_all(self):
        of_all = [
            'at_most_more',
            'conflict',
            'conflict_alone',
            'conflict_count',
            'conflict_group',
            'conflict_sum',
            'no_candidate',
            'no_fit_found',
            'no_fit_in_time',
            'no_fit_together',
            'sum_too_large',
        ]
        self.assertEqual(of_all, self.having('is_of_all'))
        each = [
            'no_destination',
            'no_place_found',
            'no_place_in_time',
            'no_room_beside_others',
        ]
        self.assertEqual(sorted([*of_all, *each]), self.having('is_for_room'))

    def test_values_are_the_names(self):
        named = {
            reason: name
            for module in every_module()
            for name, reason in vars(module).items()
            if isinstance(reason, Reason)
        }
        self.assertEqual(
            {reason: reason.value.upper() for reason in reasons.declared()},
            named,
        )

    def test_is_found_by_its_value(self):
        self.assertIs(NO_ROOM, reasons.by_value('no_room'))
        self.assertRaises(KeyError, reasons.by_value, 'no_such_reason')

    def test_a_value_is_given_once(self):
        error = self.assertRaises(
            ValueError, Of.ROOM.declare, 'no_room', 'no', 'none'
        )
        self.assertEqual('two reasons have the value no_room', str(error))
        self.assertIs(NO_ROOM, reasons.by_value('no_room'))

    def test_a_copy_is_the_same_reason(self):
        self.assertIs(NO_ROOM, copy.deepcopy(NO_ROOM))
        self.assertIs(NO_ROOM, pickle.loads(pickle.dumps(NO_ROOM)))

    def test_is_written_as_its_value(self):
        self.assertEqual(
            {'reason': 'no_room', 'subject': 'a', 'facts': {'wanted': 2}},
            document.to_plain(Finding(NO_ROOM, 'a', {'wanted': 2})),
        )

    def test_a_finding_shows_no_texts(self):
        self.assertEqual("Reason(value='no_room')", repr(NO_ROOM))

    def test_finding_about_a_subject(self):
        self.assertEqual(
            Finding(NO_ROOM, 'a', {'subject': 'b', 'wanted': 2}),
            NO_ROOM.about('a', subject='b', wanted=2),
        )

    def test_finding_of_the_whole_request(self):
        finding = NO_ROOM.about()
        self.assertEqual(('', {}), (finding.subject, finding.facts))
