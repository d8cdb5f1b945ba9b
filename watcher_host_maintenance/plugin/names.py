# SPDX-License-Identifier: Apache-2.0

"""Every key under which Watcher finds this plugin, or this plugin Watcher.

Two distributions with one key in a namespace make both unloadable, so ours
differ from every key that Watcher ships; a test compares them.
"""

from watcher_host_maintenance.request import options


DISTRIBUTION = 'watcher-host-maintenance'

GOAL = options.GOAL
GOAL_DISPLAY_NAME = 'Cluster Maintenance'

STRATEGY = options.STRATEGY
STRATEGY_DISPLAY_NAME = 'Host Maintenance'
STRATEGY_GROUP = options.GROUP

PLANNER = 'cluster_maintenance'

# Our own actions.
CHANGE_DISABLED_REASON = 'change_disabled_reason'
CONFIRM_MIGRATION = 'confirm_migration'
LIVE_MIGRATE_PAUSED = 'live_migrate_paused'
SHELVE_OFFLOAD = 'shelve_offload'
VERIFY_HOST_EMPTY = 'verify_host_empty'

# Watcher's stock actions.
CHANGE_NOVA_SERVICE_STATE = 'change_nova_service_state'
MIGRATE = 'migrate'
STOP = 'stop'
