# SPDX-License-Identifier: Apache-2.0

"""The options of the plugin, in Watcher's group for the strategy."""

from oslo_config import cfg
from oslo_config import types

from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.request import RETURNING_REASON
from watcher_host_maintenance.core.model.request import SPARE_REASON
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rules.filters import DEFAULT_FILTERS


GOAL = 'cluster_maintenance'
STRATEGY = 'cluster_host_maintenance'

GROUP = f'watcher_strategies.{STRATEGY}'
"""The section of watcher.conf that holds the options."""

RETURN_GOAL = 'cluster_return'
RETURN_STRATEGY = 'cluster_host_return'

RETURN_GROUP = f'watcher_strategies.{RETURN_STRATEGY}'
"""The section that holds what a return alone needs."""

ROLL_GOAL = 'cluster_rolling_maintenance'
ROLL_STRATEGY = 'cluster_rolling_maintenance'

ROLL_GROUP = f'watcher_strategies.{ROLL_STRATEGY}'
"""The section that holds what a rolling maintenance alone needs."""

CANCEL_GOAL = 'cluster_cancellation'
CANCEL_STRATEGY = 'cluster_cancellation'

PREFILTERS = (
    'limit_tenants_to_placement_aggregate',
    'placement_aggregate_required_for_tenants',
    'enable_isolated_aggregate_filtering',
    'query_placement_for_image_type_support',
    'query_placement_for_routed_network_aggregates',
)
"""Options of Nova that add to what it asks Placement, and are known here."""

LIMITS = Limits()


