# SPDX-License-Identifier: Apache-2.0

"""The table of compute nodes, with its actions."""

from collections.abc import Sequence
from typing import ClassVar

from django import shortcuts
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from horizon import messages
from horizon import tables
from horizon.utils import filters

from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.progress import measure
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import times
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.dashboard.row_tables import NEEDS_ROWS
from watcher_host_maintenance.dashboard.row_tables import Cell
from watcher_host_maintenance.dashboard.row_tables import Filter
from watcher_host_maintenance.dashboard.row_tables import RowAction
from watcher_host_maintenance.dashboard.row_tables import RowTable


TO_EMPTY = frozenset(
    {
        Phase.IN_SERVICE,
        Phase.ANNOUNCED,
        Phase.BLOCKED,
        Phase.DRAINING,
        Phase.FOREIGN,
    }
)
"""Phases in which a node may be emptied, unless a plan is running."""

CLOSED = frozenset({Phase.DRAINING, Phase.READY, Phase.BLOCKED})
"""Phases in which a disabled node is in maintenance, its work not done."""


def runs(node: Node) -> bool:
    """Return True while Watcher plans, or carries out a plan, for a node."""
    return words.activity(node) in {words.PLANNING, words.RUNNING}


def may_start(node: Node) -> bool:
    """Return True if it makes sense to empty a node."""
    return node.phase in TO_EMPTY and not runs(node)


def may_be_done(node: Node) -> bool:
    """Return True if somebody may be at work on a node."""
    disabled = node.service.status == 'disabled'
    return disabled and node.phase in CLOSED and not runs(node)


def may_end(node: Node) -> bool:
    """Return True if it makes sense to return a node to service."""
    return may_be_done(node) or (
        node.phase is Phase.MAINTAINED and not runs(node)
    )


def may_cancel(node: Node) -> bool:
    """Return True if a plan for a node has not ended, or others follow."""
    if node.attempt is None:
        return False
    plan = node.attempt.plan
    has_plan = plan is not None and not plan.has_ended
    return has_plan or node.attempt.audit.repeats


class _ToForm(RowAction):
    """Goes to a form about the chosen nodes; changes nothing by itself."""

    view: ClassVar[str]
    query: ClassVar[tuple[tuple[str, str], ...]] = ()

    def handle(
        self, table: 'NodesTable', request: HttpRequest, hosts: Sequence[str]
    ) -> HttpResponse:
        """Redirect to the form, if it makes sense for any node."""
        chosen = self.chosen(table, request, hosts)
        if not chosen:
            return shortcuts.redirect(request.get_full_path())
        query = [*(('host', host) for host in chosen), *self.query]
        return shortcuts.redirect(f'{reverse(self.view)}?{urlencode(query)}')


class Check(_ToForm):
    """Plans by reads alone, with the default options."""

    name = 'check'
    verbose_name = _('Check')
    verbose_name_plural = _('Check')
    view = 'horizon:admin:maintenance:start'
    query = (('check', '1'),)
    policy_rules = rights.SEE
    fits = staticmethod(may_start)


class Start(_ToForm):
    """Goes to the form that starts a maintenance."""

    name = 'start'
    verbose_name = _('Start Maintenance')
    verbose_name_plural = _('Start Maintenance')
    view = 'horizon:admin:maintenance:start'
    policy_rules = rights.START
    fits = staticmethod(may_start)


class End(_ToForm):
    """Goes to the form that ends a maintenance."""

    name = 'end'
    verbose_name = _('End Maintenance')
    verbose_name_plural = _('End Maintenance')
    view = 'horizon:admin:maintenance:end'
    policy_rules = rights.START
    fits = staticmethod(may_end)


class _ForEach(RowAction):
    """Does something for each chosen node, and tells each failure."""

    attrs = NEEDS_ROWS

    def act(self, request: HttpRequest, host: str) -> None:
        """Do it for one node.

        :raises ClientError: it failed
        """
        raise NotImplementedError

    def past(self, count: int) -> str:
        """Return what was done, for so many nodes."""
        raise NotImplementedError

    def handle(
        self, table: 'NodesTable', request: HttpRequest, hosts: Sequence[str]
    ) -> HttpResponse:
        """Do it, and show the table again."""
        done = []
        for host in self.chosen(table, request, hosts):
            try:
                self.act(request, host)
            except ClientError as exc:
                messages.error(request, visible(f'{host}: {exc}'))
            else:
                done.append(visible(host))
        if done:
            text = f'{self.past(len(done))}: {", ".join(done)}'
            messages.success(request, text)
        return shortcuts.redirect(request.get_full_path())


class MarkDone(_ForEach):
    """Gives nodes the reason that the work on them is done."""

    name = 'done'
    verbose_name = _('Mark as Done')
    verbose_name_plural = _('Mark as Done')
    help_text = _(
        'The nodes stay disabled until their maintenance is ended, or an '
        'audit of the goal "cluster_return" returns them to service.'
    )
    policy_rules = rights.MARK
    fits = staticmethod(may_be_done)

    def act(self, request: HttpRequest, host: str) -> None:
        """Set the reason in Nova."""
        cloud.maintenance(request).mark_done(host)

    def past(self, count: int) -> str:
        """Return what was done, for so many nodes."""
        return str(
            ngettext('Node marked as done', 'Nodes marked as done', count)
        )


