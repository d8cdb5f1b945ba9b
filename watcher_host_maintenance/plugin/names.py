# SPDX-License-Identifier: Apache-2.0

"""Every key under which Watcher finds this plugin, or this plugin Watcher.

Two distributions with one key in a namespace make both unloadable, so ours
differ from every key that Watcher ships; a test compares them.
"""

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.request import action_types
from watcher_host_maintenance.request import options


DISTRIBUTION = 'watcher-host-maintenance'

GOAL = options.GOAL
GOAL_DISPLAY_NAME = N_('Cluster Maintenance')

STRATEGY = options.STRATEGY
STRATEGY_DISPLAY_NAME = N_('Host Maintenance')
STRATEGY_GROUP = options.GROUP

RETURN_GOAL = options.RETURN_GOAL
RETURN_GOAL_DISPLAY_NAME = N_('Return to Service')

RETURN_STRATEGY = options.RETURN_STRATEGY
RETURN_STRATEGY_DISPLAY_NAME = N_('Host Return')

ROLL_GOAL = options.ROLL_GOAL
ROLL_GOAL_DISPLAY_NAME = N_('Rolling Cluster Maintenance')

ROLL_STRATEGY = options.ROLL_STRATEGY
ROLL_STRATEGY_DISPLAY_NAME = N_('Rolling Maintenance')

CANCEL_GOAL = options.CANCEL_GOAL
CANCEL_GOAL_DISPLAY_NAME = N_('Cluster Maintenance Cancellation')

CANCEL_STRATEGY = options.CANCEL_STRATEGY
CANCEL_STRATEGY_DISPLAY_NAME = N_('Maintenance Cancellation')

PLANNER = 'cluster_maintenance'

# Our own actions, and Watcher's stock actions.
AWAIT_HOST = action_types.AWAIT_HOST
CHANGE_DISABLED_REASON = action_types.CHANGE_DISABLED_REASON
CHANGE_SERVICE_IN_WINDOW = action_types.CHANGE_SERVICE_IN_WINDOW
CONFIRM_MIGRATION = action_types.CONFIRM_MIGRATION
DISABLE_EMPTY_HOST = action_types.DISABLE_EMPTY_HOST
LIVE_MIGRATE_PAUSED = action_types.LIVE_MIGRATE_PAUSED
MIGRATE_IN_WINDOW = action_types.MIGRATE_IN_WINDOW
MIGRATE_INTO_ROOM = action_types.MIGRATE_INTO_ROOM
NOTIFY_OWNER = action_types.NOTIFY_OWNER
RETURN_HOST = action_types.RETURN_HOST
RUN_HOOK = action_types.RUN_HOOK
SHELVE_OFFLOAD = action_types.SHELVE_OFFLOAD
START_SERVER = action_types.START_SERVER
STOP_IN_WINDOW = action_types.STOP_IN_WINDOW
VERIFY_HOST_EMPTY = action_types.VERIFY_HOST_EMPTY
VERIFY_HOST_RETURNED = action_types.VERIFY_HOST_RETURNED
CHANGE_NOVA_SERVICE_STATE = action_types.CHANGE_NOVA_SERVICE_STATE
MIGRATE = action_types.MIGRATE
STOP = action_types.STOP
