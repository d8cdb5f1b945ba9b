# SPDX-License-Identifier: Apache-2.0

"""What the tests on real hypervisors need from the machine."""

import os
import pathlib
import shutil
import sysconfig

from collections.abc import Iterator

from tests.libvirt import guest
from tests.libvirt import modules
from tests.libvirt import namespaces
from tests.services import rabbitmq


#: Program or file -> the Debian package that has it.
_PROGRAMS = {
    'cpio': 'cpio',
    'ip': 'iproute2',
    'libvirtd': 'libvirt-daemon',
    'mariadbd': 'mariadb-server',
    'pgrep': 'procps',
    'qemu-img': 'qemu-utils',
    'qemu-system-x86_64': 'qemu-system-x86',
    'sshd': 'openssh-server',
    'virsh': 'libvirt-clients',
}
_DRIVER = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so'


def missing() -> str:
    """Return in one line what is missing; '' when nothing is."""
    if os.geteuid():
        return 'not root'
    packages = sorted({*_packages()})
    if packages:
        return (
            'not installed; apt-get install --no-install-recommends '
            + ' '.join(packages)
        )
    if not modules.available():
        suffix = sysconfig.get_config_var('EXT_SUFFIX')
        return f'python3-libvirt is of another Python: no libvirtmod{suffix}'
    if not namespaces.available():
        return 'no namespaces: this machine does not allow unshare'
    return ''


def _packages() -> Iterator[str]:
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            yield package
    if not guest.busybox():
        yield 'busybox-static'
    if not pathlib.Path(_DRIVER).exists():
        yield 'libvirt-daemon-driver-qemu'
    if not rabbitmq.program():
        yield 'rabbitmq-server'
    if not modules.installed():
        yield 'python3-libvirt'
    if not guest.kernels():
        yield 'linux-image-cloud-amd64'
