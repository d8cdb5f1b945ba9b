# SPDX-License-Identifier: Apache-2.0

"""Write configuration files, copy databases, remove everything again."""

import contextlib
import os
import shutil
import sqlite3
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


def copy_database(source: str, target: str) -> None:
    """Copy an SQLite database; both may be in use.

    What reads or writes the target goes on with the copy's content.
    """
    with (
        contextlib.closing(sqlite3.connect(source)) as used,
        contextlib.closing(sqlite3.connect(target, timeout=60)) as copy,
    ):
        copy.execute('PRAGMA synchronous=OFF')
        used.backup(copy)


def remove(directory: str, attempts: int = 20) -> None:
    """Remove a tree that another process may still be writing to."""
    for _attempt in range(attempts):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.05)
