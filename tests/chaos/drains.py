# SPDX-License-Identifier: Apache-2.0

"""Drains in a row, and what the services hold before, during and after."""

import pathlib
import time

from typing import NamedTuple

from tests.chaos import lab as labs
from tests.chaos import rounds


AT = (0.25, 0.5, 1.0)
"""Shares of all drains after which is measured, beside the start."""

WARM_UP = 2
"""Drains before the first measurement: a service loads what it needs once."""

GROWTH_MIB = 40.0
"""MiB that a service may grow by; Python keeps what it has used once."""

GROWTH = 5
"""Threads, sockets and files that may be more than at the start."""


class Held(NamedTuple):
    """What the processes of a service hold together.

    :ivar memory_mib: their resident memory
    """

    memory_mib: float
    threads: int
    sockets: int
    files: int

    def __str__(self) -> str:
        return (
            f'{self.memory_mib:.1f} MiB, {self.threads} threads, '
            f'{self.sockets} sockets, {self.files} files'
        )


def run(count: int) -> int:
    """Drain nodes one after the other; return the exit status."""
    marks = {round(share * count) for share in AT}
    with labs.Lab(rounds.DESCRIPTION, rounds.OPTIONS) as lab:
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
    grown = [
        f'{service}: {before[service]} became {after[service]}'
        for service in before
        if _has_grown(before[service], after[service])
    ]
    print(f'{count} drains in {elapsed_s:.0f} s')
    for line in grown:
        print(f'grows: {line}')
    return 1 if grown else 0


def _drain(lab: labs.Lab) -> None:
    report = rounds.Round(lab).run()
    if report.anomalies:
        raise RuntimeError('; '.join(report.anomalies))


def _measure(lab: labs.Lab) -> dict[str, Held]:
    return {
        service: held_by(lab.pids(service))
        for service in (labs.ENGINE, labs.APPLIER)
    }


def held_by(pids: list[int]) -> Held:
    """Return what some processes hold together."""
    memory_kib = threads = sockets = files = 0
    for pid in pids:
        process = pathlib.Path(f'/proc/{pid}')
        status = dict(
            line.split(':', 1)
            for line in (process / 'status').read_text().splitlines()
        )
        memory_kib += int(status['VmRSS'].split()[0])
        threads += int(status['Threads'])
        targets = [str(path.readlink()) for path in (process / 'fd').iterdir()]
        sockets += sum(target.startswith('socket:') for target in targets)
        files += len(targets)
    return Held(memory_kib / 1024, threads, sockets, files)


def _has_grown(before: Held, after: Held) -> bool:
    return (
        after.memory_mib - before.memory_mib > GROWTH_MIB
        or after.threads - before.threads > GROWTH
        or after.sockets - before.sockets > GROWTH
        or after.files - before.files > GROWTH
    )


def _print(number: int, held: dict[str, Held]) -> None:
    for service, amounts in held.items():
        print(f'after {number} drains, {service}: {amounts}', flush=True)
