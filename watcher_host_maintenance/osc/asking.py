# SPDX-License-Identifier: Apache-2.0

"""Ask the person at the terminal before anything is changed."""

import argparse
import sys

from watcher_host_maintenance.osc.base import Maintaining
from watcher_host_maintenance.osc.streams import is_terminal
from watcher_host_maintenance.osc.streams import write_error


def is_declined(
    command: Maintaining,
    parsed_args: argparse.Namespace,
    question: str,
    *details: str,
) -> bool:
    """Return True if the person at the terminal does not say yes.

    Without a terminal, or with ``--yes``, no question is asked. Ctrl-C is a
    no.

    :param details: lines to show before the question
    """
    if parsed_args.yes or not is_terminal(sys.stdin):
        return False
    command.tell(*details)
    write_error(f'{question} [y/N] ')
    try:
        return sys.stdin.readline().strip().lower() not in {'y', 'yes'}
    except KeyboardInterrupt:
        command.tell('')
        return True
