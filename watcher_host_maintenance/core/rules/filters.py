# SPDX-License-Identifier: Apache-2.0

"""Filters of nova-scheduler: which rules they turn on, and which have none."""

from collections.abc import Iterable

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request


FILTER_WITHOUT_RULE = Of.WARNING.declare(
    'filter_without_rule',
    says=N_('no rule here knows {subject} of Nova: it may refuse a move'),
    helps=N_('See whether that filter accepts the destinations of the plan.'),
)

DEFAULT_FILTERS = (
    'ComputeFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'ServerGroupAntiAffinityFilter',
    'ServerGroupAffinityFilter',
)
"""Nova's default of ``[filter_scheduler] enabled_filters``."""

SWITCHES = {
    'AggregateInstanceExtraSpecsFilter': (
        'aggregate_extra_specs',
        'unscoped_extra_specs',
    ),
    'AggregateMultiTenancyIsolation': ('tenant_isolation',),
    'AggregateTypeAffinityFilter': ('type_affinity',),
    'DifferentHostFilter': ('different_host',),
    'SameHostFilter': ('same_host',),
    'SimpleCIDRAffinityFilter': ('cidr_affinity',),
}
"""Filter -> fields of the request that turn its rules on."""

ALWAYS_ON = frozenset(
    {
        *DEFAULT_FILTERS,
        # What these look at makes a server unproved, whatever is enabled.
        'NUMATopologyFilter',
        'PciPassthroughFilter',
        # It accepts every host.
        'AllHostsFilter',
    }
)
"""Filters whose rules are on for every request."""


def switches(enabled: Iterable[str]) -> dict[str, bool]:
    """Return field of the request -> whether its filter is enabled.

    :param enabled: names of filters, as in nova.conf
    """
    names = frozenset(enabled)
    return {
        switch: name in names
        for name, switches in SWITCHES.items()
        for switch in switches
    }


def without_rule(enabled: Iterable[str]) -> tuple[str, ...]:
    """Return the filters that no rule covers, sorted."""
    return tuple(sorted({*enabled} - ALWAYS_ON - SWITCHES.keys()))


def notes(request: Request) -> tuple[Finding, ...]:
    """Return which filters have no rule, by name."""
    return tuple(
        FILTER_WITHOUT_RULE.about(name) for name in request.other_filters
    )
