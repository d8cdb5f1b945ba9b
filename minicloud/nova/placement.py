# SPDX-License-Identifier: Apache-2.0

"""The real Placement API."""

from typing import Any

from oslo_config import cfg
from placement import conf
from placement import db_api
from placement import deploy
from placement.db.sqlalchemy import models

from minicloud import credentials
from minicloud import database
from minicloud import files
from minicloud import settings
from minicloud import wsgi


def preload() -> None:
    """Do what is the same for all clouds."""
    database.image(models.BASE.metadata)


def load(cloud: settings.Settings) -> wsgi.Application:
    """Configure Placement and return its WSGI application."""
    url = database.create(cloud.path('placement.sqlite'), models.BASE.metadata)
    path = cloud.path('placement.conf')
    files.write_config(
        path,
        {
            **_authentication(cloud),
            'placement_database': {
                'connection': url,
                'sqlite_synchronous': False,
            },
            # It is read again when it changes.
            'oslo_policy': {
                'policy_file': cloud.write_policy('placement-policy.json')
            },
        },
    )
    config = cfg.ConfigOpts()
    conf.register_opts(config)
    config([], project='placement', default_config_files=[path])
    db_api.configure(config)
    app = deploy.loadapp(config)
    return app if cloud.passwords else wsgi.as_admin(app)


def _authentication(cloud: settings.Settings) -> dict[str, dict[str, Any]]:
    if not cloud.passwords:
        return {'api': {'auth_strategy': 'noauth2'}}
    return {
        'api': {'auth_strategy': 'keystone'},
        'keystone_authtoken': credentials.middleware(cloud, 'placement'),
    }
