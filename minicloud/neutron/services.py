# SPDX-License-Identifier: Apache-2.0

"""The real Neutron, with ML2."""

import os
import sys

from neutron import server
from neutron.db.migration.models import head
from neutron.server import api as neutron_api

from minicloud import database
from minicloud import settings
from minicloud import wsgi
from minicloud.neutron import config


def preload() -> None:
    """Do what is the same for all clouds."""
    database.image(head.get_metadata())


def configure(cloud: settings.Settings) -> None:
    """Create the database, and write the configuration."""
    url = database.create(cloud.path('neutron.sqlite'), head.get_metadata())
    with open(cloud.path('neutron-paste.ini'), 'w') as paste:
        paste.write(config.PASTE)
    os.environ['OS_NEUTRON_CONFIG_FILES'] = cloud.write_config(
        config.sections(cloud, url)
    )
    sys.argv[1:] = []


def api() -> wsgi.Application:
    """Start the plugins, and return the WSGI application."""
    app: wsgi.Application = server.boot_server(
        neutron_api.api_server, prog='neutron-api'
    )
    return app
