# SPDX-License-Identifier: Apache-2.0

"""The files of reports: written whole, in a directory that others may use."""

import contextlib
import os
import re
import secrets
import time

from collections.abc import Iterator
from typing import NamedTuple


MODE = 0o640

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

NAME = re.compile(r'([0-9a-f-]{36}|none)\.(report|snapshot)\.json')
"""A file of an audit, by its UUID."""

PARTIAL = re.compile(rf'\.{NAME.pattern}\.[0-9a-f]{{16}}')
"""A file that is being written, or was when its writer was killed."""

PARTIAL_S = 3600
"""Seconds after which a file that is not whole has no writer any more."""

DAY_S = 86400


class ReportFiles(NamedTuple):
    """A directory of reports, and how many of them it keeps.

    Links are never followed, and nothing but regular files is opened or
    removed.

    :ivar max_audits: audits whose files are kept; 0 is every one
    :ivar max_age_days: days for which they are kept; 0 is for ever
    """

    directory: str
    max_audits: int = 0
    max_age_days: int = 0

    def write(self, name: str, text: str) -> None:
        """Write a file whole or not at all, readable by owner and group.

        :raises OSError: it cannot be written; the former one is kept
        :raises UnicodeError: the text is not Unicode; likewise
        """
        data = text.encode()
        with self._open() as directory:
            partial = f'.{name}.{secrets.token_hex(8)}'
            try:
                _create(partial, directory, data)
                os.rename(
                    partial, name, src_dir_fd=directory, dst_dir_fd=directory
                )
            except BaseException:
                _remove(partial, directory)
                raise

    def prune(self) -> None:
        """Remove the files of audits that are too many, or too old.

        :raises OSError: the directory cannot be read, or not be changed
        """
        now = time.time()
        with self._open() as directory:
            written: dict[str, float] = {}
            for name, written_at in _regular_files(directory):
                if match := NAME.fullmatch(name):
                    audit = match[1]
                    written[audit] = max(written.get(audit, 0.0), written_at)
                elif PARTIAL.fullmatch(name) and now - written_at > PARTIAL_S:
                    _remove(name, directory)
            surplus = set(self._surplus(written, now))
            for name, _written_at in _regular_files(directory):
                match = NAME.fullmatch(name)
                if match and match[1] in surplus:
                    _remove(name, directory)

    def _surplus(self, written: dict[str, float], now: float) -> Iterator[str]:
        """Yield the audits whose files are not kept.

        :param written: audit -> when its newest file was written
        """
        newest_first = sorted(written, key=lambda a: (-written[a], a))
        for number, audit in enumerate(newest_first, start=1):
            age_s = now - written[audit]
            is_old = self.max_age_days and age_s > self.max_age_days * DAY_S
            if is_old or 0 < self.max_audits < number:
                yield audit

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        """Open the directory: all that follows is in this very one."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        directory = os.open(self.directory, flags)
        try:
            yield directory
        finally:
            os.close(directory)


def _create(name: str, directory: int, data: bytes) -> None:
    """Write a file that does not exist yet."""
    file = os.open(name, NEW, MODE, dir_fd=directory)
    try:
        # The umask may have removed bits of the mode.
        os.fchmod(file, MODE)
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def _regular_files(directory: int) -> Iterator[tuple[str, float]]:
    """Yield name of each regular file, and when it was written."""
    with os.scandir(directory) as entries:
        for entry in entries:
            # Another engine may have pruned it.
            with contextlib.suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield entry.name, status.st_mtime


def _remove(name: str, directory: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)
