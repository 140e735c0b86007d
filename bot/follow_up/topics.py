"""What was talked about: persons, things and places of the last question, then of its answer."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.follow_up.slots import TIMES, Sort, slots
from bot.follow_up.words import FUNCTION, bare, content, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.follow_up.countries import Country
    from bot.follow_up.last import Last
    from bot.follow_up.slots import Slot


class Role(enum.Enum):
    """What a pronoun can stand for."""

    PERSON = "person"
    PLURAL = "plural"
    EVENT = "event"
    THING = "thing"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Topic:
    """Something talked about, as it was written with its article; `country` where it is one."""

    text: str
    role: Role
    country: Country | None = None


_EVENTS = (
    "summit meeting conference exercise operation mission visit session ceremony election vote match "
    "race tournament cup game games "
    "festival exhibition opening launch talks negotiation debate hearing trial referendum strike "
    "attack accident fire flood earthquake "
    "anniversary forum congress workshop assembly event merger acquisition sale deal campaign tour "
    "final championship war conflict crisis "
    "sommet reunion conference exercice operation mission visite seance session ceremonie election "
    "vote match course tournoi coupe "
    "festival exposition ouverture lancement negociation debat audience proces referendum greve "
    "attaque accident incendie inondation "
    "seisme anniversaire forum congres atelier assemblee evenement fusion acquisition vente campagne "
    "tournee finale championnat guerre "
    "conflit crise rencontre edition manoeuvre"
)
_THINGS = (
    "fund programme program project plan initiative treaty agreement accord law bill act policy "
    "strategy concept report study survey "
    "decision measure reform budget contract tender order command force fleet ship aircraft train "
    "plant factory site bridge tunnel road "
    "line airport station museum hospital school university company firm group bank agency ministry "
    "commission committee council alliance "
    "union team club network system platform product drug vaccine model vehicle car satellite rocket "
    "telescope laboratory institute "
    "prize award grant scheme tax directive regulation declaration statement release communique "
    "charter protocol document text convention "
    "partnership organisation organization association foundation court party government parliament "
    "army building centre center "
    "fonds programme projet plan initiative traite accord loi texte politique strategie concept "
    "rapport etude enquete decision mesure "
    "reforme budget contrat appel commande commandement force flotte navire avion train usine site "
    "pont tunnel route ligne aeroport gare "
    "musee hopital ecole universite entreprise societe groupe banque agence ministere commission "
    "comite conseil alliance union equipe club "
    "reseau systeme plateforme produit medicament vaccin modele vehicule voiture satellite fusee "
    "telescope laboratoire institut prix "
    "bourse dispositif taxe directive reglement declaration communique charte protocole document "
    "convention partenariat organisation "
    "association fondation tribunal cour parti gouvernement parlement armee batiment centre cable "
    "frontiere border vessel tanker"
)
_OFFICES = (
    "president minister secretary secretary-general general chief chair chairman chairwoman "
    "chairperson director ceo cfo head leader commissioner "
    "ambassador spokesperson spokesman spokeswoman mayor governor senator professor doctor coach "
    "captain player winner champion judge "
    "prosecutor king queen prince princess pope chancellor admiral colonel founder author researcher "
    "engineer rector dean host successor predecessor "
    "presidente ministre secretaire generale chef cheffe directeur directrice dirigeant dirigeante "
    "commissaire ambassadeur "
    "ambassadrice porte-parole maire gouverneur senateur senatrice professeur professeure docteur "
    "entraineur capitaine joueur joueuse "
    "vainqueur laureat laureate juge procureur procureure roi reine prince princesse pape chancelier "
    "chanceliere amiral commandant fondateur fondatrice "
    "auteur autrice chercheur chercheuse ingenieur rectrice recteur pdg selectionneur depute deputee "
    "man woman homme femme person hote"
)
EVENTS, THINGS, OFFICES = (frozenset(listed.split()) for listed in (_EVENTS, _THINGS, _OFFICES))
_NO_THINGS = frozenset(("same", "most", "whole", "rest", "first", "last", "next", "year", "plupart", "meme", "reste"))
_COUNTED = re.compile(
    r"\A(?:which|what|how many|(?P<french>quel(?:le)?s|combien d(?:e |')?)) ?(?P<noun>[a-z][\w-]{3,}[sx])\b"
    r"(?! (?:is|was)\b)"
)
_AUXILIARY_BEFORE = re.compile(r"\b(?:did|does|do|will|would|can|could|should|may|might|must)\s$")
_TITLE = r"(?:mr|mrs|ms|mme|mlle|dr|pr|prof|sir|lord|lady|m)\.?"
_ARTICLE = r"(?:the|le|la|les|l'|l’|un|une|du|des|au|aux|an|this|that|ce|cet|cette)"
_APART = {
    "du": "le ", "des": "les ", "au": "le ", "aux": "les ", "un": "le ", "une": "la ", "a": "the ",
    "an": "the ", "this": "the ", "that": "the ", "ce": "le ", "cette": "la ", "cet": "l'",
}  # fmt: skip
_AGENCY = re.compile(
    r"(?:council|commission|headquarters|alliance|union|conseil|alliance|ocean|sea|mer|river|university|"
    r"universite|bank|banque|group|groupe|street|city|atlantic|nord|north|south|east|west|treaty|traite|"
    r"fund|fonds|war|cup|day|state|states|party|institute|prize|act|agency|ministry|court|centre|center|"
    r"airport|sentry|defender|league|festival|summit|olympic|games|awards?|forum)"
)


def topics(text: str, known: Iterable[str] = ()) -> tuple[Topic, ...]:
    """What a question or a sentence talks about, in its order; times are no topics."""
    found: dict[int, Topic] = {}
    ends: dict[int, int] = {}
    parts = slots(text, known)
    if counted := _COUNTED.match(plain(text)):
        noun = text[counted.start("noun") : counted.end("noun")]
        article = "les" if counted["french"] else "the"
        found[counted.start("noun")] = Topic(noun if noun[0].isupper() else f"{article} {noun}", Role.PLURAL)
        ends[counted.start("noun")] = counted.end("noun")
    for start, end, topic in _phrases(text, parts):
        if not any(start < last and place < end for place, last in ends.items()):
            found[start], ends[start] = topic, end
    for slot in parts:
        inside = any(place <= slot.start < last for place, last in ends.items())
        if not inside and slot.sort in (Sort.NAME, Sort.COUNTRY):
            found[slot.start] = _of_slot(text, slot)
    return tuple(found[place] for place in sorted(found))


def _phrases(text: str, parts: tuple[Slot, ...]) -> Iterator[tuple[int, int, Topic]]:
    """Nouns with their article and what they are of: "the Madrid summit", « le sommet de Vilnius »."""
    # Folded letter by letter, so that places stay the same.
    folded = plain(text)
    for article in re.finditer(rf"(?<![\w-]){_ARTICLE}(?:(?<=['’])|\s+)(?=\w)", folded):
        start, end = article.end(), _end_of_phrase(text, folded, article.end(), parts)
        head, role = _head(folded[start:end])
        owner = re.match(r"['’]s\b", text[end:])
        if not head and (owner or not _is_named_thing(folded[article.start() : start], folded[start:end])):
            continue
        if not head and _AUXILIARY_BEFORE.search(folded[: article.start()]) and " " in text[start:end].strip():
            end = start + text[start:end].rindex(" ")  # "will the flame arrive": the last word is the verb
        said = article.group().strip().replace("’", "'")
        named = _APART.get(said, text[article.start() : article.end()])
        if said == "des" and role is not Role.PERSON:
            role = Role.PLURAL
        if re.fullmatch(r"(?:le |la |l')", named.lower()) or named.lower().startswith(("the", "le", "la", "l")):
            named = named.lower()
        yield article.start(), end, Topic(named + text[start:end].strip(), role)


def _is_named_thing(article: str, phrase: str) -> bool:
    """Whether a noun that is on no list is spoken of as a thing: « le nouveau stade de Lausanne », "the stadium"."""
    words = [word for word in re.findall(r"[^\W\d_]+", phrase) if word not in FUNCTION]
    definite = re.match(r"(?:the|le|la|l['’])", article)
    return bool(definite and words and len(words[-1]) >= 4 and words[0] not in _NO_THINGS)


def _end_of_phrase(text: str, folded: str, start: int, parts: tuple[Slot, ...]) -> int:
    """Where a noun phrase ends: at a small word that joins nothing, at a sign, at a time, after its head."""
    end = start
    seen_head = False
    for word in re.finditer(r"[^\W_][\w-]*|['’]|[^\w\s]", text[start:]):
        place = (start + word.start(), start + word.end())
        said = folded[place[0] : place[1]]
        in_time = any(slot.start <= place[0] < slot.end for slot in parts if slot.sort in TIMES)
        if in_time and place[0] == start and said.isdigit():  # "the 2023 summit"
            end = place[1]
            continue
        if in_time or not re.match(r"['’\w]", said):
            break
        if said in ("of", "de", "d", "du", "des", "for", "pour", "la", "l", "the", "le", "les", "'"):
            if not seen_head and said in ("for", "pour"):
                break
            continue
        if said in FUNCTION:
            break
        joined = re.search(
            r"(?:\b(?:of|de|du|des|for|pour)(?: the| la| les?)?| d| l|\bl)['’ ]*$", folded[start : place[0]]
        )
        names = _in_name(place[0], parts) or word.group()[:1].isupper() or _is_head(said)
        if seen_head and not joined and not names:
            break
        end = place[1]
        seen_head = seen_head or _is_head(said)
        if len(text[start:end].split()) >= 7:
            break
    return end


def _in_name(place: int, parts: tuple[Slot, ...]) -> bool:
    return any(
        slot.start <= place < slot.end for slot in parts if slot.sort in (Sort.NAME, Sort.COUNTRY, Sort.NATIONAL)
    )


def _is_head(word: str) -> bool:
    single = word.removesuffix("s")
    return any(word in listed or single in listed for listed in (EVENTS, THINGS, OFFICES))


def _head(folded: str) -> tuple[str, Role]:
    """The first noun that is known to be an event, a thing or an office, and what it makes of the phrase."""
    words = [word for word in re.findall(r"[^\W_][\w-]*", folded) if word not in FUNCTION]
    for word in words:
        single = word.removesuffix("s") if word not in ("fonds", "proces", "congres") else word
        if word == "talks" or single in EVENTS or word in EVENTS:
            return word, Role.EVENT
        if single in OFFICES:
            return word, Role.PERSON if single == word else Role.PLURAL
        if single in THINGS or word in THINGS:
            return word, Role.THING
    plural = len(words) == 1 and words[0].endswith("s") and len(words[0]) > 4
    return (words[0], Role.PLURAL) if plural else ("", Role.THING)


def _of_slot(text: str, slot: Slot) -> Topic:
    before = plain(text[: slot.start])
    if slot.sort is Sort.COUNTRY:
        article = re.search(r"(?:\ble |\bla |\bles |\bl')$", before)
        named = text[article.start() : slot.end].lower()[: len(article.group())] + slot.text if article else slot.text
        return Topic(named, Role.PLACE, slot.country)
    if is_person(text, slot):
        return Topic(slot.text, Role.PERSON)
    placed = re.search(r"\b(?:in|at|near|a|vers)\s$", before) and not slot.text.isupper()
    article = re.search(r"(?:\bthe |\ble |\bla |\bles |\bl')$", before)
    named = (article.group() if article else "") + slot.text
    if article and re.fullmatch(r"[A-ZÀ-Þ][a-zà-ÿ]{3,}s", slot.text):
        return Topic(named, Role.PLURAL)
    return Topic(slot.text if placed else named, Role.PLACE if placed else Role.THING)


def is_person(text: str, slot: Slot) -> bool:
    """Whether a name is a person's: an office or a title stands before it, or it is two names of no body."""
    before = plain(text[: slot.start]).rstrip(" ,")
    last = re.search(r"(?<![\w.-])[\w.-]++$", before)
    if last and (last.group() in OFFICES or re.fullmatch(_TITLE, last.group())):
        return True
    words = slot.text.split()
    if any(plain(word) in OFFICES for word in words):
        return True
    if (
        any(_AGENCY.search(plain(word)) for word in words)
        or any(char.isdigit() for char in slot.text)
        or slot.text.isupper()
    ):
        return False
    acts = re.match(
        r"[\s,]*(?:said|say|says|announced|told|became|become|resign\w*|think|declare\w*|born|visit\w*|meet|"
        r"met|a[- ](?:t-il|t-elle|dit|declare|annonce)|dit)\b",
        plain(text[slot.end :]),
    )
    if len(words) == 1:
        return bool(acts) and bool(re.search(r"\b(?:did|does|has|what|que|qu'a|dit|declare)$", before))
    apart = re.search(r"(?:\bthe|\ble|\bla|\bles|\bl'|\bin|\bat|\ba|\bd'|\bdu)$", before)
    return 2 <= len(words) <= 4 and not apart


def said_in(last: Last, known: Iterable[str]) -> tuple[tuple[Topic, ...], tuple[Topic, ...]]:
    """The topics of the last question, and those of its answer: nearest to the question's own words first."""
    wanted = set(content(last.question))
    told: list[Topic] = []
    for text in last.told:
        own = [topic for topic in topics(text) if not set(content(topic.text)) & wanted]
        told += sorted(own, key=lambda topic: _distance(text, topic, wanted))
    return topics(bare(last.question), known), tuple(told)


def _distance(text: str, topic: Topic, wanted: set[str]) -> int:
    """How far in the text a topic stands from the words that the question holds too."""
    folded = plain(text)
    at = folded.find(plain(topic.text).split(" ", 1)[-1])
    places = [found.start() for word in wanted if len(word) > 3 for found in re.finditer(re.escape(word[:5]), folded)]
    return min((abs(place - at) for place in places), default=at)
