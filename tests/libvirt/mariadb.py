# SPDX-License-Identifier: Apache-2.0

"""MariaDB in strict mode, on 127.0.0.1 of the tests' own network."""

import pathlib

import fixtures
import pymysql

from minicloud import waiting
from tests.libvirt import programs


_START_S = 120
_MODE = 'TRADITIONAL'


class MariaDB(fixtures.Fixture):
    """A server that everybody on its network is the administrator of."""

    def __init__(self, directory: pathlib.Path) -> None:
        super().__init__()
        self._directory = directory

    def _setUp(self) -> None:
        data = self._directory / 'mariadb'
        programs.run(
            (
                'mariadb-install-db', '--no-defaults', '--user=root',
                f'--datadir={data}', '--skip-test-db',
                '--innodb-log-file-size=16M',
            )
        )  # fmt: skip
        server = self.useFixture(
            programs.Program(
                'mariadb',
                (
                    'mariadbd', '--no-defaults', '--user=root',
                    f'--datadir={data}', f'--socket={data}/socket',
                    '--bind-address=127.0.0.1', '--skip-grant-tables',
                    f'--sql-mode={_MODE}', '--max-connections=500',
                    '--innodb-log-file-size=16M', '--skip-name-resolve',
                    '--character-set-server=utf8mb4',
                ),
                self._directory,
            )
        )  # fmt: skip

        def answers() -> bool:
            server.check()
            try:
                self._connect().close()
            except pymysql.OperationalError:
                return False
            return True

        waiting.until(answers, _START_S, server.log)

    def create(self, name: str) -> str:
        """Create a database and return its URL for SQLAlchemy."""
        with self._connect() as connection:
            connection.cursor().execute(f'CREATE DATABASE {name}')
        return f'mysql+pymysql://root@127.0.0.1/{name}?charset=utf8mb4'

    def _connect(self) -> pymysql.Connection:
        return pymysql.connect(host='127.0.0.1', user='root')
