"""Subtitles as files: what is read of SRT and WebVTT, what is left out, what is refused; names of languages."""

import contextlib
import random
import re
import time

import pytest

from goblin.media import Unreadable
from goblin.media.writing import languages, subtitles


def shown(data: str | bytes) -> str:
    """What a file becomes."""
    return subtitles.write(subtitles.read(data.encode() if isinstance(data, str) else data))


def cue(text: str) -> str:
    """What becomes of the text of one cue."""
    (only,) = subtitles.parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n")
    return only.text


def test_srt_becomes_webvtt():
    srt = "\ufeff1\r\n00:00:01,500 --> 00:00:02,25  X1:100 Y1:2\r\n<i>Hello</i>\r\nthere\r\n\r\n"
    srt += "2\r\n00:03,0 --> 01:00:04,000\r\n"
    assert shown(srt + "{\\an8}Bye") == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:02.250\n<i>Hello</i>\nthere\n\n00:00:03.000 --> 01:00:04.000\nBye\n"
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_in_every_encoding(codec):
    text = "1\n00:00:00,500 --> 00:00:02,000\nEin Häschen wacht auf – schön\n"
    assert "Ein Häschen wacht auf – schön" in shown(text.encode(codec))


@pytest.mark.parametrize(
    ("language", "codec", "text"),
    [
        ("ru", "cp1251", "Привет, как дела?"),
        ("pl", "cp1250", "Zażółć gęślą jaźń"),
        ("el", "cp1253", "Καλημέρα κόσμε"),
        ("he", "cp1255", "שלום עולם"),
        ("zh-Hans", "gb18030", "你好，世界。再见"),
        ("zh-Hant", "big5", "你好，世界。再見"),
        ("ja", "cp932", "こんにちは世界"),
        ("ko", "cp949", "안녕하세요 세계"),
        ("de", "cp1252", "Grüß Gott"),
        ("ru", "utf-8", "Привет, как дела?"),
    ],
)
def test_old_files_are_read_as_their_language_was_written(language, codec, text):
    srt = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n\n" for n in range(1, 5))
    assert [cue.text for cue in subtitles.read(srt.encode(codec), language)] == [text] * 4


def test_mutated_files_are_read_or_refused(corpus):
    """Whatever becomes of a file, what is written of it holds no markup but ours and reads back as it is."""
    files = sorted(p for p in (corpus / "subs").iterdir() if p.suffix in subtitles.ENDINGS)
    files += sorted((corpus / "hostile").glob("*_html.*"))
    chance, kept = random.Random(3), 0
    for turn in range(400):
        data = bytearray(files[turn % len(files)].read_bytes())
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            piece = chance.choice(
                [b"<", b">", b"&", b"</i>", b"<v ", b"-->", b"\n\n", b"{\\", b"\0", b"\xff", b"00:"]
            )
            data[at : at + chance.randint(0, 4)] = piece
        with contextlib.suppress(Unreadable):
            cues = subtitles.read(bytes(data))
            assert subtitles.parse(subtitles.write(cues)) == cues
            assert all(re.fullmatch(ALLOWED, cue.text, re.S) for cue in cues)
            kept += 1
    assert kept > 40


ALLOWED = r"(?:[^<>&]|&(?:amp|lt|gt);|</?(?:i|b|u|ruby|rt)>|<v [^<>]*>|</v>)*"


def test_the_corpus(corpus):
    """Counts of cues as the corpus's own tools found them; what is written reads back as it is."""
    counts = {
        "sample.vtt": 16,
        "captions_with_bom.vtt": 4,
        "styles.vtt": 1,
        "comments.vtt": 3,
        "regions.vtt": 2,
    }
    counts |= {
        "youtube_dl.vtt": 4,
        "sample.srt": 5,
        "bunny.en.srt": 2,
        "bunny.de.cp1252.srt": 1,
        "bunny.vtt": 2,
    }
    for name, count in counts.items():
        cues = subtitles.read((corpus / "subs" / name).read_bytes())
        assert len(cues) == count, name
        written = subtitles.write(cues)
        assert subtitles.parse(written) == cues, name
        assert not {"STYLE", "REGION", "NOTE", "url("} & set(written.replace("\n", " ").split()), name


