# SPDX-License-Identifier: Apache-2.0

"""A language of names: what is said, whatever the words are.

No name has a full stop: one that is read was put there by the code.
"""

import string

from tests.unit.reasons import every_reason
from watcher_host_maintenance.core.telling import brevity
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words


def _coded(code: str, template: str) -> str:
    names = (name for _, name, _, _ in string.Formatter().parse(template))
    return ' '.join([code, *(f'{{{name}}}' for name in names if name)])


CODES = {
    template: _coded(name, template)
    for module in (brevity, report, summary, words)
    for name, template in vars(module).items()
    if name.isupper() and isinstance(template, str)
} | {
    template: _coded(code, template)
    for value, reason in every_reason().items()
    for template, code in (
        (reason.says, value),
        (reason.named, value),
        (reason.helps, f'help_{value}'),
    )
}


def coded(template: str) -> str:
    """Translate a template into its name, and what is filled in."""
    return CODES.get(template, template)