class Cancel(_ForEach):
    """Cancels what goes on for nodes; nothing is undone."""

    name = 'cancel'
    verbose_name = _('Cancel')
    verbose_name_plural = _('Cancel')
    action_type = 'danger'
    help_text = _(
        'Servers that have moved stay where they are, and a node that the '
        'plan has disabled stays disabled. Owners who were told see that it '
        'is cancelled.'
    )
    policy_rules = rights.CANCEL
    fits = staticmethod(may_cancel)

    def act(self, request: HttpRequest, host: str) -> None:
        """End the audits that begin again, or else cancel a plan."""
        problem = cloud.cancel(cloud.maintenance(request), host)
        if problem:
            text = gettext('No notifications were sent: %s')
            messages.warning(request, text % problem)

    def past(self, count: int) -> str:
        """Return what was done, for so many nodes."""
        return str(gettext('Cancelled'))


class Row(tables.Row):
    """A row that Horizon's scripts renew while something runs."""

    ajax = True

    def get_data(self, request: HttpRequest, host: str) -> Node:
        """Return where the node stands now."""
        return cloud.maintenance(request).node(host)


def get_host(node: Node) -> str:
    """Return the service host, as text that can be shown."""
    return visible(node.host)


def get_servers(node: Node) -> int | None:
    """Return how many servers are on a node; None is not known."""
    return None if node.servers is None else len(node.servers)


def get_progress(node: Node) -> str | None:
    """Return how much of the newest plan is done; None without a plan."""
    attempt = node.attempt
    if attempt is None or attempt.plan is None or not node.is_of_interest:
        return None
    progress = measure(attempt.plan, attempt.actions, {})
    text = gettext('%(done)s of %(total)s')
    return str(text % {'done': progress.done, 'total': progress.total})


def get_since(node: Node) -> str | None:
    """Return how long ago the newest attempt began; None without one."""
    attempt = node.attempt if node.is_of_interest else None
    began = filters.parse_isotime(attempt.began_at) if attempt else ''
    return filters.timesince_sortable(began) if began else None


def get_window(node: Node) -> str | None:
    """Return when the maintenance begins and must end; None is any time."""
    attempt = node.attempt if node.is_of_interest else None
    return times.window(attempt.audit.parameters) if attempt else None


def get_reason(node: Node) -> str | None:
    """Return the reason of the disabled service; None is none."""
    return visible(node.service.disabled_reason) or None


def get_problems(node: Node) -> str | None:
    """Return what failed; None is nothing."""
    return words.in_fields(' '.join(problems(node))) or None


def node_link(node: Node) -> str:
    """Return the address of the page of a node."""
    return pages.node_link(node.host)


def result_link(node: Node) -> str | None:
    """Return the address of the newest result of a node."""
    if node.attempt is None or not node.is_of_interest:
        return None
    uuid = node.attempt.audit.uuid
    return pages.result_link(uuid)


_STATUSES = {
    words.PLANNING: None,
    words.RUNNING: None,
    Phase.RETURNING.value: None,
    Phase.BLOCKED.value: False,
}
"""Activity -> False is a problem, None changes by itself."""


class NodesTable(RowTable):
    """Compute nodes: where each stands, and what can be done with it."""

    host = tables.WrappingColumn(
        get_host, verbose_name=_('Host'), link=node_link
    )
    activity = tables.Column(
        words.activity,
        verbose_name=_('Maintenance'),
        status=True,
        status_choices=[
            (key, _STATUSES.get(key, True)) for key in words.ACTIVITIES
        ],
        display_choices=tuple(words.ACTIVITIES.items()),
    )
    servers = tables.Column(get_servers, verbose_name=_('Servers'))
    progress = tables.Column(
        get_progress, verbose_name=_('Servers Done'), link=result_link
    )
    window = tables.Column(get_window, verbose_name=_('Window'))
    since = tables.Column(
        get_since,
        verbose_name=_('Time Since Start'),
        attrs={'data-type': 'timesince'},
    )
    reason = tables.WrappingColumn(get_reason, verbose_name=_('Reason'))
    problems = tables.WrappingColumn(get_problems, verbose_name=_('Problems'))

    def get_object_id(self, node: Node) -> str:
        """Return the service host."""
        return node.host

    def get_object_display(self, node: Node) -> str:
        """Return the service host, as text that can be shown."""
        return visible(node.host)

    def searched(self, node: Node) -> str:
        """Return host, phase and reason."""
        name = words.ACTIVITIES[words.activity(node)]
        return f'{node.host} {name} {node.service.disabled_reason}'

    class Meta:
        """What Horizon makes the table of."""

        name = 'maintenance'
        verbose_name = _('Compute Nodes')
        row_class = Row
        cell_class = Cell
        multi_select = True
        status_columns = ('activity',)
        table_actions = (Filter, Check, Start, End, MarkDone, Cancel)
        row_actions = (Start, Check, End, MarkDone, Cancel)
        row_actions_dropdown_template = 'maintenance/_row_actions.html'
