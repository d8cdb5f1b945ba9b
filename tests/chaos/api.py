# SPDX-License-Identifier: Apache-2.0

"""Watcher's API in a process of its own, on a port of 127.0.0.1.

``python -m tests.chaos.api PORT [ARGUMENT...]``; the arguments are Watcher's.
Every caller is an administrator.
"""

import importlib
import sys
import threading

from minicloud import wsgi


def main(port: str) -> None:
    """Serve the API until the process is ended."""
    # Watcher reads these when it is imported.
    sys.argv[:] = ['watcher-api', *sys.argv[2:]]
    application = importlib.import_module('watcher.wsgi.api').application
    wsgi.serve(wsgi.listen(int(port)), wsgi.as_admin(application))
    threading.Event().wait()


if __name__ == '__main__':
    main(sys.argv[1])
