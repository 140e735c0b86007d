"""French and English dates as newsrooms write them.

One pattern has to fit the whole text, so a sentence that mentions a date is none, and nothing is guessed: no relative
dates, no years of two digits but where a day is likely (`with_whole_years`), no month first between slashes but where
no other reading makes a day (12/19/2022), the weekday or a time with AM or PM says so, or the page is known to write
so. dateparser reads all that and more, `12` and `yesterday` included, and only behind such a pattern could it be
trusted, where nothing is left for it to do.

`near_dates` alone takes lines that say more than a date, as they stand around a headline: "Posted on 14 May 2024 by the
press office".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_offset
from functools import cache
from zoneinfo import ZoneInfo

from vectorstore.text import table
from vectorstore.text.calendar import months, weekdays
from vectorstore.text.words import fold


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a date line of a page says; at least one of the two is known, both in UTC, on the day that is written."""

    published: datetime | None = None
    updated: datetime | None = None


LONGEST = 160
"""Characters. A longer line is a sentence, whatever date it holds."""

_HOURS_FROM_UTC = {
    "Z": 0, "UTC": 0, "GMT": 0, "TU": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_PLACES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}

_UPDATED = r"""(?i:
    (?: dernière\ )? mise?\ à\ jour | (?: date\ de\ )? (?: la\ )? dernière\ (?: modification | actualisation )
  | date\ de\ (?: la\ )? modification
  | actualisée? | modifiée? | date\ de\ mise\ à\ jour
  | (?: page\ )? (?: last\ )? (?: updated? | modified | reviewed ) | date\ modified
  | last\ (?: modification | changed? | edited | revised )
)"""
_PUBLISHED = r"""(?i:
    publiée? (?: \ en\ ligne )? | mise?\ en\ ligne | ajoutée? | added | (?: posted | put )\ online
  | parue? | diffusée? | posté
  | date (?: \ de\ (?: publication | parution ) )?
  | (?: first\ | date\ | originally\ )? (?: published | posted | released | issued ) | (?: publication | release )\ date
  | communiqué (?: \ de\ presse | \ aux\ médias )? | (?: press | news | media )\ releases? | for\ immediate\ release
  | (?: note | informations? | infos? | point ) (?: \ (?: de | à\ la ) )? \ presse | (?: note | avis )\ aux\ médias
  | (?: press | media )\ (?: notice | statement | information | advisory )
  | news | actualités? | statement | déclaration
)"""
# What else stands in a date line: where the page is filed, and by whom.
_FILED = r"""(?:
    (?: rubrique | catégorie | thème | thématique | auteur | source | section | category | topic | author ) s?
    \ ?:\ [^.!?:]{2,50}
  | (?: (?: press | news | media )\ release | communiqué (?: \ de\ presse )? )
    \ (?: no | n° | nr | number )\.? \ ?[\w/-]{1,12}
)"""
_LABEL = re.compile(rf"(?: {_UPDATED} | {_PUBLISHED} ) (?i: \ (?: le | on | at ) )? [\ :]*", re.VERBOSE)
# Capital letters, so that the end of a sentence is no place. Behind a bullet none is read: that is a list of events.
_WORD = r"[A-ZÀ-Ý][\w’'./-]{0,40}"
_PLACE = rf"{_WORD}(?:\ (?:sur|les|la|le|de|du|en|sous|of|the|upon|{_WORD})){{0,4}}"
_DAY_NAME = rf"(?i: {'|'.join(weekdays())} | (?:{'|'.join(weekdays(short=True))})\b\.? )"
_YEAR = r"(?:19|20)\d\d"
_A_YEAR = re.compile(_YEAR)
_FIGURES = re.compile(r"\d\d")  # of any year
_OLD = "69"  # the last year of two digits that is one of this century (POSIX)
# Behind a label alone: elsewhere it may be a file number.
_SHORT_YEAR = re.compile(
    rf"""((?: {_UPDATED} | {_PUBLISHED} ) (?i: \ (?: le | on ) )? [\ :]* \d\d? ([./-]) \d\d? \2) (\d\d) (?!\d)""",
    re.VERBOSE,
)
_MAY_BE_SHORT = re.compile(r"\d([./-])\d\d?\1\d\d(?!\d)")
_DATE = rf"""(?:
    (?P<year1>{_YEAR}) (?P<mark1>[-/.]) (?P<month1>\d\d) (?P=mark1) (?P<day1>\d\d)
  | (?P<day2>\d\d?) (?P<mark2>[./-])\ ? (?P<month2>\d\d?) (?P=mark2)\ ? (?P<year2>{_YEAR})
  | (?P<day3>\d\d?) (?i: \ ?er | st | nd | rd | th | e )? \.? (?i: \ of )? [\ -]
    (?P<month3>[^\W\d_]{{3,9}})\.? ,? [\ -] (?P<year3>{_YEAR})
  | (?P<month4>[^\W\d_]{{3,9}})\.? \  (?P<day4>\d\d?) (?i: st | nd | rd | th )? ,? \  (?P<year4>{_YEAR})
) (?!\d)"""
_ZONE = r"""\ ?\(? (?:
    (?: UTC | GMT )? (?P<sign>[+-])(?P<zone_hour>\d\d?):?(?P<zone_minute>\d\d)? | (?P<zone>[A-Z]{1,4})\b
) \)?"""
_TIME = rf"""(?i: \ ?[,|–—-]\ ? | ,?\ (?: at | à | - )\  | T | \  )
    (?P<hour>\d\d?)
    (?: [:.](?P<minute>\d\d) (?: :(?P<second>\d\d) (?:[.,]\d+)? )?
      | \ ?(?i:h(?:eures?)?)\ ?(?P<minute_h>\d\d)? (?!\w)
      | (?=\ ?[aApP]\.?[mM]) )
    (?: \ ?(?P<half>[aApP])\.?[mM]\b\.? )?
    (?: {_ZONE} )?"""
