# SPDX-License-Identifier: Apache-2.0

"""Write configuration files, and remove everything again."""

import os
import shutil
import time

from collections.abc import Mapping
from typing import Any


#: Section name -> option name -> value.
Sections = Mapping[str, Mapping[str, Any]]


def write_config(path: str, sections: Sections) -> None:
    """Write a file for oslo.config.

    :param sections: values are written with str(); lists as repeated lines
    """
    lines = []
    for section, options in sections.items():
        lines.append(f'[{section}]')
        for option, value in options.items():
            values = value if isinstance(value, list) else [value]
            lines += [f'{option} = {item}' for item in values]
        lines.append('')
    with open(path, 'w') as config:
        config.write('\n'.join(lines))


def remove(directory: str, attempts: int = 20) -> None:
    """Remove a tree that another process may still be writing to."""
    for _attempt in range(attempts):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.05)
