# SPDX-License-Identifier: Apache-2.0

"""Loggers whose lines cannot be forged by what is logged."""

import logging

from typing import Any

from watcher_host_maintenance.core.model.text import visible


class Logger(logging.LoggerAdapter):  # type: ignore[type-arg]
    """A logger that makes every argument of a message visible."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log a message; text of others is in its arguments."""
        if self.isEnabledFor(level):
            # The line that logs is above this one.
            kwargs['stacklevel'] = kwargs.get('stacklevel', 1) + 1
            super().log(level, msg, *map(_visible, args), **kwargs)


def get_logger(name: str) -> Logger:
    """Return the logger of a module."""
    return Logger(logging.getLogger(name), {})


def _visible(argument: Any) -> Any:
    is_number = isinstance(argument, (int, float))
    return argument if is_number else visible(str(argument))
