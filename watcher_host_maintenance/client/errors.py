# SPDX-License-Identifier: Apache-2.0

"""What the client raises, each with a hint for the person who reads it."""


class ClientError(Exception):
    """A request cannot be carried out.

    :ivar message: what failed, in one line
    :ivar hint: what would help; '' when nothing is known
    """

    def __init__(self, message: str, hint: str = ''):
        super().__init__(' '.join(filter(None, (message, hint))))
        self.message = message
        self.hint = hint


class NoAnswer(ClientError):
    """An API does not answer, or only with a server error.

    The same request may succeed later.
    """


class NotFound(ClientError):
    """The API has no such resource."""


class Conflict(ClientError):
    """The API has such a resource already, or it is in another state."""


class NoWatcher(ClientError):
    """The service catalog has no Watcher."""


class PluginMissing(ClientError):
    """Watcher does not know the goal of this plugin."""
