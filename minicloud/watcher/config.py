# SPDX-License-Identifier: Apache-2.0

"""The configuration of the Watcher services of a minicloud."""

from typing import Any

from minicloud import credentials
from minicloud import settings


#: Longer than any test: what would happen by the clock, does not.
_NEVER_S = 86400


def sections(
    cloud: settings.Settings, database: str
) -> dict[str, dict[str, Any]]:
    """Compose watcher.conf.

    :param database: its SQLAlchemy URL
    """
    return {
        'DEFAULT': {
            'host': 'controller',
            'log_file': cloud.log,
            'transport_url': 'fake:/',
            'enable_authentication': bool(cloud.passwords),
            # The heartbeats of applier and decision engine share a class
            # attribute: in one process one of the two gets none.
            'service_down_time': _NEVER_S,
        },
        'collector': {
            'collector_plugins': 'compute',
            'api_query_max_retries': 2,
        },
        'database': {'connection': database, 'sqlite_synchronous': False},
        'nova': {'api_version': '2.96', 'migration_interval': 0.5},
        'oslo_messaging_notifications': {'driver': 'noop'},
        'oslo_policy': {
            'policy_file': cloud.write_policy('watcher-policy.json')
        },
        'keystone_authtoken': credentials.middleware(
            cloud, credentials.WATCHER_API
        ),
        'watcher_clients_auth': {
            # A Nova that is slow on a busy machine does answer.
            'timeout': 300,
            **credentials.options(cloud, credentials.WATCHER),
        },
        'watcher_cluster_data_model_collectors.compute': {'period': _NEVER_S},
        # The intervals above are short: no server is large beside them.
        'watcher_strategies.cluster_host_maintenance': {
            'migration_bandwidth_mib_s': 1000000
        },
        'watcher_decision_engine': {'continuous_audit_interval': 1},
    }
