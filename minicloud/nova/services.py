# SPDX-License-Identifier: Apache-2.0

"""The real Nova services, all in this process."""

import contextlib
import datetime
import functools
import importlib
import os
import sys
import threading

from collections.abc import Mapping
from typing import Any

import nova.conf
import os_vif

from futurist import _thread
from nova import availability_zones
from nova import config as nova_config
from nova import context
from nova import exception
from nova import objects
from nova import service
from nova.api import wsgi as nova_wsgi
from nova.api.validation import validators
from nova.compute import rpcapi as compute_rpcapi
from nova.db.api import models as api_models
from nova.db.main import api as main_api
from nova.db.main import models as main_models
from nova.objects import host_mapping
from nova.scheduler import host_manager
from nova.scheduler.client import report
from oslo_log import log as logging
from oslo_utils import timeutils
from sqlalchemy import orm

from minicloud import database
from minicloud import files
from minicloud import messaging
from minicloud import saves
from minicloud import settings
from minicloud import waiting
from minicloud import wsgi
from minicloud.nova import config
from minicloud.nova import driver


CONF = nova.conf.CONF

#: Conductor and scheduler have a thread each that reports their state.
_TIMERS = 2
_RARELY_S = 1200
#: For what Nova has begun to come to its end.
_QUIET_S = 10


def preload() -> None:
    """Do what is the same for all clouds, and begins no thread.

    What Nova loads by name, it would load in each cloud: the routes of its
    API, the managers of its services and the plugins of os-vif take a second.
    """
    for name in (
        'nova.api.openstack.compute',
        'nova.compute.manager',
        'nova.conductor.manager',
        'nova.scheduler.manager',
        'nova.virt.fake',
    ):
        importlib.import_module(name)
    _keep_cells()
    _keep_validators()
    objects.register_all()
    os_vif.initialize()
    for models in (api_models, main_models):
        database.image(models.BASE.metadata)
    orm.configure_mappers()


def _keep_cells() -> None:
    """Connect once to the database of a cell.

    Each service that starts lets the whole process forget its connections,
    and every statement that was compiled for them.
    """
    main_api.create_context_manager = functools.cache(
        main_api.create_context_manager
    )


def _keep_validators() -> None:
    """Make the validator of a schema once, and not at each request."""
    make = validators._SchemaValidator
    made: dict[tuple[int, bool, bool], tuple[Any, Any]] = {}

    def find(schema: Any, relaxes: bool = False, is_body: bool = True) -> Any:
        key = id(schema), relaxes, is_body
        if key not in made:
            # With the schema, whose id is not given to another then.
            made[key] = schema, make(schema, relaxes, is_body)
        return made[key][1]

    validators._SchemaValidator = find


