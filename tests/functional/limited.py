# SPDX-License-Identifier: Apache-2.0

"""Tests that come to an end, and tell what their cloud did until then."""

import os

from typing import Any
from typing import ClassVar

import fixtures
import testtools

from testtools import content

from minicloud import cloud
from minicloud import preloaded


class LimitedTestCase(testtools.TestCase):
    """A test with a limited time, and a cloud or none so far."""

    #: For each test, and for the start of a cloud that a class shares.
    LIMIT_S: ClassVar[int] = 300

    cloud: cloud.Cloud

    @classmethod
    def setUpClass(cls) -> None:
        """Import Nova and Watcher once for all clouds of this process."""
        super().setUpClass()
        preloaded.preload()

    @classmethod
    def limit(cls) -> fixtures.Timeout:
        """End what takes longer than ``OS_TEST_TIMEOUT``, or LIMIT_S."""
        limit_s = int(os.environ.get('OS_TEST_TIMEOUT') or cls.LIMIT_S)
        return fixtures.Timeout(limit_s, gentle=True)

    @classmethod
    def share(cls, lab: cloud.Cloud) -> None:
        """Start a cloud, as cls.cloud; it ends with the class."""
        with cls.limit():
            lab.setUp()
        cls.addClassCleanup(lab.cleanUp)
        cls.cloud = lab

    def setUp(self) -> None:
        """Limit the time, and show the cloud's logs when a test fails."""
        super().setUp()
        self.useFixture(self.limit())
        self.addOnException(self._show_logs)

    def _show_logs(self, exc_info: Any) -> None:
        if hasattr(self, 'cloud'):
            self.addDetail(
                'minicloud', content.text_content(self.cloud.tails())
            )
