# SPDX-License-Identifier: Apache-2.0

"""Databases of a service: SQLite files made from its models.

Only imported in the child processes.
"""

import collections
import contextlib
import contextvars
import functools
import os
import sqlite3
import threading

from collections.abc import Iterator
from typing import Any

import sqlalchemy

from oslo_db.sqlalchemy import enginefacade
from oslo_db.sqlalchemy import engines
from sqlalchemy import dialects
from sqlalchemy import engine as sa_engine
from sqlalchemy import pool


#: The databases, as URLs, that this thread is going to write to.
_written: contextvars.ContextVar[frozenset[str]] = contextvars.ContextVar(
    'written', default=frozenset()
)


class Pooled(sa_engine.CreateEnginePlugin):
    """Keep connections open; oslo.db opens a new one for each SQLite use.

    Opening costs milliseconds, since SQLite then reads the whole schema.
    """

    def __init__(self, url: sqlalchemy.URL, kwargs: dict[str, Any]) -> None:
        kwargs.update(
            poolclass=pool.QueuePool,
            pool_size=20,
            max_overflow=100,
            # A file is always there: no need to check it before each use.
            pool_pre_ping=False,
        )

    def update_url(self, url: sqlalchemy.URL) -> sqlalchemy.URL:
        return url.difference_update_query(['plugin'])

    def engine_created(self, engine: sqlalchemy.Engine) -> None:
        url = str(engine.url)

        def begin(connection: Any) -> None:
            _begin(connection, url in _written.get())

        # Before that of oslo.db, which then has nothing left to do.
        sqlalchemy.event.listen(engine, 'begin', begin)


def _begin(connection: Any, may_write: bool) -> None:
    """Take SQLite's lock at once, and wait for it, where a write may come.

    oslo.db begins by a statement of SQLAlchemy, which takes a twentieth of
    all the time of the services.
    """
    if 'in_transaction' not in connection.info:
        driver = connection.connection.driver_connection
        driver.execute('BEGIN IMMEDIATE' if may_write else 'BEGIN')
        connection.info['in_transaction'] = True


dialects.plugins.register('minicloud', __name__, 'Pooled')
# After each use oslo.db lets other greenlets run. These are threads: another
# one would take the interpreter.
engines._thread_yield = lambda dbapi_con, con_record: None


@functools.cache
def image(metadata: sqlalchemy.MetaData) -> bytes:
    """Make all tables once for all clouds of this process.

    :returns: what a file with these tables, and no row, holds
    """
    engine = sqlalchemy.create_engine('sqlite://')
    metadata.create_all(engine)
    with contextlib.closing(engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        made: bytes = driver.serialize()
    engine.dispose()
    return made


def create(path: str, metadata: sqlalchemy.MetaData) -> str:
    """Create the file with all tables; migrations would take seconds.

    One that is there already stays as it is.

    :returns: the SQLAlchemy URL
    """
    if not os.path.exists(path):
        with open(path, 'wb') as file:
            file.write(image(metadata))
    return create_empty(path)


def create_empty(path: str) -> str:
    """Create the file without tables, or keep what it has.

    :returns: the SQLAlchemy URL
    """
    # Write-ahead logging lets readers go on while one writer writes. The
    # mode is a property of the file.
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute('PRAGMA journal_mode=WAL')
    return f'sqlite:///{os.path.abspath(path)}?timeout=60&plugin=minicloud'


def serialize_writers(at_once: bool = False) -> None:
    """Let one thread of this process at a time write to a database.

    A transaction of oslo.db begins as a reader and becomes a writer at its
    first change. SQLite refuses that at once, whatever the timeout, when
    another thread has written in between. Nova's own functional tests do
    the same (nova.tests.fixtures.DatabaseWriteLock).

    :param at_once: begin as a writer where a write may come. Watcher's
        scheduler of CONTINUOUS audits writes past oslo.db and this lock.
        Not for Nova, whose transactions on one database can be nested.
    """
    manager = enginefacade._TransactionContextManager
    original = manager._transaction_scope
    guard = threading.Lock()
    locks: dict[str, Any] = collections.defaultdict(threading.RLock)

    @contextlib.contextmanager
    def scope(self: Any, context: Any) -> Iterator[Any]:
        lock: Any = contextlib.nullcontext()
        url = str(self.reader.get_engine().url)
        written = _written.get()
        if self._mode is enginefacade._WRITER:
            if at_once:
                written |= {url}
            with guard:
                lock = locks[url]
        with lock, _set(written), original(self, context) as resource:
            yield resource

    manager._transaction_scope = scope


@contextlib.contextmanager
def _set(written: frozenset[str]) -> Iterator[None]:
    token = _written.set(written)
    try:
        yield
    finally:
        _written.reset(token)
