"""Languages of texts: tags as BCP 47 has them, their own names, and what a file's name says."""

from __future__ import annotations

import re
from typing import NamedTuple

UNKNOWN = "und"  # RFC 5646, 4.1: the language is not determined
# RFC 5646, 2.1: language, extended language, script, region, variants; extensions are of no use here.
TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3})){0,3}(-x(-[a-z\d]{1,8}){1,4})?",
    re.I | re.ASCII,
)
NAMES = {
    **{"ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "cy": "Cymraeg"},
    **{"da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English", "eo": "Esperanto", "es": "Español"},
    **{"et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge"},
    **{"gl": "Galego", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "hy": "Հայերեն"},
    **{
        "id": "Indonesia",
        "is": "Íslenska",
        "it": "Italiano",
        "ja": "日本語",
        "ka": "ქართული",
        "ko": "한국어",
    },
    **{"lb": "Lëtzebuergesch", "lt": "Lietuvių", "lv": "Latviešu", "ms": "Melayu", "nb": "Norsk bokmål"},
    **{"nl": "Nederlands", "nn": "Norsk nynorsk", "no": "Norsk", "pl": "Polski", "pt": "Português"},
    **{"ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sq": "Shqip"},
    **{"sr": "Српски", "sv": "Svenska", "ta": "தமிழ்", "th": "ไทย", "tr": "Türkçe", "uk": "Українська"},
    **{"ur": "اردو", "vi": "Tiếng Việt", "zh": "中文"},
}
REGIONS = {
    **{
        "en-GB": "UK",
        "en-US": "US",
        "en-AU": "Australia",
        "en-CA": "Canada",
        "en-IE": "Ireland",
        "en-IN": "India",
    },
    **{
        "de-AT": "Österreich",
        "de-CH": "Schweiz",
        "de-DE": "Deutschland",
        "es-ES": "España",
        "es-MX": "México",
    },
    **{
        "es-419": "Latinoamérica",
        "es-AR": "Argentina",
        "fr-BE": "Belgique",
        "fr-CA": "Canada",
        "fr-CH": "Suisse",
    },
    **{"fr-FR": "France", "it-CH": "Svizzera", "nl-BE": "België", "pt-BR": "Brasil", "pt-PT": "Portugal"},
    **{"sr-Cyrl": "ћирилица", "sr-Latn": "latinica", "zh-CN": "中国", "zh-HK": "香港", "zh-TW": "台灣"},
    **{"zh-Hans": "简体", "zh-Hant": "繁體"},
}
# What older programs write into names and films: ISO 639-2, also in its bibliographic form.
LONG = dict(
    re.findall(
        r"(\w+):(\w+)",
        "ara:ar bul:bg ben:bn cat:ca ces:cs cze:cs cym:cy wel:cy dan:da deu:de ger:de ell:el gre:el eng:en epo:eo "
        "spa:es est:et eus:eu baq:eu fas:fa per:fa fin:fi fra:fr fre:fr gle:ga glg:gl heb:he hin:hi hrv:hr hun:hu "
        "hye:hy arm:hy ind:id isl:is ice:is ita:it jpn:ja kat:ka geo:ka kor:ko ltz:lb lit:lt lav:lv msa:ms may:ms "
        "nob:nb nld:nl dut:nl nno:nn nor:no pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl sqi:sq alb:sq "
        "srp:sr swe:sv tam:ta tha:th tur:tr ukr:uk urd:ur vie:vi zho:zh chi:zh",
    )
)
# What Windows wrote a language in before UTF-8; where none is named it was Latin.
LEGACY = {
    **dict.fromkeys(("be", "bg", "mk", "ru", "sr", "uk"), "cp1251"),
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **{"ar": "cp1256", "el": "cp1253", "fa": "cp1256", "he": "cp1255", "ja": "cp932", "ko": "cp949"},
    **{"th": "cp874", "tr": "cp1254", "vi": "cp1258", "zh": "gb18030"},
}
WANTED = re.compile(
    r"\s*([a-z]{1,8}(?:-[a-z\d]{1,8}){0,5})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", re.I | re.ASCII
)
# What subtitles are besides: shown unless others are chosen, only what is said in another language, all sounds told.
TRAITS = ("default", "forced", "sdh")
SAYS_TRAIT = {"cc": "sdh", "hi": "sdh"} | {trait: trait for trait in TRAITS}
ENCODING = (
    r"utf[-_]?(?:8|16)(?:[-_]?bom)?|(?:cp|win|windows)[-_]?\d{3,5}|iso[-_]?8859[-_]?\d{1,2}|latin[-_]?\d?|ansi|ascii"
    r"|koi8[-_]?[ru]|big5|gbk|gb\d{4,5}|s(?:hift)?[-_]?jis|euc[-_]?(?:jp|kr)"
)
WORD = rf"[._ ](?:forced|sdh|cc|default|{ENCODING})"
TAGGED = re.compile(
    rf"(?P<stem>.*?)(?P<before>(?:{WORD})*)[._](?P<tag>[a-z]{{2,3}}([-_][a-z]{{4}})?([-_]([a-z]{{2}}|\d{{3}}))?)"
    rf"(?P<after>(?:[._ ]hi|{WORD})*)",
    re.I | re.ASCII | re.S,
)
UNTAGGED = re.compile(rf"(?P<stem>.*?)(?P<before>(?:{WORD})*)", re.I | re.ASCII | re.S)


class Said(NamedTuple):
    """What a file's name says of subtitles: the name without it, the tag of their language or "", their traits."""

    stem: str
    tag: str = ""
    traits: str = ""


def checked(tag: str) -> str | None:
    """A tag as it is written (de, pt-BR, zh-Hant); None for what is no tag of a language."""
    tag = tag.strip().replace("_", "-")
    if not TAG.fullmatch(tag):
        return None
    first, *more = tag.lower().split("-")
    private = more.index("x") if "x" in more else len(more)
    cased = [_cased(part) if number < private else part for number, part in enumerate(more)]
    return "-".join([LONG.get(first, first), *cased])


def _cased(part):
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part


def from_name(stem: str) -> Said:
    """What a file's name without its ending says: film.pt-BR.cp1252.sdh is film, in pt-BR, for the hard of hearing."""
    found = TAGGED.fullmatch(stem)
    tag = checked(found["tag"]) if found else None
    if tag and tag.split("-")[0] in NAMES:
        return Said(found["stem"], tag, _traits(found["before"] + found["after"]))
    found = UNTAGGED.fullmatch(stem)
    return Said(found["stem"], "", _traits(found["before"])) if found["stem"] else Said(stem)


def _traits(words: str) -> str:
    said = {SAYS_TRAIT.get(word) for word in re.split("[._ ]", words.lower())}
    return " ".join(trait for trait in TRAITS if trait in said)


def name_of(tag: str) -> str:
    """What people who speak it call it, with what else the tag says: Português (Brasil); an unknown tag as it is."""
    first, _, more = tag.partition("-")
    named = NAMES.get(first)
    return f"{named} ({REGIONS.get(tag, more)})" if named and more else named or tag


def legacy_of(tag: str) -> str:
    """The codec in which texts of a language were written that are not in Unicode; empty for Latin ones."""
    return "big5hkscs" if tag.startswith(("zh-Hant", "zh-TW", "zh-HK")) else LEGACY.get(tag.split("-")[0], "")


def rank(tag: str, wanted: list[str]) -> int:
    """The place of a language among those somebody wants, best first; behind all when it is none of them."""
    for place, one in enumerate(wanted):
        if tag.lower() == one.lower():
            return 2 * place
        if tag.split("-")[0].lower() == one.split("-")[0].lower():
            return 2 * place + 1
    return 2 * len(wanted)


def wanted_by(accept: str) -> list[str]:
    """The tags of an Accept-Language header, best first (RFC 9110, 12.5.4)."""
    found = [WANTED.fullmatch(part) for part in accept[:500].split(",")]
    rated = [(float(one[2] or 1), one[1]) for one in found if one]
    return [tag for quality, tag in sorted(rated, key=lambda pair: -pair[0]) if quality]