_ON_DAY = rf"(?: (?P<weekday>{_DAY_NAME}) ,?\ (?i: le\ )? )?"
_ITEM = re.compile(
    rf"""
    [\s•·|/,;(–—*-]{{0,40}}+
    (?: (?P<updated>{_UPDATED}) | (?P<published>{_PUBLISHED}) )?
    (?: \ ?[:|•·–—-]\ ? | \ | ^ | (?<=[\s•·|/,;(–—*-]) )
    (?i: (?: fait\ à | done\ (?: at | in ) )\  )?
    (?: (?<!^[*–—-]\ ) (?!{_DAY_NAME}[\ ,]) {_PLACE} (?: ,\ {_PLACE} )? (?: \ ?\([\w\ ]{{2,20}}\) )? ,\  )?
    (?i: (?: le | on | du | of | dated | dated:? )\ ?:?\  )?
    {_ON_DAY} {_DATE} (?: {_TIME} )?
    """,
    re.VERBOSE,
)
_TAIL = re.compile(
    rf"""
    [\s•·|/,;.)–—*-]{{0,40}}+
    (?: (?<=[|•·–—-]\ ) (?i: {_PUBLISHED} | {_FILED} )
      | (?<=[|•·]\ ) {_PLACE} | \d{{1,4}}\ min (?:utes?)? (?: \ (?: read | de\ lecture ) )? )?
    [\s•·|/,;.)–—*-]{{0,40}}+ $
    """,
    re.VERBOSE,
)

_ANYWHERE = re.compile(
    rf"(?<![\w/.-]) (?: (?P<weekday>{_DAY_NAME}) ,?\ (?i: le\ )? )? {_DATE} (?: {_TIME} )?", re.VERBOSE
)
_OPENING = re.compile(
    rf"""
    \A (?! Correction | Rectificati | Errat | Corrigend ) \(?
    (?: {_PLACE} (?: \ ?\([\w\ ]{{2,20}}\) )? (?: ,\ {_PLACE} ){{0,2}} (?: ,?\  | \ [–—-]\  ) )?
    (?i: (?: le | on | du | dated ) \  )?
    (?P<date> {_ON_DAY} {_DATE} ) \)?
    (?: \ ?/[^/]{{2,30}}/ )? (?: \ ?[–—:] | \ -{{1,2}}\ | --? \  | \.\  | \ \( [A-Z][\w\ ]{{1,30}} \) | (?<=\))\  )
    """,
    re.VERBOSE,
)
_SIGNED = re.compile(
    rf"""
    \A (?i: (?: fait\ à | done\ (?: at | in ) )\  )?
    {_PLACE} (?: \ ?\([\w\ ]{{2,20}}\) )? (?: ,\ {_PLACE} )? ,\ (?i: (?: le | on | the | this )\  )?
    (?P<date> {_ON_DAY} {_DATE} ) \.? \Z
    """,
    re.VERBOSE,
)
_BARS = re.compile(r"(?<!\s)\s++[|·•]\s+")
_DASHED = re.compile(r"(.{6,60}?)\s[–—-]{1,2}\s")


