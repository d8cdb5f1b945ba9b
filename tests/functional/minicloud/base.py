# SPDX-License-Identifier: Apache-2.0

"""What the tests of minicloud build on."""

from typing import Any
from typing import ClassVar

from minicloud import cloud
from tests.functional import labs
from tests.functional import limited


HOST = {'vcpus': 16, 'memory_mb': 65536, 'disk_gb': 1000}
FLAVOR = {'vcpus': 2, 'memory_mb': 4096, 'disk_gb': 20}


class TestCase(limited.LimitedTestCase):
    """A test class with one cloud, started once."""

    DESCRIPTION: ClassVar[dict[str, Any]]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.share(cloud.Cloud(cls.DESCRIPTION, saves=labs.SAVES))
