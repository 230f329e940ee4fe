"""A line between a browser and the server that is slow, can be cut and mended, and counts what goes to the server."""

import contextlib
import socket
import threading
import time

BLOCK = 32 << 10


class SlowLine:
    """Listens on a free port of 127.0.0.1 and passes everything on to another one."""

    def __init__(self, port: int):
        self._port, self._threads, self._open = port, [], set()
        self.rate, self.sent, self._is_cut = 0, 0, False  # bytes per second (0: any), bytes, bool
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BLOCK)  # nothing waits on the way
        self._run(self._accept)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{path}"

    def cut(self):
        """Break every connection, and each that comes, until mend()."""
        self._is_cut = True
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._is_cut = False

    def close(self):
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _run(self, work, *args):
        self._threads.append(threading.Thread(target=work, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self):
        with self._listener, contextlib.suppress(OSError):
            while True:
                self._run(self._serve, self._listener.accept()[0])

    def _serve(self, near):
        """One connection, both ways, until either side ends it."""
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as far:
            pair = {near, far}
            self._open |= pair
            if self._is_cut:
                return
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far, is_slow=True)
            back.join()
            self._open -= pair

    def _pump(self, source, target, is_slow=False):
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                if is_slow and self.rate:
                    time.sleep(len(block) / self.rate)
                target.sendall(block)
                self.sent += len(block) if is_slow else 0
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
