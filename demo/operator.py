# SPDX-License-Identifier: Apache-2.0

"""Somebody who types commands, shown as typed."""

import shlex
import time

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from demo import command
from demo import picture
from demo.picture import Picture
from demo.screen import Screen


_SETTLE_S = 60
_POLL_S = 0.3


class Operator:
    """Somebody with a shell, and a cloud to talk to.

    :ivar lab: a running :class:`minicloud.cloud.Cloud`
    :ivar screen: where all is shown
    """

    def __init__(self, lab: Any, screen: Screen) -> None:
        self.lab = lab
        self.screen = screen

    def types(
        self, typed: str, status: int = 0, timeout_s: int = command.TIMEOUT_S
    ) -> str:
        """Run a command, show it and what it prints; return its stdout.

        :param status: with which it has to end
        :param timeout_s: seconds that it may take
        :raises NotAsTold: it ended with another one
        """
        words = shlex.split(typed)
        self.screen.typed(words)
        self.screen.flush()
        printed = command.run(
            words,
            command.environment(self.lab.environment, self.screen.width),
            status,
            timeout_s,
        )
        self.screen.printed(printed)
        return printed

    def settled(
        self, complain: Callable[[Picture], Iterable[str]]
    ) -> tuple[Picture, list[str]]:
        """Look again while there are complaints: Nova tidies up for a moment.

        :returns: the last look, and what there is to complain about
        """
        end = time.monotonic() + _SETTLE_S
        while True:
            now = picture.take(self.lab)
            complaints = list(complain(now))
            if not complaints or time.monotonic() > end:
                return now, complaints
            time.sleep(_POLL_S)

    def newest_audit(self) -> dict[str, Any]:
        """Return the audit that was created last, at its end.

        :raises CloudError: it does not end
        """
        [newest] = self.lab.watcher.get(
            '/v1/audits?limit=1&sort_key=id&sort_dir=desc'
        ).json()['audits']
        audit: dict[str, Any] = self.lab.finished_audit(newest['uuid'])
        return audit
