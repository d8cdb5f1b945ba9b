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

"""The real ``openstack optimize``, against a minicloud."""

import os
import shlex
import subprocess
import sys

from minicloud import cloud


def run(lab: cloud.Cloud, command: str, fails: bool = False) -> str:
    """Run a command as it is typed, and return what it prints.

    :param command: 'openstack optimize ...'
    :param fails: the command has to fail; its error is returned instead
    :raises AssertionError: it failed, or did not
    """
    program, *arguments = shlex.split(command)
    path = os.path.join(os.path.dirname(sys.executable), program)
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith('OS_')}
    done = subprocess.run(
        [path, *arguments], env={**kept, **lab.environment},
        capture_output=True, text=True, check=False)
    if bool(done.returncode) != fails:
        raise AssertionError(
            f'"{command}" ended with {done.returncode}:\n'
            f'{done.stdout}{done.stderr}')
    return done.stderr if fails else done.stdout
