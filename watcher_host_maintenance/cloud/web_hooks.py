# SPDX-License-Identifier: Apache-2.0

"""Call a hook that is a service of the operator's, and poll its answer."""

import errno
import json
import socket
import ssl

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from urllib import parse

import requests

from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import first_line


PORTS = {'http': 80, 'https': 443}
"""Scheme -> its port."""

RUNNING = 'running'
"""The state of an answer that is not yet there: ask again."""

POLL_S = 5.0
"""Seconds between two questions."""

ANSWER_S = 10.0
"""Seconds to wait for one answer, as long as there is time at all."""

MOST_BYTES = 64 * 1024
"""The most bytes of an answer."""

TEXTS = ('state', 'message', 'poll')
"""Keys of an answer."""


BUSY = frozenset({429, 503})
"""HTTP statuses of a service that has not begun what it was asked for."""


UNREACHED = (
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)
"""What is raised only before a request is sent."""

NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})
"""Numbers of errors, likewise."""


class WebHookNotCalled(Exception):
    """Nothing has begun at a URL; the text says why."""


class WebHookFailed(Exception):
    """An answer that makes no sense; the text says why."""


class WebHookTimeout(Exception):
    """The time was over before there was an answer.

    The text says why the last question had none; '' if it had.
    """


class _NotAllowed(Exception):
    """A URL that no hook may be asked at; the text says why."""


class _NoAnswer(Exception):
    """A service that is away for the moment, which is no answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f'HTTP {status}')
        self.status = status


def call(
    url: str,
    allowed: Collection[str],
    document: Mapping[str, Any],
    timeout_s: float,
    wait: Callable[[float], None],
) -> dict[str, str]:
    """POST a document, then poll until there is an answer; an outage passes.

    An answer is a JSON object: ``state``, which is ``running`` while there is
    more to wait for, ``message``, and ``poll``, the URL to ask next.

    :param allowed: ``host`` or ``host:port`` of every URL that is called
    :param wait: sleeps for some seconds, or raises to end it all
    :returns: the answer, with texts only
    :raises WebHookNotCalled: its host is not allowed, is not reached, or does
        not take the POST now
    :raises WebHookFailed: it does not answer the POST, or an answer is not as
        described
    :raises WebHookTimeout: there was no answer in time
    """
    deadline = Deadline(timeout_s)
    with requests.Session() as session:
        deadline.limit_requests(session)
        # Neither proxies nor a .netrc of whoever runs the applier.
        session.trust_env = False
        answer = _post(session, url, allowed, deadline, document)
        why = ''
        while answer.get('state') == RUNNING:
            url = answer.get('poll') or url
            if not deadline.left_s:
                raise WebHookTimeout(why)
            wait(min(POLL_S, deadline.left_s))
            try:
                answer, why = _ask(session, 'GET', url, allowed, deadline), ''
            except (requests.RequestException, _NoAnswer) as exc:
                if deadline.left_s:
                    why = first_line(exc)
                answer = {'state': RUNNING, 'poll': url}
            except _NotAllowed as exc:
                raise WebHookFailed(str(exc)) from exc
        return answer


def _post(
    session: requests.Session,
    url: str,
    allowed: Collection[str],
    deadline: Deadline,
    document: Mapping[str, Any],
) -> dict[str, str]:
    """Begin it, and return the first answer."""
    try:
        return _ask(session, 'POST', url, allowed, deadline, document)
    except _NotAllowed as exc:
        raise WebHookNotCalled(str(exc)) from exc
    except _NoAnswer as exc:
        if exc.status in BUSY:
            raise WebHookNotCalled(str(exc)) from exc
        raise WebHookFailed(str(exc)) from exc
    except requests.RequestException as exc:
        if _is_unreached(exc):
            raise WebHookNotCalled(first_line(exc)) from exc
        raise WebHookFailed(first_line(exc)) from exc


def _is_unreached(exc: requests.RequestException) -> bool:
    """Return True if an error says that no request was sent."""
    if isinstance(exc, requests.ConnectTimeout):
        return True
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, UNREACHED) or (
            isinstance(cause, OSError) and cause.errno in NO_WAY
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _ask(
    session: requests.Session,
    method: str,
    url: str,
    allowed: Collection[str],
    deadline: Deadline,
    document: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return one answer.

    :raises _NotAllowed: it is not asked there
    :raises _NoAnswer: it is away for the moment
    """
    url = _allowed_url(url, allowed)
    with (
        deadline.within(ANSWER_S),
        session.request(
            method,
            url,
            json=document,
            timeout=ANSWER_S,
            allow_redirects=False,
            stream=True,
        ) as response,
    ):
        status = response.status_code
        if status in BUSY or status >= 500:
            raise _NoAnswer(status)
        if status not in {200, 202}:
            raise WebHookFailed(f'HTTP {status}')
        body = b''
        for chunk in response.iter_content(4096):
            body += chunk
            if len(body) > MOST_BYTES:
                raise WebHookFailed(f'more than {MOST_BYTES} bytes')
    return _texts(body)


def _texts(body: bytes) -> dict[str, str]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise WebHookFailed('the answer is no JSON') from exc
    if not isinstance(answer, dict):
        raise WebHookFailed('the answer is no JSON object')
    texts = {key: answer[key] for key in TEXTS if key in answer}
    if not all(isinstance(text, str) for text in texts.values()):
        raise WebHookFailed('the answer has a value that is no text')
    return texts


def _allowed_url(url: str, allowed: Collection[str]) -> str:
    """Return a URL of an allowed host, as it is going to be requested.

    Of an odd one, such as with a backslash before an @, libraries differ in
    what its host is.

    :raises _NotAllowed: its host, port or scheme is not
    """
    try:
        asked = requests.Request('GET', url).prepare().url or ''
        parts = parse.urlsplit(asked)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError) as exc:
        raise _NotAllowed(f'{url} is no HTTP URL') from exc
    host = parts.hostname or ''
    names = {f'{host}:{port}'}
    if port == PORTS[parts.scheme]:
        names.add(host)
    if not host or names.isdisjoint(name.lower() for name in allowed):
        raise _NotAllowed(f'{host}:{port} is not in http_hook_hosts')
    return asked
