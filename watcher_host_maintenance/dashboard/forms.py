# SPDX-License-Identifier: Apache-2.0

"""The forms that start and end a maintenance."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import RETURN_PARAMETERS
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import RETURN_GOAL
from watcher_host_maintenance.request.windows import CRON
from watcher_host_maintenance.request.windows import STARTS


HOSTS = 'hosts'
"""The field of the compute nodes."""

MOST_VISIBLE = 8
"""Rows of the list of compute nodes; the others are scrolled to."""

TEXT_LENGTH = 200

INTERVAL_S = 300
"""Seconds between two looks for a time, or for answers of owners."""


class MaintenanceForm(forms.Form):
    """Compute nodes, and a field for each parameter of a strategy.

    :cvar goal: what Watcher is asked for
    """

    goal: ClassVar[str]
    parameters: ClassVar[Mapping[str, Mapping[str, Any]]]

    def __init__(
        self, nodes: Sequence[str], *arguments: Any, **options: Any
    ) -> None:
        """Make the fields.

        :param nodes: all compute nodes, by service host
        """
        super().__init__(*arguments, **options)
        choices = [(host, host) for host in nodes]
        size = min(MOST_VISIBLE, max(2, len(nodes)))
        self.fields[HOSTS] = forms.MultipleChoiceField(
            label=_('Compute nodes'),
            choices=choices,
            widget=forms.SelectMultiple(attrs={'size': size}),
        )
        for name, schema in self.parameters.items():
            self.fields[name] = _field(
                name, schema, choices, self.goal == RETURN_GOAL
            )
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs['class'] = 'form-control'

    @property
    def hosts(self) -> list[str]:
        """The compute nodes of a valid form, each once."""
        return list(dict.fromkeys(self.cleaned_data[HOSTS]))

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of a valid form that differ from their defaults."""
        return {
            name: self.cleaned_data[name]
            for name, schema in self.parameters.items()
            if self.cleaned_data[name] not in {'', None, schema.get('default')}
        }

    @property
    def interval_s(self) -> int:
        """Seconds between two looks of Watcher; 0 is one look.

        What waits, for a time or for owners, is more than one look.
        """
        waits = self.given.get('owners') == Owners.WAIT.value
        waits = waits or not {STARTS, CRON}.isdisjoint(self.given)
        return INTERVAL_S if waits else 0

    @classmethod
    def defaults(cls, hosts: Sequence[str]) -> dict[str, Any]:
        """Return the data of a form in which only nodes were chosen."""
        values = {
            name: schema['default']
            for name, schema in cls.parameters.items()
            if schema.get('default') not in {None, False}
        }
        return {**values, HOSTS: list(hosts)}


class StartForm(MaintenanceForm):
    """How to empty compute nodes."""

    goal = GOAL
    parameters = PARAMETERS


class EndForm(MaintenanceForm):
    """How to return compute nodes to service."""

    goal = RETURN_GOAL
    parameters = RETURN_PARAMETERS


def _field(
    name: str,
    schema: Mapping[str, Any],
    nodes: Sequence[tuple[str, str]],
    is_return: bool,
) -> forms.Field:
    """Return the field of a parameter, by its JSON schema."""
    common = {
        'label': words.label(name),
        'help_text': words.explanation(name, schema, is_return),
        'required': False,
        'initial': schema.get('default'),
    }
    if name == 'backup_node':
        choices = [('', _('None: choose the best of all')), *nodes]
        return forms.ChoiceField(choices=choices, **common)
    if schema['type'] == 'boolean':
        return forms.BooleanField(**common)
    if 'enum' in schema:
        values = [(v, words.choice(name, v)) for v in schema['enum']]
        return forms.ChoiceField(choices=values, **common)
    if schema['type'] in ('number', 'integer'):
        kind = (
            forms.FloatField
            if schema['type'] == 'number'
            else forms.IntegerField
        )
        return kind(
            min_value=schema.get('minimum'),
            max_value=schema.get('maximum'),
            **common,
        )
    return forms.CharField(
        max_length=schema.get('maxLength', TEXT_LENGTH), **common
    )
