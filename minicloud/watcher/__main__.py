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

"""Run Watcher: ``python -m minicloud.watcher SETTINGS.json``."""

import functools
import os

from minicloud import lifeline
from minicloud import settings
from minicloud import wsgi


def main() -> None:
    """Serve until the parent goes."""
    cloud = settings.from_command_line()
    lifeline.run(functools.partial(_start, cloud), cloud.directory)


def _start(cloud: settings.Settings) -> None:
    """Start everything; the control API comes last and tells that it runs."""
    cloud.settle_down()
    os.environ['OS_WATCHER_DISABLE_EVENTLET_PATCHING'] = 'true'
    from watcher.common import oslo_service_helper
    oslo_service_helper.init_oslo_service_backend()

    from minicloud import database
    from minicloud import messaging
    from minicloud.watcher import control
    from minicloud.watcher import services

    database.serialize_writers()
    messaging.install()
    services.configure(cloud)
    services.start()
    wsgi.serve(cloud.socket('infra-optim'), services.api())
    wsgi.serve(cloud.socket('watcher-control'),
               wsgi.json_app(control.control))


if __name__ == '__main__':
    main()
