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
DISABLE_EMPTY_HOST = 'disable_empty_host'
LIVE_MIGRATE_PAUSED = 'live_migrate_paused'
RETURN_HOST = 'return_host'
SHELVE_OFFLOAD = 'shelve_offload'
START_SERVER = 'start_server'
VERIFY_HOST_EMPTY = 'verify_host_empty'
VERIFY_HOST_RETURNED = 'verify_host_returned'

# Watcher's stock actions.
CHANGE_NOVA_SERVICE_STATE = 'change_nova_service_state'
MIGRATE = 'migrate'
STOP = 'stop'
