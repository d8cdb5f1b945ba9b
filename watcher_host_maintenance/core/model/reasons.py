# SPDX-License-Identifier: Apache-2.0

"""Why something cannot be done: a record for each reason, and its facts.

A reason is declared once, in the module that gives it, with everything that
is known about it::

    NO_ROOM = Of.ROOM.declare(
        'no_room',
        says=N_('{subject}: needs {wanted} {resource_class}, {free} free'),
        helps=N_('Free that much on it.'),
    )

Names in braces are facts of the finding, ``{subject}`` is what it is about::

    NO_ROOM.about('compute-2', wanted=4, resource_class='VCPU', free=2)

The templates are data; ``telling`` alone makes sentences of them.
"""

import dataclasses
import enum

from collections.abc import Mapping
from typing import Any


Fact = str | int | float | tuple[str, ...] | None
"""A value as it is, never words for it; None is unknown or absent."""


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for translation, where no translation is done yet."""
    return text


class Of(enum.Enum):
    """What a reason is about; each has a table in the documentation."""

    REQUEST = 'request'
    NODE = 'node'
    INSTANCE = 'instance'
    ASKED = 'asked'
    HELD = 'held'
    HOME = 'home'
    WAVE = 'wave'
    DESTINATION = 'destination'
    ROOM = 'room'
    PAIR = 'pair'
    UNPLACED = 'unplaced'
    TOGETHER = 'together'
    CONFLICT = 'conflict'
    REMEDY = 'remedy'
    WARNING = 'warning'
    MODEL = 'model'
    READ = 'read'
    LOOK = 'look'
    ACTION = 'action'
    SKIPPED = 'skipped'

    def declare(
        self, value: str, says: str, helps: str, **others: Any
    ) -> 'Reason':
        """Declare a reason.

        :param others: other fields of :class:`Reason`
        :raises ValueError: another reason has that value
        """
        if value in _DECLARED:
            raise ValueError(f'two reasons have the value {value}')
        _DECLARED[value] = Reason(value, self, says, helps, **others)
        return _DECLARED[value]


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reason:
    """One kind of objection; two reasons are equal if they are the same one.

    :ivar value: its name in reports; stable and documented
    :ivar of: what it is about
    :ivar says: the template of what it says
    :ivar helps: the template of what a person can do about it
    :ivar named: what it says instead when the finding has a subject; '' is
        the same
    :ivar is_bad_request: only another request helps: it fails the first run of
        a CONTINUOUS audit
    :ivar is_shared: it is said of one instance, but the instance is not its
        cause
    :ivar is_undecided: the search ended before it was known
    :ivar may_pass: it ends by itself, or when somebody brings back what has
        failed or was closed for the time being
    """

    value: str
    of: Of
    says: str
    helps: str
    named: str = ''
    is_bad_request: bool = False
    is_shared: bool = False
    is_undecided: bool = False
    may_pass: bool = False

    def __repr__(self) -> str:
        return f'Reason(value={self.value!r})'

    def __reduce__(self) -> tuple[object, ...]:
        # A copy is the same reason.
        return by_value, (self.value,)

    @property
    def is_of_all(self) -> bool:
        """It is about the instances of a node, not about the node itself."""
        return self.of in {Of.TOGETHER, Of.CONFLICT}

    @property
    def is_for_room(self) -> bool:
        """It is about instances that stay for want of a place."""
        return self.is_of_all or self.of is Of.UNPLACED

    def about(self, subject: str = '', /, **facts: Fact) -> 'Finding':
        """Return a finding with this reason."""
        return Finding(self, subject, facts)


_DECLARED: dict[str, Reason] = {}


def by_value(value: str) -> Reason:
    """Return the reason of a value.

    :raises KeyError: no module that is imported declares one
    """
    return _DECLARED[value]


def declared() -> tuple[Reason, ...]:
    """Return every reason that an imported module declares, by value."""
    return tuple(_DECLARED[value] for value in sorted(_DECLARED))


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One objection, with its numbers.

    :ivar reason: the kind
    :ivar subject: the hostname or the instance's name it is about; '' when
        it is about the whole request
    :ivar facts: name -> value, as the templates of the reason use them
    """

    reason: Reason
    subject: str = ''
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=dict)

    def number(self, name: str) -> float:
        """Return a fact that is a number; 0 if there is none of that name."""
        fact = self.facts.get(name, 0)
        return float(fact) if isinstance(fact, (int, float)) else 0.0

    def names(self, name: str) -> tuple[str, ...]:
        """Return a fact that is names; empty if there is none of that name."""
        fact = self.facts.get(name, ())
        return fact if isinstance(fact, tuple) else ()
