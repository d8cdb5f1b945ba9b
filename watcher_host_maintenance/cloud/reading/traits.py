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

"""Which nodes have the traits that servers ask about."""

from collections.abc import Iterable

from watcher_host_maintenance.cloud import placement
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.rules import traits


def having(
    instances: Iterable[snapshot.Instance], rooms: placement.Placement
) -> dict[str, frozenset[str]]:
    """Return trait -> UUIDs of the nodes that have it, of those asked about.

    Placement looks at the providers that give something, and at no other. So
    the trait of a device below a node counts if all who ask for it hold
    something of a device; none of those can be proved to fit. That of shared
    storage never counts, since a move to a named host gets nothing of it.
    """
    asked: dict[str, set[bool]] = {}
    for instance in instances:
        for trait, text in traits.asked_about(instance.extra_specs).items():
            of_device = bool(instance.nested) and text == 'required'
            asked.setdefault(trait, set()).add(of_device)
    return {
        trait: found.own | found.below if asked[trait] == {True} else found.own
        for trait, found in rooms.with_traits(asked).items()
    }
