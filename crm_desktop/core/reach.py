"""Ways to reach somebody as addresses that the system's own programs open: calls, WhatsApp, messengers, profiles, maps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crm_desktop.core.errors import FieldError
from crm_desktop.core.formats import default_country
from crm_desktop.core.i18n import N_
from crm_desktop.core.phones import is_e164, normalize_phone
from crm_desktop.core.values_text import parse_url


@dataclass(frozen=True)
class Network:
    """A messenger or a social network: its name, its hosts, the address of a handle, its icon.

    ``handle`` is the pattern of a name there; ``phone`` says that people are found by their number.
    """

    key: str
    name: str
    hosts: tuple[str, ...]
    address: str
    icon: str
    handle: str = r"[\w.\-]{2,64}"
    phone: bool = False
    words: tuple[str, ...] = ()


MESSENGERS = (
    Network("whatsapp", "WhatsApp", ("wa.me", "api.whatsapp.com", "whatsapp.com"), "https://wa.me/{}", "ph.whatsapp-logo",
            r"\d{7,15}", True, ("whats", "wa", "zap")),
    Network("telegram", "Telegram", ("t.me", "telegram.me"), "https://t.me/{}", "ph.telegram-logo", r"\w{4,32}", False, ("tg",)),
    Network("signal", "Signal", ("signal.me",), "https://signal.me/#p/+{}", "ph.chat-circle", r"\d{7,15}", True),
    Network("skype", "Skype", (), "skype:{}?chat", "ph.chat-circle", r"[\w.:,\-]{3,64}"),
    Network("messenger", "Messenger", ("m.me",), "https://m.me/{}", "ph.messenger-logo"),
)  # fmt: skip
NETWORKS = (
    Network("linkedin", "LinkedIn", ("linkedin.com",), "https://www.linkedin.com/in/{}", "ph.linkedin-logo", r"[\w\-%]{2,100}", words=("in", "li")),
    Network("instagram", "Instagram", ("instagram.com",), "https://www.instagram.com/{}", "ph.instagram-logo", words=("insta", "ig")),
    Network("facebook", "Facebook", ("facebook.com", "fb.com"), "https://www.facebook.com/{}", "ph.facebook-logo", words=("face", "fb")),
    Network("x", "X", ("x.com", "twitter.com"), "https://x.com/{}", "ph.twitter-logo", r"\w{1,15}", words=("twitter",)),
    Network("youtube", "YouTube", ("youtube.com",), "https://www.youtube.com/@{}", "ph.youtube-logo", words=("yt",)),
    Network("tiktok", "TikTok", ("tiktok.com",), "https://www.tiktok.com/@{}", "ph.tiktok-logo"),
    Network("github", "GitHub", ("github.com",), "https://github.com/{}", "ph.github-logo", r"[\w\-]{1,39}"),
)  # fmt: skip
_NAMED = re.compile(r"\s*([A-Za-z]+)\s*[:/ ]\s*(?!//)@?(.+?)\s*\Z")
_PHONE_LIKE = re.compile(r"[+(\d][\d\s().\-]{6,}\Z")
_WHICH_NETWORK = N_("Which network is “{text}” on? Write it like “instagram: ana”, or paste the profile's address.")
_WHICH_MESSENGER = N_("Which messenger is “{text}” on? Write it like “telegram: ana”, or a phone number for WhatsApp.")
_NO_HANDLE = N_("“{text}” is not a name that {network} knows. Paste the profile's address instead.")


def parse_profile(kind: str, raw: Any, country: str | None = None) -> str:
    """The address of a messenger or a social profile, from an address, "instagram: ana", "@ana" or a phone number.

    Args:
        kind: "messenger" or "social".
        country: of phone numbers without one; the program's where None.

    Raises:
        FieldError: the network cannot be told, or the name is none that it knows.
    """
    text = str(raw).strip()
    known = MESSENGERS if kind == "messenger" else NETWORKS
    if any(_is_address(one, text) for one in known):
        return text
    named = _NAMED.match(text)
    network = _by_word(named[1], known) if named else None
    if named and network:
        return _address(network, named[2], text, country)
    if kind == "messenger" and _PHONE_LIKE.match(text):
        return _address(MESSENGERS[0], text, text, country)
    if kind == "messenger" and text.startswith("@"):
        return _address(MESSENGERS[1], text[1:], text, country)
    if "." in text and "@" not in text.split("/")[0] and not re.search(r"\s", text):
        return _tidy(parse_url(text))
    raise FieldError("value", _WHICH_MESSENGER if kind == "messenger" else _WHICH_NETWORK, value=raw, text=text)


def _is_address(network: Network, text: str) -> bool:
    head, _mark, tail = network.address.partition("{}")
    inner = text[len(head) : len(text) - len(tail)]
    return text.startswith(head) and text.endswith(tail) and re.fullmatch(network.handle, inner) is not None


def _by_word(word: str, known: tuple[Network, ...]) -> Network | None:
    low = word.lower()
    return next((one for one in known if low in (one.key, *one.words)), None)


def _address(network: Network, handle: str, text: str, country: str | None) -> str:
    if network.phone:
        number = normalize_phone(handle, country or default_country())
        handle = number[1:] if is_e164(number) else ""
    if not re.fullmatch(network.handle, handle):
        raise FieldError("value", _NO_HANDLE, value=text, text=text, network=network.name)
    return network.address.format(handle)


def _tidy(url: str) -> str:
    """The address of a profile without what only counts visits, in the network's own spelling."""
    network = network_of(url)
    parts = urlsplit(url)
    if network is None or parts.fragment.startswith("p/"):
        return url
    path = [part for part in parts.path.split("/") if part]
    if len(path) == 1 and re.fullmatch(network.handle, path[0].lstrip("@")) and network.key != "linkedin":
        if network.key != "facebook" or path[0] != "profile.php":
            return network.address.format(path[0].lstrip("@"))
    return url if network.key == "facebook" else url.partition("?")[0].rstrip("/")