_NO_YEAR = r"(?! \w | [./:-]\d | \ ?(?:h|min|%|€)\b )"
_SHORT_DAY = re.compile(
    rf"(?<![\w./-]) (?: \d\d? ([./-]) \d\d? \1 | \d\d?(?:\ ?er)?\ ([^\W\d_]{{3,9}})\.?\ ) (\d\d) {_NO_YEAR}",
    re.VERBOSE,
)


def with_whole_years(line: str) -> str:
    """A line with the years of its days written out: `3.4.25`, "3 avr. 25"; to be asked where a day is likely.

    As it is, where it has a whole year, or a year that is still to come: elsewhere these are numbers of files.
    """
    plain = " ".join(unicodedata.normalize("NFKC", line).split())
    return line if _A_YEAR.search(plain) else _SHORT_DAY.sub(_with_whole_year, plain)


def _with_whole_year(found: re.Match[str]) -> str:
    year = int(found[3]) + 2000
    is_month = found[2] is None or _month(found[2]) is not None
    if not is_month or year > datetime.now(UTC).year:
        return found[0]
    return f"{found[0][:-2]}{year}"


_EMBARGO = re.compile(
    r"embargo|\bnot (?:for|to be) (?:publi|releas|broadcast)\w* (?:before|until)|\bne pas (?:publier|diffuser) avant",
    re.IGNORECASE,
)


def dateline(paragraph: str) -> datetime | None:
    """The date that opens a release's first paragraph, as in "Bern, 12.04.2023 - The council …"; else None.

    Before a dash it may be a whole date line, with an hour or a label.
    """
    opening = with_whole_years(" ".join(unicodedata.normalize("NFKC", paragraph[:LONGEST]).split()))
    if found := _OPENING.match(opening):
        return parse_date(found["date"])
    dashed = _DASHED.match(opening)
    line = find_dates(dashed[1]) if dashed else None
    return line.published if line else None


def signed(line: str) -> datetime | None:
    """The date that closes a release in a line of its own, behind its place: "Fait à Berne, le 12 avril 2023."."""
    plain = _on_one_line(line)
    found = _SIGNED.match(plain) if len(plain) <= LONGEST else None
    if found is None or is_date_label(plain[: found.start("date")].rstrip(", ")):
        return None
    return parse_date(found["date"])


def embargo(line: str) -> datetime | None:
    """The day until which a line says that a release is under embargo, on which it is published then; else None."""
    if len(line) > LONGEST or not _EMBARGO.search(line):
        return None
    days = [moment for _, moment, _ in dates_within(line)]
    return days[0] if len(days) == 1 else None


def is_date_label(line: str) -> bool:
    """Whether a line only announces a date that stands elsewhere: "Published on", « Date de publication : »."""
    return bool(_LABEL.fullmatch(" ".join(unicodedata.normalize("NFKC", line).split())))


_AHEAD = timedelta(days=1)  # clocks and zones differ by hours; a year too many is a slip of the pen
# What an empty field becomes: day 0 of Unix, and those of spreadsheets, with the day before west of Greenwich.
_EPOCHS = frozenset(
    map(date.fromisoformat, ("1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1969-12-31", "1970-01-01"))
)


def can_be(moment: datetime, *, now: datetime) -> bool:
    """Whether something can be of that moment: it is not yet to come, and no computer's first day."""
    return moment <= now + _AHEAD and moment.date() not in _EPOCHS


def in_utc(moment: datetime) -> datetime | None:
    """A moment in UTC, which it is in already without a zone; None where that has no such year, as before 0001."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def on_its_day(moment: datetime) -> datetime | None:
    """A moment in UTC; only its day, where UTC has another one by then: midnight of the 4th in Paris is of the 4th."""
    utc = in_utc(moment)
    return utc if utc is None or utc.date() == moment.date() else datetime.combine(moment.date(), time(), UTC)


def believed_publication(told: datetime | None, shown: datetime | None) -> datetime | None:
    """The publication as readers see it: the hour is the stamp's, unless the headline has another day."""
    if told and shown and told.date() != shown.date():
        return shown
    return told or shown