def test_hostile_files_of_the_corpus(corpus):
    for name in ("vtt_html.vtt", "srt_html.srt"):
        written = shown((corpus / "hostile" / name).read_bytes())
        assert "alert" in written and "<" not in written.replace("-->", "")
    begun = time.perf_counter()
    assert len(subtitles.read((corpus / "hostile" / "vtt_10000_cues.vtt").read_bytes())) == 10_000
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<font color=red>red</font> <b class=x>bold</b>", "red <b>bold</b>"),
        ("<v.loud Ann & Bob>Hello</v>", "<v Ann &amp; Bob>Hello</v>"),
        ("<c.yellow>one</c> <00:00:01.500>two", "one two"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("&lt;script&gt; &amp;amp; AT&T", "&lt;script&gt; &amp;amp; AT&amp;T"),
        ("I <3 you > me", "I &lt;3 you &gt; me"),
        ("<i>left <b>open", "<i>left <b>open</b></i>"),
        ("<i><b>crossed</i></b>", "<i><b>crossed</b></i>"),
        ("</i>closed", "closed"),
        ("<I>Loud</I>", "<i>Loud</i>"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
        ("one\u202etwo\x07", "onetwo"),
    ],
)
def test_markup(text, kept):
    assert cue(text) == kept
    assert cue(kept) == kept


def test_styles_regions_notes_and_names_are_dropped():
    vtt = (
        "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { background: url(http://x/) }\n\n"
        "REGION\nid:fred\n\nNOTE said by\nnobody\n\nintro\n"
        "00:01.000 --> 00:02.000 region:fred line:10% align:start onload:x\nHello\n\nNOTE end\n"
    )
    assert shown(vtt) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:10% align:start\nHello\n"


def test_srt_with_blank_lines_numbers_and_disorder():
    srt = "2\n00:00:05,000 --> 00:00:06,000\nlater\n\n1\n00:00:01,000 --> 00:00:02,000\none\n\n42\n\n"
    assert [c.text for c in subtitles.read((srt + "3\n00:00:07,0 --> 00:00:08,0\nend").encode())] == [
        "one\n42",
        "later",
        "end",
    ]


def test_what_shows_nothing_is_left_out():
    srt = "1\n00:00:01,000 --> 00:00:02,000\n<font></font>\n\n2\n00:00:03,000 --> 00:00:03,000\nblink\n\n"
    assert [c.text for c in subtitles.read((srt + "3\n00:00:04,000 --> 00:00:05,000\nyes\n").encode())] == [
        "yes"
    ]


