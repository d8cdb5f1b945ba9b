# SPDX-License-Identifier: Apache-2.0

"""The process of Neutron: ``python -m minicloud.neutron``.

It may have an environment of its own: nothing else of this project is
imported there.
"""

from minicloud import forking
from minicloud import settings
from minicloud import wsgi


def preload() -> forking.Start:
    """Import Neutron's server and its tables."""
    from minicloud import database
    from minicloud.neutron import control
    from minicloud.neutron import services

    services.preload()

    def start(cloud: settings.Settings) -> None:
        """Start everything; the control API comes last: all then runs."""
        database.serialize_writers()
        services.configure(cloud)
        # Bindings of ports are for services, such as Nova.
        app = wsgi.as_admin(services.api(), 'service')
        wsgi.serve(cloud.socket('network'), app)
        wsgi.serve(
            cloud.socket('neutron-control'), wsgi.json_app(control.control)
        )

    return start


if __name__ == '__main__':
    forking.serve(preload)
