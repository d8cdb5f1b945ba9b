# SPDX-License-Identifier: Apache-2.0

"""Users, projects, and who has which role where."""

import uuid

from keystone.common import driver_hints
from keystone.common import provider_api

from minicloud import credentials
from minicloud import settings


PROVIDERS = provider_api.ProviderAPIs


def create(cloud: settings.Settings, domain: str, admin: str) -> None:
    """Make everybody but the administrator, who is there.

    :param domain: id of the one domain
    :param admin: id of the administrator, who gets a role in every project
        of the description
    """
    roles = {
        role['name']: role['id']
        for role in PROVIDERS.role_api.list_roles(driver_hints.Hints())
    }
    made = {}
    for name, wanted in credentials.USERS.items():
        if name == credentials.ADMIN:
            continue
        project = wanted.project
        if project not in made:
            is_described = project in cloud.projects
            made[project] = _project(
                project if is_described else uuid.uuid4().hex, project, domain
            )
        user = PROVIDERS.identity_api.create_user(
            {
                'name': name,
                'password': cloud.passwords[name],
                'domain_id': domain,
                'enabled': True,
            }
        )
        for role in wanted.roles:
            _grant(user['id'], made[project], roles[role])
    for name in cloud.projects:
        # Nova knows a project by its id only.
        if name not in made:
            made[name] = _project(name, name, domain)
        _grant(admin, made[name], roles['admin'])


def _project(project: str, name: str, domain: str) -> str:
    PROVIDERS.resource_api.create_project(
        project,
        {'id': project, 'name': name, 'domain_id': domain, 'enabled': True},
    )
    return project


def _grant(user: str, project: str, role: str) -> None:
    PROVIDERS.assignment_api.add_role_to_user_and_project(
        user_id=user, project_id=project, role_id=role
    )
