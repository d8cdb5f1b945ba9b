# SPDX-License-Identifier: Apache-2.0

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
