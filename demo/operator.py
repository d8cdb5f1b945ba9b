# SPDX-License-Identifier: Apache-2.0

"""Somebody who types commands, shown as typed."""

import shlex

from typing import Any

from demo import command
from demo.screen import Screen


class Operator:
    """Somebody with a shell, and a cloud to talk to.

    :ivar lab: a running :class:`minicloud.cloud.Cloud`
    :ivar screen: where all is shown
    """

    def __init__(self, lab: Any, screen: Screen) -> None:
        self.lab = lab
        self.screen = screen

    def types(self, typed: str, status: int = 0) -> str:
        """Run a command, show it and what it prints; return its stdout.

        :param status: with which it has to end
        :raises NotAsTold: it ended with another one
        """
        words = shlex.split(typed)
        self.screen.typed(words)
        self.screen.flush()
        printed = command.run(
            words,
            command.environment(self.lab.environment, self.screen.width),
            status,
        )
        self.screen.printed(printed)
        return printed

    def newest_audit(self) -> dict[str, Any]:
        """Return the audit that was created last, at its end.

        :raises CloudError: it does not end
        """
        [newest] = self.lab.watcher.get(
            '/v1/audits?limit=1&sort_key=id&sort_dir=desc'
        ).json()['audits']
        audit: dict[str, Any] = self.lab.finished_audit(newest['uuid'])
        return audit
