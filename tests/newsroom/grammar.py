"""The sentences that the newsroom's releases are made of, each in English and in French.

The institutions are made up of a kind, a region and a subject; nobody is named. A slot stands for the same number,
place or date in both languages.
"""

from __future__ import annotations

Line = tuple[str, str]
"""English, French."""

CITIES: tuple[Line, ...] = (
    ("Brussels", "Bruxelles"),
    ("Geneva", "Genève"),
    ("Warsaw", "Varsovie"),
    ("Lisbon", "Lisbonne"),
    ("Copenhagen", "Copenhague"),
    ("Athens", "Athènes"),
    ("Vienna", "Vienne"),
    ("Montreal", "Montréal"),
    ("Bucharest", "Bucarest"),
    ("Krakow", "Cracovie"),
    ("Antwerp", "Anvers"),
    ("Thessaloniki", "Thessalonique"),
    ("Seville", "Séville"),
    ("Vilnius", "Vilnius"),
    ("Tallinn", "Tallinn"),
    ("Riga", "Riga"),
    ("Helsinki", "Helsinki"),
    ("Oslo", "Oslo"),
    ("Prague", "Prague"),
    ("Zagreb", "Zagreb"),
    ("Sofia", "Sofia"),
    ("Ljubljana", "Ljubljana"),
    ("Dublin", "Dublin"),
    ("Strasbourg", "Strasbourg"),
)

COUNTRIES: tuple[Line, ...] = (
    ("Latvia", "la Lettonie"),
    ("Norway", "la Norvège"),
    ("Finland", "la Finlande"),
    ("Poland", "la Pologne"),
    ("Greece", "la Grèce"),
    ("Slovenia", "la Slovénie"),
    ("Croatia", "la Croatie"),
    ("Belgium", "la Belgique"),
    ("Switzerland", "la Suisse"),
    ("Romania", "la Roumanie"),
    ("Estonia", "l’Estonie"),
    ("Ireland", "l’Irlande"),
    ("Spain", "l’Espagne"),
    ("Austria", "l’Autriche"),
)

BODIES: tuple[Line, ...] = (
    ("Agency", "l’Agence"),
    ("Council", "le Conseil"),
    ("Institute", "l’Institut"),
    ("Centre", "le Centre"),
    ("Office", "l’Office"),
    ("Foundation", "la Fondation"),
    ("Commission", "la Commission"),
    ("Observatory", "l’Observatoire"),
    ("Network", "le Réseau"),
    ("Assembly", "l’Assemblée"),
)

REGIONS: tuple[Line, ...] = (
    ("Nordic", "nordique"),
    ("Baltic", "balte"),
    ("Iberian", "ibérique"),
    ("Adriatic", "adriatique"),
    ("Atlantic", "atlantique"),
)

SUBJECTS: tuple[Line, ...] = (
    ("cyber defence", "la cyberdéfense"),
    ("water management", "la gestion de l’eau"),
    ("civil protection", "la protection civile"),
    ("rail transport", "le transport ferroviaire"),
    ("energy storage", "le stockage de l’énergie"),
    ("food security", "la sécurité alimentaire"),
    ("maritime safety", "la sécurité maritime"),
    ("public health", "la santé publique"),
    ("vocational training", "la formation professionnelle"),
    ("air quality", "la qualité de l’air"),
    ("space research", "la recherche spatiale"),
    ("forest protection", "la protection des forêts"),
    ("digital education", "l’éducation numérique"),
    ("medical supplies", "l’approvisionnement médical"),
    ("quantum technology", "la technologie quantique"),
    ("customs cooperation", "la coopération douanière"),
    ("coastal rescue", "le sauvetage côtier"),
    ("urban mobility", "la mobilité urbaine"),
    ("consumer protection", "la protection des consommateurs"),
    ("raw material supply", "l’approvisionnement en matières premières"),
)

