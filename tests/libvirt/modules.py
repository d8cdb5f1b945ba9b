# SPDX-License-Identifier: Apache-2.0

"""Debian's Python modules of libvirt, for an environment without them.

The package on PyPI has to be compiled, with libvirt's headers; Debian's is
for the system's Python, and fits any other one of the same minor version.
"""

import pathlib
import sysconfig


_PACKAGES = pathlib.Path('/usr/lib/python3/dist-packages')


def installed() -> bool:
    """Return True if Debian's package is there, for whatever Python."""
    return (_PACKAGES / 'libvirt.py').exists()


def available() -> bool:
    """Return True if this interpreter can import it."""
    suffix = sysconfig.get_config_var('EXT_SUFFIX')
    return (_PACKAGES / f'libvirtmod{suffix}').exists()


def link(directory: pathlib.Path) -> None:
    """Fill a directory that is put on PYTHONPATH: nothing else is in it."""
    directory.mkdir()
    for module in _PACKAGES.glob('libvirt*'):
        (directory / module.name).symlink_to(module)
