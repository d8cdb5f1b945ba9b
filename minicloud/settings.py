# SPDX-License-Identifier: Apache-2.0

"""What the parent tells a child process."""

import dataclasses
import json
import os
import socket

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from minicloud import files


@dataclasses.dataclass(frozen=True)
class Settings:
    """How one child process is to run.

    :ivar name: 'nova', 'watcher', 'keystone' or 'neutron'
    :ivar directory: everything the cloud writes goes here
    :ivar apis: names of the APIs that it serves
    :ivar urls: API name -> endpoint, of all processes
    :ivar options: section -> option -> value, laid over the configuration
    :ivar hosts: compute host -> its entry in the description
    :ivar filters: scheduler filters beyond Nova's default ones
    :ivar passwords: user -> password; empty when there is no Keystone
    :ivar projects: ids of those the description's servers belong to
    :ivar saved: directory of databases to begin with, see
        :mod:`minicloud.saves`; None begins with empty ones
    :ivar without: package whose plugins Watcher does not find; '' is none
    :ivar cpu: number of the processor to stay on, None for any
    :ivar sockets: API name -> number of the listening socket to serve it on;
        known to the child alone
    """

    name: str
    directory: str
    apis: Sequence[str]
    urls: Mapping[str, str]
    options: Mapping[str, Mapping[str, Any]]
    hosts: Mapping[str, Mapping[str, Any]]
    filters: Sequence[str] = ()
    passwords: Mapping[str, str] = dataclasses.field(
        default_factory=dict, repr=False
    )
    projects: Sequence[str] = ()
    saved: str | None = None
    without: str = ''
    cpu: int | None = None
    sockets: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def log(self) -> str:
        """Where the process logs to."""
        return self.path(self.name + '.log')

    def path(self, name: str) -> str:
        """A file of the cloud's directory."""
        return os.path.join(self.directory, name)

    def socket(self, api: str) -> socket.socket:
        """Take over the listening socket of one API."""
        return socket.socket(fileno=self.sockets[api])

    def write_config(self, sections: files.Sections) -> str:
        """Write the configuration, with the caller's own options over it.

        :returns: the path of the file, named as the process is
        """
        path = self.path(self.name + '.conf')
        files.write_config(path, self._overlay(sections))
        return path

    def write_policy(self, name: str) -> str:
        """Write a policy that changes nothing.

        oslo.policy looks for one that is not there at each request.

        :returns: the path of the file
        """
        path = self.path(name)
        if not os.path.exists(path):
            with open(path, 'w') as policy:
                policy.write('{}')
        return path

    def _overlay(self, sections: files.Sections) -> files.Sections:
        merged = {name: dict(options) for name, options in sections.items()}
        for name, options in self.options.items():
            merged.setdefault(name, {}).update(options)
        return merged

    def to_json(self) -> str:
        """Write it down for the child."""
        return json.dumps(dataclasses.asdict(self))


def load(document: int, sockets: Sequence[int]) -> Settings:
    """Read what the parent has written down.

    :param document: descriptor of the JSON
    :param sockets: descriptors, in the order of the document's APIs
    """
    with open(document) as settings:
        settings.seek(0)
        loaded = Settings(**json.load(settings))
    return dataclasses.replace(
        loaded, sockets=dict(zip(loaded.apis, sockets, strict=True))
    )
