# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.rules.rule import host_of
from watcher_host_maintenance.core.rules.rule import possible_move


class TestJudge(base.TestCase):
    def move(self, leaver, node, case):
        known, request = case
        return possible_move(leaver, host_of(node, known), known, request)

    @generated.settings(300)
    @hypothesis.given(generated.cases())
    def test_a_shared_verdict_is_each_one_s_own(self, case):
        known, request = case
        leavers = [
            Leaver(i, leaving.kind(i, request)) for i in known.instances
        ]
        judge = hosting.Judge(known, request, leavers)
        for node in known.nodes:
            self.assertEqual(
                {
                    x.instance.uuid
                    for x in leavers
                    if any(
                        any(rule.objections(self.move(x, node, case)))
                        for rule in hosting.RULES
                        if rule.applies(request)
                    )
                },
                judge.refused(node),
            )
