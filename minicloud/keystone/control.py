# SPDX-License-Identifier: Apache-2.0

"""The control API of the Keystone process."""

import datetime

from typing import Any

import keystone.conf

from keystone.common import sql
from keystone.identity.backends import sql_model


CONF = keystone.conf.CONF


def control(method: str, path: str, body: Any) -> Any:
    """Answer one request; ``GET /`` answers once Keystone serves.

    ``POST /expire`` takes ``{"user": name}``: the user's password has then
    come to its end, as it does by the clock only. ``POST /tokens`` takes
    ``{"seconds": number}``: tokens made from now on live so long, with null
    as long as those before.

    :raises LookupError: no such path or user
    """
    if path == '/expire':
        _expire(body['user'])
    elif path == '/tokens':
        _limit_tokens(body['seconds'])
    elif path != '/':
        raise LookupError(f'no path {path}')
    return {'status': 'ok'}


def _limit_tokens(seconds: int | None) -> None:
    if seconds is None:
        CONF.clear_override('expiration', 'token')
    else:
        CONF.set_override('expiration', seconds, 'token')


def _expire(user: str) -> None:
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    with sql.session_for_write() as session:
        found = session.query(sql_model.LocalUser).filter_by(name=user).all()
        if not found:
            raise LookupError(f'no user {user}')
        found[0].passwords[-1].expires_at = past.replace(tzinfo=None)
