# SPDX-License-Identifier: Apache-2.0

"""The generators make clouds in which each rule has something to say."""

import collections
import importlib
import pkgutil

from collections.abc import Iterator
from itertools import chain

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core import rules as package
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import returns
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Leaver


CASES = 400


def of_rules() -> dict[str, Reason]:
    """Every reason of a server or a destination that a rule declares."""
    return {
        reason.value: reason
        for found in pkgutil.iter_modules(package.__path__)
        for reason in vars(
            importlib.import_module(f'{package.__name__}.{found.name}')
        ).values()
        if isinstance(reason, Reason)
        and reason.of
        in {Of.NODE, Of.INSTANCE, Of.ASKED, Of.DESTINATION, Of.ROOM, Of.PAIR}
    }


def given(case) -> Iterator[Reason]:
    """Every reason why a server of a case stays, or a node is no place."""
    snapshot, request = case
    departures = leaving.departures(snapshot.instances, snapshot, request)
    for stay in departures.staying:
        yield from (f.reason for f in stay.findings)
    leavers = [Leaver(i, leaving.kind(i, request)) for i in snapshot.instances]
    judge = hosting.Judge(snapshot, request, leavers)
    groups = Groups(snapshot.groups)
    for node in snapshot.nodes:
        for use in Use:
            for finding in roles.objections(
                node, use, request, request.maintenance_nodes
            ):
                yield finding.reason
        bin_ = destination.to_bin(node, request.headroom_percent, groups)
        there = Destination(node, bin_, groups)
        for leaver in leavers:
            for finding in judge.objections(leaver.instance, there):
                yield finding.reason
    yield from of_returns(snapshot)
    yield from of_windows(snapshot)


def of_returns(snapshot) -> Iterator[Reason]:
    """Every reason why a node of a case does not return to service."""
    for named in ((), tuple(snapshot.by_hostname)):
        # What is marked for a drain stands for what is maintained.
        request = ReturnRequest(
            named, returning_reasons=('watcher_maintaining',)
        )
        nodes = returns.resolve(snapshot, request)
        for finding in (*nodes.findings, *chain(*nodes.refused.values())):
            yield finding.reason


def of_windows(snapshot) -> Iterator[Reason]:
    """Every reason why marked nodes are not emptied at some time."""
    hosts = snapshot.by_hostname
    for request in (
        Request(windows_elsewhere=dict.fromkeys(hosts, 'an audit')),
        Request(told_nodes=()),
    ):
        for findings in targets.resolve(snapshot, request).refused.values():
            yield from (finding.reason for finding in findings)


class TestGenerated(base.TestCase):
    def test_every_reason_is_given(self):
        counts: collections.Counter[str] = collections.Counter()
        for seed in range(CASES):
            case = generated.case(sources=2, others=5, servers=8, seed=seed)
            counts.update({reason.value for reason in given(case)})
            case = generated.owned(case, seed)
            counts.update({reason.value for reason in given(case)})
        missing = sorted(set(of_rules()) - set(counts))
        self.assertEqual([], missing, 'draw what gives them in generated.py')
