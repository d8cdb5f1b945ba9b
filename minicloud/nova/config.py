# SPDX-License-Identifier: Apache-2.0

"""The configuration of the Nova and Placement services of a minicloud."""

import os

from typing import Any

import nova.conf

from minicloud import credentials
from minicloud import settings
from minicloud.nova import guests


PASTE = """\
[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
/: versions
/v2.1: versions_v2
/v2.1/+: compute

[pipeline:versions]
pipeline = faultwrap versions_app

[pipeline:versions_v2]
pipeline = compute_req_id faultwrap versions_v2_app

[pipeline:compute]
pipeline = compute_req_id faultwrap request_log sizelimit \
{authtoken}keystonecontext compute_app

[app:versions_app]
paste.app_factory = nova.api.openstack.compute.versions:Versions.factory

[app:versions_v2_app]
paste.app_factory = nova.api.openstack.compute.versions:VersionsV2.factory

[app:compute_app]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory

[filter:compute_req_id]
paste.filter_factory = nova.api.compute_req_id:ComputeReqIdMiddleware.factory

[filter:faultwrap]
paste.filter_factory = nova.api.openstack:FaultWrapper.factory

[filter:request_log]
paste.filter_factory = nova.api.openstack.requestlog:RequestLog.factory

[filter:sizelimit]
paste.filter_factory = oslo_middleware:RequestBodySizeLimiter.factory

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory

[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
"""


def write(cloud: settings.Settings, databases: dict[str, str]) -> str:
    """Write nova.conf and what belongs to it into the cloud's directory.

    :param databases: 'api' and 'cell1' -> SQLAlchemy URL
    :returns: the path of nova.conf
    """
    state = cloud.path('nova')
    os.makedirs(state)
    # Nova refuses to restart a compute service that lost its identity. The
    # driver names its nodes itself, so any value will do.
    with open(os.path.join(state, 'compute_id'), 'w') as identity:
        identity.write('11111111-1111-4111-8111-111111111111')
    with open(cloud.path('api-paste.ini'), 'w') as paste:
        paste.write(
            PASTE.format(authtoken='authtoken ' if cloud.passwords else '')
        )
    return cloud.write_config(_sections(cloud, state, databases))


def _sections(
    cloud: settings.Settings, state: str, databases: dict[str, str]
) -> dict[str, dict[str, Any]]:
    return {
        'DEFAULT': {
            'host': 'controller',
            'state_path': state,
            'log_file': cloud.log,
            'transport_url': 'fake:/',
            'compute_driver': 'fake.DescribedDriver',
            # All compute services of the process share the pools. The driver
            # lets one server leave a host at a time, as is Nova's default.
            'max_concurrent_live_migrations': 100,
            'max_concurrent_builds': 100,
            'max_concurrent_snapshots': 100,
            # Each service takes another thread for each message until it has
            # so many, and each idle thread wakes up once a second.
            'executor_thread_pool_size': 24,
            # A busy machine is not a dead host.
            'service_down_time': 3600,
            # Each service would write its heartbeat down every ten seconds.
            'report_interval': 1200,
            # A test wants no state that changes by itself.
            'periodic_enable': False,
            'shelved_offload_time': -1,
            'reclaim_instance_interval': 86400,
        },
        'api': {'response_validation': 'ignore'},
        'api_database': {
            'connection': databases['api'],
            'sqlite_synchronous': False,
        },
        'database': {
            'connection': databases['cell1'],
            'sqlite_synchronous': False,
        },
        'cinder': {
            'auth_type': 'none',
            'endpoint_template': cloud.urls['volume'] + '/v3',
        },
        # No agent plugs a port, and says so.
        'compute': {'live_migration_wait_for_vif_plug': False},
        'filter_scheduler': {'enabled_filters': _filters(cloud)},
        'glance': _service(cloud.urls['image']),
        'neutron': {
            **_service(cloud.urls['network']),
            'service_metadata_proxy': True,
            'metadata_proxy_shared_secret': guests.SECRET,
        },
        'oslo_concurrency': {'lock_path': state},
        'oslo_messaging_notifications': {'driver': 'noop'},
        'oslo_policy': {'policy_file': cloud.write_policy('policy.yaml')},
        'placement': _placement(cloud),
        'quota': {'driver': 'nova.quota.NoopQuotaDriver'},
        **_authentication(cloud),
        'wsgi': {'api_paste_config': cloud.path('api-paste.ini')},
    }


def _authentication(cloud: settings.Settings) -> dict[str, dict[str, Any]]:
    if not cloud.passwords:
        return {}
    return {'keystone_authtoken': credentials.middleware(cloud, 'nova')}


def _filters(cloud: settings.Settings) -> str:
    """Nova's default filters of the scheduler, and what else is wanted."""
    default = nova.conf.CONF.filter_scheduler.enabled_filters
    return ','.join([*default, *cloud.filters])


def _placement(cloud: settings.Settings) -> dict[str, Any]:
    if cloud.passwords:
        return credentials.options(cloud, 'nova')
    return _service(cloud.urls['placement'])


def _service(url: str) -> dict[str, Any]:
    """Options of a neighbour that wants no credentials."""
    return {'auth_type': 'none', 'endpoint_override': url}
