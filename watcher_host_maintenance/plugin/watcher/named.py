# SPDX-License-Identifier: Apache-2.0

"""Under which names Watcher shows a goal or a strategy."""

from typing import ClassVar

from watcher_host_maintenance._i18n import _


class Named:
    """What Watcher asks of the class of a goal and of a strategy.

    :cvar KEY: its key in Watcher
    :cvar DISPLAY_NAME: msgid of its name as people read it
    """

    KEY: ClassVar[str]
    DISPLAY_NAME: ClassVar[str]

    @classmethod
    def get_name(cls) -> str:
        """Return the key."""
        return cls.KEY

    @classmethod
    def get_display_name(cls) -> str:
        """Return the name as people read it."""
        return _(cls.DISPLAY_NAME)

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """Return the msgid of the display name."""
        return cls.DISPLAY_NAME
