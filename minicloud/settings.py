# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What the parent tells a child process: one JSON file."""

import dataclasses
import gc
import json
import os
import socket
import sys

from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Settings:
    """How one child process is to run.

    :ivar name: 'nova' or 'watcher'
    :ivar directory: everything the cloud writes goes here
    :ivar sockets: API name -> number of an inherited listening socket
    :ivar urls: API name -> endpoint, of both processes
    :ivar options: section -> option -> value, laid over the configuration
    :ivar hosts: compute host -> its entry in the description
    :ivar cpu: number of the processor to stay on, None for any
    """

    name: str
    directory: str
    sockets: Mapping[str, int]
    urls: Mapping[str, str]
    options: Mapping[str, Mapping[str, Any]]
    hosts: Mapping[str, Mapping[str, Any]]
    cpu: int | None = None

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

    def settle_down(self) -> None:
        """Keep the process on its processor, and collect garbage seldom.

        Dozens of threads of one interpreter get in each other's way when
        they run on several: Nova boots servers twice as fast on one. The
        collector finds little, and takes a tenth of the time.
        """
        gc.set_threshold(100_000, 20, 20)
        if self.cpu is not None:
            os.sched_setaffinity(0, {self.cpu})

    def overlay(self, sections: Mapping[str, Mapping[str, Any]]
                ) -> dict[str, dict[str, Any]]:
        """Lay the caller's own options over a configuration."""
        merged = {name: dict(options) for name, options in sections.items()}
        for name, options in self.options.items():
            merged.setdefault(name, {}).update(options)
        return merged

    def save(self) -> str:
        """Write the file for the child and return its path."""
        path = self.path(self.name + '.json')
        with open(path, 'w') as settings:
            json.dump(dataclasses.asdict(self), settings)
        return path


def from_command_line() -> Settings:
    """Read the file named by the only argument, and forget the argument.

    Nova and Watcher parse ``sys.argv`` when they are imported.
    """
    path = sys.argv.pop(1)
    with open(path) as settings:
        return Settings(**json.load(settings))
