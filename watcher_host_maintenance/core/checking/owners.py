# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: what owners want, by another table than the planner's."""

import enum

from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance


class Wish(enum.Enum):
    """What becomes of an instance, if nothing else is in the way."""

    PLANNED = 'planned'
    BLOCKED = 'blocked'
    LEFT = 'left'
    STOPPED = 'stopped'
    COLD = 'cold'
    STOPPED_AND_COLD = 'stopped and cold'


BY_WORD = {
    # word: of a running server, one not running, and both if it is removed
    '':               (Wish.PLANNED, Wish.PLANNED, Wish.PLANNED),
    'move':           (Wish.PLANNED, Wish.PLANNED, Wish.PLANNED),
    'keep':           (Wish.BLOCKED, Wish.BLOCKED, Wish.PLANNED),
    'stay':           (Wish.LEFT,    Wish.LEFT,    Wish.PLANNED),
    'stop':           (Wish.STOPPED, Wish.LEFT,    Wish.STOPPED_AND_COLD),
    'stop-and-start': (Wish.STOPPED, Wish.LEFT,    Wish.COLD),
    'cold':           (Wish.COLD,    Wish.PLANNED, Wish.COLD),
}  # fmt: skip

MOVED_COLD = (Wish.COLD, Wish.STOPPED_AND_COLD)


def word(instance: Instance, request: Request) -> str:
    """Return the standing word that counts; '' is none."""
    if request.owners is Owners.IGNORE:
        return ''
    defaults = (
        instance.extra_specs.get(DEFAULT_SPEC),
        request.owner_defaults.get(instance.project_id),
    )
    careful = [w for w in STANDING_WORDS if w in instance.owner_words]
    careful += [w for w in defaults if w is not None and w in STANDING_WORDS]
    return careful[0] if careful else ''


def wish(instance: Instance, request: Request) -> Wish:
    """Return what an owner wants of an instance that is on its node."""
    runs, does_not, removed = BY_WORD[word(instance, request)]
    if request.removed:
        wanted = removed
    elif instance.vm_state in ('stopped', 'suspended'):
        wanted = does_not
    else:
        wanted = runs
    if wanted in (*MOVED_COLD, Wish.STOPPED) and instance.vm_state != 'active':
        wanted = Wish.PLANNED
    if wanted in MOVED_COLD and request.disable_cold_migration:
        neither = request.disable_live_migration
        wanted = Wish.PLANNED if neither else Wish.BLOCKED
    if wanted is Wish.BLOCKED and request.on_keep is OnKeep.MOVE:
        wanted = Wish.PLANNED
    return wanted
