# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Every move of some clouds, asked of our rules and of Nova."""

from unittest import mock

from benchmarks.fidelity import cases
from benchmarks.fidelity import verdicts
from minicloud import preloaded
from tests.functional import limited
from watcher_host_maintenance.core.rules import hosting


class TestVerdicts(limited.LimitedTestCase):
    def setUp(self):
        super().setUp()
        preloaded.preload()

    def test_agreed(self):
        found = list(verdicts.compare(cases.case(11)))
        self.assertEqual({'agreed'}, {one.sense for one in found})
        self.assertEqual(
            {(True, ''), (False, 'no_room'), (False, 'trait_missing')},
            {(one.accepted, ' '.join(one.objections)) for one in found})

    def test_without_rules(self):
        """A rule less is noticed: the comparison is no formality."""
        with mock.patch.object(hosting, 'RULES', ()):
            found = list(verdicts.compare(cases.case(9)))
        self.assertEqual({'lax'}, {one.sense for one in found})
