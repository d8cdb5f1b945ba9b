# SPDX-License-Identifier: Apache-2.0

"""Record who calls an API, and which rules of its policy each call meets."""

import contextvars
import functools
import re
import threading

from collections import defaultdict
from typing import Any

from oslo_policy import policy

from minicloud import wsgi


#: User name; method and path, with IDs replaced; rules.
Record = list[Any]

_ID = re.compile(
    r'(?<=/)((req-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)\b'
)
#: A key of a server's metadata, or one of its tags.
_NAME = re.compile(r'/(metadata|tags)/[^/]+$')
_NAMES = {'metadata': 'KEY', 'tags': 'TAG'}
_VERSION = re.compile(r'^/v\d[\d.]*')
#: Nova checks it for every request.
_ALWAYS = 'context_is_admin'
_RULES: contextvars.ContextVar[set[str] | None] = contextvars.ContextVar(
    'rules', default=None
)


def install() -> None:
    """Record each rule that a service checks in its policy."""
    enforcer: Any = policy.Enforcer
    enforce = enforcer.enforce

    @functools.wraps(enforce)
    def recorded(self: Any, rule: Any, *args: Any, **kwargs: Any) -> Any:
        rules = _RULES.get()
        if rules is not None and rule != _ALWAYS:
            rules.add(str(rule))
        return enforce(self, rule, *args, **kwargs)

    enforcer.enforce = recorded


def _path(path: str) -> str:
    """Return a path without what differs between servers."""
    path = _ID.sub('ID', _VERSION.sub('', path)) or '/'
    return _NAME.sub(lambda found: f'/{found[1]}/{_NAMES[found[1]]}', path)


class Recorded:
    """An API whose calls are recorded."""

    def __init__(self, app: wsgi.Application) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._rules: dict[tuple[str, str], set[str]] = defaultdict(set)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = _path(environ['PATH_INFO'])
        call = f'{environ["REQUEST_METHOD"]} {path}'
        token = _RULES.set(set())
        try:
            return self._app(environ, start_response)
        finally:
            # Keystone's middleware, which is in the application, names it.
            user = environ.get('HTTP_X_USER_NAME', '')
            with self._lock:
                self._rules[user, call] |= _RULES.get() or set()
            _RULES.reset(token)

    def take(self) -> list[Record]:
        """Return, and forget, the calls so far: user, call, rules."""
        with self._lock:
            taken, self._rules = self._rules, defaultdict(set)
        return [
            [user, call, sorted(rules)]
            for (user, call), rules in sorted(taken.items())
        ]
