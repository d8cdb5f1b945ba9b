# SPDX-License-Identifier: Apache-2.0

"""Connections to Nova and Placement, over Watcher's own configuration."""

import contextlib

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import novaclient

from keystoneauth1 import adapter as adapters
from keystoneauth1 import discover
from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from novaclient import api_versions
from novaclient import client
from watcher import conf

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare


CONF = conf.CONF


NOVA_FAILED = declare(
    'nova_failed',
    of=Of.READ,
    says=N_('Nova did not answer {call}: {error}'),
    helps=N_('Run the audit again when Nova answers.'),
)

PLACEMENT_FAILED = declare(
    'placement_failed',
    of=Of.READ,
    says=N_('Placement did not answer {call}: {error}'),
    helps=N_('Run the audit again when Placement answers.'),
)

NOVA_UNREADABLE = declare(
    'nova_unreadable',
    of=Of.READ,
    says=N_("Nova's answer to {call} is not understood: {error}"),
    helps=N_('See whether a proxy answered in its place; else report a bug.'),
)

PLACEMENT_UNREADABLE = declare(
    'placement_unreadable',
    of=Of.READ,
    says=N_("Placement's answer to {call} is not understood: {error}"),
    helps=N_('See whether a proxy answered in its place; else report a bug.'),
)

CALL_REFUSED = declare(
    'call_refused',
    of=Of.READ,
    says=N_('{service} refused {call}: {error}'),
    helps=N_(
        "Give Watcher's service user the role admin, or what {service}'s "
        'policy wants.'
    ),
)

CREDENTIAL_REFUSED = declare(
    'credential_refused',
    of=Of.READ,
    says=N_('{service} refused {call}: {error}'),
    helps=N_("Check the password and project of Watcher's service user."),
)

NOVA_TOO_OLD = declare(
    'nova_too_old',
    of=Of.READ,
    says=N_(
        'Nova offers microversion {offered} at most; {wanted} is the least '
        'that will do'
    ),
    helps=N_('Upgrade Nova.'),
)


NOVA = 'Nova'
PLACEMENT = 'Placement'
KEYSTONE = 'Keystone'

LEAST_NOVA = '2.56'
"""The first microversion that migrates a server cold to a named host."""

PLACEMENT_VERSION = '1.18'
"""The first microversion that lists resource providers by trait."""

FAILED = {
    NOVA: NOVA_FAILED,
    PLACEMENT: PLACEMENT_FAILED,
}

UNREADABLE = {
    NOVA: NOVA_UNREADABLE,
    PLACEMENT: PLACEMENT_UNREADABLE,
}

STUMBLES = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an answer ends with that is another than was expected.

Such as the page of a proxy, on which the client libraries stumble as well.
"""

TIMEOUT_S = 60.0
"""Seconds to wait for an answer where Watcher's options set no limit.

Without any, an API that hangs would leave an audit ONGOING for ever.
"""

REFUSED = {
    401: CREDENTIAL_REFUSED,
    403: CALL_REFUSED,
}
"""HTTP status -> what it means, whoever answers it."""

SIGN_IN = '/auth/tokens'
"""The end of the URL where Keystone gives out tokens."""


class NoAnswer(Exception):
    """A service says that it does not know, or nothing that can be used."""


class Withheld(Exception):
    """A service leaves out, without an error, what its policy gives others."""


@contextlib.contextmanager
def calling(service: str, call: str) -> Iterator[None]:
    """Turn any failure of a call into NotPlanned that names the call.

    :param service: :data:`NOVA` or :data:`PLACEMENT`
    :param call: method and path, for a person to read
    """
    try:
        yield
    except STUMBLES as exc:
        facts = {'call': call, 'error': _stumbled(exc)}
        raise exceptions.NotPlanned(
            Finding(UNREADABLE[service], facts=facts)
        ) from exc
    except Exception as exc:
        raise exceptions.NotPlanned(
            finding(service, call, exc, exceptions.first_line(exc))
        ) from exc


@contextlib.contextmanager
def connecting(service: str) -> Iterator[None]:
    """Turn whatever keeps a service from being found into NotPlanned.

    An option with a value that makes no sense is an error of it as well.
    """
    try:
        yield
    except Exception as exc:
        raise exceptions.NotPlanned(
            finding(service, 'GET /', exc, exceptions.first_line(exc))
        ) from exc


def _stumbled(error: Exception) -> str:
    """Return what an answer lacks, or else what reading it ended with."""
    said = exceptions.first_line(error)
    return f'no {said}' if isinstance(error, KeyError) else said


def finding(
    service: str, call: str, error: BaseException, said: str
) -> Finding:
    """Say which call failed, and whether it was refused.

    :param said: what the error says, in one line
    """
    facts = {'call': call, 'error': said}
    request = getattr(error, 'request_id', None)
    if request:
        # It takes the room of what a person looks for.
        noise = f' (Request-ID: {request})'
        facts['error'] = facts['error'].replace(noise, '')
        facts['request_id'] = request
    reason = REFUSED.get(status(error))
    if isinstance(error, Withheld):
        reason = CALL_REFUSED
    if reason is None:
        return Finding(FAILED[service], facts=facts)
    facts['service'] = service
    if (getattr(error, 'url', None) or '').endswith(SIGN_IN):
        # The call itself was never made.
        facts.update(service=KEYSTONE, call=f'POST {SIGN_IN}')
    return Finding(reason, facts=facts)


def status(error: BaseException) -> int:
    """Return the HTTP status of a client library's error; 0 is none."""
    names = ('http_status', 'status_code', 'code')
    told = (getattr(error, name, None) for name in names)
    return int(next(filter(None, told), 0))


