"""When things go wrong: the right status and one sentence, as a page or as JSON."""

import logging
import math

import bottle
from bottle import HTTPResponse, request
from peewee import OperationalError

from goblin import db, storage
from goblin.auth import Denied
from goblin.refused import NoPeopleYet, Refused
from goblin.web import pages
from goblin.web.guard import SignInFirst

log = logging.getLogger("goblin.web")
SECRET = ("password", "old", "new")  # fields that are never shown again
SENTENCES = {
    400: "The browser sent something that could not be understood.",
    404: "There is nothing here, or it is not for you.",
    405: "That cannot be done here.",
    413: "That is larger than what is allowed at once.",
    500: "Something went wrong on our side. It has been noted.",
}


class Errors:
    """Bottle plugin: turns what handlers raise into answers."""

    api = 2
    name = "goblin-errors"

    def apply(self, callback, route):
        def answered(*args, **kwargs):
            try:
                return callback(*args, **kwargs)
            except HTTPResponse as answer:
                return fail(answer.status_code) if isinstance(answer, bottle.HTTPError) else answer
            except SignInFirst:
                return _to_sign_in()
            except (Refused, Denied) as refused:
                return _refuse(refused)
            except storage.Full as full:
                return fail(507, str(full))
            except (ConnectionError, TimeoutError):
                return fail(400)
            except Exception as error:
                return _fault(error)

        return answered


def _fault(error):
    """What is nobody's mistake: the disk is full, somebody else writes for long, or the program is wrong."""
    said = db.fault_of(error) if isinstance(error, OperationalError) else ""
    if "full" in said or isinstance(error, OSError) and error.errno in storage.NO_ROOM:
        return fail(507, storage.FULL)
    if "locked" in said:
        return fail(503, "The gallery is busy just now. Please try again in a moment.")
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return fail(500)


def _refuse(refused):
    status, field = getattr(refused, "status", 403), getattr(refused, "field", None)
    answer = fail(status, str(refused), field, isinstance(refused, NoPeopleYet))
    return _until(refused, answer)


def _until(refused, answer):
    """Say when it may be asked again (RFC 9110, 10.2.3)."""
    if seconds := getattr(refused, "wait", 0):
        answer.set_header("Retry-After", str(math.ceil(seconds)))
    return answer


def not_found() -> Refused:
    """Not there or not yours: the same answer for both."""
    return Refused(SENTENCES[404], status=404)


def _to_sign_in():
    if pages.wants_json() or request.get_header("Tus-Resumable") or request.method not in ("GET", "HEAD"):
        return fail(401, "Please sign in first.")
    target = request.path + ("?" + request.query_string if request.query_string else "")
    return HTTPResponse(
        "", 303, {"Location": pages.url("/auth/login/?next=") + pages.quote(target, safe="/")}
    )


def fail(status: int, sentence: str = "", field: str | None = None, new: bool = False) -> HTTPResponse:
    """An error as page or JSON; asks the database nothing. `new`: there is nobody yet who could log in."""
    sentence = sentence or SENTENCES.get(status) or SENTENCES[400 if status < 500 else 500]
    headers = {"WWW-Authenticate": 'Bearer realm="goblin"'} if status == 401 else {}
    if request.get_header("Tus-Resumable"):
        headers["Tus-Resumable"] = "1.0.0"  # tus 1.0.0: in every answer
    if pages.wants_json() or "Tus-Resumable" in headers:
        return pages.send_json({"error": sentence, "field": field}, status, **headers)
    who = request.environ.get("goblin.visitor")
    values = {
        "site": pages.site,
        "viewer": who.user if who else None,
        "waiting": 0,
        "messages": [],
        "new": new,
        **pages.plain(),
    }
    body = bottle.template(
        "error.tpl", template_lookup=pages.TEMPLATE_FOLDERS, status=status, sentence=sentence, **values
    )
    return HTTPResponse(
        body, status, {"Content-Type": "text/html; charset=utf-8", **pages.PERSONAL, **headers}
    )


def show_again(refused: Exception, template: str, beside: tuple, fields: dict, **values) -> HTTPResponse:
    """A form that was refused, as it was typed; as JSON the error alone.

    The sentence stands at its field if that is one of `beside`, at which the template shows one; else on top.
    """
    if pages.wants_json():
        return _refuse(refused)
    field = getattr(refused, "field", None)
    answer = pages.render(
        template,
        status=getattr(refused, "status", 403),
        fields={name: value for name, value in fields.items() if name not in SECRET},
        wrong={field if field in beside else "": str(refused)},
        **values,
    )
    return _until(refused, answer)
