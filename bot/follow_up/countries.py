"""Countries by their French and English names, so that one can stand where another stood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.follow_up.words import plain

# English names / English adjective / French name with its article / French adjectives, masculine and feminine.
_ELIDED_MASCULINE = "afghanistan azerbaidjan equateur iran irak iraq ouganda uruguay ouzbekistan"
_LISTED = """
Afghanistan/Afghan/l'Afghanistan/afghan afghane
Albania/Albanian/l'Albanie/albanais albanaise
Algeria/Algerian/l'Algérie/algérien algérienne
Argentina/Argentine/l'Argentine/argentin argentine
Armenia/Armenian/l'Arménie/arménien arménienne
Australia/Australian/l'Australie/australien australienne
Austria/Austrian/l'Autriche/autrichien autrichienne
Azerbaijan/Azerbaijani/l'Azerbaïdjan/azerbaïdjanais azerbaïdjanaise
Bangladesh/Bangladeshi/le Bangladesh/bangladais bangladaise
Belarus/Belarusian/la Biélorussie|le Bélarus/biélorusse biélorusse
Belgium/Belgian/la Belgique/belge belge
Benin/Beninese/le Bénin/béninois béninoise
Bolivia/Bolivian/la Bolivie/bolivien bolivienne
Bosnia and Herzegovina|Bosnia/Bosnian/la Bosnie-Herzégovine|la Bosnie/bosnien bosnienne
Brazil/Brazilian/le Brésil/brésilien brésilienne
Bulgaria/Bulgarian/la Bulgarie/bulgare bulgare
Burkina Faso/Burkinabe/le Burkina Faso/burkinabè burkinabè
Cambodia/Cambodian/le Cambodge/cambodgien cambodgienne
Cameroon/Cameroonian/le Cameroun/camerounais camerounaise
Canada/Canadian/le Canada/canadien canadienne
Chile/Chilean/le Chili/chilien chilienne
China/Chinese/la Chine/chinois chinoise
Colombia/Colombian/la Colombie/colombien colombienne
Congo/Congolese/le Congo/congolais congolaise
Costa Rica/Costa Rican/le Costa Rica/costaricain costaricaine
Croatia/Croatian/la Croatie/croate croate
Cuba/Cuban/Cuba/cubain cubaine
Cyprus/Cypriot/Chypre/chypriote chypriote
Czechia|the Czech Republic/Czech/la Tchéquie|la République tchèque/tchèque tchèque
Denmark/Danish/le Danemark/danois danoise
Ecuador/Ecuadorian/l'Équateur/équatorien équatorienne
Egypt/Egyptian/l'Égypte/égyptien égyptienne
Estonia/Estonian/l'Estonie/estonien estonienne
Ethiopia/Ethiopian/l'Éthiopie/éthiopien éthiopienne
Finland/Finnish/la Finlande/finlandais finlandaise
France/French/la France/français française
Georgia/Georgian/la Géorgie/géorgien géorgienne
Germany/German/l'Allemagne/allemand allemande
Ghana/Ghanaian/le Ghana/ghanéen ghanéenne
Greece/Greek/la Grèce/grec grecque
Guinea/Guinean/la Guinée/guinéen guinéenne
Haiti/Haitian/Haïti/haïtien haïtienne
Hungary/Hungarian/la Hongrie/hongrois hongroise
Iceland/Icelandic/l'Islande/islandais islandaise
India/Indian/l'Inde/indien indienne
Indonesia/Indonesian/l'Indonésie/indonésien indonésienne
Iran/Iranian/l'Iran/iranien iranienne
Iraq/Iraqi/l'Irak|l'Iraq/irakien irakienne
Ireland/Irish/l'Irlande/irlandais irlandaise
Israel/Israeli/Israël/israélien israélienne
Italy/Italian/l'Italie/italien italienne
Ivory Coast|Côte d'Ivoire/Ivorian/la Côte d'Ivoire/ivoirien ivoirienne
Japan/Japanese/le Japon/japonais japonaise
Jordan/Jordanian/la Jordanie/jordanien jordanienne
Kazakhstan/Kazakh/le Kazakhstan/kazakh kazakhe
Kenya/Kenyan/le Kenya/kényan kényane
Kosovo/Kosovar/le Kosovo/kosovar kosovare
Kuwait/Kuwaiti/le Koweït/koweïtien koweïtienne
Latvia/Latvian/la Lettonie/letton lettone
Lebanon/Lebanese/le Liban/libanais libanaise
Libya/Libyan/la Libye/libyen libyenne
Lithuania/Lithuanian/la Lituanie/lituanien lituanienne
Luxembourg/Luxembourgish/le Luxembourg/luxembourgeois luxembourgeoise
Madagascar/Malagasy/Madagascar/malgache malgache
Malaysia/Malaysian/la Malaisie/malaisien malaisienne
Mali/Malian/le Mali/malien malienne
Malta/Maltese/Malte/maltais maltaise
Mexico/Mexican/le Mexique/mexicain mexicaine
Moldova/Moldovan/la Moldavie/moldave moldave
Monaco/Monegasque/Monaco/monégasque monégasque
Mongolia/Mongolian/la Mongolie/mongol mongole
Montenegro/Montenegrin/le Monténégro/monténégrin monténégrine
Morocco/Moroccan/le Maroc/marocain marocaine
New Zealand/New Zealand/la Nouvelle-Zélande/néo-zélandais néo-zélandaise
Niger/Nigerien/le Niger/nigérien nigérienne
Nigeria/Nigerian/le Nigeria/nigérian nigériane
North Korea/North Korean/la Corée du Nord/nord-coréen nord-coréenne
North Macedonia/Macedonian/la Macédoine du Nord/macédonien macédonienne
Norway/Norwegian/la Norvège/norvégien norvégienne
Pakistan/Pakistani/le Pakistan/pakistanais pakistanaise
Palestine/Palestinian/la Palestine/palestinien palestinienne
Panama/Panamanian/le Panama/panaméen panaméenne
Peru/Peruvian/le Pérou/péruvien péruvienne
Poland/Polish/la Pologne/polonais polonaise
Portugal/Portuguese/le Portugal/portugais portugaise
Qatar/Qatari/le Qatar/qatari qatarie
Romania/Romanian/la Roumanie/roumain roumaine
Russia/Russian/la Russie/russe russe
Rwanda/Rwandan/le Rwanda/rwandais rwandaise
Saudi Arabia/Saudi/l'Arabie saoudite/saoudien saoudienne
Senegal/Senegalese/le Sénégal/sénégalais sénégalaise
Serbia/Serbian/la Serbie/serbe serbe
Singapore/Singaporean/Singapour/singapourien singapourienne
Slovakia/Slovak/la Slovaquie/slovaque slovaque
Slovenia/Slovenian/la Slovénie/slovène slovène
Somalia/Somali/la Somalie/somalien somalienne
South Africa/South African/l'Afrique du Sud/sud-africain sud-africaine
South Korea|the Republic of Korea|Korea/South Korean/la Corée du Sud|la Corée/sud-coréen sud-coréenne
Spain/Spanish/l'Espagne/espagnol espagnole
Sudan/Sudanese/le Soudan/soudanais soudanaise
Sweden/Swedish/la Suède/suédois suédoise
Switzerland/Swiss/la Suisse/suisse suisse
Syria/Syrian/la Syrie/syrien syrienne
Taiwan/Taiwanese/Taïwan/taïwanais taïwanaise
Tanzania/Tanzanian/la Tanzanie/tanzanien tanzanienne
Thailand/Thai/la Thaïlande/thaïlandais thaïlandaise
Togo/Togolese/le Togo/togolais togolaise
Tunisia/Tunisian/la Tunisie/tunisien tunisienne
Türkiye|Turkey/Turkish/la Türkiye|la Turquie/turc turque
Uganda/Ugandan/l'Ouganda/ougandais ougandaise
Ukraine/Ukrainian/l'Ukraine/ukrainien ukrainienne
Uruguay/Uruguayan/l'Uruguay/uruguayen uruguayenne
Uzbekistan/Uzbek/l'Ouzbékistan/ouzbek ouzbèke
Venezuela/Venezuelan/le Venezuela/vénézuélien vénézuélienne
Vietnam/Vietnamese/le Vietnam|le Viêt Nam/vietnamien vietnamienne
Yemen/Yemeni/le Yémen/yéménite yéménite
the Netherlands|Holland/Dutch/les Pays-Bas/néerlandais néerlandaise
the Philippines/Philippine/les Philippines/philippin philippine
the United Arab Emirates|the UAE/Emirati/les Émirats arabes unis/émirien émirienne
the United Kingdom|the UK|Great Britain|Britain/British/le Royaume-Uni|la Grande-Bretagne/britannique britannique
the United States|the USA|the US|the U.S.|America/American/les États-Unis/américain américaine
Europe/European/l'Europe/européen européenne
Africa/African/l'Afrique/africain africaine
Asia/Asian/l'Asie/asiatique asiatique
England/English/l'Angleterre/anglais anglaise
Scotland/Scottish/l'Écosse/écossais écossaise
Wales/Welsh/le pays de Galles/gallois galloise
Quebec/Quebec/le Québec/québécois québécoise
"""
_MASCULINE = tuple(f"l'{name}" for name in _ELIDED_MASCULINE.split())
_ARTICLE = re.compile(r"^(the |le |la |les |l['’])", re.IGNORECASE)
_UNSURE = frozenset(("us", "english", "congo", "guinea"))  # in lower case words of other meaning, or parts of names


@dataclass(frozen=True, slots=True)
class Country:
    """A country as both languages spell it; names carry their articles, `masculine` is its French gender."""

    english: str
    english_adjective: str
    french: str
    french_adjectives: tuple[str, str]
    masculine: bool
    plural: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A country in a text, without its article; `is_adjective` where it stands as "Swedish"."""

    start: int
    end: int
    country: Country
    is_adjective: bool


