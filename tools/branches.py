# SPDX-License-Identifier: Apache-2.0

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
    print(
        f'{reached} of {of} branches reached: {percent:.1f} %, '
        f'{needed_percent} % needed'
    )
    return int(percent < float(needed_percent))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