def network_of(url: str) -> Network | None:
    """The messenger or network that an address belongs to."""
    if url.lower().startswith("skype:"):
        return next(one for one in MESSENGERS if one.key == "skype")
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.") if "://" in url else ""
    for network in (*MESSENGERS, *NETWORKS):
        if any(host == one or host.endswith("." + one) for one in network.hosts):
            return network
    return None


def profile_text(url: str) -> str:
    """A profile as it is read: "Instagram · ana"; an address of no known network without its scheme."""
    network = network_of(url)
    if network is None:
        return re.sub(r"^https?://(www\.)?", "", url)
    if network.key == "skype":
        return f"{network.name} · {url[6:].partition('?')[0]}"
    parts = urlsplit(url)
    handle = parts.fragment.removeprefix("p/") or unquote(parts.path.rstrip("/").rpartition("/")[2]).lstrip("@")
    return f"{network.name} · {handle}" if handle else network.name


@lru_cache(maxsize=4096)
def is_mobile(phone: str) -> bool:
    """Whether a stored phone may be a mobile one, by the numbering plan of its country."""
    number = phone.partition(";ext=")[0]
    if not is_e164(number):
        return False
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse  # lazy: heavy

    try:
        found = number_type(parse(number))
    except NumberParseException:
        return False
    return found in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def whatsapp_url(phone: str | None, label: str | None = None) -> str:
    """The address that opens a chat with a mobile number; "" where it is none. ``label`` "mobile" is believed."""
    number = (phone or "").partition(";ext=")[0]
    if not is_e164(number) or (phone != number) or not (label == "mobile" or is_mobile(number)):
        return ""
    return f"https://wa.me/{number[1:]}"


def call_url(phone: str | None) -> str:
    """The address that calls a stored phone (RFC 3966), its extension included; "" for none."""
    if not phone:
        return ""
    number, _mark, extension = phone.partition(";ext=")
    bare = re.sub(r"[^\d+*#]", "", number)
    return f"tel:{bare};ext={extension}" if extension else f"tel:{bare}"


def map_url(lines: list[str]) -> str:
    """The address of a public map that looks for a postal address; it is opened only when somebody asks for it."""
    return "https://www.openstreetmap.org/search?query=" + quote(", ".join(lines))
