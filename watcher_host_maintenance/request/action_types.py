# SPDX-License-Identifier: Apache-2.0

"""Watcher's names of the types of actions that our plans consist of."""

# Our own actions.
AWAIT_HOST = 'await_host'
CHANGE_DISABLED_REASON = 'change_disabled_reason'
CHANGE_SERVICE_IN_WINDOW = 'change_service_in_window'
CONFIRM_MIGRATION = 'confirm_migration'
DISABLE_EMPTY_HOST = 'disable_empty_host'
LIVE_MIGRATE_PAUSED = 'live_migrate_paused'
MIGRATE_IN_WINDOW = 'migrate_in_window'
MIGRATE_INTO_ROOM = 'migrate_into_room'
NOTIFY_OWNER = 'notify_owner'
RETURN_HOST = 'return_host'
RUN_HOOK = 'run_hook'
SHELVE_OFFLOAD = 'shelve_offload'
START_SERVER = 'start_server'
STOP_IN_WINDOW = 'stop_in_window'
VERIFY_HOST_EMPTY = 'verify_host_empty'
VERIFY_HOST_RETURNED = 'verify_host_returned'

# Watcher's stock actions.
CHANGE_NOVA_SERVICE_STATE = 'change_nova_service_state'
MIGRATE = 'migrate'
STOP = 'stop'

IN_WINDOW = {
    CHANGE_NOVA_SERVICE_STATE: CHANGE_SERVICE_IN_WINDOW,
    MIGRATE: MIGRATE_IN_WINDOW,
    STOP: STOP_IN_WINDOW,
}
"""Stock action -> our own that does the same until its window ends."""

SERVICE_STATES = (CHANGE_NOVA_SERVICE_STATE, CHANGE_SERVICE_IN_WINDOW)
"""Those that disable or enable a node."""

STOPS = (STOP, STOP_IN_WINDOW)

MIGRATIONS = (MIGRATE, MIGRATE_IN_WINDOW, MIGRATE_INTO_ROOM)
"""Those whose parameters say whether they are live or cold."""
