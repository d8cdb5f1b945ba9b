# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Let threads sleep that have nothing to do.

Each of futurist's looks every second whether it is to end. Thirty compute
services have a thousand between them, and on a busy machine they leave the
interpreter to nobody else. Only imported in the child processes.
"""

from futurist import _thread


#: Those of a pool that was thrown away live on for as long.
_IDLE_S = 60


def install() -> None:
    """Wake the threads of all pools less often."""
    _thread.ThreadWorker.MAX_IDLE_FOR = _IDLE_S
