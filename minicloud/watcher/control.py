# SPDX-License-Identifier: Apache-2.0

"""The control API of the Watcher process."""

from collections.abc import Callable
from typing import Any

from minicloud import settings
from minicloud.watcher import model
from minicloud.watcher import services


class Control:
    """Change the model, or forget all of it.

    ``GET /`` answers once the services run, ``POST /model/...`` changes the
    decision engine's model, and ``POST /renew`` forgets all audits.
    """

    def __init__(self, cloud: settings.Settings) -> None:
        self._commands: dict[str, Callable[[], Any]] = {
            '/': lambda: None,
            '/model/refresh': model.refresh,
            '/model/stale': model.make_stale,
            '/model/empty': model.make_empty,
            '/model/forget': model.forget,
            '/renew': lambda: services.renew(cloud),
        }

    def __call__(self, method: str, path: str, body: Any) -> Any:
        """Answer one request.

        :raises LookupError: no such path
        """
        if path not in self._commands:
            raise LookupError(f'no path {path}')
        self._commands[path]()
        return {'status': 'ok'}
