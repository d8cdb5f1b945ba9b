# SPDX-License-Identifier: Apache-2.0

"""Audits and plans by the real command line, shown as typed."""

import json

from collections.abc import Mapping
from typing import Any

from demo import command
from demo import judge
from demo import progress
from demo.screen import Screen


#: Only these lines of what the commands print are of interest.
_BRIEF = ('-c', 'UUID', '-c', 'State')
#: What precedes the JSON of a report in the log.
_REPORT = 'Drain report: '


class Operator:
    """Somebody with a shell, and a Watcher to talk to.

    :ivar lab: a running :class:`minicloud.cloud.Cloud`
    :ivar screen: where all is shown
    """

    def __init__(self, lab: Any, screen: Screen) -> None:
        self.lab = lab
        self.screen = screen

    def types(self, *words: str) -> str:
        """Run a command, show it and what it prints; return the latter.

        :raises NotAsTold: it failed
        """
        self.screen.typed(words)
        printed = command.run(
            words, command.environment(self.lab.environment, self.screen.width)
        )
        self.screen.printed(printed)
        return printed

    def audits(self, node: str, *options: str) -> dict[str, Any]:
        """Ask for a host to be emptied, and wait for the answer.

        :returns: the audit
        :raises CloudError: no answer
        """
        printed = self.types(
            'openstack',
            'optimize',
            'audit',
            'create',
            '-g',
            'cluster_maintenance',
            '-s',
            'cluster_host_maintenance',
            '-p',
            f'maintenance_node={node}',
            *options,
            *_BRIEF,
        )
        audit: dict[str, Any] = self.lab.finished_audit(
            command.find_uuid(printed)
        )
        return audit

    def lists_plan(self, audit: Mapping[str, Any]) -> None:
        """Ask for the plan that an audit has made."""
        self.types(
            'openstack',
            'optimize',
            'actionplan',
            'list',
            '--audit',
            audit['uuid'],
            *_BRIEF,
        )

    def starts(self, plan: Mapping[str, Any]) -> None:
        """Start a plan."""
        self.types(
            'openstack',
            'optimize',
            'actionplan',
            'start',
            plan['uuid'],
            *_BRIEF,
        )

    def asks_why(self, audit: Mapping[str, Any]) -> None:
        """Ask for the reason of a failed audit."""
        self.types(
            'openstack',
            'optimize',
            'audit',
            'show',
            audit['uuid'],
            '-c',
            'State',
            '-c',
            'Status Message',
        )

    def watches(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """Wait for the end of a plan, and show how far it is."""
        return progress.watch(self.lab, plan, self.screen)

    def report(self, audit: Mapping[str, Any]) -> dict[str, Any]:
        """Read the report of an audit in the decision engine's log.

        :raises NotAsTold: there is none
        """
        for line in self.lab.logs()['watcher'].splitlines():
            _, found, document = line.partition(_REPORT)
            if found and audit['uuid'] in document:
                report: dict[str, Any] = json.loads(document)
                return report
        raise judge.NotAsTold('The log has no report of the audit')
