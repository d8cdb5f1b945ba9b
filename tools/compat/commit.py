# SPDX-License-Identifier: Apache-2.0

"""The state of the source that tests are run on."""

import subprocess

from tools.compat import environments


#: What looking at an environment writes itself.
_WRITTEN = (
    'tools/compat/results.json',
    'doc/source/install/releases-results.txt',
)


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
        ['git', *arguments],
        cwd=environments.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
