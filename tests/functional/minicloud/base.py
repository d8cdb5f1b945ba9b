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

"""What the tests of minicloud build on."""

from typing import Any
from typing import ClassVar

from minicloud import cloud
from minicloud import preloaded
from tests.functional import limited


HOST = {'vcpus': 16, 'memory_mb': 65536, 'disk_gb': 1000}
FLAVOR = {'vcpus': 2, 'memory_mb': 4096, 'disk_gb': 20}


class TestCase(limited.LimitedTestCase):
    """A test class with one cloud, started once."""

    DESCRIPTION: ClassVar[dict[str, Any]]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        preloaded.preload()
        cls.share(cloud.Cloud(cls.DESCRIPTION))
