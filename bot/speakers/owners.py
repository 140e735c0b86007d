"""Countries and bodies that an office is of, by their names and adjectives in French and English."""

from __future__ import annotations

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
