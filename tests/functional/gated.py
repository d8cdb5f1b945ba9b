# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What tests share in which calls to Nova go unanswered."""

from tests.functional import base
from tests.functional import gate


class GatedCloudTestCase(base.SharedCloudTestCase):
    """Tests that share a cloud with a gate between Watcher and Nova.

    :ivar gate: lets calls through until a test has it refuse some
    """

    gate: gate.Gate

    @classmethod
    def setUpClass(cls) -> None:
        """Start the gate, then the cloud, whose Watcher is sent there."""
        cls.gate = gate.Gate()
        cls.gate.setUp()
        cls.addClassCleanup(cls.gate.cleanUp)
        cls.WATCHER_OPTIONS = cls.gate.watcher_options
        super().setUpClass()
        cls.gate.nova = cls.cloud.urls['compute']
