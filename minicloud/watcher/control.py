# SPDX-License-Identifier: Apache-2.0

"""The control API of the Watcher process."""

from typing import Any

from minicloud.watcher import model


_MODEL = {
    '/model/refresh': model.refresh,
    '/model/stale': model.make_stale,
    '/model/empty': model.make_empty,
    '/model/forget': model.forget,
}


def control(method: str, path: str, body: Any) -> Any:
    """Answer one request; ``GET /`` answers once the services run.

    :raises LookupError: no such path
    """
    if path in _MODEL:
        _MODEL[path]()
    elif path != '/':
        raise LookupError(f'no path {path}')
    return {'status': 'ok'}
