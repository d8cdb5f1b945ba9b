# SPDX-License-Identifier: Apache-2.0

"""Drains in a row, and what the services hold before, during and after.

A pool that has a greatest size may fill up: it is then named, with its size.
Whatever else grows is a failure.
"""

import time

from tests.chaos import lab as labs
from tests.chaos import rounds
from tests.chaos.held import Held
from tests.chaos.held import fillings
from tests.chaos.held import growths
from tests.chaos.held import held_by


AT = (0.25, 0.5, 1.0)
"""Shares of all drains after which is measured, beside the start."""

WARM_UP = 2
"""Drains before the first measurement: a service loads what it needs once."""

POOL_SIZE = 12
"""Threads that oslo.messaging may start for each server of requests.

Its default of 64 is not reached in 40 drains; with this one the pools are
full at half of them, and the rest shows that nothing grows then.
"""

OPTIONS = {
    **rounds.OPTIONS,
    'DEFAULT': {'executor_thread_pool_size': POOL_SIZE},
}


def run(count: int) -> int:
    """Drain nodes one after the other; return the exit status."""
    marks = {round(share * count) for share in AT}
    with labs.Lab(rounds.DESCRIPTION, OPTIONS) as lab:
        for _number in range(WARM_UP):
            _drain(lab)
        before = _measure(lab)
        _print(0, before)
        began = time.monotonic()
        for number in range(1, count + 1):
            _drain(lab)
            if number in marks:
                after = _measure(lab)
                _print(number, after)
        elapsed_s = time.monotonic() - began
    print(f'{count} drains in {elapsed_s:.0f} s')
    grown = 0
    for service in before:
        for line in fillings(before[service], after[service]):
            print(f'pool fills: {service}: {line}')
        for line in growths(before[service], after[service]):
            print(f'grows: {service}: {line}')
            grown += 1
    return 1 if grown else 0


def _drain(lab: labs.Lab) -> None:
    report = rounds.Round(lab).run()
    if report.anomalies:
        raise RuntimeError('; '.join(report.anomalies))


def _measure(lab: labs.Lab) -> dict[str, Held]:
    notes = lab.started_threads()
    return {
        service: held_by(lab.pids(service), notes)
        for service in (labs.ENGINE, labs.APPLIER)
    }


def _print(number: int, held: dict[str, Held]) -> None:
    for service, amounts in held.items():
        print(f'after {number} drains, {service}: {amounts}', flush=True)
        for starter, threads in amounts.threads.items():
            print(f'    {threads} by {starter}', flush=True)