@cache
def _known() -> dict[str, tuple[Country, bool]]:
    names: dict[str, tuple[Country, bool]] = {}
    for line in _LISTED.strip().splitlines():
        english, adjective, french, adjectives = line.split("/")
        male, female = adjectives.split(" ")
        first = french.split("|")[0]
        masculine = (
            first.startswith(("le ", "les ")) or plain(first) in _MASCULINE or (" " not in first and "'" not in first)
        )
        country = Country(english.split("|")[0], adjective, first, (male, female), masculine, first.startswith("les "))
        for name in (*english.split("|"), *french.split("|")):
            names[plain(_ARTICLE.sub("", name))] = (country, False)
        for form in (adjective, male, f"{male}s", male.removesuffix("s") + "s", female, f"{female}s"):
            names.setdefault(plain(form), (country, True))
    return names


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_known(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def countries(text: str) -> tuple[Found, ...]:
    """Every country that a text names, accents and capitals missing or not."""
    found: list[Found] = []
    for match in _pattern().finditer(plain(text)):
        written = text[match.start() : match.end()]
        if written.islower() and match.group() in _UNSURE:
            continue
        country, is_adjective = _known()[match.group()]
        found.append(Found(match.start(), match.end(), country, is_adjective))
    return tuple(found)


def bare_name(country: Country, language: str) -> str:
    """Its name without the article."""
    return _ARTICLE.sub("", country.french if language == "fr" else country.english)


_FRENCH_BEFORE = re.compile(
    r"(?:(?<=\s)|^|(?<=['’]))(en |au |aux |à la |à l['’]|a la |a l['’]|à |a |de la |du |de l['’]|des |"
    r"de |d['’]|la |le |les |l['’])$",
    re.IGNORECASE,
)
_IN_FRENCH = {"en": "in", "au": "to", "aux": "to", "a": "to", "de": "of", "d'": "of", "du": "of", "des": "of"}


def placed_french(before: str, country: Country, *, was: Country | None) -> tuple[int, str]:
    """How many characters before a place go, and what stands there instead: « en Suède » becomes « au Japon »."""
    found = _FRENCH_BEFORE.search(before)
    name = bare_name(country, "fr")
    if not found:
        return 0, name if was is None or was.french == bare_name(was, "fr") else country.french
    said = plain(found.group(1)).strip()
    role = _IN_FRENCH.get(said.split(" ")[0].removesuffix("l'").strip() or said, "is")
    # « au Japon » says where as « en Suède » does, « à la Suède » to whom.
    where = said == "en" or (said in ("au", "aux", "a") and (was is None or was.plural or was.masculine))
    if where:
        return len(found.group(1)), in_french(country)
    if role == "of":
        return len(found.group(1)), _of_french(country, definite=said not in ("de", "d'"))
    return len(found.group(1)), contracted("à ", country.french) if role == "to" else country.french


def in_french(country: Country) -> str:
    """« en Suède », « au Japon », « aux Pays-Bas », « à Cuba »."""
    name = bare_name(country, "fr")
    if name == country.french:
        return f"à {name}"
    if country.plural:
        return f"aux {name}"
    vowel = country.french.startswith("l'")
    return f"au {name}" if country.masculine and not vowel else f"en {name}"


def _of_french(country: Country, *, definite: bool) -> str:
    name = bare_name(country, "fr")
    if definite or country.masculine:
        return contracted("de ", country.french)
    return f"d'{name}" if country.french.startswith("l'") else f"de {name}"


def contracted(preposition: str, named: str) -> str:
    """« de » or « à » before a name with its article: « du », « aux »."""
    pairs = {"de le ": "du ", "de les ": "des ", "à le ": "au ", "à les ": "aux "}
    whole = preposition + named[:1].lower() + named[1:] if _ARTICLE.match(named) else preposition + named
    for apart, together in pairs.items():
        if whole.lower().startswith(apart):
            return together + whole[len(apart) :]
    if preposition == "de " and plain(named)[:1] in "aeiouy" and not _ARTICLE.match(named):
        return f"d'{named}"
    return whole
