"""A connection of waitress that keeps what had arrived of an upload when the line breaks, and says a full disk."""

import socket
from contextlib import suppress

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.task import ErrorTask, WSGITask

from goblin import library, storage
from goblin.cli import admission

MOST_REST = 64 << 20  # bytes that are read and forgotten after a refusal; a part of an upload has 4 MiB


class Parser(HTTPRequestParser):
    """Reads a request, whose body goes to the disk when it is large and may come in."""

    largest = 0  # bytes that the body may have

    def parse_header(self, header_plus):
        super().parse_header(header_plus)
        try:
            self.largest = admission.largest(self)
        except admission.TurnedAway as answer:
            self.turn_away(answer)

    def turn_away(self, answer):
        # Whoever waits for "100 Continue" must not get it.
        self.error, self.completed, self.expect_continue = answer, True, False
        answer.plain = "text/html" in self.headers.get("ACCEPT", "")

    def received(self, data):
        try:
            taken = super().received(data)
        except OSError as error:
            if error.errno not in storage.NO_ROOM:
                raise
            self.turn_away(admission.no_room())
            return len(data)
        if self.body_bytes_received > admission.SMALL and not self.completed:
            self._look_after()
        return taken

    def _look_after(self):
        """Others send too, and a body in chunks does not say its length before."""
        if self.body_bytes_received > self.largest:
            self.turn_away(admission.too_much())
        elif library.disk.free() < library.limits.keep_free:
            self.turn_away(admission.no_room())

    def close(self):
        with suppress(OSError):  # what the disk did not take is tried once more at closing
            super().close()


class Answer(WSGITask):
    """An answer; one without a body has no length to tell, and needs none to leave the line open (RFC 9112, 6.3)."""

    def set_close_on_finish(self):
        asked = self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or asked:
            super().set_close_on_finish()


class Refusal(ErrorTask):
    """The answer to a request that is wrong; often before its end."""

    def service(self):
        self.channel.refused = True
        super().service()


class Channel(HTTPChannel):
    """Waitress calls the application only once a body is whole; a cut would cost the part that arrived.

    A resumable upload can use that part, so its request is answered, to nobody, as if it had been that short.
    """

    parser_class = Parser
    task_class = Answer
    error_task_class = Refusal
    refused = False  # whether a request was answered before its end
    rest = None  # bytes still to be listened to, after an answer that came before the end of its request

    def handle_close(self):
        """The line is to be closed, by whichever side."""
        if self.rest is None and self._is_half_way():
            return self._listen_on()
        request, self.request = self.request, None
        super().handle_close()
        if request is not None and _is_part_of_upload(request):
            self.server.task_dispatcher.add_task(Salvage(self, request))

    def _is_half_way(self):
        """Whether we end it, with an answer to a request that is still being sent."""
        return self.connected and self.will_close and self.refused

    def _listen_on(self):
        """Let the other side read the answer: closed at once, the line would take it away (RFC 9112, 9.6)."""
        self.will_close, self.rest = False, MOST_REST
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def readable(self):
        return self.rest is not None or super().readable()

    def received(self, data):
        if self.rest is None:
            return super().received(data)
        self.rest -= len(data)
        if self.rest < 0:
            self.handle_close()
        return False


def _is_part_of_upload(request):
    received = isinstance(request.body_rcv, FixedStreamReceiver) and len(request.body_rcv.buf)
    return bool(received) and request.command == "PATCH" and not request.error


class Salvage:
    """The work of a waitress thread: give the application what there is."""

    def __init__(self, channel, request):
        self.channel, self.request = channel, request

    def service(self):
        environ = self.channel.task_class(self.channel, self.request).get_environment()
        environ["CONTENT_LENGTH"] = str(len(self.request.body_rcv.buf))
        try:
            answer = self.channel.server.application(environ, lambda status, headers, exc_info=None: None)
            if hasattr(answer, "close"):
                answer.close()
        finally:
            self.cancel()

    def cancel(self):
        self.request.close()
