"""Offices, whose they are, and whether two ways to name somebody may mean one person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.language.attribution import lexicon
from bot.language.attribution.words import Word, read

# Whose office it is. A country that the question names must be the release's; a body may go without saying.
_COUNTRIES = (
    "france french francais francaise", "germany german allemagne allemand allemande",
    "ukraine ukrainian ukrainien ukrainienne",
    "poland polish pologne polonais polonaise", "spain spanish espagne espagnol espagnole",
    "italy italian italie italien italienne",
    "netherlands dutch pays-bas neerlandais neerlandaise", "belgium belgian belgique belge",
    "britain british uk britannique royaume-uni",
    "canada canadian canadien canadienne", "us american usa americain americaine etats-unis",
    "sweden swedish suede suedois suedoise",
    "norway norwegian norvege norvegien norvegienne", "finland finnish finlande finlandais finlandaise",
    "denmark danish danemark danois danoise", "estonia estonian estonie estonien estonienne",
    "latvia latvian lettonie letton lettone", "lithuania lithuanian lituanie lituanien lituanienne",
    "turkey turkish turkiye turquie turc turque", "greece greek grece grec grecque",
    "romania romanian roumanie roumain roumaine",
    "switzerland swiss suisse", "austria austrian autriche autrichien autrichienne",
    "portugal portuguese portugais portugaise",
    "ireland irish irlande irlandais irlandaise", "japan japanese japon japonais japonaise",
    "china chinese chine chinois chinoise",
    "russia russian russie russe", "hungary hungarian hongrie hongrois hongroise",
    "luxembourg luxembourgish luxembourgeois luxembourgeoise",
    "iceland icelandic islande islandais islandaise", "morocco moroccan maroc marocain marocaine",
    "korea korean coree coreen coreenne",
    "georgia georgian georgie georgien georgienne", "moldova moldovan moldavie moldave",
    "australia australian australie australien australienne",
    "india indian inde indien indienne", "israel israeli israelien israelienne",
    "senegal senegalese senegalais senegalaise",
)  # fmt: skip
_BODIES = (
    "nato otan atlantic", "un onu united-nations nations", "eu ue european europeen europeenne union", "who oms",
    "osce", "imf fmi",
    "wto omc", "oecd ocde", "unesco", "unicef", "iaea aiea", "ecb bce",
)  # fmt: skip
COUNTRY = {word: "country " + group.split()[0] for group in _COUNTRIES for word in group.split()}
BODY = {word: "body " + group.split()[0] for group in _BODIES for word in group.split()}


# Longest first where one holds another: a deputy is not the secretary general, a prime minister no minister.
_OFFICES = (
    (
        "deputy secretary general",
        r"(?:deputy|assistant|under)[- ]secretar(?:y|ies)[- ]general|"
        r"secretaires? generale?s? (?:adjointe?|delegue)s?|sous-secretaire generale?",
    ),
    ("secretary general", r"secretary[- ]general|secretaire generale?"),
    ("deputy prime minister", r"deputy prime[- ]minister|vice[- ]prime[- ]minister|vice-premiere?[- ]ministre"),
    ("prime minister", r"prime[- ]minister|premiere?[- ]ministre"),
    ("former president", r"(?:former|ex)[- ]president|ancienn?e? presidente?|ex-presidente?"),
    ("vice president", r"(?:executive |senior )?vice[- ]presidente?|[es]?vp"),
    ("deputy minister", r"deputy (?:\w+ ){0,3}minister|vice[- ]minist(?:er|re)|ministre deleguee?|minister of state"),
    ("secretary of state", r"secretary of state|secretaire d'etat|state secretary"),
    (
        "minister",
        r"minist(?:er|re)|(?:foreign|home|defen[cs]e|health|treasury|education|transport|energy) secretary|"
        r"secretary (?:of|for) (?:\w+ )?(?:defen[cs]e|health|transport|education|energy)",
    ),
    (
        "deputy director general",
        r"deputy director[- ]general|direct(?:eur|rice) general adjoint|"
        r"direct(?:eur|rice) generale?s? adjointe?",
    ),
    (
        "chief executive",
        r"chief executive(?: officer)?|ceo|pdg|president[- ]directeur general|presidente-directrice generale|"
        r"direct(?:eur|rice) generale?|director[- ]general|dg",
    ),
    (
        "deputy director",
        r"(?:deputy|assistant|associate) director|direct(?:eur|rice) adjointe?|sous-direct(?:eur|rice)",
    ),
    (
        "chief financial officer",
        r"chief financial officer|cfo|direct(?:eur|rice) (?:administrati(?:f|ve) et )?financi(?:er|ere)|"
        r"(?:group )?finance director",
    ),
    ("chief operating officer", r"chief operating officer|coo|direct(?:eur|rice) des operations"),
    ("chief technology officer", r"chief technology officer|chief technical officer|cto|direct(?:eur|rice) technique"),
    ("managing director", r"managing director"),
    ("executive director", r"executive director|direct(?:eur|rice) executi(?:f|ve)"),
    ("director", r"director|direct(?:eur|rice)"),
    ("vice chair", r"(?:vice|deputy)[- ]?chair(?:man|woman|person)?"),
    ("chair", r"chair(?:man|woman|person)?"),
    ("president", r"presidente?"),
    ("deputy spokesperson", r"deputy spokes(?:person|man|woman)|porte-parole adjointe?"),
    ("spokesperson", r"spokes(?:person|man|woman)|porte-parole"),
    ("high commissioner", r"high commissioner|haute? commissaire"),
    ("commissioner", r"commissioner|commissaire"),
    ("ambassador", r"ambassador|ambassad(?:eur|rice)"),
    ("high representative", r"high representative|haute? representante?"),
    ("federal councillor", r"federal councill?or|conseill(?:er|ere) federale?"),
    ("vice chancellor", r"vice[- ]chancell?or|vice-chanceliere?"),
    ("chancellor", r"chancell?or|chanceliere?"),
    ("deputy mayor", r"deputy mayor|(?:maire adjointe?|adjointe? au maire)"),
    ("mayor", r"mayor|maire|bourgmestre|syndic|syndique"),
    ("governor", r"governor|gouverneure?"),
    ("rector", r"rector|rect(?:eur|rice)"),
    ("dean", r"dean|doyenn?e?"),
    ("co-founder", r"co-?founder|co-?fondat(?:eur|rice)"),
    ("founder", r"founder|fondat(?:eur|rice)"),
    ("lieutenant general", r"lieutenant[- ]general|general de corps d'armee"),
    ("major general", r"major[- ]general|general de division"),
    ("attorney general", r"attorney general|procureure? generale?"),
    ("prosecutor", r"prosecutor|procureure?"),
    (
        "general",
        r"(?<!of )generale?(?! (?:motors|electric|mills|dynamics|assembly|hospital|council|counsel|manager))|"
        r"gen",
    ),
    ("admiral", r"admiral|amiral|amirale"),
    ("colonel", r"colonel|colonelle"),
    ("coach", r"(?:head )?coach|entraineu(?:r|se)|selectionneu(?:r|se)"),
    ("captain", r"captain|capitaine"),
    ("professor", r"professor|professeure?"),
    ("senator", r"senator|senat(?:eur|rice)"),
    ("pope", r"pope|pape"),
    ("king", r"king|roi"),
    ("queen", r"queen|reine"),
    ("author", r"author|auteure?|autrice"),
    ("manager", r"manager"),
    ("head", r"head|cheff?e?|chief|responsable"),
)  # fmt: skip
_PORTFOLIOS = (
    ("defence", r"defen[cs]e|armees?|armed forces"),
    (
        "foreign affairs",
        r"foreign(?: affairs)?|affaires etrangeres|external (?:affairs|relations)|relations exterieures",
    ),
    ("finance", r"finances?|treasury|budget"),
    ("economy", r"economy|economic affairs|economie|economiques?"),
    ("interior", r"interior|interieure?|home(?: affairs)?"),
    ("justice", r"justice"),
    ("health", r"health|sante"),
    ("education", r"education(?: nationale)?"),
    ("research", r"research|recherche|science|enseignement superieur|higher education"),
    ("agriculture", r"agriculture"),
    ("environment", r"environment|environnement|transition ecologique|ecologie|ecology|climat|climate(?: change)?"),
    ("energy", r"energy|energie"),
    ("trade", r"trade|commerce(?: exterieur)?"),
    ("culture", r"culture"),
    ("sport", r"sports?"),
    ("labour", r"labou?r|travail|employment|emploi"),
    ("transport", r"transports?"),
    ("europe", r"europe|european affairs|affaires europeennes"),
    ("digital", r"digital(?: affairs)?|numerique"),
    ("housing", r"housing|logement"),
    ("immigration", r"immigration|migration"),
    ("development", r"development|developpement|cooperation"),
    ("public service", r"fonction publique|civil service|public service"),
    ("family", r"famille|family|families"),
)
_OFFICE = re.compile("|".join(rf"(?P<o{index}>\b(?:{form})s?\b)" for index, (_, form) in enumerate(_OFFICES)))
_PORTFOLIO = re.compile("|".join(rf"(?P<p{index}>\b(?:{form})\b)" for index, (_, form) in enumerate(_PORTFOLIOS)))
_FORMER = frozenset(["former", "ex", "ancien", "ancienne", "outgoing", "sortant", "sortante"])
_SMALL = (
    lexicon.ARTICLES
    | lexicon.OF
    | lexicon.JOINERS
    | frozenset(["au", "aux", "a", "son", "sa", "its", "his", "her", "their", "ancien", "former", "new", "nouveau"])
)


@dataclass(frozen=True, slots=True)
class _Who:
    """A speaker taken apart; `name` folded, the surname last; `gender` "m", "f" or ""."""

    offices: frozenset[str]
    portfolios: frozenset[str]
    owners: frozenset[str]
    name: tuple[str, ...]
    gender: str
    rest: frozenset[str]
    former: bool


def is_portfolio(text: str) -> bool:
    """Whether the words are what a minister is in charge of: "la Défense", « Affaires étrangères »."""
    plain = re.sub(r"^(?:la |le |les |l')", "", lexicon.folded(text.strip()))
    return bool(
        _PORTFOLIO.fullmatch(re.sub(r"^.* et (?:de |des |du |de la |de l')?", "", plain)) or _PORTFOLIO.fullmatch(plain)
    )


def is_body(word: str) -> bool:
    """Whether the word is a well-known body's or country's name: "nato", « Ukraine »."""
    return lexicon.folded(word) in BODY or lexicon.folded(word) in COUNTRY


def is_by(speaker: str, wanted: str) -> bool:
    """Whether the `speaker` of a quotation is the one that is wanted, by name or by office, across languages.

    A surname is enough where no first name or title speaks against it. An office alone fits whoever is named with it,
    with or without "NATO", but never with another body or country; a country that is wanted must be named.
    """
    said, asked = _taken_apart(speaker), _taken_apart(wanted)
    if asked.name:
        return _same_name(said, asked) and _no_conflict(said, asked)
    if not asked.offices or said.former != asked.former:
        return False
    held = asked.offices <= said.offices and asked.portfolios <= said.portfolios
    countries = {owner for owner in asked.owners if owner.startswith("country")}
    return held and countries <= said.owners and _no_conflict(said, asked) and _same_rest(said, asked)


def _same_name(said: _Who, asked: _Who) -> bool:
    if not said.name or said.name[-1] != asked.name[-1]:
        return False
    if said.gender and asked.gender and said.gender != asked.gender:
        return False
    first_said, first_asked = said.name[:-1], asked.name[:-1]
    if not first_said or not first_asked:
        return True
    return all(any(_same_first(one, other) for other in first_said) for one in first_asked) or all(
        any(_same_first(one, other) for other in first_asked) for one in first_said
    )


def _same_first(one: str, other: str) -> bool:
    initials = len(one) == 1 or len(other) == 1
    return one == other or (initials and one[0] == other[0])


def _no_conflict(said: _Who, asked: _Who) -> bool:
    """Whether no body or country named for one is missing from those of the other, where both name some."""
    for kind in ("country", "body"):
        mine = {owner for owner in asked.owners if owner.startswith(kind)}
        theirs = {owner for owner in said.owners if owner.startswith(kind)}
        if mine and theirs and mine.isdisjoint(theirs):
            return False
    return True


def _same_rest(said: _Who, asked: _Who) -> bool:
    """Whether what else is wanted stands in the speaker's own words: « de la Confédération », "of Geneva"."""
    return asked.rest <= said.rest | frozenset(said.name)


