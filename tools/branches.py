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

"""Fail when too few branches were reached.

    python -m tools.branches REPORT PERCENT

``coverage report --fail-under`` counts lines and branches together, so that
many lines hide a few branches.
"""

import json
import pathlib
import sys


def main(report: str, needed_percent: str) -> int:
    """Compare a JSON report of coverage.py with what is needed."""
    totals = json.loads(pathlib.Path(report).read_text())['totals']
    reached, of = totals['covered_branches'], totals['num_branches']
    percent = 100 * reached / of if of else 100
    print(f'{reached} of {of} branches reached: {percent:.1f} %, '
          f'{needed_percent} % needed')
    return int(percent < float(needed_percent))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
