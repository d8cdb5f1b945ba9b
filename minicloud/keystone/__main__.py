# SPDX-License-Identifier: Apache-2.0

"""The process of Keystone: ``python -m minicloud.keystone``."""

from minicloud import forking
from minicloud import settings
from minicloud import wsgi


def preload() -> forking.Start:
    """Import all of Keystone."""
    from minicloud import database
    from minicloud.keystone import control
    from minicloud.keystone import services

    def start(cloud: settings.Settings) -> None:
        """Start everything; the control API comes last: all then runs."""
        database.serialize_writers(at_once=True)
        services.configure(cloud)
        services.fill(cloud)
        wsgi.serve(cloud.socket('identity'), services.api())
        wsgi.serve(
            cloud.socket('keystone-control'), wsgi.json_app(control.control)
        )

    return start


if __name__ == '__main__':
    forking.serve(preload)
