# SPDX-License-Identifier: Apache-2.0

"""The real ``openstack optimize``, against a minicloud."""

import contextlib
import copy
import io
import logging
import os
import shlex
import subprocess
import sys
import warnings

from collections.abc import Iterator
from unittest import mock

from openstackclient import shell
from osc_lib import clientmanager

from minicloud import cloud
from minicloud import credentials
from minicloud import environment


#: Before a program that is to be interrupted: where the tests run in the
#: background of a shell, all that they start would ignore SIGINT.
INTERRUPTIBLE = ('env', '--default-signal=INT')


def run(
    lab: cloud.Cloud,
    command: str,
    fails: bool = False,
    user: str = credentials.ADMIN,
) -> str:
    """Run a command as it is typed, and return what it prints.

    :param command: 'openstack optimize ...'
    :param fails: the command has to fail; its error is returned instead
    :param user: who types it; all are one without Keystone
    :raises AssertionError: it failed, or did not
    """
    program, *arguments = shlex.split(command)
    path = os.path.join(os.path.dirname(sys.executable), program)
    done = subprocess.run(
        [path, *arguments],
        env=_environment(lab, user),
        capture_output=True,
        text=True,
        check=False,
    )
    return _printed(command, done.returncode, done.stdout, done.stderr, fails)


def run_here(
    lab: cloud.Cloud,
    command: str,
    fails: bool = False,
    user: str = credentials.ADMIN,
) -> str:
    """Do what :func:`run` does, in this process.

    It calls what the program calls, and takes a tenth of a second where a
    process takes seconds.
    """
    return _printed(command, *answer_here(lab, command, user), fails)


def answer_here(
    lab: cloud.Cloud, command: str, user: str = credentials.ADMIN
) -> tuple[object, str, str]:
    """Run a command in this process.

    :returns: exit status, stdout and stderr
    """
    program, *arguments = shlex.split(command)
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, _environment(lab, user), clear=True),
        mock.patch.object(sys, 'argv', [program, *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(action='ignore'),
        _own_logging(),
        _own_clients(),
    ):
        try:
            status = shell.main()
        except SystemExit as exc:
            status = exc.code
    return status, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def running(
    lab: cloud.Cloud, command: str, user: str = credentials.ADMIN
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process of its own; it is ended."""
    program, *arguments = shlex.split(command)
    path = os.path.join(os.path.dirname(sys.executable), program)
    with subprocess.Popen(
        [*INTERRUPTIBLE, path, *arguments],
        env=_environment(lab, user),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _environment(lab: cloud.Cloud, user: str) -> dict[str, str]:
    return {**environment.clean(), **lab.environment_of(user)}


@contextlib.contextmanager
def _own_logging() -> Iterator[None]:
    """Give the client a root logger as a new process has it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def _own_clients() -> contextlib.AbstractContextManager[object]:
    """Give the client no connection that an earlier command has made.

    It keeps them for the life of a process, with their endpoint and API
    version, whatever the next command says.
    """
    manager = clientmanager.ClientManager
    return mock.patch.multiple(
        manager,
        **{
            name: copy.copy(value)
            for name, value in vars(manager).items()
            if isinstance(value, clientmanager.ClientCache)
        },
    )


def _printed(
    command: str, status: object, out: str, err: str, fails: bool
) -> str:
    if bool(status) != fails:
        raise AssertionError(f'"{command}" ended with {status}:\n{out}{err}')
    return err if fails else out
