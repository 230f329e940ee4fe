"""Office documents, made into a PDF by LibreOffice where that is on the machine, and shown as one is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from goblin.media import Limits, MediaType, Progress, Result, Unreadable, register
from goblin.media.child import calls
from goblin.media.patience import Patience
from goblin.media.pdf import Pdf, Work

PART = "LibreOffice"
START_AGAIN = 81  # desktop/source/app/exithelper.h
SECONDS = 120  # in which it can work; a worker's seconds of processor are limited as well
HEADLESS = (
    *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard"),
    "-env:OSL_SOCKET_PATH=.",
)
ROOM = 1 << 20  # bytes that it writes besides the pages
LARGEST_OLE = 64 << 20  # bytes looked through for what is in a compound file
DAMAGED = "This document could not be opened. It may be damaged or locked with a password."
TOO_SLOW = "This document took too long to open, so the gallery stopped."


class Form(NamedTuple):
    """A format: its mime type, LibreOffice's name of the filter that reads it, and of the one that prints it."""

    mime: str
    reads: str
    prints: str


OPEN, MICROSOFT = "application/vnd.oasis.opendocument.", "application/vnd.openxmlformats-officedocument."
FORMS = {
    "odt": Form(f"{OPEN}text", "writer8", "writer"),
    "ods": Form(f"{OPEN}spreadsheet", "calc8", "calc"),
    "odp": Form(f"{OPEN}presentation", "impress8", "impress"),
    "docx": Form(f"{MICROSOFT}wordprocessingml.document", "MS Word 2007 XML", "writer"),
    "xlsx": Form(f"{MICROSOFT}spreadsheetml.sheet", "Calc MS Excel 2007 XML", "calc"),
    "pptx": Form(f"{MICROSOFT}presentationml.presentation", "Impress MS PowerPoint 2007 XML", "impress"),
    "doc": Form("application/msword", "MS Word 97", "writer"),
    "xls": Form("application/vnd.ms-excel", "MS Excel 97", "calc"),
    "ppt": Form("application/vnd.ms-powerpoint", "MS PowerPoint 97", "impress"),
    "rtf": Form("application/rtf", "Rich Text Format", "writer"),
}
# ECMA-376, part 2: a package has this part, and the folders of parts are what its programs always write.
PACKAGE = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/")
FOLDERS = {b"word/": "docx", b"xl/": "xlsx", b"ppt/": "pptx"}
# OpenDocument 1.2, part 3, 3.3: the first file in it is its mime type, as it is.
MIMETYPE_AT, MIMETYPE = 30, b"mimetype"
# [MS-CFB] 2.2, and the streams that [MS-DOC], [MS-XLS] and [MS-PPT] ask for, as the directory names them.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
# Nothing is run, fetched or asked, whatever a document says (officecfg's registry of LibreOffice).
COMMON, OFFICE = "/org.openoffice.Office.Common/Security/Scripting", "/org.openoffice.Office."
RULES = (
    (COMMON, "DisableMacrosExecution", "true"),
    (COMMON, "MacroSecurityLevel", "3"),
    (COMMON, "BlockUntrustedRefererLinks", "true"),
    (COMMON, "DisableActiveContent", "true"),
    (f"{OFFICE}Writer/Content/Update", "Link", "2"),
    (f"{OFFICE}Calc/Content/Update", "Link", "1"),
    (f"{OFFICE}Java/VirtualMachine", "Enable", "false"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
RULE = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
REGISTRY = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</oor:items>'
)


@register
class Office(MediaType):
    """Writer, Calc and Impress, Word, Excel and PowerPoint old and new, RTF."""

    kind = "office"
    facts = {"printed_pages": int, "writer": str}  # names of their own: `?pages=10-` asks for PDFs
    options = Pdf.options
    steps = Pdf.steps
    limits = Limits(memory=512 << 20, most=1 << 30, seconds=300, bytes=256 << 20)

    def sniff(self, head: bytes, name: str) -> str | None:
        """The mime type by the first bytes; old formats share theirs, so there the name says which it is."""
        form = _zipped(head, name) if head.startswith(b"PK\3\4") else None
        if head.startswith(b"{\\rtf"):
            form = "rtf"
        if head.startswith(COMPOUND) and (ending := _ending(name)) in ("doc", "xls", "ppt"):
            form = ending
        return FORMS[form].mime if form else None

    def process(self, source: Path, out: Path, options: Mapping[str, Any], progress: Progress) -> Result:
        """As of a PDF, by way of one. Without LibreOffice it is only kept. Raises Unreadable, Missing."""
        from goblin.media.paper.document import Document, Locked

        form = _form_of(self, source)
        program = find()
        if not program:
            said = {"type": form.mime, "office": True, "facts_stay": True}
            return Result({}, said, needless=["pages", "more"], lacks=PART)
        printed = _print(program, source, out, form)
        try:
            result = Work(Document(printed), out, options, progress).result()
        except Locked:
            raise Unreadable(DAMAGED) from None
        finally:
            printed.unlink()
        result.data |= {"type": form.mime, "facts_stay": True}  # its author is in what is compressed
        for own, its in zip(self.facts, Pdf.facts, strict=True):
            result.columns[own] = result.columns.pop(its, None)
        return result


def _ending(name: str) -> str:
    return name.lower().rpartition(".")[2]


def _zipped(head: bytes, name: str) -> str | None:
    length = int.from_bytes(head[26:28], "little")
    first = head[MIMETYPE_AT : MIMETYPE_AT + length]
    if first == MIMETYPE:
        mimes = {form.mime.encode(): ending for ending, form in FORMS.items() if form.mime.startswith(OPEN)}
        said = head[MIMETYPE_AT + length :]
        return next((ending for mime, ending in mimes.items() if said.startswith(mime)), None)
    if not any(part in head for part in PACKAGE):
        return None
    found = next((ending for folder, ending in FOLDERS.items() if folder in head), None)
    return found or (_ending(name) if _ending(name) in ("docx", "xlsx", "pptx") else None)


def _form_of(office: Office, source: Path) -> Form:
    """How to open a file; a compound one is looked through for the stream that only one program writes."""
    with source.open("rb") as file:
        head = file.read(4096)
        if head.startswith(COMPOUND):
            whole = head + file.read(LARGEST_OLE)
            names = (kind for name, kind in STREAMS.items() if f"{name}\0".encode("utf-16-le") in whole)
            if not (kind := next(names, None)):
                raise Unreadable(DAMAGED)
            return FORMS[kind]
    mime = office.sniff(head, source.name)
    found = next((form for form in FORMS.values() if form.mime == mime), None)
    if not found:
        raise Unreadable(DAMAGED)
    return found


def find() -> str | None:
    """The LibreOffice of this machine: what its starter starts, which would itself want a socket in /tmp."""
    starter = shutil.which("soffice") or shutil.which("libreoffice")
    inner = Path(starter).resolve().with_name("soffice.bin") if starter else None
    return str(inner) if inner and inner.is_file() else starter


def _print(program: str, source: Path, out: Path, form: Form) -> Path:
    """The document as a PDF in `out`. Raises Unreadable, OSError for what became too large."""
    profile = _profile(out)
    # Under a name of ours: what it is called says nothing to the program, which is told the format.
    copy = out / f"document{source.suffix.lower() if source.suffix.isascii() else ''}"
    copy.symlink_to(source)
    words = [program, *HEADLESS, f"-env:UserInstallation={profile.as_uri()}", f"--infilter={form.reads}"]
    words += ["--convert-to", f"pdf:{form.prints}_pdf_Export", "--outdir", str(out / "printed"), str(copy)]
    calls.refuse(asking=True)
    try:
        code, said = _run(words, profile)
        if code == START_AGAIN:  # a new profile is set up
            code, said = _run(words, profile)
    finally:
        copy.unlink()
        shutil.rmtree(profile, ignore_errors=True)
    return _taken(out, code, said)


def _profile(out: Path) -> Path:
    """A folder of settings for this one run."""
    (user := out / "profile" / "user").mkdir(parents=True)
    rules = "".join(RULE.format(*rule) for rule in RULES)
    (user / "registrymodifications.xcu").write_text(REGISTRY.format(rules))
    return user.parent


def _run(words: list[str], home: Path) -> tuple[int, str]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(home)}
    environment |= {"TMPDIR": str(home), "SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_OPENCL": "1"}
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as process:
        patience = Patience(process.pid, SECONDS)
        while True:
            try:
                said, _ = process.communicate(timeout=SECONDS)
                return process.returncode, said.decode("utf-8", "replace")[-2000:]
            except subprocess.TimeoutExpired:
                if patience.ended():
                    process.kill()
                    raise Unreadable(TOO_SLOW) from None


def _taken(out: Path, code: int, said: str) -> Path:
    """The one file that was printed, beside the copies to come."""
    made = list((out / "printed").glob("*.pdf"))
    if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        raise Unreadable(TOO_SLOW)
    if code or len(made) != 1 or not made[0].stat().st_size:
        _need_room(out)
        raise Unreadable(DAMAGED) from RuntimeError(f"{code}: {said}")
    printed = made[0].rename(out / "printed.pdf")
    shutil.rmtree(out / "printed")
    return printed


def _need_room(out: Path) -> None:
    """Raises OSError where the disk has none for what the program writes on the way, of which it does not tell."""
    probe = out / "room"
    try:
        probe.write_bytes(bytes(ROOM))
    finally:
        probe.unlink(missing_ok=True)
