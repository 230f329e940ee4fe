"""A load on one address: several connections kept open, as browsers do; run as a process of its own."""

import json
import selectors
import socket
import sys
import time


def run(host: str, port: int, path: str, connections: int, seconds: float, cookie: str = "") -> dict:
    """Ask as fast as answers come; returns requests per second, p50 and p99 in milliseconds, bytes of one answer."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: identity\r\n"
    request = (request + (f"Cookie: goblin={cookie}\r\n" if cookie else "") + "\r\n").encode()
    clients = [_Client(host, port, request) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
    begun = time.perf_counter()
    times, size = [], 0
    while time.perf_counter() - begun < seconds:
        for key, _ in selector.select(1):
            if key.data.read():
                times.append(key.data.took)
                size = key.data.size
                key.data.ask()
    spent = time.perf_counter() - begun
    times.sort()
    return {
        "per_second": len(times) / spent,
        "p50": times[len(times) // 2] * 1000,
        "p99": times[len(times) * 99 // 100] * 1000,
        "bytes": size,
    }


class _Client:
    """One connection with one request under way."""

    def __init__(self, host, port, request):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self.took = self.size = 0

    def ask(self):
        self._begun, self._got, self._need = time.perf_counter(), b"", None
        self.socket.sendall(self._request)

    def read(self) -> bool:
        """Take what is there; whether the answer is complete. Raises RuntimeError for any answer but 200."""
        self._got += self.socket.recv(1 << 20)
        if self._need is None and b"\r\n\r\n" in self._got:
            head = self._got.partition(b"\r\n\r\n")[0]
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head[:200])
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            self._need = len(head) + 4 + length
        if self._need is None or len(self._got) < self._need:
            return False
        self.took, self.size = time.perf_counter() - self._begun, self._need
        return True


if __name__ == "__main__":
    host, port, path, connections, seconds, *cookie = sys.argv[1:]
    print(json.dumps(run(host, int(port), path, int(connections), float(seconds), *cookie)))
