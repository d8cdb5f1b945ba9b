# SPDX-License-Identifier: Apache-2.0

"""The processes of Nova and Placement: ``python -m minicloud.nova``.

Imports come in the order that Nova's choice of threads asks for.
"""

import os

from minicloud import forking
from minicloud import settings
from minicloud import wsgi


def preload() -> forking.Start:
    """Import all of Nova and Placement."""
    os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = 'true'
    from nova import monkey_patch

    monkey_patch.patch(backend='threading')

    from minicloud import database
    from minicloud import idling
    from minicloud import messaging
    from minicloud.nova import calls
    from minicloud.nova import control
    from minicloud.nova import guests
    from minicloud.nova import identity
    from minicloud.nova import neighbours
    from minicloud.nova import ordered
    from minicloud.nova import placement
    from minicloud.nova import services
    from minicloud.nova import volumes

    services.preload()
    placement.preload()

    def start(cloud: settings.Settings) -> None:
        """Start everything; the control API comes last: all then runs."""
        database.serialize_writers()
        messaging.install()
        idling.install()
        ordered.install()
        calls.install()
        if 'identity' in cloud.apis:
            wsgi.serve(
                cloud.socket('identity'),
                wsgi.json_app(identity.Identity(cloud.urls), identity.HEADERS),
            )
        wsgi.serve(
            cloud.socket('image'),
            wsgi.json_app(neighbours.Images(cloud.urls['image'])),
        )
        network = neighbours.Network()
        if 'network' in cloud.apis:
            wsgi.serve(cloud.socket('network'), wsgi.json_app(network))
        wsgi.serve(cloud.socket('volume'), wsgi.json_app(volumes.Volumes()))
        apis = {'placement': calls.Recorded(placement.load(cloud))}
        gates = {'placement': wsgi.Gate(apis['placement'])}
        wsgi.serve(cloud.socket('placement'), gates['placement'])
        nova = services.Services(cloud)
        nova.start()
        wsgi.serve(cloud.socket('metadata'), guests.metadata())
        apis['compute'] = calls.Recorded(nova.api())
        gates['compute'] = wsgi.Gate(apis['compute'])
        wsgi.serve(cloud.socket('compute'), gates['compute'])
        wsgi.serve(
            cloud.socket('nova-control'),
            wsgi.json_app(control.Control(nova, gates, apis, network)),
        )

    return start


if __name__ == '__main__':
    forking.serve(preload)
