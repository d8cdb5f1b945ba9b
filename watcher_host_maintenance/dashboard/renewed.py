# SPDX-License-Identifier: Apache-2.0

"""Pages with a part that a script refreshes while something runs."""

from typing import Any
from typing import ClassVar

from django import shortcuts
from django.http import HttpRequest
from django.http import HttpResponse
from horizon import views

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.dashboard.row_tables import bad_gateway


class RenewedView(views.HorizonTemplateView):
    """A page; its address with ``?part=1`` answers the part alone.

    :cvar part_template: of that part
    """

    part_template: ClassVar[str]

    def part(self) -> dict[str, Any]:
        """Return what the template of the part shows.

        :raises ClientError: it cannot be read
        """
        raise NotImplementedError

    def get(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the page, or only what changes in it."""
        if 'part' not in request.GET:
            return super().get(request, *args, **kwargs)
        try:
            context = self.part()
        except ClientError as exc:
            return bad_gateway(exc)
        return shortcuts.render(request, self.part_template, context)
