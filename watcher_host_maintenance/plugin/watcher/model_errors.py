# SPDX-License-Identifier: Apache-2.0

"""The call of an API that is behind an error of Watcher's own reads.

Watcher reads Nova through openstacksdk, whose errors know their call, over
keystoneauth, whose errors of a connection have it in their text.
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
    """Tell which call of Nova failed; None when none is behind an error."""
    for cause in _chain(error):
        call = _call(cause)
        if call:
            return errors.finding(NOVA, call, cause, _said(cause))
    return None


def _chain(error: BaseException | None) -> Iterator[Any]:
    """Yield an error and what caused it, one after the other."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _call(cause: Any) -> str:
    """Return method and path; '' when an error knows none."""
    url = getattr(cause, 'url', None)
    if not url and isinstance(cause, keystone_exceptions.ConnectionError):
        found = ADDRESS.search(str(cause))
        url = found and found[0]
    if not url:
        return ''
    if url.endswith(SIGN_IN) and not _is_refused(cause):
        # Of a Keystone that is out of order nobody says what it was for.
        return ''
    method = getattr(cause, 'method', None) or 'GET'
    return f'{method} {ROOT.sub("", parse.urlsplit(url).path)}'


def _is_refused(cause: Any) -> bool:
    return errors.status(cause) in REFUSED


def _said(cause: Any) -> str:
    """Return what an error says, without the URL that it repeats."""
    status = getattr(cause, 'status_code', None)
    if status is None:
        return first_line(cause)
    # Of a page of some proxy the details are all that is in it.
    lines = str(cause.details or cause.message).strip().splitlines()
    first = next(iter(lines), type(cause).__name__)
    return f'{first} (HTTP {status})'
