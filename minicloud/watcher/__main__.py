# SPDX-License-Identifier: Apache-2.0

"""The processes of Watcher: ``python -m minicloud.watcher``."""

import os

from minicloud import forking
from minicloud import settings
from minicloud import wsgi


def preload() -> forking.Start:
    """Import all of Watcher."""
    os.environ['OS_WATCHER_DISABLE_EVENTLET_PATCHING'] = 'true'
    from watcher.common import oslo_service_helper

    oslo_service_helper.init_oslo_service_backend()

    from minicloud import database
    from minicloud import messaging
    from minicloud.watcher import control
    from minicloud.watcher import services

    services.preload()

    def start(cloud: settings.Settings) -> None:
        """Start everything; the control API comes last: all then runs."""
        database.serialize_writers(at_once=True)
        messaging.install()
        services.configure(cloud)
        services.start(cloud)
        wsgi.serve(cloud.socket('infra-optim'), services.api())
        wsgi.serve(
            cloud.socket('watcher-control'),
            wsgi.json_app(control.Control(cloud)),
        )

    return start


if __name__ == '__main__':
    forking.serve(preload)
