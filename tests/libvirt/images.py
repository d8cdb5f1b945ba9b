# SPDX-License-Identifier: Apache-2.0

"""The little of Glance that is asked for, with the images' content.

Minicloud's own has an image without content: its guests are pretended.
"""

import hashlib
import pathlib
import uuid

from collections.abc import Iterable
from typing import Any

from minicloud import wsgi
from minicloud.nova import neighbours
from tests.libvirt import guest


#: Written to the kernel's command line: nothing else but the guest's lines
#: is to be on the console.
_COMMAND_LINE = 'console=ttyS0 quiet'


class Images:
    """A WSGI application with three images.

    :ivar disk_id: the image that servers are booted from; it names the others
    """

    def __init__(self, url: str, files: guest.Guest) -> None:
        """Serve the files of a guest.

        :param url: where this is served
        """
        self._files: dict[str, pathlib.Path] = {}
        self._catalog = neighbours.Images(url)
        self._json = wsgi.json_app(self._catalog)
        kernel = self._add('kernel', files.kernel)
        ramdisk = self._add('ramdisk', files.ramdisk)
        self.disk_id = self._add(
            'guest',
            files.disk,
            kernel_id=kernel,
            ramdisk_id=ramdisk,
            os_command_line=_COMMAND_LINE,
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        """Answer one request."""
        path = environ['PATH_INFO']
        if not path.endswith('/file'):
            return self._json(environ, start_response)
        data = self._files[path.split('/')[3]].read_bytes()
        start_response(
            '200 OK',
            [
                ('Content-Type', 'application/octet-stream'),
                ('Content-Length', str(len(data))),
            ],
        )
        return [data]

    def _add(self, name: str, path: pathlib.Path, **properties: str) -> str:
        data = path.read_bytes()
        image = str(uuid.uuid4())
        self._catalog(
            'POST',
            '/v2/images',
            {
                'id': image,
                'name': name,
                'size': len(data),
                'checksum': hashlib.md5(data).hexdigest(),
                'file': f'/v2/images/{image}/file',
                'container_format': 'bare',
                **properties,
            },
        )
        self._files[image] = path
        return image
