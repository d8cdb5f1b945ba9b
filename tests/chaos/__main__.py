# SPDX-License-Identifier: Apache-2.0

"""Rounds of chaos: ``python -m tests.chaos [--rounds N] [--seed S]``.

Where MariaDB or RabbitMQ is missing nothing is run, and that is no success:
the last line begins with SKIPPED, and the exit status is :data:`SKIPPED`.
"""

import argparse
import os
import random
import shutil
import sys
import time

from collections.abc import Sequence

from tests.services import rabbitmq


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77


def main(arguments: Sequence[str]) -> int:
    """Run rounds, or drains in a row, and return the exit status."""
    parser = argparse.ArgumentParser(prog='python -m tests.chaos')
    parser.add_argument('--rounds', type=int, default=20)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument(
        '--drains',
        type=int,
        default=0,
        help='instead: so many drains in a row, and what the services hold '
        'before, during and after them',
    )
    parser.add_argument(
        '--roll',
        type=int,
        default=0,
        help='instead: one rolling maintenance, and so many moments at which '
        'the engine, the applier, Nova or Placement is killed',
    )
    options = parser.parse_args(arguments)
    # Daemons are not on everybody's.
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    missing = _missing()
    if missing:
        print(f'SKIPPED: {missing}')
        return SKIPPED
    if options.drains:
        from tests.chaos import drains

        return drains.run(options.drains)
    if options.roll:
        from tests.chaos import rolls

        return rolls.run(options.roll, options.seed)
    return _rounds(options.rounds, options.seed)


def _missing() -> str:
    """Return in one line what is missing; '' when nothing is."""
    packages = [
        package
        for package, is_there in (
            ('mariadb-server', shutil.which('mariadbd')),
            ('rabbitmq-server', rabbitmq.program()),
        )
        if not is_there
    ]
    if not packages:
        return ''
    return 'not installed; apt-get install ' + ' '.join(packages)


def _rounds(count: int, seed: int) -> int:
    """Run rounds, a line each; the services' logs follow the first anomaly."""
    # It needs Python packages that are not everywhere.
    from tests.chaos import lab as labs
    from tests.chaos import rounds

    began, failed, restarts = time.monotonic(), 0, []
    source = random.Random(seed)
    with labs.Lab(rounds.DESCRIPTION, rounds.OPTIONS) as lab:
        print(f'seed {seed}: up in {time.monotonic() - began:.0f} s')
        for number in range(1, count + 1):
            this = rounds.Round(lab, source)
            report = this.run()
            restarts += this.restarts
            print(
                f'seed {seed} round {number}: {report.host}, '
                f'{"; ".join(map(str, report.troubles))}: '
                f'{report.audits} audits, {report.elapsed_s:.0f} s: '
                f'{"; ".join(report.anomalies) or "ok"}',
                flush=True,
            )
            if report.anomalies:
                failed += 1
                print(lab.logs())
                break
    print(
        f'seed {seed}: {number} rounds, {failed} with an anomaly, '
        f'{restarts.count(1)} starts at once, '
        f'{len(restarts) - restarts.count(1)} after a failed start, '
        f'{time.monotonic() - began:.0f} s'
    )
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
