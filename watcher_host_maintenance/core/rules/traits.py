# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Traits that a flavor requires or forbids."""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.request import Request
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.snapshot import ComputeNode
from watcher_host_maintenance.core.snapshot import Snapshot


PREFIX = 'trait:'


def asked_about(specs: Mapping[str, str]) -> dict[str, str]:
    """Return trait -> 'required' or 'forbidden', by name.

    Traits of numbered groups, such as ``trait1:``, are not among them:
    those ask a device below the node and cannot be proved here.
    """
    return {
        name.removeprefix(PREFIX): text
        for name, text in sorted(specs.items())
        if name.startswith(PREFIX)
    }


def has_traits(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node without a required trait, or with a forbidden one."""
    for trait, text in asked_about(leaver.instance.extra_specs).items():
        has = trait in node.traits
        if text == 'required' and not has:
            reason = Reason.TRAIT_MISSING
        elif text == 'forbidden' and has:
            reason = Reason.TRAIT_FORBIDDEN
        else:
            continue
        yield Finding(reason, node.hostname, {'trait': trait})
