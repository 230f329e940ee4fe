"""The floor: waitress with four threads, saying hello."""

import sys

import waitress


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


if __name__ == "__main__":
    waitress.serve(hello, host="127.0.0.1", port=int(sys.argv[1]), threads=4, ident=None)
