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

"""Run the tests of the dashboard: ``python -m tests.dashboard [NAME...]``.

Where something is missing nothing is run, and that is no success: the last
line begins with SKIPPED, and the exit status is :data:`SKIPPED`.
"""

import sys
import unittest

from collections.abc import Sequence

from tests.dashboard import browser


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77


def main(names: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    missing = browser.missing()
    if missing:
        print(f'SKIPPED: not installed: {missing}')
        return SKIPPED
    done = unittest.main(
        module=None, exit=False, argv=[
            'tests.dashboard', '-v',
            *(names or ['tests.dashboard.test_dashboard'])])
    return 0 if done.result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
