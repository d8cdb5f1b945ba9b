# SPDX-License-Identifier: Apache-2.0

"""Serve Horizon on a listening socket until standard input ends.

``python -m tests.dashboard.server DESCRIPTOR``
"""

import os
import socket
import sys

from minicloud import wsgi


def main(descriptor: int) -> None:
    """Serve on a socket that the parent has bound."""
    os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.dashboard.settings'
    from django.contrib.staticfiles import handlers
    from django.core import wsgi as django_wsgi

    wsgi.serve(
        socket.socket(fileno=descriptor),
        handlers.StaticFilesHandler(django_wsgi.get_wsgi_application()),
    )
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main(int(sys.argv[1]))
