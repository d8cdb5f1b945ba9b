# SPDX-License-Identifier: Apache-2.0

"""Times in the zone of the person."""

import datetime

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from watcher_host_maintenance.client.announcements import Told
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.request.times import BadTime
from watcher_host_maintenance.request.times import to_seconds
from watcher_host_maintenance.request.windows import ANSWER_BY
from watcher_host_maintenance.request.windows import CRON
from watcher_host_maintenance.request.windows import DURATION
from watcher_host_maintenance.request.windows import ENDS
from watcher_host_maintenance.request.windows import STARTS


def local(seconds: int | None) -> str | None:
    """Return a time in the zone of the person; None is not known.

    It sorts as text.
    """
    if seconds is None:
        return None
    utc = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    try:
        time = timezone.localtime(utc)
    except OverflowError:
        # The last day that can be written has no next one, where it began.
        return format_time(seconds)
    return str(date_format(time, 'Y-m-d H:i T'))


def window(parameters: Mapping[str, Any]) -> str | None:
    """Return when an audit begins and must end; None is at any time.

    :param parameters: of the audit
    """
    names = {
        'starts': _local(parameters, STARTS),
        'ends': _local(parameters, ENDS),
    }
    texts = []
    if names['starts'] and names['ends']:
        texts.append(gettext('%(starts)s to %(ends)s'))
    elif names['starts']:
        texts.append(gettext('from %(starts)s'))
    elif names['ends']:
        texts.append(gettext('until %(ends)s'))
    if DURATION in parameters:
        names['duration'] = visible(str(parameters[DURATION]))
        names['cron'] = visible(str(parameters.get(CRON, '')))
        texts.append(
            gettext('%(duration)s at %(cron)s')
            if names['cron']
            else gettext('each run: %(duration)s')
        )
    return ', '.join(texts) % names or None


def answer_by(
    parameters: Mapping[str, Any], told: Iterable[Told]
) -> str | None:
    """Return until when owners may answer an audit; None is not asked.

    :param parameters: of the audit; they count until owners are told
    :param told: the owners on a node, who need not read the same time
    """
    read = [t.notice.answer_by_s for t in told]
    latest_s = max((s for s in read if s is not None), default=None)
    return local(latest_s) or _local(parameters, ANSWER_BY)


def _local(parameters: Mapping[str, Any], name: str) -> str | None:
    """Return a time among parameters; as it is written, if it is none."""
    if name not in parameters:
        return None
    text = str(parameters[name])
    try:
        return local(to_seconds(text))
    except BadTime:
        return visible(text)
