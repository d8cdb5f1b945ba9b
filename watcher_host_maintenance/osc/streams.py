# SPDX-License-Identifier: Apache-2.0

"""Standard streams, which may be closed."""

import contextlib
import sys

from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Return True if a stream is open, and is a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def write_error(text: str) -> None:
    """Write to stderr; a text that it does not take is lost."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()
