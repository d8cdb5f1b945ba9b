# SPDX-License-Identifier: Apache-2.0

"""Answers of an API that is not well, for rows of ddt."""

import requests


FAULTS = (
    # name, answer, part of what is told
    ('broken',       {'status_code': 500}, 'HTTP 500'),
    ('out_of_order', {'status_code': 503, 'reason': 'Busy'}, 'HTTP 503'),
    ('gateway',      {'status_code': 504}, 'HTTP 504'),
    ('cut_off',      {'exc': requests.ConnectionError('No')}, 'No'),
    ('too_slow',     {'exc': requests.ReadTimeout('Slow')}, 'timed out'),
)  # fmt: skip

NONSENSE = (
    # name, answer
    ('a_page',       {'text': '<h1>Maintenance</h1>'}),
    ('nonsense',     {'json': {'things': []}}),
    ('a_list',       {'json': []}),
)  # fmt: skip