class Services:
    """Nova's API, conductor, scheduler and compute services."""

    def __init__(self, cloud: settings.Settings) -> None:
        """Configure Nova and create its databases; nothing runs yet."""
        self._databases = {
            name: database.create(
                cloud.path(f'nova_{name}.sqlite'), models.BASE.metadata
            )
            for name, models in (
                ('api', api_models),
                ('cell0', main_models),
                ('cell1', main_models),
            )
        }
        self._directory = cloud.directory
        self._empty = cloud.path('empty')
        path = config.write(cloud, self._databases)
        nova_config.parse_args(sys.argv[:1], default_config_files=[path])
        logging.setup(CONF, 'nova')
        # It warns of its own end at each of Nova's requests.
        logging.getLogger('neutronclient').logger.setLevel('ERROR')
        driver.install(cloud.hosts)
        self._hosts = tuple(cloud.hosts)
        self._saved = cloud.saved
        self._authenticates = bool(cloud.passwords)
        self._computes: dict[str, service.Service] = {}
        self._map_cells(self._databases)

    def api(self) -> wsgi.Application:
        """The WSGI application of the Compute API."""
        app = nova_wsgi.Loader().load_app('osapi_compute')
        return app if self._authenticates else wsgi.as_admin(app)

    def start(self) -> None:
        """Start everything and map the hosts to their cell."""
        conductor, scheduler = (
            # No test needs their reports, even where hosts report often.
            service.Service.create(binary=binary, report_interval=_RARELY_S)
            for binary in ('nova-conductor', 'nova-scheduler')
        )
        conductor.start()
        scheduler.start()
        self._scheduler = scheduler.manager
        os.makedirs(self._empty)
        for name in saves.DATABASES:
            files.copy_database(
                os.path.join(self._directory, name),
                os.path.join(self._empty, name),
            )
        if self._saved:
            self._load(self._saved)
        self._start_computes()

    def renew(
        self, hosts: Mapping[str, Mapping[str, Any]], saved: str | None
    ) -> None:
        """Become another cloud, whose services have just been started.

        :param hosts: compute host -> its entry in the description
        :param saved: directory of databases to begin with, None for empty
            ones
        :raises CloudError: something that Nova has begun does not end
        """
        for host in list(self._computes):
            self._end_compute(host)
        waiting.until(
            lambda: _busy_threads() <= _TIMERS,
            _QUIET_S,
            lambda: f'{_busy_threads()} threads of Nova are busy',
        )
        messaging.clear()
        driver.DescribedDriver.registry.clear()
        driver.install(hosts)
        self._hosts = tuple(hosts)
        self._load(saved or self._empty)
        self._start_computes()

    def _load(self, directory: str) -> None:
        """Take other databases, and forget what was known of the old ones.

        :param directory: where they are
        """
        for name in saves.DATABASES:
            files.copy_database(
                os.path.join(directory, name),
                os.path.join(self._directory, name),
            )
        _map_cells_again(self._databases)
        availability_zones.reset_cache()
        report.report_client_singleton().clear_provider_cache()
        self._scheduler.host_manager = host_manager.HostManager()
        self._take_guests_over()

    def _start_computes(self) -> None:
        for host in self._hosts:
            self.start_compute(host)
        host_mapping.discover_hosts(context.get_admin_context())
        for host in self._hosts:
            if not driver.DescribedDriver.hosts[host].get('discovered', True):
                _take_out_of_cell(host)

    def start_compute(self, host: str) -> None:
        """Start the compute service of a host.

        :raises LookupError: no such host
        """
        if host not in self._hosts:
            raise LookupError(f'no host {host}')
        if host in self._computes:
            return
        compute = service.Service.create(
            host=host,
            binary='nova-compute',
            topic=compute_rpcapi.RPC_TOPIC,
            topic_alt=compute_rpcapi.RPC_TOPIC_ALT,
        )
        compute.start()
        self._computes[host] = compute
        self._seen(host, timeutils.utcnow())
        _set_address(host)

    def stop_compute(self, host: str) -> None:
        """Stop a compute service as a crash would, and some time ago.

        Service.stop() is not for this: it ends the thread pools of the
        whole process.

        :raises LookupError: no such host, or it is stopped already
        """
        self._end_compute(host)
        down = datetime.timedelta(seconds=2 * CONF.service_down_time)
        self._seen(host, timeutils.utcnow() - down)

    def _end_compute(self, host: str) -> None:
        compute = self._computes.pop(host)
        compute.tg.stop()
        compute.rpcserver.stop()
        compute.rpcserver_alt.stop()

    def update_resources(self) -> None:
        """Bring Placement and the scheduler up to date, as periods do.

        The scheduler takes a server for one of each host that it has chosen
        for it, until it is told better: of moves that have failed, too.
        """
        for host, compute in self._computes.items():
            compute.manager.update_available_resource(
                context.get_admin_context()
            )
            _set_address(host)
            compute.manager._sync_scheduler_instance_info(
                context.get_admin_context()
            )

    def check_groups(self, enabled: bool) -> None:
        """Let compute services check server groups after the scheduler."""
        CONF.set_override(
            'disable_group_policy_check_upcall',
            not enabled,
            group='workarounds',
        )

    def _seen(self, host: str, when: datetime.datetime) -> None:
        """Date the last heartbeat of a compute service."""
        ref = objects.Service.get_by_compute_host(
            context.get_admin_context(), host
        )
        ref.last_seen_up = when
        ref.save()

    def _take_guests_over(self) -> None:
        """Tell the hypervisors what runs on them."""
        for host in self._hosts:
            driver.DescribedDriver.take_over(
                host,
                objects.InstanceList.get_by_host(
                    context.get_admin_context(), host, expected_attrs=[]
                ),
            )

    def _map_cells(self, databases: dict[str, str]) -> None:
        """Tell Nova its cells, as nova-manage cell_v2 would."""
        cells = {
            'cell0': (objects.CellMapping.CELL0_UUID, 'none:///'),
            'cell1': (
                '11111111-1111-4111-8111-111111111111',
                CONF.transport_url,
            ),
        }
        for name, (uuid, transport_url) in cells.items():
            objects.CellMapping(
                context.get_admin_context(),
                uuid=uuid,
                name=name,
                transport_url=transport_url,
                database_connection=databases[name],
            ).create()


def _set_address(host: str) -> None:
    """Give a compute node the address that is described, if one is.

    All hosts here share one, which nova-compute writes whenever it saves what
    it has.
    """
    address = driver.DescribedDriver.hosts[host].get('host_ip')
    if not address:
        return
    [node] = objects.ComputeNodeList.get_all_by_host(
        context.get_admin_context(), host
    )
    node.host_ip = address
    node.save()


def _take_out_of_cell(host: str) -> None:
    """Let a host be new to its cell again, to be discovered."""
    ctxt = context.get_admin_context()
    # In databases that were saved it has no mapping.
    with contextlib.suppress(exception.HostMappingNotFound):
        objects.HostMapping.get_by_host(ctxt, host).destroy()
    for node in objects.ComputeNodeList.get_all_by_host(ctxt, host):
        node.mapped = 0
        node.save()


def _busy_threads() -> int:
    """Return how many threads of Nova's pools are at work."""
    return sum(
        isinstance(thread, _thread.ThreadWorker) and not thread.idle
        for thread in threading.enumerate()
    )


def _map_cells_again(databases: dict[str, str]) -> None:
    """Tell Nova where the databases of its cells are now."""
    names = {objects.CellMapping.CELL0_UUID: 'cell0'}
    for cell in objects.CellMappingList.get_all(context.get_admin_context()):
        cell.database_connection = databases[names.get(cell.uuid, 'cell1')]
        cell.save()
