# SPDX-License-Identifier: Apache-2.0

"""The parameter of a cancellation: which audits are called off."""

from typing import Any

from watcher_host_maintenance.request import parameters


AUDITS = 'audits'

SCHEMA: dict[str, Any] = {
    'properties': {
        AUDITS: {
            'description': 'The audits that are called off, by UUID. All of '
            'them must have ended. The owners whom they have told, and whose '
            'servers are not done, are told that nothing will happen.',
            'type': 'array',
            'items': parameters.UUID,
            'minItems': 1,
            'maxItems': 1000,
            'uniqueItems': True,
        },
    },
    'required': [AUDITS],
}
"""JSON schema, Draft 4, as that of a drain."""
