# SPDX-License-Identifier: Apache-2.0

"""Nova's metadata service, as servers reach it."""

import hashlib
import hmac

from typing import Any

from nova.api.metadata import handler

from minicloud import wsgi


#: What Nova and the agent of Neutron that asks it have in common.
SECRET = 'minicloud'


def metadata() -> wsgi.Application:
    """The metadata service behind what Neutron's metadata agent is.

    The agent finds out by its address which server asks; here the path begins
    with the server's project and UUID: ``/PROJECT/UUID/openstack/latest``.
    """
    service: wsgi.Application = handler.MetadataRequestHandler()

    def agent(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ['PATH_INFO'].lstrip('/')
        project, _, rest = path.partition('/')
        server, _, rest = rest.partition('/')
        signature = hmac.new(SECRET.encode(), server.encode(), hashlib.sha256)
        environ.update(
            PATH_INFO=f'/{rest}',
            HTTP_X_INSTANCE_ID=server,
            HTTP_X_TENANT_ID=project,
            HTTP_X_INSTANCE_ID_SIGNATURE=signature.hexdigest(),
            HTTP_X_FORWARDED_FOR='10.0.0.2',
        )
        return service(environ, start_response)

    return agent