STRATEGY_OPTIONS = [
    cfg.ListOpt(
        'marking_reasons',
        default=[MAINTAINING_REASON],
        help="""
A compute node is marked for maintenance if its nova-compute service is
disabled with a reason that starts with one of these texts. An audit without
node parameters drains every marked node in its scope. A marked node is never
a destination. Neither the list nor a text in it may be empty. A reason that
is also in ``unused_reasons`` counts as a mark.
""",
    ),
    cfg.ListOpt(
        'unused_reasons',
        default=[SPARE_REASON],
        help="""
A compute node is unused if its nova-compute service is up and disabled with
exactly one of these reasons, and it holds no instance. A plan may enable an
unused node and move all instances to it; a node that is disabled with any
other reason is never a destination. With an empty list, plans use no unused
nodes. No text in the list may be empty.
""",
    ),
    cfg.IntOpt(
        'search_steps',
        default=LIMITS.ejections,
        min=0,
        max=1_000_000_000,
        help="""
Maximum number of steps of one search for a placement, after the greedy pass
has found none. A million steps take about a second; a plan does not depend on
the speed of the machine. At the limit the audit reports that no placement was
found, instead of that none exists. With 0 there are only the greedy pass and
the quick proofs that no placement exists.
""",
    ),
    cfg.IntOpt(
        'exact_nodes',
        default=LIMITS.nodes,
        min=0,
        max=100_000_000,
        help="""
Maximum number of branches that HiGHS, the exact solver, explores for one
placement. It decides cases that the search leaves open, unless
``search_steps`` is 0. A program with more than 250 variables, one for each
class of servers on each destination, may take proportionally fewer. See also
``exact_iterations`` and ``exact_guard_s``.
""",
    ),
    cfg.IntOpt(
        'exact_iterations',
        default=LIMITS.iterations,
        min=0,
        max=2_000_000_000,
        help="""
Maximum number of simplex iterations of the exact solver for one placement,
while it still allows fractions of servers. See also ``exact_nodes``.
""",
    ),
    cfg.FloatOpt(
        'exact_guard_s',
        default=LIMITS.guard_s,
        min=1,
        max=3600,
        help="""
Seconds after which the exact solver is stopped, so that the placement is
undecided, and the audit says so. This is the only limit that depends on the
speed of the machine. Keep it at ten times what ``exact_nodes`` and
``exact_iterations`` allow, so that it is never reached.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_source',
        default=1,
        min=1,
        help="""
Maximum number of servers that move away from one compute node at the same
time, live and cold. Use the value of ``max_concurrent_live_migrations`` in
nova.conf, by default 1: Nova queues all others while the time of their
actions runs out.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_destination',
        default=2,
        min=1,
        help="""
Maximum number of servers that move to one compute node at the same time.
Nova has no such limit.
""",
    ),
    cfg.IntOpt(
        'max_migrations',
        default=10,
        min=1,
        help="""
Maximum number of servers that move or are stopped at the same time in one
action plan. The applier also runs at most ``max_workers`` actions of
``[watcher_workflow_engines.taskflow]``, by default the number of processors.
""",
    ),
    cfg.IntOpt(
        'migration_bandwidth_mib_s',
        default=100,
        min=1,
        help="""
Assumed bandwidth of one migration in MiB per second. A migration is estimated
to take the memory of the flavor divided by this, plus 10 seconds; disks are
assumed to be shared. The longest begins first. An audit warns about servers
that take longer than ``[nova] migration_max_retries`` times
``migration_interval``, after which their actions fail.
""",
    ),
    cfg.BoolOpt(
        'verify_host_empty',
        default=True,
        help="""
End every plan with an action ``verify_host_empty`` for each node to drain. It
fails with the reason unless the node is disabled and holds nothing but the
servers that the plan was to leave there, so that a SUCCEEDED plan means a
node that is ready for maintenance. Disable it for clients that know only
Watcher's own actions. Plans with ``on_failure=enable`` contain it in any case.
""",
    ),
    cfg.IntOpt(
        'spare_wait_s',
        default=660,
        min=0,
        max=86400,
        help="""
Maximum number of seconds that an action ``await_host`` waits until servers can
move to a spare that the plan has enabled: nova-compute is up, and its resource
provider in Placement has no trait ``COMPUTE_STATUS_DISABLED``. nova-compute
removes the trait at once, or, if Placement did not answer then, at its next
update, up to 10 minutes later. If the spare is not open by then, the action
fails; with ``on_failure=enable`` it disables the spare again. A plan has this
action only if ``verify_host_empty`` is true or with ``on_failure=enable``.
With 0 it looks once.
""",
    ),
    cfg.IntOpt(
        'transient_wait_s',
        default=60,
        min=0,
        max=3600,
        help="""
Maximum number of seconds that an audit waits while Nova is busy with a server
on a node to drain. If Nova is still busy after that, the server cannot be
moved, and the audit reports it. With 0 the audit does not wait.
""",
    ),
    cfg.IntOpt(
        'audit_timeout_s',
        default=3600,
        min=1,
        max=86400,
        help="""
Maximum number of seconds that an audit reads Nova and Placement and plans. An
audit that needs longer is refused, and says which call was not answered; the
next run of a CONTINUOUS audit tries again. A search is interrupted as well;
no plan depends on how much time was left. It counts as well how long Watcher
builds its compute model for the audit.
""",
    ),
    cfg.ListOpt(
        'enabled_filters',
        default=list(DEFAULT_FILTERS),
        help="""
The value of ``[filter_scheduler] enabled_filters`` of nova.conf, as typed
there. A move has to pass every filter that is enabled. Rules for
``AggregateInstanceExtraSpecsFilter``, ``AggregateMultiTenancyIsolation``,
``AggregateTypeAffinityFilter``, ``DifferentHostFilter``, ``SameHostFilter``
and ``SimpleCIDRAffinityFilter`` are on if these are in the list; those for
Nova's default filters always are. Each report names the filters that have no
rule: they may refuse a move of its plan. The filters that look at hints need a
Nova that shows them, from microversion 2.100 on: with an older one no server
can be proved to fit.
""",
    ),
    cfg.BoolOpt(
        'image_metadata_prefilter',
        default=False,
        help="""
Respect the models of devices and the architecture that properties of images
name, such as ``hw_disk_bus``: a destination has the trait that Nova requires
for each. Enable this if Nova's option ``[scheduler] image_metadata_prefilter``
is set.
""",
    ),
    cfg.StrOpt(
        'read_images',
        default='auto',
        choices=['auto', 'off'],
        help="""
Read the images of servers from Glance, which alone knows the traits that an
image requires: ``auto`` if Glance is in the catalog. If Glance does not
answer, or an image is gone, its servers move only to nodes with every trait
of their own node. With ``off`` images are taken to require no traits. Other
properties of images come from Nova, from microversion 2.98 on.
""",
    ),
    cfg.StrOpt(
        'read_volumes',
        default='auto',
        choices=['auto', 'off'],
        help="""
Read the volumes from Cinder that servers boot from: each keeps the properties
of the image that it was created from. ``auto`` reads them if Cinder is in the
catalog; a server whose volume cannot be read is not proved to fit anywhere.
With ``off`` such volumes are taken to ask for nothing.
""",
    ),
    cfg.StrOpt(
        'read_ports',
        default='auto',
        choices=['auto', 'off'],
        help="""
Read the ports of servers and the network agents from Neutron: ``auto`` if
Neutron is in the catalog. A compute node is no destination if its agents are
dead or do not reach the physical network of a port. A server whose ports
cannot be read is not proved to fit anywhere. With ``off`` ports are taken to
fit everywhere.
""",
    ),
    cfg.StrOpt(
        'cpu_check',
        default=CpuCheck.PREFER.value,
        choices=[choice.value for choice in CpuCheck],
        help="""
What to do about features that the CPU of a destination lacks, while the
source's has them. ``prefer``: servers migrate live to nodes with all of them,
as far as these have room; otherwise to others, where the hypervisor may
refuse.
``require``: never to others; the message names what is missing. ``off``: CPUs
are not compared. A guest with a CPU model of its own may need fewer features,
which no API tells.
""",
    ),
    cfg.IntOpt(
        'failed_migrations_hours',
        default=24,
        min=0,
        max=720,
        help="""
How long a failed migration counts, in hours: its destination is the last
choice for that server, whatever the reason of the failure. As few servers as
possible go where they have failed before, and the audit names them. A later
move to that node that ends well cancels it. 0 ignores failed migrations.
""",
    ),
    cfg.BoolOpt(
        'hypervisor_version_check',
        default=True,
        help="""
Never live migrate a server to an older version of the hypervisor: Nova refuses
that. Disable this if Nova's option ``[workarounds]
skip_hypervisor_version_check_on_lm`` is set.
""",
    ),
    cfg.ListOpt(
        'scheduler_prefilters',
        item_type=types.String(choices=PREFILTERS),
        default=[],
        help="""
The options of the section ``[scheduler]`` of nova.conf that are true there, of
those that add to what nova-scheduler asks Placement. An audit asks Placement
the same before it makes a plan. ``limit_tenants_to_placement_aggregate`` and
``placement_aggregate_required_for_tenants`` demand an aggregate of the
project. ``enable_isolated_aggregate_filtering`` keeps servers out of
aggregates whose metadata require a trait that the servers do not.
``query_placement_for_image_type_support`` demands the trait of the format of
the image, which Glance tells, unless the server boots from a volume.
``query_placement_for_routed_network_aggregates`` demands the aggregates of the
segments that the ports have their addresses from, which Neutron tells.
""",
    ),
    cfg.ListOpt(
        'migration_domain_keys',
        default=[],
        help="""
Keys of host aggregate metadata whose values must be equal on the source and
the destination of every move. They describe what no API shows: which nodes
share a cell, a CPU generation, or a storage backend. Nodes without a key
exchange servers only with one another.
""",
    ),
    cfg.ListOpt(
        'owner_tags',
        default=[],
        help="""
Tags of other products that say what the owner of a server wants in a
maintenance, each with the word that it stands for, as ``TAG=WORD``. Example:
``openstack.lcm.mirantis.com:maintenance_action=poweroff=stop``. The words are
``keep``, ``stay``, ``stop``, ``stop-and-start``, ``cold``, ``move`` and
``go``, as in the tags that begin with ``maintenance:``. They count if the
parameter ``owners`` is ``obey`` or ``wait``.
""",
    ),
    cfg.ListOpt(
        'owner_defaults',
        default=[],
        help="""
Words of projects, as ``PROJECT_ID=WORD``, for servers without a word of their
own and without one in the extra spec ``maintenance:default`` of their flavor.
The words are those of ``owner_tags``, except ``go``. They count if the
parameter ``owners`` is ``obey`` or ``wait``.
""",
    ),
    cfg.StrOpt(
        'report_dir',
        help="""
Directory to which each audit writes its full report and the snapshot that its
plan was made from, as JSON files named after the UUID of the audit. The files
have mode 0640 and contain names of compute nodes and servers, but no user
data and no metadata. The directory must be writable by the decision engine.
If unset, the report is only in its log. A link or a pipe that has the name of
such a file is replaced, never followed or opened. See also
``report_max_audits`` and ``report_max_age_days``.
""",
    ),
    cfg.IntOpt(
        'report_max_audits',
        default=1000,
        min=0,
        max=1_000_000,
        help="""
Maximum number of audits whose files are kept in ``report_dir``. Each audit
removes those that were written longest ago; other files stay. With 0 all are
kept.
""",
    ),
    cfg.IntOpt(
        'report_max_age_days',
        default=0,
        min=0,
        max=36500,
        help="""
Number of days after which the files of an audit are removed from
``report_dir``, by the next audit that writes there. With 0 age does not
matter. See also ``report_max_audits``.
""",
    ),
]

