"""Words, folded, that tell a person from a body, a document or a mere capital letter."""

from __future__ import annotations

import re

from vectorstore.text.words import fold


def folded(text: str) -> str:
    """The text in lower case without accents, with straight apostrophes and plain hyphens."""
    return fold(text).lower().replace("’", "'").replace("‑", "-").replace("‐", "-")


def _words(listed: str) -> frozenset[str]:
    """The folded words, each in its plural too."""
    plain = frozenset(folded(listed).split())
    return plain | {f"{word}s" for word in plain}


TITLES = frozenset(
    [
        "m",
        "mr",
        "mrs",
        "ms",
        "mme",
        "mlle",
        "me",
        "dr",
        "pr",
        "prof",
        "mgr",
        "sir",
        "dame",
        "lord",
        "lady",
        "maitre",
        "docteur",
        "miss",
        "hon",
        "rev",
    ]
)
MALE = frozenset(["m", "mr", "sir", "lord", "le", "un", "monsieur"])
FEMALE = frozenset(["mme", "mrs", "ms", "mlle", "dame", "lady", "la", "une", "madame", "miss"])

PEOPLE = _words(
    """
    president presidente vice-president vice-presidente vice minister prime-minister premier ministre
    secretary secretaire
    general generale chief chef cheffe ceo drh daf dsi cfo cto coo cmo cio pdg dg rssi vp svp evp md
    director directeur directrice
    manager manageur head chair chairman chairwoman chairperson founder co-founder cofounder fondateur
    fondatrice cofondateur
    cofondatrice co-fondateur co-fondatrice owner proprietaire partner associe associee officer commissioner commissaire
    ambassador ambassadeur ambassadrice spokesperson spokesman spokeswoman porte-parole mayor maire bourgmestre governor
    gouverneur gouverneure senator senateur senatrice representative representant representante congressman
    congresswoman deputy depute deputee professor professeur professeure researcher chercheur chercheuse
    scientist scientifique
    author auteur auteure autrice writer ecrivain ecrivaine economist economiste analyst analyste engineer
    ingenieur ingenieure
    doctor medecin coach entraineur entraineuse selectionneur selectionneuse captain capitaine player joueur joueuse
    champion championne rider coureur cycliste driver pilote winner vainqueur laureat laureate chancellor chancelier
    chanceliere king roi queen reine prince princess princesse emperor pope pape bishop eveque archbishop archeveque
    cardinal pastor pasteur rabbi imam admiral amiral colonel commander commandant commandante major lieutenant sergeant
    sergent brigadier judge juge prosecutor procureur procureure attorney lawyer avocat avocate counsel
    principal dean doyen
    doyenne rector recteur rectrice provost teacher enseignant enseignante student etudiant etudiante
    curator conservateur
    conservatrice artist artiste designer architect architecte editor editeur editrice redacteur
    redactrice publisher producer
    producteur productrice adviser advisor conseiller conseillere coordinator coordinateur coordinatrice coordonnateur
    coordonnatrice leader member membre treasurer tresorier tresoriere envoy envoye envoyee delegate
    delegue deleguee official
    expert experte specialist specialiste consultant consultante nurse infirmier infirmiere physician surgeon chirurgien
    chirurgienne farmer agriculteur agricultrice resident habitant habitante patient patiente mother mere father pere
    customer client cliente superintendent administrator administrateur administratrice chancellor-elect president-elect
    responsable dirigeant dirigeante patron patronne gerant gerante prefet prefete sous-prefet sous-prefete eurodepute
    eurodeputee parlementaire vice-chancellor vice-chair vice-chairman rapporteur rapporteure mediateur mediatrice
    inspecteur inspectrice inspector sheriff detective investigator supervisor superviseur strategist executive
    entrepreneur entrepreneuse investor inventor developer musician singer actor actress comedian chanteur chanteuse
    acteur actrice realisateur realisatrice filmmaker athlete swimmer skipper striker goalkeeper midfielder defender
    gardien attaquant milieu teammate coequipier epidemiologist epidemiologiste biologist biologiste physicist physicien
    physicienne chemist chimiste historian historien historienne geologist geologue astronomer astronome psychologist
    psychologue sociologist sociologue professor-emeritus lecturer fellow postdoc doctorant doctorante veterinarian
    veterinaire pharmacist pharmacien pharmacienne volunteer benevole survivor victim witness temoin son
    fille fils widow
    veuve brother sister frere soeur wife husband collector journalist journaliste correspondent broker agent trustee
    secretary-general dircom chancelor premier-ministre premiere negotiator negociateur negociatrice
    intendant intendante
    syndic syndique landammann bailli echevin echevine adjoint adjointe
    """
)
BODIES = _words(
    """
    company firm group groupe government gouvernement ministry ministere department departement council
    conseil commission
    committee comite court cour tribunal board agency agence alliance union university universite team equipe police
    parliament parlement senate senat bank banque association federation federation institute institut institution
    organisation organization foundation fondation office authority autorite party parti coalition administration
    entreprise societe compagnie startup start-up club league ligue school ecole hospital hopital college army armee
    navy marine force church eglise fund fonds network reseau consortium corporation inc ltd llc plc corp
    gmbh sa sarl ag
    chamber chambre bureau secretariat delegation city ville county canton commune airport aeroport museum
    musee laboratory
    laboratoire centre center nations assembly assemblee confederation republic republique collective collectif campaign
    syndicat publisher-group airline brand marque industry industrie region
    """
)
DOCUMENTS = _words(
    """
    report rapport statement release communique study etude survey enquete sondage document letter lettre
    text texte article
    law loi bill treaty traite declaration paper notice website site page decret arrete ordonnance
    reglement avis resolution
    agreement accord plan strategy strategie charter charte slogan sign film book livre ouvrage brochure guide decision
    judgment jugement ruling analysis constitution convention protocol protocole programme program project projet
    policy bulletin newsletter post tweet message email courriel mail press-release index barometre data results
    resultats article recital clause draft version podcast video caption legende title titre inscription quote citation
    """
)
NOT_PEOPLE = _words(
    """
    new north south east west northern southern eastern western united european saint street avenue road
    summit sommet day
    award prix prize conference week semaine year annee international national federal global world monde internet
    act forum festival cup coupe championship open tour state market exchange house
    """
)
DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "our",
        "its",
        "their",
        "his",
        "her",
        "this",
        "le",
        "la",
        "les",
        "l'",
        "un",
        "une",
        "son",
        "sa",
        "notre",
        "leur",
        "cet",
        "cette",
        "ce",
    ]
)
ARTICLES = frozenset(["the", "a", "an", "le", "la", "les", "l'", "un", "une"])
OF = frozenset(["of", "for", "de", "du", "des", "d'", "at"])
PARTICLES = frozenset(
    [
        "de",
        "du",
        "des",
        "d'",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "zu",
        "di",
        "da",
        "do",
        "dos",
        "del",
        "della",
        "bin",
        "ibn",
        "al",
        "el",
        "y",
        "e",
        "af",
    ]
)
JOINERS = frozenset(["and", "et", "&"])
HE = {
    "he": "m", "she": "f", "il": "m", "elle": "f", "they": "", "ils": "", "elles": "", "we": "", "i": "",
    "on": "", "it": "",
    "you": "", "je": "", "nous": "", "who": "", "qui": "",
}  # fmt: skip
# Words that never belong to the name of a speaker: a run of words ends before them.
STOPS = frozenset(
    folded(
        """
        in on to with from via about following adding since ahead upon through during after before
        when while as that which
        by into over under against within without between among amid despite because if but or than
        then so not no yet both
        today yesterday tomorrow earlier later recently here there now once afterwards together alongside
        monday tuesday wednesday thursday friday saturday sunday january february march april may june
        july august september
        october november december last next every each all some many most more also however meanwhile
        moreover furthermore
        additionally finally speaking asked commenting according whereas although though unlike like another other
        these those such what how why where whose whom is are was were be been being has have had will
        would can could should
        may might must do does did
        a a dans en lors pendant apres avant que qu' dont au aux avec depuis hier aujourd'hui demain
        lundi mardi mercredi
        jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre
        octobre novembre decembre
        pour par sur sous chez entre selon vers afin ainsi aussi alors ensuite enfin encore egalement
        mais ou donc or ni car
        si comme lorsque lorsqu' quand tandis puis cependant toutefois neanmoins ici notamment plus
        moins tres ces ses nos
        leurs mes est sont etait etaient sera seront ont avait avaient aurait auront fut etre avoir
        dixit d'apres ne n' se s'
        c' j' y tout toute tous toutes chaque plusieurs quant auprès lui eux ci qui quel quelle là interroge interrogee
        """
    ).split()
)
MENT = frozenset(["gouvernement", "departement", "parlement", "regiment", "etablissement"])


_PREFIX = re.compile(r"(?:vice|co|ex|sous)-")
_CALLING = re.compile(
    r"\A(?:\w{3,}(?:ologue|ologist|ographe|ographer|onome|onomist)s?|ora(?:teur|trice)s?|speakers?|leads?)"
)


def is_person(word: str) -> bool:
    """Whether a folded word says what somebody is: « ministre », "vice-dean", « ornithologue »."""
    return word in PEOPLE or bool(_CALLING.fullmatch(word)) or (_PREFIX.sub("", word) in PEOPLE)


def is_stop(word: str) -> bool:
    """Whether a folded word ends a run that names somebody: "in", « lors », and adverbs by their ending."""
    return word in STOPS or (word.endswith("ment") and word not in MENT) or (word.endswith("ly") and word[:2] != "al")
