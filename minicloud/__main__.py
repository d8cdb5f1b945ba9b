# SPDX-License-Identifier: Apache-2.0

"""Run a described cloud: ``python -m minicloud DESCRIPTION.yaml``."""

import argparse
import shlex
import signal
import sys
import threading

from collections.abc import Sequence
from typing import Any

from minicloud import cloud
from minicloud import description
from minicloud import exceptions


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the cloud, say how to use it, and stay until a signal.

    :returns: the exit status: 0 after SIGINT or SIGTERM, 1 when the
        description is not valid or the cloud does not start
    """
    path = _parser().parse_args(arguments).description
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with cloud.Cloud(description.load(path)) as lab:
            _tell(lab)
            threading.Event().wait()
    except exceptions.MinicloudError as exc:
        print(exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m minicloud',
        description=(
            'Run real Nova, Placement and Watcher services, filled from a '
            'description, until Ctrl-C. Nothing is left behind.'
        ),
    )
    parser.add_argument(
        'description',
        metavar='DESCRIPTION.yaml',
        help='what the cloud consists of, YAML or JSON',
    )
    return parser


def _interrupt(number: int, frame: Any) -> None:
    """End in order, whatever the signal, and not a second time."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def _tell(lab: cloud.Cloud) -> None:
    """Print what a shell needs, and nothing else on standard output."""
    for name, value in lab.environment.items():
        print(f'export {name}={shlex.quote(value)}')
    sys.stdout.flush()
    print(
        f'# Logs are in {lab.directory}. Ctrl-C ends it.',
        file=sys.stderr,
        flush=True,
    )


if __name__ == '__main__':
    sys.exit(main())
