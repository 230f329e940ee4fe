"""What a form or a JSON body says, whichever was sent, as one kind of dict."""

import json
from urllib.parse import SplitResult, urlsplit

from bottle import request

from goblin.refused import Refused

LARGEST = 1 << 20  # bytes of a form without files, or of JSON
# Fields that may be given more than once.
REPEATED = {"collection", "id", "step"}
BROKEN_OFF = "The form did not arrive whole. Please send it again."
NOT_UTF8 = "The form is not in UTF-8."


def form(largest: int = LARGEST) -> dict:
    """Fields of the request; texts are text, a repeated field is a list. Raises Refused.

    `largest` is of JSON, in bytes.
    """
    if is_json():
        return _json(largest)
    fields, given = {}, _sent()
    read = _plain if _kind() == "multipart/form-data" else _text  # a multipart form is decoded already
    for name in filter(None, given):  # a part of a form may lack one
        values = [read(v) for v in given.getall(name)]
        fields[read(name)] = values if name in REPEATED and len(values) > 1 else values[-1]
    return fields


def is_json() -> bool:
    """Whether the request says what it says in JSON."""
    return _kind() == "application/json"


def _kind():
    return (request.content_type or "").split(";")[0].strip()


def _sent():
    try:
        return request.forms
    except UnicodeDecodeError:
        raise Refused(NOT_UTF8, status=400) from None
    except (LookupError, ValueError):  # Bottle believes what a part says of its length and encoding
        raise Refused(BROKEN_OFF, status=400) from None


def query(name: str, default: str = "") -> str:
    """A text of the query string."""
    value = request.query.get(name)
    return default if value is None else _text(value)


def query_all(name: str) -> list[str]:
    """All texts of a name in the query string."""
    return [_text(value) for value in request.query.getall(name)]


def _text(value):
    """Bottle hands out latin-1; a form is UTF-8."""
    try:
        return _plain(value.encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused(NOT_UTF8, status=400) from None


def _plain(text):
    return text.replace("\r\n", "\n").replace("\0", "")


def _json(largest):
    if request.content_length > largest:
        raise Refused("That is larger than what is allowed at once.", status=413)
    try:
        value = _tidy(json.loads(_body().read(largest + 1).decode("utf-8")))
    except (ValueError, RecursionError):
        raise Refused("This is not JSON.", status=400) from None
    if not isinstance(value, dict):
        raise Refused("The JSON must be an object.", status=400)
    return value


def _body():
    """What was sent; Bottle would write what is long to the disk first, and leave it there for a while."""
    return request.environ["wsgi.input"] if request.content_length > LARGEST else request.body


def _tidy(value):
    """What JSON says, its texts as those of a form; raises ValueError for half a character (RFC 8259, 8.2)."""
    if isinstance(value, str):
        value.encode("utf-8")
        return _plain(value)
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    return {_tidy(k): _tidy(v) for k, v in value.items()} if isinstance(value, dict) else value


def text(fields: dict, name: str) -> str:
    """One field as text, empty when it is missing. Raises Refused when it is something else."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Refused("This must be text.", name)
    return value


def local_path(value, default: str = "/") -> str:
    """Where to go next, if that is a path of this gallery, else `default`; never another site's address."""
    if not isinstance(value, str) or not value.startswith("/") or value.startswith("//"):
        return default
    # A browser reads a backslash as a slash and skips control characters.
    return default if "\\" in value or any(ord(c) < 33 for c in value) else value


def parts_of(address: str) -> SplitResult:
    """An address that a browser sent, in its parts; all of them empty when it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
