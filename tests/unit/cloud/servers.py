# SPDX-License-Identifier: Apache-2.0

"""A service that takes its time."""

import socket
import threading


class Server:
    """A service that answers every request with the same bytes.

    :param pause_s: seconds between two bytes; None sends them at once
    :ivar sent: how many bytes of such answers it has sent
    """

    def __init__(self, test, answer, pause_s=None):
        self._answer, self._pause_s = answer, pause_s
        self._over = threading.Event()
        self.connections = self.sent = 0
        self._socket = socket.create_server(('127.0.0.1', 0))
        self.url = f'http://127.0.0.1:{self._socket.getsockname()[1]}'
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(self._end)

    def _end(self):
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self):
        while not self._over.is_set():
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(0.1)
            with connection:
                while not self._over.is_set():
                    try:
                        if not connection.recv(65536):
                            break
                        self._send(connection)
                    except TimeoutError:
                        continue
                    except OSError:
                        break

    def _send(self, connection):
        if self._pause_s is None:
            connection.sendall(self._answer)
            return
        for number in range(len(self._answer)):
            if self._over.wait(self._pause_s):
                return
            connection.sendall(self._answer[number : number + 1])
            self.sent += 1
