# SPDX-License-Identifier: Apache-2.0

"""The real Keystone, prepared by what keystone-manage calls."""

import sys

import keystone.conf

from keystone import server
from keystone.cmd import bootstrap
from keystone.common import fernet_utils
from keystone.common.sql import upgrades
from keystone.server.flask import application
from keystone.server.flask import core

from minicloud import credentials
from minicloud import database
from minicloud import settings
from minicloud import wsgi
from minicloud.keystone import catalog
from minicloud.keystone import config
from minicloud.keystone import people


CONF = keystone.conf.CONF
REGION = 'RegionOne'


def configure(cloud: settings.Settings) -> None:
    """Create database and keys, and read the configuration."""
    path = cloud.write_config(
        config.sections(
            cloud, database.create_empty(cloud.path('keystone.sqlite'))
        )
    )
    sys.argv[1:] = []
    server.configure(config_files=[path])
    upgrades.offline_sync_database_to_version()
    for group in ('fernet_tokens', 'credential'):
        keys = fernet_utils.FernetUtils(
            CONF[group].key_repository, max_active_keys=3, config_group=group
        )
        keys.create_key_directory()
        keys.initialize_key_repository()


def fill(cloud: settings.Settings) -> None:
    """Make domain, roles, users, projects and the service catalog."""
    first = bootstrap.Bootstrapper()
    first.admin_username = credentials.ADMIN
    first.admin_password = cloud.passwords[credentials.ADMIN]
    first.project_name = credentials.USERS[credentials.ADMIN].project
    first.admin_role_name = 'admin'
    first.immutable_roles = True
    first.region_id = REGION
    first.bootstrap()
    people.create(cloud, first.default_domain_id, first.admin_user_id)
    catalog.create(cloud, REGION)


def api() -> wsgi.Application:
    """The WSGI application of the Identity API."""
    app: wsgi.Application = core.setup_app_middleware(
        application.application_factory('public')
    )
    return app
