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

"""Every key under which Watcher finds this plugin, or this plugin Watcher.

Two distributions with one key in a namespace make both unloadable, so ours
differ from every key that Watcher ships; a test compares them.
"""

DISTRIBUTION = 'watcher-host-maintenance'

GOAL = 'cluster_maintenance'
GOAL_DISPLAY_NAME = 'Cluster Maintenance'

STRATEGY = 'cluster_host_maintenance'
STRATEGY_DISPLAY_NAME = 'Host Maintenance'
STRATEGY_GROUP = f'watcher_strategies.{STRATEGY}'

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

COMPUTE_SERVICE = 'nova-compute'
