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

"""Answers of an API that is not well, for rows of ddt."""

import requests


FAULTS = (
    # name, answer, part of what is told
    ('broken',       {'status_code': 500}, 'HTTP 500'),
    ('out_of_order', {'status_code': 503, 'reason': 'Busy'}, 'HTTP 503'),
    ('gateway',      {'status_code': 504}, 'HTTP 504'),
    ('cut_off',      {'exc': requests.ConnectionError('No')}, 'No'),
    ('too_slow',     {'exc': requests.ReadTimeout('Slow')}, 'timed out'),
)

NONSENSE = (
    # name, answer
    ('a_page',       {'text': '<h1>Maintenance</h1>'}),
    ('nonsense',     {'json': {'things': []}}),
    ('a_list',       {'json': []}),
)
