# SPDX-License-Identifier: Apache-2.0

"""The configuration of the Neutron of a minicloud."""

from typing import Any

from minicloud import settings


#: Every caller is an administrator: no middleware asks Keystone.
PASTE = """\
[composite:neutron]
use = egg:Paste#urlmap
/: versions
/v2.0: network

[pipeline:versions]
pipeline = versions_app

[pipeline:network]
pipeline = catch_errors keystonecontext extensions network_app

[app:versions_app]
paste.app_factory = neutron.pecan_wsgi.app:versions_factory

[app:network_app]
paste.app_factory = neutron.api.v2.router:APIRouter.factory

[filter:catch_errors]
paste.filter_factory = oslo_middleware:CatchErrors.factory

[filter:keystonecontext]
paste.filter_factory = neutron.auth:NeutronKeystoneContext.factory

[filter:extensions]
paste.filter_factory = \
neutron.api.extensions:plugin_aware_extension_middleware_factory
"""

PHYSICAL_NETWORKS = ('physnet1', 'physnet2')

BRIDGE = 'br-ex'
"""The bridge of each host to its physical networks."""

DOWN_TIME_S = 3600
"""Seconds without a report after which an agent is dead."""


def sections(
    cloud: settings.Settings, database: str
) -> dict[str, dict[str, Any]]:
    """Compose neutron.conf.

    :param database: its SQLAlchemy URL
    """
    ranges = ','.join(f'{name}:100:200' for name in PHYSICAL_NETWORKS)
    return {
        'DEFAULT': {
            'api_paste_config': cloud.path('neutron-paste.ini'),
            'agent_down_time': DOWN_TIME_S,
            'core_plugin': 'ml2',
            'log_file': cloud.log,
            'notify_nova_on_port_data_changes': False,
            'notify_nova_on_port_status_changes': False,
            # A list has several pages.
            'pagination_max_limit': 2,
            # The least: so soon Nova and Placement are told of segments.
            'send_events_interval': 1,
            'service_plugins': 'qos,segments',
            'state_path': cloud.directory,
            'transport_url': 'fake:/',
        },
        'database': {'connection': database, 'sqlite_synchronous': False},
        'ml2': {
            'extension_drivers': 'qos',
            'mechanism_drivers': 'openvswitch,sriovnicswitch',
            'tenant_network_types': 'vxlan',
            'type_drivers': 'vlan,vxlan',
        },
        'ml2_type_vlan': {'network_vlan_ranges': ranges},
        'ml2_type_vxlan': {'vni_ranges': '1:1000'},
        'nova': _endpoint(f'{cloud.urls["compute"]}/v2.1'),
        'oslo_concurrency': {'lock_path': cloud.directory},
        'oslo_messaging_notifications': {'driver': 'noop'},
        'oslo_policy': {'policy_file': cloud.write_policy('neutron.yaml')},
        'placement': _endpoint(cloud.urls['placement']),
        'quotas': {'default_quota': -1},
    }


def _endpoint(url: str) -> dict[str, str]:
    return {'auth_type': 'none', 'endpoint': url}
