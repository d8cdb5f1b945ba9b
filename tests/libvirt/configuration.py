# SPDX-License-Identifier: Apache-2.0

"""Configuration of Nova, Placement and Watcher."""

import os
import pathlib

from collections.abc import Mapping
from typing import Any

from minicloud import files
from minicloud import settings
from minicloud.nova import config as nova_config
from minicloud.watcher import config as watcher_config
from tests.libvirt import network
from tests.services import programs


PORTS = {
    'compute': 8774,
    'placement': 8778,
    'infra-optim': 9322,
    'identity': 5000,
    'image': 9292,
    'network': 9696,
    'volume': 8776,
}
URLS = {
    api: f'http://{network.CONTROLLER}:{port}' for api, port in PORTS.items()
}
#: Each has its own context of privileges, and starts a helper for it.
_PRIVSEP = ('nova_sys_admin', 'privsep_osbrick', 'vif_plug_ovs_privileged')
Sections = dict[str, dict[str, Any]]


def write_nova(
    path: pathlib.Path, transport: str, databases: Mapping[str, str]
) -> None:
    """Write nova.conf and api-paste.ini of the control plane.

    :param databases: 'api' and 'cell1' -> URL
    """
    sections = _nova('controller', path.parent / 'nova', transport)
    sections['api_database'] = {'connection': databases['api']}
    sections['database'] = {'connection': databases['cell1']}
    sections['conductor'] = {'workers': 1}
    sections['scheduler'] = {'workers': 1}
    sections['quota'] = {'driver': 'nova.quota.NoopQuotaDriver'}
    sections['wsgi'] = {'api_paste_config': path.with_name('api-paste.ini')}
    path.with_name('api-paste.ini').write_text(
        nova_config.PASTE.format(authtoken='')
    )
    files.write_config(str(path), sections)


def write_compute(
    path: pathlib.Path, host: str, address: str, transport: str
) -> None:
    """Write nova.conf of a compute host, which has no database."""
    sections = _nova(host, pathlib.Path('/var/lib/nova'), transport)
    sections['DEFAULT'].update(
        compute_driver='libvirt.LibvirtDriver',
        my_ip=address,
        # Guests here do not listen to a power button.
        shutdown_timeout=1,
        force_raw_images=False,
        reserved_host_memory_mb=0,
        ram_allocation_ratio=1.0,
        cpu_allocation_ratio=16.0,
    )
    sections['libvirt'] = {
        'virt_type': 'qemu',
        'live_migration_scheme': 'tcp',
        'live_migration_inbound_addr': address,
    }
    for console in ('vnc', 'spice', 'serial_console'):
        sections[console] = {'enabled': False}
    helper = f'{programs.script("privsep-helper")} --config-file {_INSTALLED}'
    for context in _PRIVSEP:
        sections[context] = {'helper_command': helper}
    path.parent.mkdir(parents=True)
    files.write_config(str(path), sections)


#: Where a host finds what :func:`write_compute` has written.
_INSTALLED = '/etc/nova/nova.conf'


def write_placement(path: pathlib.Path, database: str) -> None:
    """Write placement.conf."""
    sections = {
        'api': {'auth_strategy': 'noauth2'},
        'placement_database': {
            'connection': database,
            'sync_on_startup': True,
        },
    }
    files.write_config(str(path), sections)


def write_watcher(
    path: pathlib.Path, transport: str, database: str, options: files.Sections
) -> None:
    """Write watcher.conf.

    :param options: section -> option -> value, laid over it
    """
    ours: Sections = {
        'DEFAULT': {'transport_url': transport, 'service_down_time': 90},
        # A cold migration that has failed is waited for to the end.
        'nova': {'migration_interval': 1, 'migration_max_retries': 90},
        'watcher_applier': {'workers': 1},
        'watcher_cluster_data_model_collectors.compute': {'period': 10},
    }
    for section, values in options.items():
        ours.setdefault(section, {}).update(values)
    config = settings.Settings(
        name='watcher',
        directory=str(path.parent),
        apis=(),
        urls=URLS,
        options=ours,
        hosts={},
    )
    config.write_config(watcher_config.sections(config, database))


def _nova(host: str, state: pathlib.Path, transport: str) -> Sections:
    """Return what the services of Nova have in common."""
    return {
        'DEFAULT': {
            'host': host,
            'state_path': state,
            'transport_url': transport,
            'debug': bool(os.environ.get('OS_DEBUG')),
        },
        'cinder': {
            'auth_type': 'none',
            'endpoint_template': URLS['volume'] + '/v3',
        },
        'glance': _service('image'),
        'neutron': _service('network'),
        'oslo_concurrency': {'lock_path': state},
        'oslo_messaging_notifications': {'driver': 'noop'},
        'placement': _service('placement'),
    }


def _service(api: str) -> dict[str, Any]:
    return {'auth_type': 'none', 'endpoint_override': URLS[api]}