@lru_cache(maxsize=1024)
def _taken_apart(named: str) -> _Who:
    plain = " ".join(named.split())
    looked_up = "".join(lexicon.folded(letter)[:1] or letter for letter in plain)
    offices = [(found.span(), _OFFICES[int((found.lastgroup or "o0")[1:])][0]) for found in _OFFICE.finditer(looked_up)]
    is_minister = any(
        "minister" in office or "secretary of state" in office or office == "commissioner" for _, office in offices
    )
    portfolios = [
        (found.span(), _PORTFOLIOS[int((found.lastgroup or "p0")[1:])][0])
        for found in (_PORTFOLIO.finditer(looked_up) if is_minister else ())
    ]
    taken = [span for span, _ in offices if offices] + [span for span, _ in portfolios]
    words = [word for word in read(plain, 0, len(plain)) if word.is_word]
    owners = frozenset(owner for word in words if (owner := _owner(word)))
    left = [word for word in words if not any(start <= word.start < end for start, end in taken)]
    name, rest = _name(left, looked_up, offices=bool(offices))
    return _Who(
        frozenset(office for _, office in offices),
        frozenset(portfolio for _, portfolio in portfolios),
        owners,
        name,
        _gender(words),
        rest,
        any(word.folded in _FORMER for word in words),
    )