RETURN_OPTIONS = [
    cfg.ListOpt(
        'returning_reasons',
        default=[RETURNING_REASON],
        help="""
The maintenance of a compute node is over if its nova-compute service is
disabled with a reason that starts with one of these texts. An audit of the
goal ``cluster_return`` without node parameters returns every such node in its
scope to service. So whoever has worked on a node needs no rights in Watcher:
``openstack maintenance done`` sets the reason in Nova.

Neither the list nor any of its texts may be empty. All other options of the
section ``[watcher_strategies.cluster_host_maintenance]`` hold for returns too.
""",
    ),
    cfg.IntOpt(
        'return_wait_s',
        default=300,
        min=0,
        max=86400,
        help="""
Maximum number of seconds that an action ``return_host`` waits until a compute
node is fit for service: nova-compute has reported, Placement has its
resources, its network agents are alive, and ``unfit_query`` returns nothing.
If the node is not fit by then, the action fails and the node stays disabled.
With 0 it looks once, and then nova-compute can hardly have reported.
""",
    ),
    cfg.StrOpt(
        'unfit_query',
        help="""
PromQL query that must return nothing before ``return_host`` returns a compute
node to service: for example ``ALERTS{alertstate="firing",
instance=~"{host}(:[0-9]+)?"}``. The text ``{host}`` is replaced by the service
host of the node. While the query returns something, or Prometheus does not
answer it within 10 seconds, the node is not fit. It is asked at
``prometheus_url`` by the applier; before a rolling maintenance begins another
wave, by the decision engine. If unset, no query is made.
""",
    ),
    cfg.URIOpt(
        'prometheus_url',
        schemes=['http', 'https'],
        secret=True,
        help="""
URL of the Prometheus, or of another service with its HTTP API, that answers
``unfit_query``: for example ``https://prometheus.example.org:9090``. For basic
authentication it contains ``user:password@``. Its certificate is verified.
""",
    ),
]

