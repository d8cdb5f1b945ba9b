# SPDX-License-Identifier: Apache-2.0

"""One API in a process of its own.

``python -m tests.libvirt.api PORT MODULE [ARGUMENT...]``; the module is the
one that a web server would load, and the arguments are its own. Every caller
is an administrator.
"""

import importlib
import sys
import threading

from minicloud import wsgi
from tests.libvirt import network


def main(port: str, module: str) -> None:
    """Serve an API until the process is ended."""
    # Nova and Watcher read these when they are imported.
    sys.argv[:] = sys.argv[2:]
    application = importlib.import_module(module).application
    wsgi.serve(network.listen(int(port)), wsgi.as_admin(application))
    threading.Event().wait()


if __name__ == '__main__':
    main(*sys.argv[1:3])