def connect_nova() -> Callable[[str], Any]:
    """Find Nova, and out which microversions both sides speak.

    :returns: a maker of clients: it takes the latest microversion to speak
    """
    with connecting(NOVA):
        session, endpoint = _discover_nova()
    offered = api_versions.APIVersion(
        discover.version_to_string(endpoint.max_microversion or (2, 0))
    )
    if offered < api_versions.APIVersion(LEAST_NOVA):
        facts = {'offered': offered.get_string(), 'wanted': LEAST_NOVA}
        raise exceptions.NotPlanned(Finding(NOVA_TOO_OLD, facts=facts))

    def connect(latest: str) -> Any:
        spoken = min(
            api_versions.APIVersion(latest), novaclient.API_MAX_VERSION
        )
        version = min(offered, spoken)
        return client.Client(
            version, session=session, endpoint_override=endpoint.url
        )

    return connect


def connect_placement(osc: Any) -> adapters.Adapter:
    """Find Placement by Watcher's options.

    :param osc: Watcher's OpenStackClients; Watcher 16 has no other way
    """
    with connecting(PLACEMENT):
        if 'placement' not in CONF:
            found: adapters.Adapter = osc.placement()
            _limit_patience(found.session)
        else:
            found = _adapter('placement', 'placement')
        # The other options of an adapter are the operator's.
        found.default_microversion = PLACEMENT_VERSION
        return found


def _discover_nova() -> tuple[Any, Any]:
    """Find Nova by Watcher's options, and what it offers.

    novaclient's own discovery sends a microversion, which an older Nova
    answers with 406, and does not understand an endpoint without ``v2.1``.
    """
    adapter = _adapter('nova', 'compute')
    session = adapter.session
    endpoint = adapter.get_endpoint_data()
    if endpoint is None or endpoint.url is None:
        raise keystone_exceptions.EndpointNotFound
    if endpoint.max_microversion is None:
        # Too old, or silent: with a catalog keystoneauth then returns what
        # that says, and no error. This raises it.
        discover.get_discovery(session, endpoint.url)
    return session, endpoint


def _adapter(group: str, service_type: str) -> adapters.Adapter:
    """Build an adapter from a group of options, as Watcher itself does.

    A group without an auth plugin falls back to ``watcher_clients_auth``.
    """
    auth_group = group
    auth = loading.load_auth_from_conf_options(CONF, auth_group)
    if auth is None:
        auth_group = 'watcher_clients_auth'
        auth = loading.load_auth_from_conf_options(CONF, auth_group)
    session = loading.load_session_from_conf_options(
        CONF, auth_group, auth=auth
    )
    _limit_patience(session)
    return loading.load_adapter_from_conf_options(
        CONF,
        group,
        session=session,
        service_type=CONF[group].service_type or service_type,
    )


def _limit_patience(session: Any) -> None:
    if session.timeout is None:
        session.timeout = TIMEOUT_S