ROLL_OPTIONS = [
    cfg.StrOpt(
        'hooks_dir',
        default='/etc/watcher/hooks',
        help="""
Absolute path of the directory with the executables that ``exec_hooks`` names.
The directory, those above it, and the executables must belong to root or to
the user of the applier, must not be writable by anyone else, and must be no
symbolic links; otherwise no hook is run. The directory must exist where the
applier runs.
""",
    ),
    cfg.ListOpt(
        'exec_hooks',
        default=[],
        item_type=types.String(regex=r'^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
        help="""
Names of the executables in ``hooks_dir`` that the parameter ``hook`` of a
rolling maintenance may name. Each is run by the applier, without a shell, as
its user, with a JSON document on its standard input.
""",
    ),
    cfg.DictOpt(
        'http_hooks',
        default={},
        help="""
Other names that the parameter ``hook`` may have, each with the URL to which
the applier sends a POST request: for example
``patch:https://patch.example.org/hooks/node``. The host must be one of
``http_hook_hosts``.
""",
    ),
    cfg.ListOpt(
        'http_hook_hosts',
        default=[],
        help="""
The only hosts that HTTP hooks are sent to and asked for answers, each with a
port unless it is that of the scheme: for example
``patch.example.org,127.0.0.1:8080``. Redirects are never followed, proxies of
the environment are not used, and an answer of more than 64 KiB is refused.
""",
    ),
    cfg.ListOpt(
        'preflight_hooks',
        default=[],
        help="""
Names of hooks from ``exec_hooks`` or ``http_hooks`` that support a preflight
check: they report whether a compute node needs maintenance while it is in
service. The check runs for every node of the set before the first wave, for
executables with the argument ``--preflight``, and must not change anything.
Nodes that need no maintenance are not emptied.
""",
    ),
]
