# SPDX-License-Identifier: Apache-2.0

"""Queries of Prometheus, or of another service with its HTTP API."""

from collections.abc import Mapping
from typing import Any
from urllib import parse

from keystoneauth1.session import Session

from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import PROMETHEUS
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import calling


PATH = '/api/v1/query'

TIMEOUT_S = 10
"""Seconds to wait for an answer, and for Prometheus to find one."""

SERIES = frozenset({'vector', 'matrix'})
"""Types of results that may be empty; a scalar never is."""


class Prometheus:
    """One Prometheus.

    :param url: of its root, with ``user:password@`` if it asks for that
    """

    def __init__(self, url: str) -> None:
        parts = parse.urlsplit(url)
        # Without the credentials, which errors would repeat.
        netloc = parts.netloc.rpartition('@')[2]
        path = parts.path.rstrip('/') + PATH
        self._url = parse.urlunsplit((parts.scheme, netloc, path, '', ''))
        self._credentials = (
            (parse.unquote(parts.username), parse.unquote(parts.password))
            if parts.username and parts.password
            else None
        )
        self._session = Session(timeout=TIMEOUT_S)
        self._deadline = Deadline()
        self._deadline.limit(self._session)

    def series(self, query: str) -> list[str]:
        """Return the series that a query returns now, as PromQL writes them.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: Prometheus
            does not answer in time, refuses the query, warns that its answer
            may not be whole, or answers something else than series
        """
        call = f'GET {PATH}'
        # To find the answer, and to send it.
        self._deadline.start(2 * TIMEOUT_S)
        with (
            self._deadline.calling(PROMETHEUS, call),
            calling(PROMETHEUS, call),
        ):
            answer = self._session.get(
                self._url,
                params={'query': query, 'timeout': f'{TIMEOUT_S}s'},
                requests_auth=self._credentials,
                authenticated=False,
                raise_exc=False,
                # Another host must not see the credentials.
                redirect=False,
            )
            return sorted(map(_name, _result(answer)))


def _result(answer: Any) -> list[Any]:
    """Return the series of an answer."""
    try:
        body = answer.json()
    except ValueError:
        if answer.status_code == 200:
            raise
        # The page of a proxy.
        raise NoAnswer(f'HTTP {answer.status_code}') from None
    problems = body.get('warnings') or []
    if body['status'] != 'success':
        problems = [body['error']]
    if problems:
        raise NoAnswer(str(problems[0]))
    kind, result = body['data']['resultType'], body['data']['result']
    if kind not in SERIES:
        raise NoAnswer(f'the query returns a {kind}, not series')
    return list(result)


def _name(series: Mapping[str, Any]) -> str:
    """Return a series as PromQL writes it: ``up{job="node"}``."""
    labels = dict(series['metric'])
    name = labels.pop('__name__', '')
    text = ', '.join(f'{key}="{labels[key]}"' for key in sorted(labels))
    return f'{name}{{{text}}}'
