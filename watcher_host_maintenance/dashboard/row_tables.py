# SPDX-License-Identifier: Apache-2.0

"""Tables with actions on one row or on several, and pages that show them."""

from collections.abc import Iterable
from typing import Any

from django.forms import CheckboxInput
from django.http import HttpRequest
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import messages
from horizon import tables
from horizon.tables.base import Cell as Base

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.core.model.text import visible


NEEDS_ROWS = {'data-batch-action': 'true'}
"""Attributes of a button that Horizon's scripts disable without rows."""


class RowAction(tables.Action):
    """An action on rows; a row in an unfit state is left out, by name."""

    @staticmethod
    def fits(datum: Any, /) -> bool:
        """Return True if what a row is about is in a state for it."""
        raise NotImplementedError

    def allowed(self, request: HttpRequest, datum: Any = None) -> bool:
        """Return True for the table, and for a row in a state for it."""
        return datum is None or self.fits(datum)

    def chosen(
        self, table: 'RowTable', request: HttpRequest, ids: Iterable[str]
    ) -> list[str]:
        """Return the IDs of rows that it is allowed for, and name the others.

        A row that the table does not have is called by its ID.
        """
        rows = {table.get_object_id(datum): datum for datum in table.data}
        allowed, refused = [], []
        for row_id in ids:
            if row_id in rows and self._allowed(request, rows[row_id]):
                allowed.append(row_id)
            elif row_id in rows:
                refused.append(table.get_object_display(rows[row_id]))
            else:
                refused.append(visible(row_id))
        if refused:
            text = _('%(action)s is not possible now: %(names)s')
            names = ', '.join(refused)
            messages.error(
                request, text % {'action': self.verbose_name, 'names': names}
            )
        return allowed


class Filter(tables.FilterAction):
    """Searches what a table names, without a call."""

    def filter(
        self, table: 'RowTable', data: Iterable[Any], text: str
    ) -> list[Any]:
        """Return the rows that have the text in what is searched."""
        wanted = text.casefold()
        return [d for d in data if wanted in table.searched(d).casefold()]


class Cell(Base):
    """A cell; the box that selects its row has a label."""

    def get_data(self, datum: Any, column: Any, row: tables.Row) -> Any:
        """Return what is shown."""
        if column.auto != 'multi_select':
            return super().get_data(datum, column, row)
        row_id = row.table.get_object_id(datum)
        name = row.table.get_object_display(datum)
        # Horizon's own box is a picture: no key reaches what is behind it.
        box = CheckboxInput(check_test=_never_checked).render(
            'object_ids',
            row_id,
            {
                'class': 'table-row-multi-select',
                'aria-label': gettext('Select %(name)s') % {'name': name},
            },
        )
        # From there Horizon renders it.
        row.table._data_cache[column][row_id] = box
        return box


class RowTable(tables.DataTable):
    """A table with a box in each row, for actions on several."""

    def searched(self, datum: Any) -> str:
        """Return the text of a row that its filter searches."""
        raise NotImplementedError

    def get_row_actions(self, datum: Any) -> list[tables.Action]:
        """Return the actions of a row, each with the name of the row."""
        actions: list[tables.Action] = super().get_row_actions(datum)
        for action in actions:
            action.row_name = self.get_object_display(datum)
        return actions

    def set_multiselect_column_visibility(self, visible: bool = True) -> None:
        """Show the boxes if any action is allowed; Horizon counts its own."""
        shown = any(isinstance(a, RowAction) for a in self.get_table_actions())
        super().set_multiselect_column_visibility(shown)


class RowTableView(tables.DataTableView):
    """A page with such a table, whose rows scripts can renew."""

    def get(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the page, or one row of it that Horizon's scripts renew."""
        try:
            return super().get(request, *args, **kwargs)
        except ClientError as exc:
            return bad_gateway(exc)


def bad_gateway(error: ClientError) -> HttpResponse:
    """Answer a script: a service does not do what is needed."""
    return HttpResponse(
        visible(str(error)), content_type='text/plain', status=502
    )


def _never_checked(value: object) -> bool:
    return False