def _owner(word: Word) -> str:
    spelt = word.folded.removesuffix("'s")
    capital = word.is_cap or spelt not in {"us", "un", "who"}
    return (COUNTRY.get(spelt) or BODY.get(spelt) or "") if capital else ""


def _gender(words: list[Word]) -> str:
    first = words[0].folded if words else ""
    return "m" if first in {"m", "mr", "sir", "lord"} else "f" if first in {"mme", "mrs", "ms", "dame", "lady"} else ""


def _name(left: list[Word], looked_up: str, *, offices: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of the person's name, and the other words; without an office all are the name."""
    content = [word for word in left if word.folded not in _SMALL and word.folded not in lexicon.TITLES]
    plain = [word for word in content if not _owner(word) or not offices]
    if not offices:
        return tuple(word.folded.removesuffix("'s") for word in plain), frozenset()
    runs: list[list[Word]] = []
    for word in plain:
        between = looked_up[runs[-1][-1].end : word.start] if runs else ""
        body = word.folded in lexicon.BODIES or (runs and runs[-1][-1].folded in lexicon.BODIES)
        if (
            runs
            and not body
            and re.fullmatch((r"\s+(?>(?:van|von|der|de la|de|du|di|da|den|ter|le|la|bin|al)\s+)*"), between)
        ):
            runs[-1].append(word)
        else:
            runs.append([word])
    names = [run for run in runs if all(word.is_cap for word in run) and not _is_governed(run, looked_up)]
    name = names[-1] if names else []
    rest = frozenset(word.folded.removesuffix("'s") for run in runs if run is not name for word in run)
    return tuple(word.folded for word in name), rest


def _is_governed(run: list[Word], looked_up: str) -> bool:
    """Whether a run of capitals is what the office is of: « président de la Confédération », not a person."""
    return len(run) < 3 and bool(
        re.search(r"(?:\b(?:of|for|de|du|des|at|au|aux|the|la|le|les)\s|\b[dl]'|&\s)\s*$", looked_up[: run[0].start])
    )
