# SPDX-License-Identifier: Apache-2.0

"""Failures of Nova and Placement, turned into findings that name the call."""

import contextlib

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of


NOVA_FAILED = Of.READ.declare(
    'nova_failed',
    says=N_('Nova did not answer {call}: {error}'),
    helps=N_('Run the audit again when Nova answers.'),
)

PLACEMENT_FAILED = Of.READ.declare(
    'placement_failed',
    says=N_('Placement did not answer {call}: {error}'),
    helps=N_('Run the audit again when Placement answers.'),
)

NOVA_UNREADABLE = Of.READ.declare(
    'nova_unreadable',
    says=N_("Nova's answer to {call} is not understood: {error}"),
    helps=N_('See whether a proxy answered in its place; else report a bug.'),
)

PLACEMENT_UNREADABLE = Of.READ.declare(
    'placement_unreadable',
    says=N_("Placement's answer to {call} is not understood: {error}"),
    helps=N_('See whether a proxy answered in its place; else report a bug.'),
)

CALL_REFUSED = Of.READ.declare(
    'call_refused',
    says=N_('{service} refused {call}: {error}'),
    helps=N_(
        "Give Watcher's service user the role admin, or what {service}'s "
        'policy wants.'
    ),
)

CREDENTIAL_REFUSED = Of.READ.declare(
    'credential_refused',
    says=N_('{service} refused {call}: {error}'),
    helps=N_("Check the password and project of Watcher's service user."),
)

NOVA = 'Nova'
PLACEMENT = 'Placement'
KEYSTONE = 'Keystone'

FAILED = {
    NOVA: NOVA_FAILED,
    PLACEMENT: PLACEMENT_FAILED,
}

UNREADABLE = {
    NOVA: NOVA_UNREADABLE,
    PLACEMENT: PLACEMENT_UNREADABLE,
}

REFUSED = {
    401: CREDENTIAL_REFUSED,
    403: CALL_REFUSED,
}
"""HTTP status -> the reason, whichever service answers it."""

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
def calling(service: str, call: str) -> Iterator[None]:
    """Turn any failure of a call into NotPlanned that names the call.

    :param service: :data:`NOVA` or :data:`PLACEMENT`
    :param call: method and path, for a person to read
    """
    try:
        yield
    except PARSE_ERRORS as exc:
        facts = {'call': call, 'error': _parse_problem(exc)}
        raise NotPlanned(Finding(UNREADABLE[service], facts=facts)) from exc
    except Exception as exc:
        raise NotPlanned(finding(service, call, exc)) from exc


@contextlib.contextmanager
def connecting(service: str) -> Iterator[None]:
    """Turn whatever keeps a service from being found into NotPlanned.

    A configuration that makes no sense counts as a failure of the service.
    """
    try:
        yield
    except Exception as exc:
        raise NotPlanned(finding(service, 'GET /', exc)) from exc


def _parse_problem(error: Exception) -> str:
    """Return what an answer lacks, or else the error that reading it gave."""
    text = first_line(error)
    return f'no {text}' if isinstance(error, KeyError) else text


def finding(
    service: str, call: str, error: BaseException, text: str = ''
) -> Finding:
    """Return a finding that says which call failed, or was refused.

    :param text: what the error says, in one line; '' is its first line
    """
    facts = {'call': call, 'error': text or first_line(error)}
    request_id = getattr(error, 'request_id', None)
    if request_id:
        # It takes the space of what a person looks for.
        noise = f' (Request-ID: {request_id})'
        facts['error'] = facts['error'].replace(noise, '')
        facts['request_id'] = request_id
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
    values = (getattr(error, name, None) for name in names)
    return int(next(filter(None, values), 0))


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text; its type if it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