def parse_date(text: str, *, timezone: tzinfo | None = UTC, month_first: bool | None = None) -> datetime | None:
    """The one moment that `text` names, in UTC, or None where it is not just a date with its usual words before it.

    Exactly that moment, which bounds a search; what a release is dated by keeps its day instead: `parse_stamp`.
    A date without a time is midnight UTC; a time without a zone is read in `timezone` (None: UTC).
    `month_first` reads 3/4/2024 as the Americans do; None: only beside AM and PM, or where the weekday says so.
    """
    items = _items(text, timezone, month_first)
    return items[0][1].astimezone(UTC) if len(items) == 1 else None


def parse_stamp(text: str, *, month_first: bool | None = None) -> datetime | None:
    """What `parse_date` reads on a page, in a file or a feed, on the day that is written there: see `on_its_day`."""
    items = _items(text, UTC, month_first)
    return on_its_day(items[0][1]) if len(items) == 1 else None


def find_dates(line: str, *, timezone: tzinfo | None = UTC, month_first: bool | None = None) -> DateLine | None:
    """When a page was published and updated, if `line` is a line that says so and nothing else; else None.

    A date without a word before it is that of publication. Two dates of one kind are a period: None.
    """
    items = [(kind, on_its_day(moment)) for kind, moment in _items(line, timezone, month_first)]
    moments = dict(items)
    if not items or len(moments) < len(items):
        return None
    return DateLine(**moments)


def dates_between_bars(line: str, *, month_first: bool | None = None) -> DateLine | None:
    """The dates of a line, or of the one part of it, between bars or dots, that holds any; else None."""
    whole = find_dates(line, month_first=month_first)
    parts = [] if whole else [find_dates(part, month_first=month_first) for part in _BARS.split(line)]
    found = [part for part in parts if part]
    return whole or (found[0] if len(found) == 1 else None)


def dates_within(line: str, *, month_first: bool | None = None) -> list[tuple[str, datetime, str]]:
    """Each date of a line, with the words before it, up to the date before, and all that follow."""
    plain = _on_one_line(line)
    found: list[tuple[str, datetime, str]] = []
    position = 0
    for each in _ANYWHERE.finditer(plain) if _A_YEAR.search(plain) else ():
        moment = _moment(each, UTC, month_first)
        if moment and (moment := on_its_day(moment)):
            found.append((plain[position : each.start()], moment, plain[each.end() :]))
            position = each.end()
    return found


def _items(text: str, timezone: tzinfo | None, month_first: bool | None) -> list[tuple[str, datetime]]:
    """`published` or `updated` and the moment, for each date; empty where anything else stands in the text."""
    if not _FIGURES.search(text):  # nearly always, and to normalise it takes longer
        return []
    line = _on_one_line(text)
    if len(line) > LONGEST or not _A_YEAR.search(line):
        return []
    items: list[tuple[str, datetime]] = []
    position = 0
    while found := _ITEM.match(line, position):
        moment = _moment(found, timezone or UTC, month_first)
        if moment is None:
            return []
        items.append(("updated" if found["updated"] else "published", moment))
        position = found.end()
    return items if _TAIL.match(line, position) else []


def _on_one_line(text: str) -> str:
    """A date line, its years written out. NFKC makes one space of the no-break ones, and `1er` of its superscript."""
    line = " ".join(unicodedata.normalize("NFKC", text).split())
    if not _MAY_BE_SHORT.search(line):
        return line
    return _SHORT_YEAR.sub(lambda found: f"{found[1]}{'19' if found[3] > _OLD else '20'}{found[3]}", line)


