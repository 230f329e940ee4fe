"""Requests that no browser sends: each is answered with a sentence, none with "something went wrong"."""

import base64

import pytest
from booted import JSON

ADDRESSES = (
    *("/static/%00", "/static/" + "a" * 300, "/static/" + "a/" * 3000, "/static/..%2fgoblin.ini"),
    *("/f/99999999999999999999999/1/x", "/f/99999999999999999999999/original/x", "/f/-1/1/x"),
    *("/u/ann/m/id:%C2%B2/", "/u/ann/m/id:99999999999999999999/", "/u/%00/", "/s/%00/"),
    *("/?after=%ff", "/?after=99999999999999999999", "/u/ann/panel/?since=%00"),
)
HEADERS = (
    *(("Referer", "http://["), ("Referer", "http://localhost/\xff/"), ("Origin", "http://[")),
    *(("User-Agent", "\xff"), ("Authorization", "Bearer \xff\xfe")),
    ("Cookie", "goblin_said=%5B%5B%22a%22%2C%22b%22%2C%22x%22%5D%5D"),
    ("Cookie", "goblin_said=%5B%5B%22a%22%2C%22b%22%2C%7B%22x%22%3A1%7D%5D%5D"),
)
BODIES = (
    *(b'{"description": "\\ud800"}', b'{"tags": ["\\udc00"]}', b'{"\\ud800": 1}', b"[" * 100_000),
    *(b'{"title": ' * 50_000, b'{"a": ' + b"9" * 5000 + b"}", b"\xff", b"null", b""),
)
PARTS = (
    *(
        b"Content-Disposition: form-data\r\n\r\nx",
        b'Content-Disposition: form-data; name="title"\r\n\r\n\xff',
    ),
    b'Content-Disposition: form-data; name="file"; filename="\xff.png"\r\n\r\nx',
    b'Content-Disposition: form-data; name="file"; filename="a\x00.png"\r\n\r\nx',
    b'Content-Type: text/plain; charset=nope\r\nContent-Disposition: form-data; name="title"\r\n\r\nx',
    b'Content-Length: zz\r\nContent-Disposition: form-data; name="title"\r\n\r\nx',
)


@pytest.fixture
def ann(site):
    browser = site.sign_in("ann")
    site.upload(browser, title="Beach")
    return browser


def test_odd_addresses(ann):
    answers = {address: ann.get(address, expect_errors=True).status_int for address in ADDRESSES}
    assert {address: status for address, status in answers.items() if status >= 500} == {}


def test_odd_headers(ann, site):
    signs = {name: ann.cookies[name] for name in ann.cookies}
    for name, value in HEADERS:
        environ = {**ann.extra_environ, "HTTP_" + name.upper().replace("-", "_"): value}
        if name == "Cookie":
            environ["HTTP_COOKIE"] = f"goblin={signs['goblin']}; {value}"
        assert ann.get("/u/ann/m/beach/", extra_environ=environ, expect_errors=True).status_int in (200, 401)
        entry = site.browser().post(
            "/auth/login/", {"username": "ann"}, extra_environ=environ, expect_errors=True
        )
        assert entry.status_int in (401, 403)


def test_an_origin_that_is_no_address_is_another_site(site):
    ann = site.sign_in("ann")
    del ann.extra_environ["HTTP_SEC_FETCH_SITE"]
    ann.post("/edit/account/", {"theme": "dark"}, headers={"Origin": "http://["}, status=403)


@pytest.mark.parametrize(
    "address", ["/u/ann/m/beach/edit/", "/edit/profile/", "/u/ann/collections/", "/auth/login/"]
)
def test_odd_json(ann, address):
    for body in BODIES:
        answer = ann.post(address, body, headers=JSON, content_type="application/json", expect_errors=True)
        assert (answer.status_int, answer.json["error"][-1]) == (400, "."), body[:20]


def test_nul_is_left_out_of_json_as_of_forms(ann):
    answer = ann.post_json("/u/ann/m/beach/edit/", {"description": "a\0b", "tags": ["c\0d"]}, headers=JSON)
    assert (answer.json["description"], answer.json["tags"]) == ("ab", ["cd"])


@pytest.mark.parametrize("address", ["/submit/", "/u/ann/m/beach/edit/"])
def test_odd_forms(ann, address):
    for part in PARTS:
        body = b"--x\r\n" + part + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        answer = ann.request(
            address, method="POST", body=body, headers=JSON, content_type=kind, expect_errors=True
        )
        assert answer.status_int < 500, part


def test_odd_quotas(site):
    site.person("ben")
    ann = site.sign_in("ann")
    for size in ("9" * 400, "9" * 400 + " TB", "1.2.3", -1, [1], {"a": 1}, True, 1.5):
        answer = ann.post_json("/mod/users/ben/", {"quota": size}, headers=JSON, status=422)
        assert answer.json["field"] == "quota"


def test_half_a_character_in_tus_metadata(site):
    half = base64.b64encode(b"\xed\xa0\x80").decode()  # RFC 3629, section 3
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": f"filename {half}"}
    assert (
        site.sign_in("ann").post("/upload/", headers=headers, status=400).json["field"] == "Upload-Metadata"
    )


def test_numbers_of_tus_are_written_in_plain_digits(site):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "\u0665".encode().decode("latin-1")}
    assert site.sign_in("ann").post("/upload/", headers=headers, status=400).json["field"] == "Upload-Length"


@pytest.mark.parametrize("name", ["con", "nul", "com1", "goblin", "a b", "../x", "x" * 40, "-x"])
def test_names_that_no_folder_or_address_can_have(site, name):
    answer = site.sign_in("ann").post_json("/mod/users/", {"username": name}, headers=JSON, status=422)
    assert answer.json["field"] == "username"
