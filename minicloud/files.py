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
