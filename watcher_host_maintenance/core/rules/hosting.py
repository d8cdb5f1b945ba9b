# SPDX-License-Identifier: Apache-2.0

"""Whether a compute node may take an instance: every rule, every reason.

A rule is a function that yields its objections. Rules never stop each
other, so that an operator reads all that is in the way at once.
"""

import itertools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import AFFINITY
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import hypervisors
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import room
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.rules.leaver import Rule
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import DISABLED
from watcher_host_maintenance.core.rules.roles import DOWN
from watcher_host_maintenance.core.rules.roles import HYPERVISOR_LOST
from watcher_host_maintenance.core.rules.roles import MAINTAINED
from watcher_host_maintenance.core.rules.roles import MARKED
from watcher_host_maintenance.core.rules.roles import NO_INVENTORY
from watcher_host_maintenance.core.rules.roles import OUT_OF_SCOPE
from watcher_host_maintenance.core.rules.roles import UNUSED


RULES: tuple[Rule, ...] = (
    zones.in_pinned_zone,
    aggregates.satisfies_extra_specs,
    aggregates.takes_project,
    aggregates.stays_in_domain,
    traits.has_traits,
    hypervisors.same_type,
    hypervisors.not_older,
    groups.joins_its_group,
)
"""What does not change while a plan is made."""

ROOM: tuple[
    Callable[[Mapping[str, int], Destination], Iterator[Finding]], ...
] = (room.has_room, room.within_units, room.keeps_headroom)
"""What the plan itself changes, class by class."""


def node_objections(
    node: ComputeNode,
    request: Request,
    maintained: Collection[str],
) -> Iterator[Finding]:
    """Say why a node takes nothing in Method 2, whatever its size.

    :param maintained: hostnames that this request empties
    """
    disabled = {'disabled_reason': node.disabled_reason or None}
    if node.hostname in maintained:
        yield Finding(MAINTAINED, node.hostname)
    elif roles.is_marked(node, request):
        yield Finding(MARKED, node.hostname, disabled)
    elif roles.is_disabled_by_nova(node):
        yield Finding(HYPERVISOR_LOST, node.hostname, disabled)
    elif roles.has_spare_reason(node, request):
        yield Finding(
            UNUSED,
            node.hostname,
            {**disabled, 'instances': node.instance_count},
        )
    elif node.status == 'disabled':
        yield Finding(DISABLED, node.hostname, disabled)
    if node.state == 'down':
        yield Finding(DOWN, node.hostname)
    if not node.in_scope:
        yield Finding(OUT_OF_SCOPE, node.hostname)
    if roles.is_bare_metal(node):
        yield Finding(BARE_METAL, node.hostname)
    if node.in_scope and not node.inventory:
        yield Finding(NO_INVENTORY, node.hostname)


class Judge:
    """Who may go where, by every rule; each kind of question asked once.

    Instances and nodes that no rule tells apart share a verdict, so that
    thousands of nodes cost little more than the kinds there are of them.
    """

    def __init__(
        self,
        known: Snapshot,
        request: Request,
        leavers: Iterable[Leaver] = (),
    ):
        self._known = known
        self._request = request
        self._leavers = {x.instance.uuid: x for x in leavers}
        self._alike: dict[Hashable, list[Leaver]] = {}
        for leaver in self._leavers.values():
            self._alike.setdefault(_leaver_key(leaver), []).append(leaver)
        self._affine = [g for g in known.groups if g.policy == AFFINITY]
        self._verdicts: dict[Hashable, frozenset[str]] = {}

    def refused(self, node: ComputeNode) -> frozenset[str]:
        """Return the UUIDs of the instances that a node must not take.

        Room and anti-affinity are not looked at.
        """
        key = self._node_key(node)
        found = self._verdicts.get(key)
        if found is None:
            found = frozenset(
                leaver.instance.uuid
                for alike in self._alike.values()
                if any(self._fixed(alike[0], node))
                for leaver in alike
            )
            self._verdicts[key] = found
        return found

    def objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Every objection by every rule; empty means eligible.

        :func:`.placing.fits` is the same judgement, quick and without
        reasons; a test holds the two together.
        """
        return (
            *self.fixed_objections(instance, destination),
            *itertools.chain.from_iterable(
                rule(instance.resources, destination) for rule in ROOM
            ),
            *groups.keeps_apart(instance, destination),
        )

    def fixed_objections(
        self, instance: Instance, destination: Destination
    ) -> tuple[Finding, ...]:
        """Every objection that neither room nor other instances cause."""
        node = self._known.by_hostname[destination.hostname]
        if instance.uuid not in self.refused(node):
            return ()
        return tuple(self._fixed(self._leavers[instance.uuid], node))

    def _fixed(self, leaver: Leaver, node: ComputeNode) -> Iterator[Finding]:
        for rule in RULES:
            yield from rule(leaver, node, self._known, self._request)

    def _node_key(self, node: ComputeNode) -> Hashable:
        """Return what the rules look at of a node."""
        return (
            node.zone,
            node.traits,
            node.hypervisor_type,
            node.hypervisor_version,
            self._known.aggregates_of.get(node.hostname, ()),
            tuple(g.uuid for g in self._affine if node.hostname in g.members),
        )


def _leaver_key(leaver: Leaver) -> Hashable:
    """Return what the rules look at of an instance that has to leave."""
    instance = leaver.instance
    return (
        leaver.kind,
        instance.host,
        instance.pinned_zone,
        instance.project_id,
        instance.group,
        tuple(sorted(instance.extra_specs.items())),
    )
