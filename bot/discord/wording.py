"""What the bot says on Discord besides answers, in French and English; names and descriptions of its commands."""

from __future__ import annotations

from dataclasses import dataclass

FRENCH = "fr"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; `{…}` are filled in."""

    busy: str
    cooldown: str
    failed: str
    nothing_stored: str
    sources: str
    no_release: str
    status: str
    no_status: str
    help: str
    empty_mention: str
    empty_message: str


ENGLISH_WORDING = Wording(
    busy="Too many questions at the moment: ask again in a minute.",
    cooldown="One question at a time: ask again <t:{when}:R>.",
    failed="That went wrong, and it is not your fault. The operator finds it under **{reference}**.",
    nothing_stored="No release is stored yet.",
    sources="{count} releases · newest of {newest}",
    no_release="No release has that title.",
    status="{releases} releases, {passages} passages ({languages}); newest of {newest}; last ingestion {ingested}.",
    no_status="nothing yet",
    help="Ask with `/ask`, by mentioning me, by answering one of my messages, or in a direct message. I quote the "
    "releases word for word and link to the sentence; where they hold no answer, I say so. A question may lean on the "
    "one before: “and in 2023?”. `/latest` lists what is new, `/sources` the publishers, `/status` how fresh I am.",
    empty_mention="Ask me about the releases, for example: “When did Sweden join NATO?”",
    empty_message="There is no text in that message.",
)
FRENCH_WORDING = Wording(
    busy="Trop de questions en ce moment : réessayez dans une minute.",
    cooldown="Une question à la fois : réessayez <t:{when}:R>.",
    failed="Cela n’a pas marché, et ce n’est pas votre faute. L’opérateur le trouvera sous **{reference}**.",
    nothing_stored="Aucun communiqué n’est encore enregistré.",
    sources="{count} communiqués · le plus récent du {newest}",
    no_release="Aucun communiqué ne porte ce titre.",
    status="{releases} communiqués, {passages} passages ({languages}) ; le plus récent du {newest} ; dernière "
    "ingestion {ingested}.",
    no_status="rien encore",
    help="Posez votre question avec `/ask`, en me mentionnant, en répondant à l’un de mes messages, ou en message "
    "privé. Je cite les communiqués mot pour mot, avec un lien vers la phrase ; s’ils ne répondent pas, je le dis. Une "
    "question peut s’appuyer sur la précédente : « et en 2023 ? ». `/latest` donne les nouveautés, `/sources` les "
    "éditeurs, `/status` ma fraîcheur.",
    empty_mention="Interrogez-moi sur les communiqués, par exemple : « Quand la Suède a-t-elle rejoint l’OTAN ? »",
    empty_message="Ce message n’a pas de texte.",
)

# Command or option, as the code names it: its name and description in English, then in French.
COMMANDS = {
    "ask": ("ask", "Ask the press releases a question", "demander", "Poser une question aux communiqués"),
    "question": ("question", "What you want to know", "question", "Ce que vous voulez savoir"),
    "since": ("since", "Only releases since this day, as in 2024-10-17", "depuis", "Depuis ce jour, comme 2024-10-17"),
    "until": ("until", "Only releases up to this day", "jusque", "Jusqu’à ce jour"),
    "language": ("language", "Only releases in this language", "langue", "Seulement dans cette langue"),
    "private": ("private", "Whether only you see the answer", "privé", "Si vous seul voyez la réponse"),
    "latest": ("latest", "The newest releases", "nouveautés", "Les communiqués les plus récents"),
    "release": ("release", "A release by its title", "communiqué", "Un communiqué par son titre"),
    "title": ("title", "Its title", "titre", "Son titre"),
    "sources": ("sources", "Who publishes the releases", "sources", "Qui publie les communiqués"),
    "status": ("status", "What is stored, and how fresh it is", "état", "Ce qui est enregistré, et depuis quand"),
    "ask_about": ("Ask about this message", "", "Interroger sur ce message", ""),
    "help": ("help", "How to ask", "aide", "Comment demander"),
}


def wording(locale: str | None) -> Wording:
    """The sentences for a person's locale, as Discord gives it."""
    return FRENCH_WORDING if (locale or "").startswith(FRENCH) else ENGLISH_WORDING
