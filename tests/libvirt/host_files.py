# SPDX-License-Identifier: Apache-2.0

"""The files that a compute host has for itself."""

import pathlib
import re
import uuid


_LIBVIRTD = """\
listen_tls = 0
listen_tcp = 1
listen_addr = "{address}"
auth_tcp = "none"
auth_unix_rw = "none"
host_uuid = "{uuid}"
log_filters = "1:qemu.qemu_migration 3:util 3:object"
log_level = 3
"""
#: Nothing here needs confining: the host itself is.
_QEMU = """\
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
migration_host = "{address}"
"""
_SSHD = """\
ListenAddress {address}
HostKey /root/.ssh/key
PidFile /run/sshd.pid
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
Subsystem sftp internal-sftp
"""
_SSH = """\
Host *
    IdentityFile /root/.ssh/key
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
    ConnectTimeout 10
"""
#: libvirt asks for its user and group whatever QEMU runs as.
_ACCOUNTS = {
    '/etc/passwd': 'libvirt-qemu:x:64055:64055::/nonexistent:/bin/false\n',
    '/etc/group': 'libvirt-qemu:x:64055:\n',
}
#: What the machine has moves where memory is added while it runs.
_MEMINFO = 'Node 0 MemTotal: {kb} kB\nNode 0 MemFree: {kb} kB\n'
MEMORY_MB = 2048
_CPU_MAP = '/usr/share/libvirt/cpu_map'


def write(
    directory: pathlib.Path,
    cloud: pathlib.Path,
    name: str,
    address: str,
    lacks: str,
) -> None:
    """Write them, before the host is started.

    :param directory: of the host; what is in ``files`` is laid over the
        machine's own
    :param cloud: has the key of ssh, ``key`` and ``key.pub``
    :param lacks: a feature of processors that the host has not; '' for none
    """
    if lacks:
        _forget_feature(directory / 'files' / 'usr/share/libvirt', lacks)
    names = {'address': address, 'uuid': uuid.uuid4()}
    files = directory / 'files'
    texts = {
        'etc/libvirt/libvirtd.conf': _LIBVIRTD.format(**names),
        'etc/libvirt/qemu.conf': _QEMU.format(**names),
        'etc/ssh/sshd_config': _SSHD.format(**names),
        'etc/hostname': f'{name}\n',
        'etc/hosts': f'127.0.0.1 localhost\n{address} {name}\n',
        'etc/machine-id': f'{uuid.uuid4().hex}\n',
        'root/.ssh/config': _SSH,
        'root/.ssh/key': (cloud / 'key').read_text(),
        'root/.ssh/authorized_keys': (cloud / 'key.pub').read_text(),
    }
    for path, account in _ACCOUNTS.items():
        texts[path.strip('/')] = pathlib.Path(path).read_text() + account
    for path, text in texts.items():
        (files / path).parent.mkdir(parents=True, exist_ok=True)
        (files / path).write_text(text)
    (files / 'root/.ssh').chmod(0o700)
    (files / 'root/.ssh/key').chmod(0o600)
    (files / 'var/lib/nova/instances').mkdir(parents=True)
    (directory / 'meminfo').write_text(_MEMINFO.format(kb=MEMORY_MB << 10))


def _forget_feature(data: pathlib.Path, feature: str) -> None:
    """Let libvirt not know a feature of processors.

    It then has it neither in the host nor in QEMU, and takes no guest that
    was started with it.
    """
    block = re.compile(
        rf"  <feature name='{feature}'>.*?</feature>\n", re.DOTALL
    )
    line = re.compile(rf"    <feature name='{feature}'/>\n")
    for known in pathlib.Path(_CPU_MAP).glob('x86_*.xml'):
        text = known.read_text()
        left = line.sub('', block.sub('', text))
        if left != text:
            copy = data / 'cpu_map' / known.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(left)