def _moment(found: re.Match[str], timezone: tzinfo, month_first: bool | None) -> datetime | None:
    """The moment in its own zone; None for the 31st of February, the 25th hour, a month or zone nobody knows."""
    form = next(number for number in "1234" if found[f"day{number}"])
    year, day = int(found[f"year{form}"]), int(found[f"day{form}"])
    month = _month(found[f"month{form}"])
    if month and found["mark2"] == "/":
        if month_first is None:
            month_first = found["half"] is not None
        month, day = _in_order(year, month, day, found["weekday"], month_first=month_first)
    zone = _zone(found, timezone)
    if month is None or zone is None:
        return None
    hour, minute = int(found["hour"] or 0), int(found["minute"] or found["minute_h"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    try:
        return datetime(year, month, day, hour, minute, int(found["second"] or 0), tzinfo=zone)
    except ValueError:
        return None


def _in_order(year: int, first: int, second: int, weekday: str | None, *, month_first: bool) -> tuple[int | None, int]:
    """Month and day of what stands between slashes, `second` before `first`; no month where the weekday fits neither.

    Where only one reading is a date the weekday does not count: people err in it.
    """
    orders = [(second, first), (first, second)] if month_first else [(first, second), (second, first)]
    orders = [order for order in orders if order[0] <= 12]
    if len(orders) < 2 or weekday is None:
        return orders[0] if orders else (None, second)
    wanted = weekdays(short=True)[fold(weekday.rstrip("."))]
    fitting = [(month, day) for month, day in orders if month and day and date(year, month, day).weekday() == wanted]
    return fitting[0] if fitting else (None, second)


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return months(short=True).get(fold(text))


def _zone(found: re.Match[str], timezone: tzinfo) -> tzinfo | None:
    """The zone that is written, else `timezone` for a time and UTC for a bare date; None for an unknown one."""
    if found["hour"] is None:
        return UTC
    if found["sign"]:
        offset = timedelta(hours=int(found["zone_hour"]), minutes=int(found["zone_minute"] or 0))
        return fixed_offset(-offset if found["sign"] == "-" else offset) if offset < timedelta(hours=24) else None
    name = found["zone"]
    if name is None:
        return timezone
    if name in _PLACES:
        return ZoneInfo(_PLACES[name])
    hours = _HOURS_FROM_UTC.get(name)
    return None if hours is None else fixed_offset(timedelta(hours=hours))


# Characters, and words beside the date where none of them tells what the date is. A longer line is a text.
_LONGEST_NEAR = 120
_MOST_WORDS = 6
_SAYS_UPDATED = re.compile(r"\b(?:updat|modifi|actualis|revised|révis|version|mise? à jour)", re.IGNORECASE)


@cache
def _says_other() -> re.Pattern[str]:
    """A word before a date that is not the page's own."""
    words = table("page_dates")["other"]
    return re.compile(rf"\b(?:{'|'.join(words['en'] + words['fr'])})\b|[©]", re.IGNORECASE)


@cache
def _says_published() -> re.Pattern[str]:
    """A word beside a date that is the page's own."""
    return re.compile(rf"\b(?:{'|'.join(table('page_dates')['published']['words'])})", re.IGNORECASE)


def near_dates(line: str, *, month_first: bool | None = None) -> DateLine | None:
    """What a line beside the headline says of publication and update; None for a sentence and for other dates.

    Unlike `find_dates` it takes lines with words that it does not know, so it is to be asked only there.
    """
    line = with_whole_years(line)
    if len(line) > _LONGEST_NEAR or line.endswith(("!", "?")) or (line.endswith(".") and not _is_note(line)):
        return None
    found: dict[str, list[DateLine]] = {"published": [], "updated": []}
    for before, moment, behind in dates_within(line, month_first=month_first):
        words = before + behind
        if _SAYS_UPDATED.search(before):
            found["updated"].append(DateLine(updated=moment))
        elif _says_other().search(before):
            continue
        elif _says_published().search(words) or len(words.split()) <= _MOST_WORDS:
            found["published"].append(DateLine(published=moment))
    if any(len(lines) > 1 for lines in found.values()) or not any(found.values()):
        return None
    published, updated = (next(iter(lines), DateLine()) for lines in found.values())
    return DateLine(published.published, updated.updated)


def _is_note(line: str) -> bool:
    """Whether sentences only say when a page was published or updated: "Written by Ann. Posted on 3 April 2025."."""
    found = dates_within(line)
    if not found:
        return False
    before, _, behind = found[-1]
    last = before.rsplit(". ", 1)[-1].strip()
    return not behind.strip(" .") and bool(_says_published().match(last) or _SAYS_UPDATED.match(last))


def is_of_something_else(words: str) -> bool:
    """Whether the words before a date tell that it is a deadline, a meeting or the like."""
    return bool(_says_other().search(words)) and not _SAYS_UPDATED.search(words)