SUMMIT: tuple[Line, ...] = (
    ("{small} delegations meet in {city} for a summit on {subject}",
     "{small} délégations se réunissent à {city} pour un sommet sur {subject}"),
    ("Delegations from {small} countries agreed in {city} on a common plan prepared by {host}.",
     "Les délégations de {small} pays se sont accordées à {city} sur un plan commun préparé par {host}."),
    ("The summit on {subject} brought together {count} participants over two days in {city}.",
     "Le sommet sur {subject} a réuni {count} participants pendant deux jours à {city}."),
    ("The plan runs for {years} years and sets {small2} measures that every country puts into its own law.",
     "Le plan court sur {years} ans et fixe {small2} mesures que chaque pays inscrit dans son propre droit."),
    ("The delegations pledged {money}, which is {share} more than at the summit before.",
     "Les délégations ont promis {money}, soit {share} de plus qu’au sommet précédent."),
    ("{country} will open a permanent secretariat with {count2} square metres of offices.",
     "{country} ouvrira un secrétariat permanent doté de {count2} mètres carrés de bureaux."),
    ("The final declaration was adopted on {day} after a night of negotiation.",
     "La déclaration finale a été adoptée le {day} après une nuit de négociation."),
    ("{partner} will publish the first progress report by {deadline}.",
     "{partner} publiera le premier rapport d’étape d’ici au {deadline}."),
    ("A working group of {small} experts is to meet every month in {city2}.",
     "Un groupe de travail de {small} experts doit se réunir chaque mois à {city2}."),
    ("The next summit takes place in {city2}, at the invitation {of_partner}.",
     "Le prochain sommet aura lieu à {city2}, à l’invitation {of_partner}."),
)  # fmt: skip

EXERCISE: tuple[Line, ...] = (
    ("Exercise in {country} trains {count} people in {subject}",
     "{in_country}, un exercice forme {count} personnes dans le domaine {of_subject}"),
    ("{host} leads an exercise with {count} people from {small} countries.",
     "{host} dirige un exercice avec {count} personnes venues de {small} pays."),
    ("The exercise began in {city} on {day} with a call to all rescue services.",
     "L’exercice a commencé à {city} le {day} par un appel à tous les services de secours."),
    ("Teams moved {count2} tonnes of material over a distance of {count3} kilometres.",
     "Les équipes ont déplacé {count2} tonnes de matériel sur une distance de {count3} kilomètres."),
    ("The scenario assumed that {share} of the power supply had failed within an hour.",
     "Le scénario supposait que {share} de l’alimentation électrique était tombée en panne en une heure."),
    ("{small2} ships, helicopters and field hospitals took part.",
     "{small2} navires, hélicoptères et hôpitaux de campagne y ont pris part."),
    ("The costs of {money} are shared by {host} and {partner}.",
     "Les coûts, de {money}, sont partagés entre {host} et {partner}."),
    ("Observers from several countries measured how fast messages travelled between {city} and {city2}.",
     "Des observateurs venus de plusieurs pays ont mesuré la vitesse des messages entre {city} et {city2}."),
    ("The lessons learnt will be presented in {city2} on {deadline}.",
     "Les enseignements tirés seront présentés à {city2} le {deadline}."),
    ("It was the largest exercise of its kind for {years} years.",
     "C’était le plus grand exercice de ce genre depuis {years} ans."),
)  # fmt: skip

FUND: tuple[Line, ...] = (
    ("New fund of {money} supports {subject}",
     "Un nouveau fonds de {money} soutient {subject}"),
    ("{host} opens a fund of {money} for projects in {small} regions.",
     "{host} ouvre un fonds de {money} pour des projets dans {small} régions."),
    ("Up to {share} of the costs of a project can be paid for {years} years.",
     "Jusqu’à {share} des coûts d’un projet peuvent être pris en charge pendant {years} ans."),
    ("Towns, schools and small companies can apply from {day}.",
     "Les villes, les écoles et les petites entreprises peuvent déposer leur demande à partir du {day}."),
    ("Applications are received by an office in {city} until {deadline}.",
     "Les demandes sont reçues par un bureau à {city} jusqu’au {deadline}."),
    ("The first round attracted {count} applications, of which {count3} were accepted.",
     "Le premier appel a suscité {count} demandes, dont {count3} ont été acceptées."),
    ("{partner} adds {money2} from its own budget.",
     "{partner} ajoute {money2} de son propre budget."),
    ("The money comes from {small2} contributors, {country} being the largest.",
     "L’argent vient de {small2} contributeurs, dont le plus important est {country}."),
    ("The fund is expected to create {count2} jobs, most of them around {city2}.",
     "Le fonds devrait créer {count2} emplois, la plupart autour de {city2}."),
    ("An independent audit takes place every year and its result is made public.",
     "Un audit indépendant a lieu chaque année et son résultat est rendu public."),
)  # fmt: skip

