# SPDX-License-Identifier: Apache-2.0

"""Empty a host of one cloud, and judge what has become of it."""

import dataclasses
import os
import sys
import time

from collections.abc import Sequence
from typing import Any

from benchmarks.fidelity import cases
from benchmarks.fidelity import end
from benchmarks.fidelity import facts
from benchmarks.fidelity import oracle
from benchmarks.fidelity import steps
from benchmarks.fidelity import ways
from minicloud import cloud


OUR_GROUP = 'watcher_strategies.cluster_host_maintenance'
#: Nova's default filters, and those that some of the clouds enable.
ENABLED_FILTERS = (
    'ComputeFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'ServerGroupAntiAffinityFilter',
    'ServerGroupAffinityFilter',
    'AggregateInstanceExtraSpecsFilter',
    'AggregateMultiTenancyIsolation',
    'AggregateTypeAffinityFilter',
    'DifferentHostFilter',
    'SameHostFilter',
    'SimpleCIDRAffinityFilter',
)
_POLL_S = 0.2


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What has become of one cloud.

    :ivar way: a key of :data:`benchmarks.fidelity.ways.WAYS`
    :ivar possible: what the oracle said, with its reason in ``why``
    :ivar audit: state of the audit; '' if the way has none
    :ivar faults: what is wrong in the end
    :ivar refused: moves that Nova refused or gave up
    """

    seed: int
    kind: str
    way: str
    stale: bool
    possible: bool
    why: str
    audit: str
    message: str
    plan: str
    faults: list[str]
    refused: list[str]
    seconds: float

    @property
    def right(self) -> bool:
        """What can be done was done, and nothing else."""
        return not self.faults and not self.refused


def judge(
    case: cases.Case,
    way: str = 'ours',
    stale: bool = False,
    python: str = sys.executable,
) -> Verdict:
    """Start the cloud of a case, empty its node, and look.

    :param way: a key of :data:`benchmarks.fidelity.ways.WAYS`
    :param stale: let things happen after Watcher has built its model
    :param python: the interpreter that Watcher and the plugin are under
    :raises minicloud.exceptions.CloudError: the cloud did not start, or
        Watcher found no end
    """
    begin = time.monotonic()
    with cloud.Cloud(
        case.description,
        nova_options=case.nova_options,
        watcher_options=watcher_options(way, case.prefilters),
        watcher_python=python,
        neutron_python=neutron(case),
    ) as lab:
        prepare(lab, case, stale)
        known = facts.read(lab)
        answer = oracle.ask(known, case.node)
        tried = ways.WAYS[way](lab, case.node)
        faults = end.settled(
            lab,
            known,
            case.node,
            answer,
            was_refused=bool(tried.refused),
        )
        if tried.audit and not answer.possible and tried.audit != 'FAILED':
            faults.append(f'the audit is {tried.audit}')
        return Verdict(
            seed=case.seed,
            kind=case.kind,
            way=way,
            stale=stale,
            possible=answer.possible,
            why=answer.why,
            faults=faults,
            seconds=round(time.monotonic() - begin, 1),
            **tried._asdict(),
        )


def neutron(case: cases.Case) -> str:
    """Return the interpreter of Neutron if a case needs it, or else ''.

    :raises KeyError: it needs it, and NEUTRON_PYTHON is not set
    """
    return os.environ['NEUTRON_PYTHON'] if case.has_ports else ''


def watcher_options(
    way: str = 'ours', prefilters: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Let Watcher look often, and wait for what may still come.

    Upstream notices that Nova has refused a move by waiting for it in vain,
    so its patience is short; a migration takes half a second.

    :param prefilters: options of Nova that are on
    """
    patience_s = 8 if way == 'upstream' else 36
    return {
        'nova': {
            'migration_interval': _POLL_S,
            'migration_max_retries': round(patience_s / _POLL_S),
        },
        # What hangs here hangs for good: there is nothing to wait for.
        OUR_GROUP: {
            'transient_wait_s': 1,
            'enabled_filters': ','.join(ENABLED_FILTERS),
            'scheduler_prefilters': ','.join(prefilters),
        },
    }


def prepare(lab: cloud.Cloud, case: cases.Case, stale: bool) -> None:
    """Do what is done before the audit, and let Watcher look in between."""
    steps.take(lab, case.busy)
    lab.refresh_model()
    if stale:
        steps.take(lab, case.drift)
