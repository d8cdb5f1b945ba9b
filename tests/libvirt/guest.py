# SPDX-License-Identifier: Apache-2.0

"""A tiny Linux that counts: Debian's kernel and busybox.

Once a second it writes a line to its serial console, and its count to the
first sector of its disk. The line says what tells one run of a kernel from
another, and what the sector held when the guest was booted::

    tick=12 uptime=14.20 boot=3f0c2b8e disk=37
"""

import pathlib
import re
import shutil
import subprocess

from collections.abc import Iterator
from typing import NamedTuple


DISK_MB = 32
#: Of the kernel; what they need is loaded before them.
_MODULES = ('virtio_pci', 'virtio_blk')
_INIT = """\
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
echo 1 > /proc/sys/kernel/printk
for module in {modules}; do insmod /modules/$module.ko; done
boot=$(cut -c1-8 /proc/sys/kernel/random/boot_id)
disk=$(dd if=/dev/vda bs=512 count=1 2>/dev/null | tr -cd 0-9)
tick=0
while :; do
    tick=$((tick + 1))
    read uptime idle < /proc/uptime
    printf '%-511s\\n' $tick | dd of=/dev/vda bs=512 oflag=direct conv=notrunc 2>/dev/null
    echo "tick=$tick uptime=$uptime boot=$boot disk=$disk"
    sleep 1
done
"""
_LINE = re.compile(
    r'tick=(\d+) uptime=([\d.]+) boot=([\da-f]{8}) disk=(\d*)\s'
)


class Beat(NamedTuple):
    """One line of a guest.

    :ivar tick: seconds that it has counted since it was booted
    :ivar uptime_s: what its kernel says
    :ivar boot_id: the first half of its kernel's boot id
    :ivar disk: the count that its disk held when it was booted; '' if none
    """

    tick: int
    uptime_s: float
    boot_id: str
    disk: str

    def __str__(self) -> str:
        return (
            f'tick {self.tick}, uptime {self.uptime_s} s, '
            f'boot {self.boot_id}, disk {self.disk or "empty"}'
        )


class Guest(NamedTuple):
    """The files that a guest is booted from."""

    kernel: pathlib.Path
    ramdisk: pathlib.Path
    disk: pathlib.Path


def kernels() -> list[pathlib.Path]:
    """Return the kernels made for virtual machines, the newest last."""
    return sorted(pathlib.Path('/boot').glob('vmlinuz-*-cloud-amd64'))


def busybox() -> str | None:
    """Return the path of a busybox that needs no library; None if none."""
    path = shutil.which('busybox')
    if path is None:
        return None
    # Its exit status tells whether there is anything to list.
    listed = subprocess.run(['ldd', path], capture_output=True, check=False)
    return path if listed.returncode else None


def build(directory: pathlib.Path) -> Guest:
    """Write the files of a guest into a new directory."""
    directory.mkdir()
    kernel = kernels()[-1]
    guest = Guest(
        directory / 'kernel', directory / 'ramdisk', directory / 'disk'
    )
    _write_kernel(guest.kernel, kernel)
    _write_ramdisk(guest.ramdisk, kernel.name.removeprefix('vmlinuz-'))
    with guest.disk.open('wb') as disk:
        disk.truncate(DISK_MB << 20)
    return guest


def beats(console: str) -> list[Beat]:
    """Read the lines of a guest from its serial console, oldest first."""
    return [
        Beat(int(tick), float(uptime), boot, disk)
        for tick, uptime, boot, disk in _LINE.findall(console)
    ]


def _write_kernel(copy: pathlib.Path, kernel: pathlib.Path) -> None:
    """Copy a kernel without the mark of a boot sector.

    Nova takes what has it for a disk with a broken table of partitions, and
    refuses to fetch it for a live migration. QEMU does not look at it.
    """
    image = bytearray(kernel.read_bytes())
    image[510:512] = bytes(2)
    copy.write_bytes(image)


def _write_ramdisk(ramdisk: pathlib.Path, version: str) -> None:
    root = ramdisk.with_name('root')
    for name in ('bin', 'dev', 'proc', 'modules'):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox() or '', root / 'bin' / 'busybox')
    (root / 'bin' / 'sh').symlink_to('busybox')
    modules = list(dict.fromkeys(_modules(version)))
    for module in modules:
        shutil.copy(module, root / 'modules')
    init = root / 'init'
    init.write_text(
        _INIT.format(modules=' '.join(module.stem for module in modules))
    )
    init.chmod(0o755)
    with ramdisk.open('wb') as archive:
        subprocess.run(
            ['sh', '-c', 'find . | cpio --create --format=newc --quiet'
                         ' --owner=0:0'],
            cwd=root, stdout=archive, check=True,
        )  # fmt: skip


def _modules(version: str) -> Iterator[pathlib.Path]:
    """Return files in an order in which they can be loaded."""
    kernel = pathlib.Path('/lib/modules', version)
    needs = (
        line.split(':')
        for line in (kernel / 'modules.dep').read_text().splitlines()
    )
    paths = {
        pathlib.Path(module).stem: (module, *needed.split())
        for module, needed in needs
    }
    for name in _MODULES:
        # What is needed first stands last; what is missing is built in.
        yield from (kernel / path for path in reversed(paths.get(name, ())))