AGREEMENT: tuple[Line, ...] = (
    ("Agreement on {subject} signed in {city}",
     "Un accord sur {subject} signé à {city}"),
    ("{host} and {partner} will work together for {years} years.",
     "{host} et {partner} coopéreront pendant {years} ans."),
    ("The agreement was signed in {city} and has {small2} articles and {small} annexes.",
     "L’accord a été signé à {city} et compte {small2} articles et {small} annexes."),
    ("It enters into force on {deadline}, once {country} has ratified it.",
     "Il entre en vigueur le {deadline}, une fois que {country} l’aura ratifié."),
    ("Both sides share data from {count} measuring stations and {count3} laboratories.",
     "Les deux parties partagent les données de {count} stations de mesure et de {count3} laboratoires."),
    ("A joint budget of {money} pays for staff exchanges and equipment.",
     "Un budget commun de {money} finance les échanges de personnel et l’équipement."),
    ("Fees between the two systems fall by {share}.",
     "Les redevances entre les deux systèmes baissent de {share}."),
    ("Negotiations had begun in {city2} on {day} and took {small} rounds.",
     "Les négociations avaient commencé à {city2} le {day} et ont pris {small} séances."),
    ("A joint committee settles disputes and meets at least twice a year in {city2}.",
     "Un comité mixte règle les différends et se réunit au moins deux fois par an à {city2}."),
    ("The text replaces an arrangement that covered only {count2} households.",
     "Le texte remplace un arrangement qui ne couvrait que {count2} ménages."),
)  # fmt: skip

REPORT: tuple[Line, ...] = (
    ("Report on {subject}: {share} more cases in {country}",
     "Rapport sur {subject} : {share} de cas en plus {in_country}"),
    ("{host} counted {count} cases in its yearly report, which was presented in {city}.",
     "{host} a compté {count} cas dans son rapport annuel, présenté à {city}."),
    ("The figures come from {count3} towns that have taken part for {years} years.",
     "Les chiffres viennent de {count3} villes qui participent depuis {years} ans."),
    ("In {city2} alone the number rose from {count2} to {count4}.",
     "À {city2} seulement, le nombre est passé de {count2} à {count4}."),
    ("Damage amounted to {money}, of which {share2} was insured.",
     "Les dommages se sont élevés à {money}, dont {share2} étaient assurés."),
    ("The data were closed on {day} and checked by {partner}.",
     "Les données ont été arrêtées le {day} et vérifiées par {partner}."),
    ("The report names {small2} causes, ageing equipment first.",
     "Le rapport énumère {small2} causes, au premier rang desquelles le matériel vieillissant."),
    ("{host} recommends an inspection of every site before {deadline}.",
     "{host} recommande une inspection de chaque site avant le {deadline}."),
    ("Only {small} of the towns have an emergency plan that was tested.",
     "Seules {small} des villes disposent d’un plan d’urgence qui a été mis à l’épreuve."),
    ("The tables can be downloaded free of charge and reused.",
     "Les tableaux peuvent être téléchargés gratuitement et réutilisés."),
)  # fmt: skip

KINDS = (SUMMIT, EXERCISE, FUND, AGREEMENT, REPORT)
"""Of each kind: a title, a lead, then sentences. Titles and leads hold no date, so that an undated release has none."""

COMMON: tuple[Line, ...] = (
    ("The programme is part of a strategy worth {money2} in all.",
     "Le programme s’inscrit dans une stratégie d’un montant total de {money2}."),
    ("A survey among {count4} people showed that {share2} support the step.",
     "Un sondage auprès de {count4} personnes a montré que {share2} soutiennent cette démarche."),
    ("{partner} provides interpreters and meeting rooms in {city}.",
     "{partner} met à disposition des interprètes et des salles de réunion à {city}."),
    ("Details will be discussed in {city2} on {deadline}.",
     "Les détails seront discutés à {city2} le {deadline}."),
    ("The decision had been prepared since {day} together with {partner}.",
     "La décision avait été préparée depuis le {day} avec {partner}."),
    ("All documents are available in English and French.",
     "Tous les documents sont disponibles en anglais et en français."),
    ("{country} contributes {small} specialists and a mobile laboratory.",
     "{country} met à disposition {small} spécialistes et un laboratoire mobile."),
    ("A telephone line answers questions from the public on weekdays.",
     "Une ligne téléphonique répond aux questions du public en semaine."),
)  # fmt: skip

MONTHS = (
    ("January", "janvier"), ("February", "février"), ("March", "mars"), ("April", "avril"),
    ("May", "mai"), ("June", "juin"), ("July", "juillet"), ("August", "août"),
    ("September", "septembre"), ("October", "octobre"), ("November", "novembre"), ("December", "décembre"),
)  # fmt: skip
