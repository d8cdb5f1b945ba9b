# SPDX-License-Identifier: Apache-2.0

"""MariaDB in strict mode, on 127.0.0.1."""

import pathlib

import fixtures
import pymysql

from minicloud import waiting
from tests.services import programs


_START_S = 120
_MODE = 'TRADITIONAL'


class MariaDB(fixtures.Fixture):
    """A server that everybody on its network is the administrator of."""

    def __init__(self, directory: pathlib.Path, port: int = 3306) -> None:
        super().__init__()
        self._directory = directory
        self._port = port

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
                    '--bind-address=127.0.0.1', f'--port={self._port}',
                    '--skip-grant-tables',
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

    def create(self, name: str, charset: str = 'utf8mb4') -> str:
        """Create a database and return its URL for SQLAlchemy."""
        with self._connect() as connection:
            connection.cursor().execute(
                f'CREATE DATABASE {name} CHARACTER SET {charset}'
            )
        place = f'127.0.0.1:{self._port}/{name}'
        return f'mysql+pymysql://root@{place}?charset={charset}'

    def _connect(self) -> pymysql.Connection:
        return pymysql.connect(host='127.0.0.1', port=self._port, user='root')
