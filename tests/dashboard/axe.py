# SPDX-License-Identifier: Apache-2.0

"""Look for barriers on a page, by axe-core."""

import importlib.util
import os
import pathlib

from typing import Any


#: A file of axe-core to use in place of the one that is installed.
_VARIABLE = 'AXE_CORE'

#: Only what keeps somebody from using a page counts.
_SERIOUS = ('serious', 'critical')

#: Parts of Horizon itself that no plugin can change: the box that selects all
#: rows, which a script adds without a label, and the path to the page and the
#: tabs, whose links are too light.
_NOT_OURS = ('thead .multi_select_column', '.breadcrumb', '.nav-tabs')

_RUN = """
const done = arguments[arguments.length - 1];
const exclude = arguments[1].map(selector => [selector]);
axe.run({include: [[arguments[0]]], exclude: exclude}, {resultTypes: ['violations']}).then(
    result => done(result.violations),
    error => done([{id: String(error), impact: 'critical', nodes: []}]));"""


def source() -> str:
    """Return the script."""
    path = os.environ.get(_VARIABLE)
    if not path:
        found = importlib.util.find_spec('axe_core_python')
        assert found is not None
        assert found.origin is not None
        path = os.path.join(os.path.dirname(found.origin), 'axe.min.js')
    return pathlib.Path(path).read_text(encoding='utf-8')


def barriers(driver: Any, selector: str) -> list[str]:
    """Return what is serious in a part of the page, a line each.

    :param driver: selenium's
    :param selector: CSS selector of the part
    """
    driver.execute_script(source())
    violations = driver.execute_async_script(_RUN, selector, _NOT_OURS)
    return [
        f'{v["impact"]} {v["id"]}: '
        + '; '.join(node['html'][:200] for node in v['nodes'])
        for v in violations
        if v['impact'] in _SERIOUS
    ]