TIMES = "00:00:01,000 --> 00:00:02,000\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not subtitles"),
        (b"WEBVTT\n\n", "not subtitles"),
        (b"<html><body>Not found</body></html>", "not subtitles"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0" + bytes(range(256)) * 20, "not subtitles"),
        (b"1\n00:00:01,000 --> 00:00:0x,000\nHello\n", "Line 2 is not a time"),
        (b"1\n00:99:01,000 --> 00:99:02,000\nHello\n", "no such time as in line 2"),
        ((TIMES + "x" * 3000).encode(), "line 1 is too long"),
        ((TIMES + "x\n" * 50).encode(), "line 1 is too long"),
        ((TIMES + "x\n\n").encode() * (subtitles.MOST_CUES + 1), "too many"),
        ((TIMES + "x\n\n").encode() * 80_000, "MB at most"),
    ],
    ids=["empty", "no cues", "html", "png", "times", "minutes", "long", "lines", "many", "large"],
)
def test_what_is_refused_is_so_with_a_sentence(data, words):
    with pytest.raises(Unreadable, match=words) as refused:
        subtitles.read(data)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "piece", ["<", "<v ", "{\\", "&", "</i>", "<i>", "00:", "-->", " ", "\n", "WEBVTT\n\n"]
)
def test_no_text_keeps_it_busy(piece):
    begun = time.perf_counter()
    for before in ("", TIMES):
        with contextlib.suppress(Unreadable):
            subtitles.parse(before + piece * (500_000 // len(piece)))
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("film.de", ("film", "de", "")),
        ("film.en-GB", ("film", "en-GB", "")),
        ("film_pt-BR", ("film", "pt-BR", "")),
        ("film.2020.ger.forced", ("film.2020", "de", "forced")),
        ("film.zh_hant", ("film", "zh-Hant", "")),
        ("film.cut", ("film.cut", "", "")),
        ("film", ("film", "", "")),
        ("film.de.cp1252", ("film", "de", "")),
        ("film.windows-1251.ru", ("film", "ru", "")),
        ("film.utf-8", ("film", "", "")),
        ("film.pt-BR.sdh", ("film", "pt-BR", "sdh")),
        ("film.forced.de.iso-8859-1", ("film", "de", "forced")),
        ("film.en.hi", ("film", "en", "sdh")),
        ("film.hi", ("film", "hi", "")),
        ("film.en.default.cc", ("film", "en", "default sdh")),
        ("film.forced", ("film", "", "forced")),
        (".forced", (".forced", "", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_name_says_the_language_and_what_else_they_are(name, found):
    assert languages.from_name(name) == found


def test_no_name_keeps_it_busy():
    began = time.thread_time()
    for name in ("film" + ".cp1252.hi" * 30 + ".x", "a.de.hi" * 40 + "!", ".cc" * 90 + "!", "." * 250):
        languages.from_name(name)
    assert time.thread_time() - began < 0.5


def test_tags_of_languages():
    assert [
        languages.checked(tag) for tag in ("DE", "zh-hant-tw", "es-419", "ger", "de-CH-1996", "sl-x-old-AB")
    ] == [*("de", "zh-Hant-TW", "es-419", "de", "de-CH-1996", "sl-x-old-ab")]
    assert not any(languages.checked(tag) for tag in ("", "x", "german!", 'de" onload', "d", "e" * 30, "de-"))
    assert (languages.name_of("pt-BR"), languages.name_of("xx")) == ("Português (Brasil)", "xx")


def test_languages_somebody_wants():
    wanted = languages.wanted_by("fr;q=0.3, de-AT,en-US;q=0.5,*;q=0.1,nl;q=0")
    assert wanted == ["de-AT", "en-US", "fr"]
    assert sorted(["fr", "it", "en", "de", "de-AT"], key=lambda tag: languages.rank(tag, wanted)) == [
        *("de-AT", "de", "en", "fr", "it")
    ]
    assert languages.wanted_by("") == languages.wanted_by(";q=,,;;q=x") == []


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("GPS(10.1393,54.3233,19) BAROMETER:91.2", True),
        ("[latitude: 54.323292] [longtitude: 10.13931]", True),
        ("F/2.8, SS 500, 54.32329, 10.13931", True),
        ("Turn the GPS on. What is our latitude?", False),
        ("Pi is 3.14159 or so, and e is 2.71828", False),
    ],
)
def test_a_place_in_degrees_is_noticed(text, tells):
    assert subtitles.tells_place(subtitles.parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n")) == tells


TIMES = "0:1-->0:2\n"
COSTLY = {
    "times without words": TIMES * (subtitles.LARGEST // len(TIMES)),
    "marks": (TIMES + "<i>" * 300 + "</i>" * 250 + "\n") * (subtitles.LARGEST // 1912),
    "marks that do not end": (TIMES + ("<" + "a" * 12 + " " * 187) * 9 + "\n") * (subtitles.LARGEST // 1815),
    "ends of lines": TIMES + "a\n" + "\r" * (subtitles.LARGEST - 20),
    "letters that are not English": (TIMES + "Hällo " * 200 + "\n") * (subtitles.LARGEST // 1420),
}


@pytest.mark.parametrize("costly", COSTLY)
def test_no_file_keeps_others_waiting(costly):
    """Whoever sends them waits for it, and so do others of the same gallery's decoding children."""
    began = time.thread_time()
    with contextlib.suppress(Unreadable):
        subtitles.read(COSTLY[costly].encode())
    assert time.thread_time() - began < 0.5


def test_what_is_too_much_is_said():
    for much in (TIMES * 30_000, TIMES + "a\n" * 300_000, (TIMES + "<i>" * 400 + "\n") * 200):
        with pytest.raises(Unreadable, match="too m"):
            subtitles.parse(much)


def test_a_film_of_two_hours_whose_words_are_all_timed():
    words = "<00:00:01.240><c> word</c>" * 9
    cues = subtitles.parse("WEBVTT\n\n" + f"00:01.000 --> 00:02.000\n{words}\n\n" * 2000)
    assert (len(cues), cues[0].text) == (2000, " ".join(["word"] * 9))
