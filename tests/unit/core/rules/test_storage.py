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

"""Tests of shared storage that has to be reached."""

import ddt

from tests.unit import base
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.rules import storage


@ddt.ddt
class TestReachesStorage(base.TestCase):
    @ddt.named_data(
        # name, pools of the instance, of the node, pools out of reach
        ('none',     (),              (),       []),
        ('not_held', (),              ('nfs',), []),
        ('reached',  ('nfs',),        ('nfs',), []),
        ('one_not',  ('ceph', 'nfs'), ('nfs',), ['ceph']),
        ('all_not',  ('ceph', 'nfs'), (),       ['ceph', 'nfs']),
    )
    @ddt.unpack
    def test_refused(self, held, there, expected):
        found = asking.findings(
            storage.reaches_storage, pools=held, node={'pools': there})
        self.assertEqual(
            [Finding(Reason.OTHER_STORAGE, 'compute-2', {'pool': pool})
             for pool in expected], found)
