# SPDX-License-Identifier: Apache-2.0

"""How patiently the APIs are read."""

import dataclasses

from watcher_host_maintenance.cloud.deadlines import Deadline


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Plain values for every read, whoever configures them.

    :ivar timeout_s: seconds to wait for one answer where the session sets no
        limit; without any, an API that hangs would block the reader for ever
    :ivar transient_wait_s: seconds to wait at most, in all, for servers that
        Nova is busy with
    :ivar deadline: when all reading has to end; None is never
    """

    timeout_s: float = 60.0
    transient_wait_s: float = 60.0
    deadline: Deadline | None = None


DEFAULT = Settings()
