# SPDX-License-Identifier: Apache-2.0

"""The call of an API that caused an error of Watcher's own reads.

Watcher reads Nova through openstacksdk, whose errors know their call, over
keystoneauth, whose connection errors have it in their text.
"""

import re

from collections.abc import Iterator
from typing import Any
from urllib import parse

from keystoneauth1 import exceptions as keystone_exceptions

from watcher_host_maintenance.cloud import errors
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import REFUSED
from watcher_host_maintenance.cloud.errors import SIGN_IN
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.core.model.reasons import Finding


ADDRESS = re.compile(r'https?://[^\s:]+(:\d+)?/[^\s:]+')

ROOT = re.compile(r'.*/v2(\.\d+)?(?=/)')
"""Where the Compute API begins in a URL."""


def finding(error: BaseException) -> Finding | None:
    """Return which call of Nova failed; None if the error comes of no call."""
    for cause in _chain(error):
        call = _call(cause)
        if call:
            return errors.finding(NOVA, call, cause, _text(cause))
    return None


def _chain(error: BaseException | None) -> Iterator[Any]:
    """Yield an error, and each cause of it in turn."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _call(cause: Any) -> str:
    """Return method and path of the call; '' when the error has none."""
    url = getattr(cause, 'url', None)
    if not url and isinstance(cause, keystone_exceptions.ConnectionError):
        match = ADDRESS.search(str(cause))
        url = match and match[0]
    if not url:
        return ''
    if url.endswith(SIGN_IN) and errors.status(cause) not in REFUSED:
        # When Keystone is out of order, the call it was for is not known.
        return ''
    method = getattr(cause, 'method', None) or 'GET'
    return f'{method} {ROOT.sub("", parse.urlsplit(url).path)}'


def _text(cause: Any) -> str:
    """Return what an error says, without the URL that it repeats."""
    status = getattr(cause, 'status_code', None)
    if status is None:
        return first_line(cause)
    # The details of a proxy's page are the whole page.
    lines = str(cause.details or cause.message).strip().splitlines()
    first = next(iter(lines), type(cause).__name__)
    return f'{first} (HTTP {status})'
