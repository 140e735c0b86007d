"""Addresses: as they may be shown and kept, and one form for the many ways to write a page's.

courlan's `clean_url` was tried and is not used: it keeps fragments and `..`, drops parameters without a value
(`?12345` names a page on many sites) and takes `ref` and `source` out whatever they hold.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit, urlunsplit

_USER = re.compile(r"(?<=://)[^/?#]*@")  # a password may hold a space or a backslash, and is sent with it
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))  # which addresses are read without, wherever they stand


def without_user(address: str) -> str:
    """An address, or a text with one, less the user name and password in it, which are nobody else's business."""
    return _USER.sub("", address) if "@" in address else address


def joined(base: str, link: str) -> str:
    """The whole address that a link on a page means, without fragment and user; empty where it means none."""
    try:
        whole = without_user(urldefrag(urljoin(base, link.strip())).url.translate(_BREAKS))
        urlsplit(whole)  # a bracket that is not closed
    except ValueError:
        return ""
    return whole


_LONGEST = 8_000
"""Characters of an address; a server that takes more is not known to us, and a list of them may be hostile."""

_LONGEST_HOST = 253  # characters, as name servers have it
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE_IN_PATH = "/%!$&'()*+,;=:@"
_SAFE_IN_QUERY = "/%!$&'()*,;=:@?"
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_ESCAPED_AMPERSAND = re.compile(r"^(?:amp;)+")  # what `&amp;` leaves behind in feeds that escape twice
# Who sent the reader, never which page: https://support.google.com/analytics/answer/10917952, Matomo, Piano, Adobe.
_SENDERS = (
    "xtor wt_mc s_cid cmpid fbclid gclid dclid gbraid wbraid msclkid yclid twclid igshid mc_cid mc_eid _ga _gl _hsenc "
    "_hsmi mkt_tok jsessionid phpsessid"
)
_TRACKERS = re.compile(
    r"utm_\w*|mtm_\w+|piwik_\w+|pk_(?:campaign|kwd|keyword|medium|source)|at_\w+|" + "|".join(_SENDERS.split()),
    re.IGNORECASE,
)
# `source=rss` says where the reader clicked; `source=ministry` may well choose the page.
_MARKERS = frozenset({"ref", "source", "src", "from", "origin"})
_MARKS = frozenset({"rss", "atom", "feed", "feeds", "rssfeed", "sitemap", "newsletter", "email", "twitter", "facebook"})


def in_own_order(address: str) -> str | None:
    """The canonical form but for the order of the parameters, which some servers go by; None where that is the same."""
    kept = canonical(address, is_sorted=False)
    return kept if kept != canonical(address) else None


def canonical(address: str, *, is_sorted: bool = True) -> str:
    """The form of an address that identifies its page, without a user; what is no web address comes back as it is.

    A trailing slash stays as it stands: with and without can be two pages. `is_sorted` puts parameters in order.
    """
    address = without_user(address.strip())
    try:
        parts = urlsplit(address)
        place = _place(parts)
    except ValueError:  # a port that is no number, a bracket that is not closed
        return address
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return address
    path = _without_dots(_encoded(_SESSION.sub("", parts.path), _SAFE_IN_PATH))
    return urlunsplit((parts.scheme, place, path, _query(parts.query, is_sorted=is_sorted), ""))


def placed(address: str) -> str:
    """The canonical form of a listed address, with the place on its page if it names one: `/news#item-3`."""
    fragment = place_on_page(address)
    return f"{canonical(address)}#{fragment}" if fragment else canonical(address)


def place_on_page(address: str) -> str:
    """What an address names on its page; empty where that is the whole page."""
    return urldefrag(address).fragment


def is_web(address: str) -> bool:
    """Whether an address is one of a web page: `http` or `https`, a host, and no longer than servers take."""
    try:
        parts = urlsplit(address.strip())
        whole = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
        return whole and len(address) <= _LONGEST
    except ValueError:  # as in `canonical`
        return False


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same host, but for `www.`."""
    hosts = [urlsplit(canonical(address)).hostname for address in (one, other) if is_web(address)]
    return len(hosts) == 2 and len({(host or "").removeprefix("www.") for host in hosts}) == 1


def spellings(address: str) -> tuple[str, ...]:
    """The other ways to write a canonical address that nearly all sites take for it: http, https, with `www.`."""
    parts = urlsplit(address)
    if parts.scheme not in _DEFAULT_PORTS or parts.port is not None or not parts.hostname:
        return ()
    host = parts.hostname.removeprefix("www.")
    hosts = (parts.netloc,) if ":" in host or host.replace(".", "").isdigit() else (host, f"www.{host}")
    others = (parts._replace(scheme=scheme, netloc=netloc).geturl() for scheme in _DEFAULT_PORTS for netloc in hosts)
    return tuple(other for other in others if other != address)


def _place(parts: SplitResult) -> str:
    """Host and port, as far as they are needed."""
    host = _host((parts.hostname or "").rstrip("."))
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{f'[{host}]' if ':' in host else host}{port}"


def _host(host: str) -> str:
    """A host in ASCII, as it goes over the wire; one that no name server could know stays as it is."""
    if host.isascii() or len(host) > _LONGEST_HOST:
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii").rstrip(".")
    except idna.IDNAError:
        return host


def _without_dots(path: str) -> str:
    kept: list[str] = []
    steps = path.split("/")
    for step in steps[1:]:
        if step == "..":
            del kept[-1:]
        elif step != ".":
            kept.append(step)
    if steps[-1] in {".", ".."}:
        kept.append("")  # `a/.` is the folder `a/`
    return "/" + "/".join(kept)


def _query(query: str, *, is_sorted: bool) -> str:
    """Parameters, by name if so wanted, without the ones that only follow the reader."""
    query = _encoded(query.replace("+", "%20"), _SAFE_IN_QUERY)
    parameters = [_ESCAPED_AMPERSAND.sub("", parameter) for parameter in query.split("&")]
    kept = [parameter for parameter in parameters if parameter and not _only_follows(parameter)]
    return "&".join(sorted(kept, key=lambda parameter: parameter.partition("=")[0]) if is_sorted else kept)


def _only_follows(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return bool(_TRACKERS.fullmatch(name)) or (name.lower() in _MARKERS and value.lower() in _MARKS)


def _encoded(text: str, safe: str) -> str:
    """The same text with only that percent-encoded which must be, in capitals."""
    text = _ESCAPED.sub(_plain_or_capitals, _STRAY_PERCENT.sub("%25", text))
    return quote(text, safe=safe, errors="replace")


def _plain_or_capitals(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _PLAIN else found[0].upper()
