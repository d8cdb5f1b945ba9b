# SPDX-License-Identifier: Apache-2.0

"""The cloud, as whoever signed in to Horizon."""

import contextlib
import functools

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from horizon import messages
from horizon.exceptions import ServiceCatalogException
from keystoneauth1 import token_endpoint
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session
from openstack_auth import utils
from openstack_dashboard.api import base
from oslo_config import cfg

from watcher_host_maintenance.client import closings
from watcher_host_maintenance.client import roll_look
from watcher_host_maintenance.client.announcements import Announcements
from watcher_host_maintenance.client.announcements import CalledOff
from watcher_host_maintenance.client.announcements import Told
from watcher_host_maintenance.client.announcements import foreign_tags
from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.client.check import check_cloud
from watcher_host_maintenance.client.check import check_return
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.owners import Owners
from watcher_host_maintenance.client.phases import Reasons
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.records import OF_SERVERS
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.roll_look import RollLook
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.client.watcher import SERVICE_TYPE
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.dashboard import options
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request import parameters


TIMEOUT_S = 60.0
"""Seconds to wait for one answer of an API."""


@contextlib.contextmanager
def showing_errors(request: HttpRequest) -> Iterator[None]:
    """Show an error on the page, and go on behind the block."""
    try:
        yield
    except ClientError as exc:
        messages.error(request, visible(str(exc)))


def maintenance(request: HttpRequest) -> Maintenance:
    """Return what does the work.

    :raises ClientError: Nova or Watcher cannot be reached or refuses
    """
    reasons = Reasons.of(read_options())
    watcher = Watcher(_adapter(request, SERVICE_TYPE))
    return Maintenance(watcher, nova(request), reasons)


def nova(request: HttpRequest) -> Nova:
    """Return Nova.

    :raises ClientError: it cannot be reached, refuses, or is too old
    """
    adapter = _adapter(request, 'compute')
    with nova_errors():
        return Nova(adapter)


def owners(request: HttpRequest) -> Owners:
    """Return what shows and answers for the servers of the project.

    :raises ClientError: Nova cannot be reached or refuses
    """
    return Owners(nova(request))


def rolls(request: HttpRequest) -> Rolls:
    """Return the rolling maintenances.

    :raises ClientError: Watcher cannot be reached or refuses
    """
    return Rolls(Watcher(_adapter(request, SERVICE_TYPE)))


def look(
    request: HttpRequest, rolls: Rolls, audit: Audit, plans: bool
) -> RollLook:
    """Return how far a rolling maintenance is, on the cloud as it is now.

    :param plans: False leaves out the waves ahead, which takes less time
    :raises ClientError: a read failed
    """
    values = read_options()
    return roll_look.look(
        rolls, audit, *_readers(request, values), values, plans
    )


def told(
    maintenance: Maintenance, host: str
) -> tuple[Audit, list[Told]] | None:
    """Return the audit that tells the owners on a node, and whom it told.

    :returns: None if none does, or nobody has a notice of one that has ended
    :raises ClientError: a read failed
    """
    announcements = Announcements(maintenance)
    audit = announcements.newest_if_any(host)
    if audit is None:
        return None
    foreign = foreign_tags(read_options())
    servers = announcements.told(host, audit, foreign)
    if audit.has_ended and not any(s.notice.state for s in servers):
        return None
    return audit, servers


def cancel(maintenance: Maintenance, host: str) -> str:
    """Cancel what goes on for a node; nothing is undone.

    These are the audits that begin again by themselves, whose owners are told,
    or else the plan that runs, or else the newest unfinished one.

    :returns: why Watcher sends no notifications of it; '' if it does, or there
        are none to send
    :raises ClientError: it failed, or an owner could not be told
    """
    announcements = Announcements(maintenance)
    if audits := announcements.repeating(host):
        called_off = announcements.stop(audits)
        problem = _notify(announcements, called_off) if called_off else ''
        _demand_told(called_off)
        return problem
    (_attempt, plan), *_others = maintenance.unfinished(host)
    maintenance.watcher.cancel(plan)
    return ''


def _notify(
    announcements: Announcements, called_off: Iterable[CalledOff]
) -> str:
    """Have notifications sent; return why they are not."""
    try:
        announcements.notify(called_off)
    except ClientError as exc:
        return str(exc)
    return ''


