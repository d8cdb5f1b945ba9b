#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Every option of the plugin, under Watcher's group for the strategy."""

from oslo_config import cfg

from watcher_host_maintenance.core import request
from watcher_host_maintenance.core import solver
from watcher_host_maintenance.plugin import names


STRATEGY_OPTIONS = [
    cfg.ListOpt(
        'marking_reasons',
        default=[request.MAINTAINING_REASON],
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
        default=[request.SPARE_REASON],
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
        default=solver.DEFAULT_STEPS,
        min=0,
        max=100_000_000,
        help="""
How much work one search for a placement may do, in questions whether one
instance fits on one compute node. The limit counts work and not time, so that
a plan does not depend on the machine: 200000 questions take about a second.
When the limit ends a search without a placement, the audit says that none was
found, not that none exists. 0 leaves only the quick first pass.
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
