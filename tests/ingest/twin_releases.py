"""Small releases in both languages, with the built-in model's vectors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from ingest.twins import TwinCandidate
from vectorstore.embedders.subwords import BuiltInEmbedder

DAY = datetime(2024, 3, 4, tzinfo=UTC)

BRIDGE = {
    "en": "The bridge reopens. The bridge over the river reopens on Friday after 14 months of repairs. The work cost "
    "2,350 thousand francs. Cars and trains may cross again, said minister Anna Keller.",
    "fr": "Le pont rouvre. Le pont sur la rivière rouvre vendredi après 14 mois de réparations. Les travaux ont coûté "
    "2 350 milliers de francs. Voitures et trains peuvent de nouveau passer, a dit la ministre Anna Keller.",
}
VACCINE = {
    "en": "New vaccine approved. The health agency approved a new vaccine for children aged 12 to 17. Hospitals will "
    "receive 80,000 doses from Lonzaro.",
    "fr": "Nouveau vaccin autorisé. L'agence de santé a autorisé un nouveau vaccin pour les enfants de 12 à 17 ans. "
    "Les hôpitaux recevront 80 000 doses de Lonzaro.",
}
HARVEST = {
    "en": "Wheat harvest falls. Farmers harvested 412 tonnes of wheat, less than last year, because of the drought.",
    "fr": "La récolte de blé recule. Les agriculteurs ont récolté 412 tonnes de blé, moins que l'an dernier, à cause "
    "de la sécheresse.",
}


def daily(language: str, cases: str, deaths: str) -> str:
    """The same words every day, with other figures."""
    if language == "en":
        return f"Daily figures. Since yesterday {cases} new cases and {deaths} new hospital stays have been reported."
    return (
        f"Chiffres du jour. Depuis hier, {cases} nouveaux cas et {deaths} nouvelles hospitalisations ont été annoncés."
    )


def stated(name: str, language: str | None, **known: object) -> TwinCandidate:
    """A release without vectors: only what is stated can join it."""
    return replace(TwinCandidate(name, language, "Title", "Text."), **known)  # type: ignore[arg-type]


def written(name: str, language: str, text: str, days: float | None = 0, **known: object) -> TwinCandidate:
    """A release of a title and some sentences, published so many days after the first; each sentence a passage."""
    title, _, rest = text.partition(". ")
    rows = BuiltInEmbedder().embed_passages([title, *(f"{title}\n{line}." for line in rest.rstrip(".").split(". "))])
    when = None if days is None else DAY + timedelta(days=days)
    bare = TwinCandidate(name, language, title, rest, when, headline=rows[0], passages=rows[1:].astype(np.float16))
    return replace(bare, **known)  # type: ignore[arg-type]
