# SPDX-License-Identifier: Apache-2.0

"""Things done to a running cloud, through Nova's API."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from novaclient import exceptions as nova_exceptions

from benchmarks.fidelity import ports
from minicloud import cloud
from minicloud import migrations
from minicloud import waiting
from minicloud.nova import neighbours


_PATIENCE_S = 60
#: Statuses in which Nova moves a server live.
_LIVE = ('ACTIVE', 'PAUSED')


def take(lab: cloud.Cloud, steps: Iterable[tuple[str, ...]]) -> None:
    """Do one step after the other; what Nova refuses is left undone."""
    for kind, *arguments in steps:
        _STEPS[kind](lab, *arguments)


def ids(lab: cloud.Cloud) -> dict[str, str]:
    """Name -> UUID of every server, of all projects."""
    return {
        server.name: server.id
        for server in lab.nova.servers.list(
            detailed=False, search_opts={'all_tenants': True}
        )
    }


def rest(lab: cloud.Cloud, server: str) -> Any:
    """Wait until Nova has nothing to do with a server, and return it."""

    def at_rest() -> Any:
        found = lab.nova.servers.get(server)
        return not getattr(found, 'OS-EXT-STS:task_state') and found

    return waiting.until(
        at_rest, _PATIENCE_S, lambda: f'Nova is busy with {server}'
    )


def settle(lab: cloud.Cloud, server: str) -> None:
    """Wait until no move of a server goes on, or holds anything.

    Nova does with the record of a move, and with what it held, only when
    the server is at rest in its new place.
    """

    def settled() -> bool:
        return all(
            one.status in migrations.ENDED
            and not lab.placement.get(f'/allocations/{one.uuid}').json()[
                'allocations'
            ]
            for one in lab.nova.migrations.list(instance_uuid=server)
        )

    waiting.until(
        settled, _PATIENCE_S, lambda: f'a move of {server} does not end'
    )


def leave(lab: cloud.Cloud, server: str, status: str) -> None:
    """Wait until a server has another status than this."""
    waiting.until(
        lambda: rest(lab, server).status != status,
        _PATIENCE_S,
        lambda: f'{server} stays {status}',
    )


def move(lab: cloud.Cloud, uuid: str, host: str | None = None) -> bool:
    """Move a server, wait for the end, and confirm a cold migration.

    :param host: where to; None leaves it to Nova's scheduler
    :returns: whether it is elsewhere; False also when Nova refuses
    """
    server = lab.nova.servers.get(uuid)
    try:
        if server.status in _LIVE:
            server.live_migrate(host, 'auto')
        else:
            server.migrate(host)
    except nova_exceptions.ClientException:
        return False
    if rest(lab, uuid).status == 'VERIFY_RESIZE':
        server.confirm_resize()
        leave(lab, uuid, 'VERIFY_RESIZE')
    settle(lab, uuid)
    return _host(lab.nova.servers.get(uuid)) != _host(server)


def _host(server: Any) -> str | None:
    host: str | None = getattr(server, 'OS-EXT-SRV-ATTR:host')
    return host


def _hang(lab: cloud.Cloud, name: str, host: str) -> bool:
    """Begin a live migration that has no end.

    :returns: False if Nova does not begin it
    """
    server = ids(lab)[name]
    lab.faults.hang(server)
    lab.nova.servers.live_migrate(server, host, 'auto')

    def is_running() -> bool:
        found = lab.nova.server_migrations.list(server)
        return [one.status for one in found] == ['running']

    def decided() -> bool:
        found = lab.nova.servers.get(server)
        return is_running() or not getattr(found, 'OS-EXT-STS:task_state')

    waiting.until(
        decided, _PATIENCE_S, lambda: f'{name} is not on its way to {host}'
    )
    if not is_running():
        lab.faults.clear(server)
        return False
    return True


def _fail(lab: cloud.Cloud, name: str, host: str) -> None:
    """Let a live migration of an ACTIVE server fail; it is ACTIVE again.

    It is aborted: for Nova that is one that has failed.
    """
    server = ids(lab)[name]
    try:
        if _hang(lab, name, host):
            [transfer] = lab.nova.server_migrations.list(server)
            lab.nova.server_migrations.live_migration_abort(
                server, transfer.id
            )
            migrations.recover(lab.nova, server)
    except nova_exceptions.ClientException:
        # Nova refuses it at once.
        pass
    finally:
        lab.faults.clear(server)
    settle(lab, server)
    lab.faults.update_resources()


def _close(lab: cloud.Cloud, host: str) -> None:
    """Let Placement take a host for disabled."""
    path = f'{_provider(lab, host)}/traits'
    body = lab.placement.get(path).json()
    traits = [*body['traits'], 'COMPUTE_STATUS_DISABLED']
    lab.placement.put(path, json={**body, 'traits': traits})


def _limit(
    lab: cloud.Cloud, host: str, resource_class: str, amount: str
) -> None:
    """Let a host give one server so much at most."""
    path = f'{_provider(lab, host)}/inventories/{resource_class}'
    body = lab.placement.get(path).json()
    lab.placement.put(path, json={**body, 'max_unit': int(amount)})


def _part(lab: cloud.Cloud, host: str) -> None:
    """Take a host out of the aggregates that Placement knows."""
    path = f'{_provider(lab, host)}/aggregates'
    body = lab.placement.get(path).json()
    lab.placement.put(path, json={**body, 'aggregates': []})


def _hold(lab: cloud.Cloud, name: str, host: str) -> None:
    """Let a server hold on another host what it holds on its own."""
    path = f'/allocations/{ids(lab)[name]}'
    body = lab.placement.get(path).json()
    [held] = body['allocations'].values()
    provider = _provider(lab, host).rpartition('/')[2]
    body['allocations'][provider] = {'resources': held['resources']}
    lab.placement.put(path, json={**body, 'consumer_type': 'INSTANCE'})


def _provider(lab: cloud.Cloud, host: str) -> str:
    [hypervisor] = [
        one
        for one in lab.nova.hypervisors.list()
        if one.service['host'] == host
    ]
    return f'/resource_providers/{hypervisor.id}'


def _boot(lab: cloud.Cloud, name: str, host: str, flavor: str) -> None:
    server = lab.nova.servers.create(
        name,
        neighbours.IMAGE_ID,
        lab.nova.flavors.find(name=flavor).id,
        nics='none',
        host=host,
    )
    if rest(lab, server.id).status == 'ERROR':
        _delete(lab, name)


def _delete(lab: cloud.Cloud, name: str) -> None:
    """Delete a server; the usual way would leave it on its host."""
    server = ids(lab)[name]
    lab.nova.servers.force_delete(server)
    waiting.until(
        lambda: name not in ids(lab),
        _PATIENCE_S,
        lambda: f'{name} is still there',
    )


def _move(lab: cloud.Cloud, name: str, host: str) -> None:
    move(lab, ids(lab)[name], host)


def _disable(lab: cloud.Cloud, host: str) -> None:
    (found,) = lab.nova.services.list(host=host, binary='nova-compute')
    lab.nova.services.disable_log_reason(found.id, 'memory broken')


_STEPS: Mapping[str, Callable[..., object]] = {
    'agent': ports.report_agent,
    'port': ports.attach,
    'close': _close,
    'fail': _fail,
    'hang': _hang,
    'hold': _hold,
    'limit': _limit,
    'part': _part,
    'boot': _boot,
    'delete': _delete,
    'move': _move,
    'disable': _disable,
}
