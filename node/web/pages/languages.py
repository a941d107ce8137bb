"""What a language is called by those who speak it, and in which direction it is written: pure."""

from __future__ import annotations

import re

NAMES = {
    "am": "አማርኛ", "ar": "العربية", "az": "azərbaycanca", "be": "беларуская", "bg": "български", "bn": "বাংলা",
    "br": "brezhoneg", "ca": "català", "ckb": "کوردیی ناوەندی", "cs": "čeština", "cy": "Cymraeg", "da": "dansk",
    "de": "Deutsch", "el": "ελληνικά", "en": "English", "eo": "Esperanto", "es": "español", "et": "eesti",
    "eu": "euskara", "fa": "فارسی", "fi": "suomi", "fr": "français", "ga": "Gaeilge", "gd": "Gàidhlig",
    "gl": "galego", "gn": "avañe’ẽ", "ha": "Hausa", "he": "עברית", "hi": "हिन्दी", "hr": "hrvatski",
    "ht": "kreyòl ayisyen", "hu": "magyar", "hy": "հայերեն", "id": "Bahasa Indonesia", "is": "íslenska",
    "it": "italiano", "ja": "日本語",
    "ka": "ქართული", "kab": "taqbaylit", "kk": "қазақша", "km": "ខ្មែរ", "ko": "한국어", "ku": "kurdî", "la": "Latina",
    "lt": "lietuvių", "lv": "latviešu", "mi": "te reo Māori", "mk": "македонски", "ml": "മലയാളം", "mr": "मराठी",
    "ms": "Bahasa Melayu", "mt": "Malti", "my": "မြန်မာ", "nb": "norsk bokmål", "ne": "नेपाली", "nl": "Nederlands",
    "nn": "norsk nynorsk", "no": "norsk", "oc": "occitan", "pa": "ਪੰਜਾਬੀ", "pl": "polski", "ps": "پښتو",
    "pt": "português", "qu": "runasimi", "ro": "română", "ru": "русский", "sd": "سنڌي", "si": "සිංහල",
    "sk": "slovenčina", "sl": "slovenščina", "so": "Soomaali", "sq": "shqip", "sr": "српски", "sv": "svenska",
    "sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย", "ti": "ትግርኛ", "tl": "Tagalog", "tr": "Türkçe",
    "ug": "ئۇيغۇرچە", "uk": "українська", "ur": "اردو", "vi": "Tiếng Việt", "wo": "Wolof", "xh": "isiXhosa",
    "yi": "ייִדיש", "yo": "Yorùbá", "zh": "中文", "zu": "isiZulu",
}  # fmt: skip
RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "arz", "azb", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "mzn", "nqo", "pnb", "prs",
     "ps", "sd", "syr", "ug", "ur", "yi"}
)  # fmt: skip
RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def tag(language: str | None) -> str:
    """`language` as the `lang` attribute takes it; empty, which means unknown, for what is no language tag."""
    return language if language and TAG.fullmatch(language) else ""


def direction(language: str | None) -> str:
    """`rtl` or `ltr`, or `auto` where the language does not say: then the first strong letter does."""
    parts = tag(language).lower().split("-")
    if parts == [""] or parts == ["und"]:
        return "auto"
    script = next((part for part in parts[1:] if len(part) == 4 and part.isalpha()), None)
    if script is not None:
        return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if parts[0] in RIGHT_TO_LEFT else "ltr"


def name(language: str) -> str:
    """A language in its own words: `Türkçe`; its tag where we do not know them."""
    first, _, region = language.partition("-")
    found = NAMES.get(first.lower())
    if found is None:
        return language
    return f"{found} ({region})" if region else found


def locale(tag: str) -> str:
    """A language tag as OpenGraph spells locales: `pt_BR`, or `pt` where no region is named. ogp.me"""
    language, *others = tag.split("-")
    region = next((part for part in others if len(part) == 2 and part.isalpha()), None)
    return f"{language.lower()}_{region.upper()}" if region else language.lower()
