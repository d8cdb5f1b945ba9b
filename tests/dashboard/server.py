# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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

    wsgi.serve(socket.socket(fileno=descriptor),
               handlers.StaticFilesHandler(
                   django_wsgi.get_wsgi_application()))
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main(int(sys.argv[1]))
