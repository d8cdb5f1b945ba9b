#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""A node gets another reason without being enabled in between."""

from typing import Any

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import compute


class ChangeDisabledReason(base.Action):
    """Say why a node is disabled; disable it if somebody has enabled it.

    Watcher's own ``change_nova_service_state`` skips what is disabled.
    """

    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        disabled_reason={'type': 'string', 'minLength': 1, 'maxLength': 255},
    )

    def get_description(self) -> str:
        """Return what ``openstack optimize actiondescription`` prints."""
        return (
            'Changes the reason that a nova-compute service is disabled '
            'with. It is not enabled in between.'
        )

    def pre_condition(self) -> None:
        """Skip when it is disabled with that reason already."""
        service = self._service()
        if service.status == 'disabled' and self._has_reason(service):
            facts = {'host': self._hostname, 'reason': self._reason}
            raise base.skipped(
                _('%(host)s is disabled already: %(reason)s') % facts
            )

    def execute(self) -> bool:
        """Write the reason, and read it back.

        :raises watcher_host_maintenance.exceptions.ActionFailed: Nova
            refused or did not do it
        """
        service = self._service()
        with compute.asking(f'PUT /os-services/{service.id}') as client:
            client.services.disable_log_reason(service.id, self._reason)
        return self._has_reason(self._service())

    @property
    def _hostname(self) -> str:
        return str(self.input_parameters['resource_name'])

    @property
    def _reason(self) -> str:
        return str(self.input_parameters['disabled_reason'])

    def _has_reason(self, service: Any) -> bool:
        return bool(service.disabled_reason == self._reason)

    def _service(self) -> Any:
        found = compute.service(self._hostname)
        if found is None:
            text = _('%s has no nova-compute service.') % self._hostname
            raise base.failed([text])
        return found
