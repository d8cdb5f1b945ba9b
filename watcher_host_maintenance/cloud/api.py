# SPDX-License-Identifier: Apache-2.0

"""An API whose answers become records, or errors that name the call."""

import abc
import contextlib

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import TypeVar

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud import errors
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.sessions import limit_timeout
from watcher_host_maintenance.cloud.settings import Settings


Record = TypeVar('Record')


class Api(abc.ABC):
    """The reads of one service.

    Every read raises :class:`.errors.NotPlanned`, which names the call, when
    the service does not answer it, or its answer makes no sense.

    :param service: its name, for a person to read
    :param adapter: describes its endpoint, and has the session
    :ivar deadline: when reading has to end
    """

    def __init__(self, service: str, adapter: Adapter, settings: Settings):
        limit_timeout(adapter, settings.timeout_s)
        self.deadline = settings.deadline or Deadline()
        if settings.deadline is not None:
            settings.deadline.limit(adapter.session)
        self._service = service
        self._session = adapter.session

    @contextlib.contextmanager
    def calling(self, call: str) -> Iterator[None]:
        """Turn any failure of a call into NotPlanned that names it."""
        with (
            self.deadline.calling(self._service, call),
            errors.calling(self._service, call, self._session),
        ):
            yield

    @abc.abstractmethod
    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what the service answers to GET, decoded from JSON."""

    def _get(
        self, path: str, clean: Callable[[Any], Record], **parameters: Any
    ) -> Record:
        """Read what exists.

        :param clean: makes a record of the answer
        :param parameters: of the query, which an error does not repeat
        """
        with self.calling(f'GET {path}'):
            return clean(self._fetch(path, **parameters))

    def _find(
        self,
        path: str,
        clean: Callable[[Any], Record],
        refusal: int = errors.NOT_FOUND,
        **parameters: Any,
    ) -> Record | None:
        """Read what may not exist; None if it does not.

        :param refusal: the status that says so
        :param parameters: see :meth:`_get`
        """
        with self.calling(f'GET {path}'):
            try:
                answer = self._fetch(path, **parameters)
            except Exception as exc:
                if errors.status(exc) != refusal:
                    raise
                return None
            return clean(answer)


class OptionalApi(Api):
    """The reads of a service that a cloud may not have."""

    def __init__(self, service: str, adapter: Adapter, settings: Settings):
        super().__init__(service, adapter, settings)
        self._adapter = adapter

    def exists(self) -> bool:
        """Return True if the service is in the catalog.

        :raises .errors.NotPlanned: there is no catalog to be had
        """
        with self.calling('GET /'):
            try:
                return self._adapter.get_endpoint() is not None
            except keystone_exceptions.CatalogException:
                return False

    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what the service answers to GET, decoded from JSON."""
        return self._adapter.get(path, params=parameters).json()
