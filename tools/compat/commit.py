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

"""The state of the source that tests are run on."""

import subprocess

from tools.compat import environments


#: What looking at an environment writes itself.
_WRITTEN = ('tools/compat/results.json', 'doc/source/releases-results.txt')


def state() -> str:
    """Name the commit, from the last tag if there is one.

    :returns: '59d67be', or '59d67be-dirty' when files differ from it; '' is
        not known, as in an archive without git
    """
    said = _git('describe', '--tags', '--always')
    if said.returncode:
        return ''
    others = (f':(exclude){path}' for path in _WRITTEN)
    dirty = _git('diff', '--quiet', 'HEAD', '--', '.', *others).returncode
    return said.stdout.strip() + '-dirty' * bool(dirty)


def span(before: str, after: str) -> str:
    """Name what was looked at while the source may have changed."""
    return before if before == after else f'{before}..{after}'


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ['git', *arguments], cwd=environments.ROOT, capture_output=True,
        text=True, check=False)
