# SPDX-License-Identifier: Apache-2.0

"""Records that refuse to be looked at, but for what is declared."""

from typing import Any

from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import Rule


class Undeclared(AssertionError):
    """A rule looks at something that it does not declare."""


class Watched:
    """A record of which only some attributes can be read.

    :param allowed: dotted paths
    :param seen: takes those that are read
    """

    def __init__(
        self, record: Any, allowed: set[str], seen: set[str], path: str = ''
    ):
        self._record = record
        self._allowed = allowed
        self._seen = seen
        self._path = path

    def __getattr__(self, name: str) -> Any:
        path = f'{self._path}.{name}'.removeprefix('.')
        value = getattr(self._record, name)
        if path in self._allowed:
            self._seen.add(path)
            return value
        if any(a.startswith(f'{path}.') for a in self._allowed):
            return Watched(value, self._allowed, self._seen, path)
        raise Undeclared(f'{path} is not among looks_at')


def judged(rule: Rule, move: PossibleMove, seen: set[str]) -> list[Finding]:
    """Ask a rule while nothing but what it declares can be read.

    :param seen: takes the paths that it reads
    """
    name = 'destination.node.hostname'
    paths = set()
    move = Watched(move, {*rule.looks_at, name}, paths)
    findings = list(rule.objections(move))
    seen.update(paths - {name})
    return findings
