# SPDX-License-Identifier: Apache-2.0

"""Databases of clouds that are filled, to start others from.

A cloud of the same description then needs no server to be booted again. What
a server is to its hypervisor is made again from Nova's records.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from minicloud import description
from minicloud import files


DATABASES = (
    'nova_api.sqlite',
    'nova_cell0.sqlite',
    'nova_cell1.sqlite',
    'placement.sqlite',
)

#: States that are more than Nova's records: a boot that goes on, and what a
#: resize has left on another hypervisor.
_LIVING = ('BUILD', 'VERIFY_RESIZE')


class Save:
    """The databases of one filled cloud, or a place for them."""

    def __init__(self, path: pathlib.Path) -> None:
        """Use a directory, which may not be there yet."""
        self._path = path

    @property
    def directory(self) -> str | None:
        """Where the databases are, None if they are not kept yet."""
        return str(self._path) if self._path.is_dir() else None

    def keep(self, directory: str) -> None:
        """Copy the databases of a running cloud.

        :param directory: that of the cloud
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        copies = pathlib.Path(tempfile.mkdtemp(dir=self._path.parent))
        for name in DATABASES:
            files.copy_database(
                os.path.join(directory, name), str(copies / name)
            )
        try:
            copies.rename(self._path)
        except OSError:
            # Another process was faster.
            shutil.rmtree(copies)


class Saves:
    """A directory of them, which several processes may share."""

    def __init__(self, directory: str) -> None:
        """Use a directory, which is made when there is something to keep."""
        self._directory = pathlib.Path(directory)

    def of(
        self,
        wanted: description.Description,
        options: Mapping[str, Mapping[str, Any]],
        python: str,
    ) -> Save | None:
        """Return the one place of all clouds that are filled like this.

        :param options: of nova.conf
        :param python: the interpreter that Nova is under
        :returns: None for a cloud that its databases do not tell all of
        """
        if any(map(_lives, wanted.servers.values())):
            return None
        told = json.dumps(
            [
                dataclasses.asdict(wanted),
                options,
                python,
                sys.version,
                *map(metadata.version, ('nova', 'openstack-placement')),
            ]
        )
        key = hashlib.sha256(told.encode()).hexdigest()
        return Save(self._directory / key)


def _lives(server: Mapping[str, Any]) -> bool:
    """Return True if a server is more than Nova's records of it."""
    return server['state'] in _LIVING or bool(server.get('boot_from_volume'))


def of_environment() -> Saves | None:
    """Return those in ``MINICLOUD_SAVES``, None where it is not set."""
    directory = os.environ.get('MINICLOUD_SAVES')
    return Saves(directory) if directory else None
