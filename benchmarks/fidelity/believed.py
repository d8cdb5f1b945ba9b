# SPDX-License-Identifier: Apache-2.0

"""What our rules say of every single move off a node."""

import dataclasses
import pathlib
import tempfile

from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import cases
from benchmarks.fidelity import judge
from benchmarks.fidelity import ways
from minicloud import cloud
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading.scheduler import Scheduler
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.solve import DEFAULT
from watcher_host_maintenance.core.planning import placing
from watcher_host_maintenance.core.planning.questions import Ask
from watcher_host_maintenance.core.rules import destination as ledger
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.filters import switches
from watcher_host_maintenance.core.rules.leaving import MOVED_BY_STATE
from watcher_host_maintenance.core.rules.placement import demand
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Leaver


class Cloud(cloud.Cloud):
    """A minicloud whose decision engine keeps what it has planned on."""

    def __init__(self, case: cases.Case) -> None:
        self._reports = tempfile.TemporaryDirectory()
        options = judge.watcher_options(prefilters=case.prefilters)
        options[judge.OUR_GROUP]['report_dir'] = self._reports.name
        super().__init__(
            case.description,
            nova_options=case.nova_options,
            watcher_options=options,
            neutron_python=judge.neutron(case),
        )

    def _setUp(self) -> None:  # noqa: N802
        self.addCleanup(self._reports.cleanup)
        super()._setUp()

    def known(self, case: cases.Case) -> Snapshot:
        """Run our audit, its plan unused, and return what is known then.

        An audit reads the nodes that it chooses, and asks Placement about
        them: here that is every node, and every server of the node.
        """
        audit = self.run_audit(*ways.OURS, {'maintenance_node': case.node})
        path = pathlib.Path(
            self._reports.name, f'{audit["uuid"]}.snapshot.json'
        )
        request = _request(case)
        placement = Placement(self.placement)
        known = _refreshed(snapshot.load(path.read_text()), placement)
        here = known.by_hostname[case.node]
        asks = {
            Ask(
                node.hostname,
                demand(server, here.traits, request, node.status == 'enabled'),
            )
            for server in known.instances_on(case.node)
            for node in known.nodes
            if node.uuid and node is not here
        }
        return Scheduler(placement, request).with_refusals(known, asks)


def _request(case: cases.Case) -> Request:
    filters: Mapping[str, Any] = switches(judge.ENABLED_FILTERS)
    return Request(
        (case.node,), scheduler_prefilters=case.prefilters, **filters
    )


def _refreshed(known: Snapshot, placement: Placement) -> Snapshot:
    """Return a snapshot with what Placement has now of every node."""
    providers = placement.providers(n.uuid for n in known.nodes if n.uuid)
    nodes = (
        dataclasses.replace(
            node,
            inventory=providers[node.uuid].inventory,
            used=providers[node.uuid].used,
        )
        if node.uuid in providers
        else node
        for node in known.nodes
    )
    return dataclasses.replace(known, nodes=tuple(nodes))


class Rules:
    """All our rules, asked about one server and one host at a time.

    :ivar movable: the servers of the node that are in a state in which
        Nova moves them, and that it is not busy with
    """

    def __init__(self, known: Snapshot, case: cases.Case) -> None:
        self._known = known
        self._request = _request(case)
        here = known.instances_on(case.node)
        self.movable = tuple(
            one
            for one in here
            if one.vm_state in MOVED_BY_STATE
            and not one.task_state
            and not one.elsewhere
        )
        staying = leaving.departures(here, known, self._request).staying
        self._staying = {stay.instance_uuid: stay for stay in staying}
        self._judge = hosting.Judge(
            known,
            self._request,
            [Leaver(one, leaving.kind(one, self._request)) for one in here],
        )
        self._groups = Groups(known.groups)

    def objections(self, server: Instance, host: str) -> list[Reason]:
        """Say all that keeps a server from a host, or from leaving."""
        node = self._known.by_hostname[host]
        there = ledger.to_bin(node, 0, self._groups)
        destination = Destination(node, there, self._groups)
        place = placing.Place(there, self._judge.refused(node), node.inventory)
        stay = self._staying.get(server.uuid)
        found = [
            *(stay.findings if stay else ()),
            *roles.objections(
                node,
                Use.SPREAD,
                self._request,
                self._request.maintenance_nodes,
            ),
            *self._judge.objections(server, destination),
        ]
        # The quick judgement, which the solver asks, must say the same.
        puzzle = placing.Puzzle([server], [place], self._groups)
        fits = puzzle.everything(DEFAULT).status is Status.PLACED
        if fits != (not self._judge.objections(server, destination)):
            raise AssertionError(f'{server.name} on {host}: {found}')
        return [one.reason for one in found]
