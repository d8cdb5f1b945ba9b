# SPDX-License-Identifier: Apache-2.0

"""Run an executable that an operator has put into a directory for hooks."""

import contextlib
import dataclasses
import json
import os
import pathlib
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any


KEPT = 4096
"""Bytes of the end of the output that are kept."""

POLL_S = 1.0
"""Seconds between two looks whether the plan was cancelled."""

TERM_S = 5.0
"""Seconds that the processes have to end by themselves."""

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

ENVIRONMENT = {
    'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'LANG': 'C.UTF-8',
}
"""All that a hook gets: nothing of the applier's own environment."""


GUARD = """
import os, signal, sys, time
group = sys.stdin.buffer.readline()
if not group.endswith(b'\\n') or sys.stdin.buffer.read(1):
    sys.exit()
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.killpg(int(group), number)
    except (ProcessLookupError, PermissionError):
        break
    time.sleep(float(sys.argv[1]))
"""
"""Ends a process group when whoever has written it to stdin is gone.

Not so if one more byte has come.
"""


class UnsafeHook(Exception):
    """A hook that is not run; the text says why."""


class HookNotStarted(Exception):
    """A hook that could not be started; the text says why."""


class HookTimeout(Exception):
    """A hook that was ended because its time was over."""


class HookCancelled(Exception):
    """A hook that was ended because its plan was cancelled."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended.

    :ivar status: its exit status; below 0 is the signal that ended it
    :ivar output: the end of what it wrote to stdout and stderr
    """

    status: int
    output: bytes


def executable(directory: str, name: str) -> str:
    """Return the path of a hook that only root and our user can change.

    :raises UnsafeHook: there is no such file, or someone else may change it
    """
    parent = pathlib.Path(directory)
    if not parent.is_absolute():
        raise UnsafeHook(f'{directory} is not an absolute path')
    if '/' in name or name in {'', '.', '..'}:
        raise UnsafeHook(f'{name} is not the name of a file')
    for path in reversed(parent.parents):
        _require_directory(path, is_last=False)
    _require_directory(parent, is_last=True)
    path = parent / name
    state = _state(path)
    if not stat.S_ISREG(state.st_mode):
        raise UnsafeHook(f'{path} is not a regular file')
    _require_owner(path, state)
    if state.st_mode & OTHERS_WRITE:
        raise UnsafeHook(f'{path} is writable by others')
    if not os.access(path, os.X_OK):
        raise UnsafeHook(f'{path} is not executable')
    return str(path)


def run(
    command: Sequence[str],
    document: Mapping[str, Any],
    timeout_s: float,
    is_cancelled: Callable[[], bool],
) -> Ended:
    """Run a command in a process group of its own, with JSON on its stdin.

    What it writes is read as long as it runs; only the end is kept. If we are
    killed meanwhile, its group is ended all the same.

    :raises HookNotStarted: it cannot be started
    :raises HookTimeout: its time was over; its group has been ended, but for
        what runs as a user whose processes we may not end
    :raises HookCancelled: its plan was cancelled, likewise
    """
    deadline = time.monotonic() + timeout_s
    with tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(document).encode())
        stdin.seek(0)
        with _guard() as guarded:
            process = _started(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            guarded(process.pid)
            with contextlib.closing(process.stdout):  # type: ignore[type-var]
                output = _follow(process, deadline, is_cancelled)
                return Ended(process.wait(), output)


@contextlib.contextmanager
def _guard() -> Iterator[Callable[[int], None]]:
    """Let a process group end with us; yield what says which one that is.

    :raises HookNotStarted: the guard cannot be started
    """
    guard = _started(
        [sys.executable, '-I', '-S', '-c', GUARD, str(TERM_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    assert guard.stdin is not None  # noqa: S101
    stdin = guard.stdin

    def guarded(group: int) -> None:
        # One that has been killed guards nothing.
        with contextlib.suppress(BrokenPipeError):
            stdin.write(b'%d\n' % group)

    try:
        yield guarded
    finally:
        with contextlib.suppress(BrokenPipeError):
            stdin.write(b'.')
        stdin.close()
        guard.wait()


def _started(
    command: Sequence[str], **options: Any
) -> 'subprocess.Popen[bytes]':
    """Start a command in a process group of its own.

    :raises HookNotStarted: it cannot be started
    """
    try:
        return subprocess.Popen(  # noqa: S603
            list(command),
            cwd='/',
            env=ENVIRONMENT,
            start_new_session=True,
            **options,
        )
    except OSError as exc:
        raise HookNotStarted(f'{command[0]}: {exc.strerror or exc}') from exc


def _follow(
    process: 'subprocess.Popen[bytes]',
    deadline: float,
    is_cancelled: Callable[[], bool],
) -> bytes:
    """Read until a process has ended, or end its group."""
    assert process.stdout is not None  # noqa: S101
    reader = process.stdout.fileno()
    os.set_blocking(reader, False)
    kept, next_look = b'', time.monotonic() + POLL_S
    try:
        while True:
            # Looked at before reading: what it wrote last is there by then.
            has_ended = process.poll() is not None
            for chunk in _chunks(reader):
                kept = (kept + chunk)[-KEPT:]
                if time.monotonic() >= deadline:
                    break
            if has_ended:
                return kept
            now = time.monotonic()
            if now >= deadline:
                raise HookTimeout
            if now >= next_look:
                next_look = now + POLL_S
                if is_cancelled():
                    raise HookCancelled
            select.select([reader], [], [], min(0.1, deadline - now))
            # A reader at its end is always ready.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
    except BaseException:
        _end_group(process)
        raise


def _chunks(reader: int) -> Iterator[bytes]:
    """Yield what can be read now."""
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(reader, 65536):
            yield chunk


def _end_group(process: 'subprocess.Popen[bytes]') -> None:
    """End a process and all that it has started in its group.

    Not what runs as a user whose processes we may not end.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(TERM_S)


def _require_directory(path: pathlib.Path, is_last: bool) -> None:
    state = _state(path)
    if not stat.S_ISDIR(state.st_mode):
        raise UnsafeHook(f'{path} is not a directory')
    _require_owner(path, state)
    # In a directory like /tmp no one replaces what belongs to another.
    is_sticky = bool(state.st_mode & stat.S_ISVTX) and not is_last
    if state.st_mode & OTHERS_WRITE and not is_sticky:
        raise UnsafeHook(f'{path} is writable by others')


def _require_owner(path: pathlib.Path, state: os.stat_result) -> None:
    if state.st_uid not in {0, os.geteuid()}:
        raise UnsafeHook(f'{path} belongs to another user')


def _state(path: pathlib.Path) -> os.stat_result:
    """Return the state of a file, and of a symbolic link itself."""
    try:
        state = path.lstat()
    except OSError as exc:
        raise UnsafeHook(f'{path}: {exc.strerror}') from exc
    if stat.S_ISLNK(state.st_mode):
        raise UnsafeHook(f'{path} is a symbolic link')
    return state