def clear(maintenance: Maintenance, host: str) -> None:
    """Delete the notices of what was cancelled for a node.

    :raises ClientError: it failed, or a notice is still there
    """
    announcements = Announcements(maintenance)
    ended = [a for a in announcements.audits(host) if a.has_ended]
    carriers = announcements.carriers(ended)
    foreign = foreign_tags(read_options())
    _demand_told(announcements.clear(carriers, foreign))


def _demand_told(results: Iterable[CalledOff]) -> None:
    """Name the servers whose notices are not as they should be.

    :raises ClientError: there are some
    """
    failed = [f'{r.name}: {r.error}' for r in results if r.error]
    if failed:
        raise ClientError(' '.join(failed))


def check(
    request: HttpRequest, given: Mapping[str, Any], is_return: bool = False
) -> Answer:
    """Plan on the cloud as it is now, by reads alone.

    :param given: parameters of an audit
    :param is_return: of one that returns nodes to service
    :raises ClientError: a parameter is wrong, or a read failed
    """
    values = read_options()
    readers = _readers(request, values)
    with nova_errors():
        if not is_return:
            return check_cloud(*readers, given, values)
        past = closings.history(Watcher(_adapter(request, SERVICE_TYPE)))
        return check_return(*readers, past, given, values)


def hosts(request: HttpRequest) -> list[str]:
    """Return the service hosts of all compute nodes, sorted."""
    reader = nova(request)
    with nova_errors():
        return sorted(reader.services())


def servers(
    request: HttpRequest, progress: Progress, remaining: Iterable[str]
) -> dict[str, Server]:
    """Return UUID -> server as it is now, of the servers of a plan.

    They are read host by host: servers are many, hosts are few.
    """
    wanted = {
        a.resource_id for a in progress.actions if a.step in OF_SERVERS
    }.union(remaining)
    if not wanted:
        return {}
    reader = nova(request)
    places = {a.destination for a in progress.actions if a.destination}
    with nova_errors():
        listed = parallel.each(
            reader.servers, sorted(places.union(progress.nodes))
        )
        seen = {s.uuid: s for servers in listed for s in servers}
        missing = sorted(wanted - {*seen})
        others = parallel.each(reader.server, missing)
    return {
        s.uuid: s
        for s in (*seen.values(), *filter(None, others))
        if s.uuid in wanted
    }


def read_options() -> dict[str, Any]:
    """Return the options of the plugin.

    :raises ClientError: the file cannot be read, or has a bad value
    """
    path = options.read().config_file
    try:
        return config.read(path or None).values
    except (cfg.Error, OSError, ValueError) as exc:
        text = str(exc).strip().splitlines()[0]
        raise ClientError(f'Cannot read {path}: {text}') from exc


def _readers(
    request: HttpRequest, values: Mapping[str, Any]
) -> tuple[Nova, Placement, OptionalServices]:
    """Return what reads the cloud to plan.

    :param values: options of the plugin
    """
    placement = _adapter(request, 'placement')
    reader = nova(request)
    with nova_errors():
        services = optional.connect(
            functools.partial(_adapter_if_any, request),
            parameters.to_wanted_reads(values),
        )
        return reader, Placement(placement), services


def _adapter(request: HttpRequest, service_type: str) -> Adapter:
    """Return an adapter with the token of whoever signed in."""
    try:
        url = base.url_for(request, service_type)
    except ServiceCatalogException as exc:
        raise ClientError(
            f'The service catalog has no service of type {service_type} in '
            'this region.'
        ) from exc
    return _adapter_to(request, service_type, url)


def _adapter_if_any(request: HttpRequest, service_type: str) -> Adapter:
    """Return such an adapter, to nowhere if the catalog has no service."""
    try:
        url = base.url_for(request, service_type)
    except ServiceCatalogException:
        url = None
    return _adapter_to(request, service_type, url)


def _adapter_to(
    request: HttpRequest, service_type: str, url: str | None
) -> Adapter:
    verify = settings.OPENSTACK_SSL_CACERT or True
    session = Session(
        auth=token_endpoint.Token(url, request.user.token.id),
        verify=False if settings.OPENSTACK_SSL_NO_VERIFY else verify,
        original_ip=utils.get_client_ip(request),
        timeout=TIMEOUT_S,
    )
    return Adapter(session, service_type=service_type)
