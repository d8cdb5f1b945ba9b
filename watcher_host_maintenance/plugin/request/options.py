# SPDX-License-Identifier: Apache-2.0

"""Every option of the plugin, under Watcher's group for the strategy."""

from oslo_config import cfg

from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.request import SPARE_REASON
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.plugin import names


LIMITS = Limits()


STRATEGY_OPTIONS = [
    cfg.ListOpt(
        'marking_reasons',
        default=[MAINTAINING_REASON],
        help="""
A compute node is marked for maintenance when its nova-compute service is
disabled with a reason that starts with one of these texts. An audit of the
goal without parameters empties every marked node in its scope, and no marked
node is ever a destination.

Not empty, and no text in it may be empty. A reason that is in
``unused_reasons`` too counts as a mark.
""",
    ),
    cfg.ListOpt(
        'unused_reasons',
        default=[SPARE_REASON],
        help="""
A compute node is unused, so that all instances of a node may be sent to it,
when its nova-compute service is up and disabled with exactly one of these
reasons, and it holds no instance. A node that is disabled with any other
reason is never enabled and never filled.

An empty list switches the use of unused nodes off.
""",
    ),
    cfg.IntOpt(
        'search_steps',
        default=LIMITS.ejections,
        min=0,
        max=1_000_000_000,
        help="""
How much work one search for a placement may do when the ordinary pass finds
none, in things that it looks at. The limit counts work and not time, so that
a plan does not depend on the machine: a million take about a second. When the
limit ends a search without a placement, the audit says that none was found,
not that none exists. 0 leaves only the ordinary pass and the proofs that need
no search.
""",
    ),
    cfg.IntOpt(
        'exact_nodes',
        default=LIMITS.nodes,
        min=0,
        max=100_000_000,
        help="""
How many branches the exact solver may look at for one placement. It decides
what the search leaves open, and is used when the package ``highspy`` is
installed, which the extra ``exact`` of this plugin asks for.
""",
    ),
    cfg.IntOpt(
        'exact_iterations',
        default=LIMITS.iterations,
        min=0,
        max=2_000_000_000,
        help="""
How many steps of the simplex method the exact solver may do for one placement;
see ``exact_nodes``.
""",
    ),
    cfg.FloatOpt(
        'exact_guard_s',
        default=LIMITS.guard_s,
        min=1,
        max=3600,
        help="""
Seconds after which the exact solver gives up on one placement. It then counts
as not decided: how fast a machine is never makes another plan. Keep it well
above what ``exact_nodes`` and ``exact_iterations`` take.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_source',
        default=1,
        min=1,
        help="""
How many servers may move away from one compute node at once, live and cold
together. Nova itself runs ``max_concurrent_live_migrations`` of nova.conf, by
default 1, at once on each source and lets others wait, while the time of
their actions runs out: set both to the same number.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_destination',
        default=2,
        min=1,
        help="""
How many servers may move to one compute node at once. Nova has no limit of
its own for it.
""",
    ),
    cfg.IntOpt(
        'max_migrations',
        default=10,
        min=1,
        help="""
How many servers may move or be stopped at once in one action plan. Besides,
the applier runs only ``max_workers`` actions at once, an option of the section
``[watcher_workflow_engines.taskflow]`` that is the number of processors by
default.
""",
    ),
    cfg.IntOpt(
        'migration_bandwidth_mib_s',
        default=100,
        min=1,
        help="""
How much one migration copies in a second, in MiB, for the estimate of how long
a plan takes. The memory of the flavor is taken to be copied once, and 10
seconds are added for each server; disks are taken to be shared. The estimate
decides the order of the migrations, longest first. An audit warns of a server
whose memory takes longer than ``[nova] migration_max_retries`` times
``migration_interval``, after which its action fails.
""",
    ),
    cfg.BoolOpt(
        'verify_host_empty',
        default=True,
        help="""
Whether every plan ends with an action ``verify_host_empty`` for each node to
empty. It succeeds only if the node holds nothing but what the plan was to
leave there and its nova-compute service is disabled, and fails with the reason
otherwise, so that a plan that SUCCEEDED means a node that is ready for
maintenance. Switch it off for clients that know Watcher's own actions only; a
plan with ``on_failure=enable`` has it all the same.
""",
    ),
    cfg.IntOpt(
        'transient_wait_s',
        default=60,
        min=0,
        max=3600,
        help="""
Seconds for which an audit waits at most while Nova is busy with a server on a
node to empty: a server that is being built, resized or migrated. One that
Nova is still busy with then cannot be moved, and the audit says so. 0 does not
wait.
""",
    ),
    cfg.BoolOpt(
        'aggregate_extra_specs',
        default=True,
        help="""
Obey flavor extra specs of the scope ``aggregate_instance_extra_specs:``, as
Nova's AggregateInstanceExtraSpecsFilter does. Switch it off when Nova's
``[filter_scheduler] enabled_filters`` does not hold that filter, and such
extra specs are to be ignored.
""",
    ),
    cfg.BoolOpt(
        'unscoped_extra_specs',
        default=False,
        help="""
Obey flavor extra specs without a scope as well, as Nova's
AggregateInstanceExtraSpecsFilter does: each has to be in the metadata of a
host aggregate of the destination. Only for clouds in which Nova's
``[filter_scheduler] enabled_filters`` holds that filter: in any other no
destination would be left for a flavor that has such an extra spec.
""",
    ),
    cfg.BoolOpt(
        'tenant_isolation',
        default=True,
        help="""
Obey ``filter_tenant_id`` in the metadata of host aggregates, as Nova's
AggregateMultiTenancyIsolation does: a compute node in such an aggregate takes
servers of the projects named there only.
""",
    ),
    cfg.BoolOpt(
        'hypervisor_version_check',
        default=True,
        help="""
Never migrate a server live onto an older version of the hypervisor. Nova
refuses that, unless its option ``[workarounds]
skip_hypervisor_version_check_on_lm`` is set: then switch this off.
""",
    ),
    cfg.ListOpt(
        'migration_domain_keys',
        default=[],
        help="""
Keys of host aggregate metadata whose values have to be equal on the source
and the destination of every move. With it an operator tells what no API does:
which compute nodes share a cell, a generation of CPUs, or a storage backend.
A compute node without the key only exchanges servers with others without it.
""",
    ),
    cfg.StrOpt(
        'report_dir',
        help="""
A directory into which each audit writes its full report and the snapshot
that it was planned on, as JSON, named after the audit's UUID: what was asked,
what was decided and why. The files have mode 0640 and hold names of compute
nodes and servers, but no user data and no metadata. The directory must exist
and be writable for the decision engine. Without it the report is only a line
in the decision engine's log.
""",
    ),
]


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """List the options for oslo-config-generator."""
    return [(names.STRATEGY_GROUP, STRATEGY_OPTIONS)]
