# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules.leaver import Leaver


class TestJudge(base.TestCase):
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
                        next(rule(x, node, known, request), None)
                        for rule in hosting.RULES
                    )
                },
                judge.refused(node),
            )
