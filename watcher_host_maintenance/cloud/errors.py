# SPDX-License-Identifier: Apache-2.0

"""Failures of the APIs, turned into findings that name the call."""

import contextlib
import dataclasses

from collections.abc import Iterator
from typing import Any

from keystoneauth1.exceptions import CatalogException
from keystoneauth1.session import Session

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of


CALL_FAILED = Of.READ.declare(
    'call_failed',
    says=N_('{service} did not answer {call}: {error}'),
    helps=N_('Run the audit again when {service} answers.'),
)

NOT_IN_CATALOG = Of.READ.declare(
    'not_in_catalog',
    says=N_('the service catalog has no {service}: {error}'),
    helps=N_('Check the region, the interface and the project signed in to.'),
)

ANSWER_UNREADABLE = Of.READ.declare(
    'answer_unreadable',
    says=N_("{service}'s answer to {call} is not understood: {error}"),
    helps=N_('See whether a proxy answered in its place; else report a bug.'),
)

CALL_REFUSED = Of.READ.declare(
    'call_refused',
    says=N_('{service} refused {call}: {error}'),
    helps=N_("Give {user} the role admin, or what {service}'s policy wants."),
)

CREDENTIAL_REFUSED = Of.READ.declare(
    'credential_refused',
    says=N_('{service} refused {call}: {error}'),
    helps=N_('Check the password and project of {user}.'),
)

NOVA = 'Nova'
PLACEMENT = 'Placement'
NEUTRON = 'Neutron'
PROMETHEUS = 'Prometheus'
GLANCE = 'Glance'
CINDER = 'Cinder'
KEYSTONE = 'Keystone'

REFUSED = {
    401: CREDENTIAL_REFUSED,
    403: CALL_REFUSED,
}
"""HTTP status -> the reason, whichever service answers it."""

BAD_REQUEST = 400
NOT_FOUND = 404

PARSE_ERRORS = (AttributeError, LookupError, TypeError, ValueError)
"""What is raised while an answer of an unexpected form is read.

The client libraries raise them too, for example on the page of a proxy.
"""

SIGN_IN = '/auth/tokens'
"""The end of the URL where Keystone issues tokens."""


class NotPlanned(Exception):
    """Something that a plan needs cannot be read, so no plan is made.

    :ivar finding: what is missing
    """

    def __init__(self, finding: Finding):
        super().__init__(finding.reason.value)
        self.finding = finding


class NoAnswer(Exception):
    """A service answers that it does not know, or nothing that is usable."""


class Withheld(Exception):
    """A service omits, without an error, what its policy hides from us."""


@contextlib.contextmanager
def calling(
    service: str,
    call: str,
    session: Session | None = None,
    parse_errors: tuple[type[Exception], ...] = PARSE_ERRORS,
) -> Iterator[None]:
    """Turn any failure of a call into NotPlanned that names the call.

    :param service: its name, such as :data:`NOVA`
    :param call: method and path, for a person to read
    :param session: that of the user who makes the call
    :param parse_errors: what means that the answer cannot be read
    """
    try:
        yield
    except Exception as exc:
        auth = session.auth if session is not None else None
        failure = _finding(service, call, exc, user_of(auth))
        if isinstance(exc, parse_errors):
            failure = dataclasses.replace(failure, reason=ANSWER_UNREADABLE)
        raise NotPlanned(failure) from exc


def connecting(
    service: str, session: Session | None = None
) -> contextlib.AbstractContextManager[None]:
    """Turn whatever keeps a service from being found into NotPlanned.

    A configuration that makes no sense counts as a failure of the service.
    """
    return calling(service, 'GET /', session, parse_errors=())


def _finding(
    service: str, call: str, error: Exception, user: str | None
) -> Finding:
    """Return a finding that says which call failed, or was refused.

    :param user: the name of the user who made the call; None is unknown
    """
    text = first_line(error)
    facts: dict[str, Fact] = {'service': service, 'call': call}
    request_id = getattr(error, 'request_id', None)
    if request_id:
        # It takes the space of what a person looks for.
        text = text.replace(f' (Request-ID: {request_id})', '')
        facts['request_id'] = request_id
    facts['error'] = text
    if isinstance(error, CatalogException):
        return NOT_IN_CATALOG.about(**facts)
    reason = REFUSED.get(status(error))
    if isinstance(error, Withheld):
        reason = CALL_REFUSED
    if reason is None:
        return CALL_FAILED.about(**facts)
    facts['user'] = user
    if (getattr(error, 'url', None) or '').endswith(SIGN_IN):
        # The call itself was never made.
        facts.update(service=KEYSTONE, call=f'POST {SIGN_IN}')
    return reason.about(**facts)


def user_of(auth: Any) -> str | None:
    """Return the name of the user that signs in; None if it is not known.

    It is in the token, or in what a token is asked for with.

    :param auth: an authentication plugin of keystoneauth, or None
    """
    token = getattr(auth, 'auth_ref', None)
    if token is not None:
        return token.username or None
    elements: dict[str, str | None]
    try:
        elements = auth.get_cache_id_elements()
    except (AttributeError, NotImplementedError):
        return None
    return elements.get('username') or elements.get('password_username')


def status(error: BaseException) -> int:
    """Return the HTTP status of a client library's error; 0 is none."""
    names = ('http_status', 'status_code', 'code')
    values = (getattr(error, name, None) for name in names)
    # keystoneauth fills some of them with its message.
    return next((v for v in values if isinstance(v, int) and v), 0)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, without its full stop.

    An error without a text is named by its type. The text of a KeyError is a
    key and nothing else.
    """
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    text = text.removesuffix('.')
    return f'no {text}' if isinstance(error, KeyError) else text
