"""What the bot says on Discord besides answers, in French and English."""

from __future__ import annotations

from dataclasses import dataclass

FRENCH = "fr"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; `{…}` are filled in."""

    busy: str
    cooldown: str
    failed: str
    away: str
    nothing_stored: str
    sources: str
    working: str
    failing: str
    paused: str
    never_read: str
    no_release: str
    status: str
    no_status: str
    help: str
    empty_mention: str
    empty_message: str
    too_long: str
    no_date: str
    closing: str
    interrupted: str
    not_allowed: str
    not_offered: str
    not_open: str
    not_open_directly: str
    outside: str
    may_not_ingest: str
    kept_to: str
    kept_to_all: str
    no_such_source: str
    thread_hint: str
    no_thread: str
    answered_in: str
    asked_by: str
    good: str
    bad: str
    passages: str
    follow_up: str
    save: str
    saved: str
    post: str
    thanks: str
    forgotten: str
    may_not_post: str
    posted: str
    no_passages: str
    why: str
    reasons: dict[str, str]
    comment: str
    say_more: str
    question: str
    question_hint: str
    threads_on: str
    threads_off: str
    announces: str
    announces_nothing: str
    announces_here: str
    all_sources: str
    all_languages: str
    trouble: str
    cannot_announce: str
    silenced: str
    no_channel: str
    was_silent: str
    ingesting: str
    ingested_lately: str
    still_ingesting: str
    no_sources: str
    no_sources_here: str
    ingested: str
    not_ingested: str
    failed_pages: str
    new_release: str
    changed_release: str
    withdrawn: str
    more_changes: str
    questions_kept: str
    tell: str
    will_tell: str
    tells_no_more: str
    not_kept: str
    can_be_answered: str
    questions_note: str
    question_line: str
    question_answered: str
    more_questions: str
    digest_head: dict[str, str]
    digest_corrections: str
    digest_withdrawn: str
    digest_corrects: str
    digest_updated: str
    digest_more: str
    other_publisher: str
    digest_set: str
    channel_digest: str
    digest_days: dict[str, str]
    digest_about: str
    no_digest: str
    digest_off: str
    digest_was_off: str
    no_zone: str
    digests_here: str


ENGLISH_WORDING = Wording(
    busy="Too many questions at the moment: ask again in a minute.",
    cooldown="One question at a time: ask again <t:{when}:R>.",
    failed="That went wrong, and it is not your fault. The operator can find it under **{reference}**.",
    away="I cannot reach the archive at the moment: try again in a few minutes.",
    nothing_stored="No release is stored yet.",
    sources="{count} in all, newest from {newest}",
    working="{name} is being read on schedule",
    failing="{name} cannot be read at the moment",
    paused="{name} is not being read for now",
    never_read="{name} has not been read yet",
    no_release="No release has that title.",
    status="Releases: {releases}, passages: {passages} ({languages}); newest from {newest}; last ingestion {ingested}.",
    no_status="nothing yet",
    help="Ask with `/ask`, by mentioning me, or in a direct message. I quote the releases word for word and link to "
    "the sentence; if they hold no answer, I say so. To go on, reply to one of my messages or press **Follow up**: "
    "“and in 2023?” is enough. `/timeline` shows the releases about a topic by date, `/latest` lists what is new, "
    "`/release` shows one, `/sources` the publishers, `/status` how up to date I am. "
    "👍 and 👎 tell the operator how I did.",
    empty_mention="Ask me about the releases, for example: “When did Sweden join NATO?”",
    empty_message="There is no text in that message.",
    too_long="A question has at most {limit:,} characters: ask yours in fewer words.",
    no_date="“{given}” is not a date: write it as 2024-10-17.",
    closing="I am about to restart: ask again in a minute.",
    not_allowed="That needs the permission **Manage Server**, which you do not have here.",
    not_offered="That command is not offered any more: reload Discord with Ctrl-R.",
    not_open="No source is open here: whoever runs the bot decides what can be seen where.",
    not_open_directly="No source is open to you in direct messages, where you would be told: whoever runs the bot "
    "decides what can be seen where.",
    outside="That answer can no longer be shown here: ask again with `/ask`.",
    may_not_ingest="Whoever runs the bot has not given you the right to start an ingestion.",
    kept_to="In {channel} only these sources are searched and shown: {sources}.",
    kept_to_all="In {channel} every source is searched and shown that this server may see.",
    no_such_source="There is no source {name} here: `/sources` shows which there are.",
    interrupted="I had to stop before this was answered: please ask again in a minute.",
    thread_hint="-# Continue with **Follow up** below, or by replying to one of my messages.",
    no_thread="-# I answer here because I may not open a thread: the permission {permission} is missing.",
    answered_in="Answered in {thread}.",
    asked_by="-# Posted by {person}",
    good="Good answer",
    bad="Bad answer",
    passages="Show passages",
    follow_up="Follow up",
    save="Save",
    saved="The answer with its quotes and links, as a file in Markdown:",
    post="Post to channel",
    thanks="Thank you: the operator sees it.",
    forgotten="This answer is too old: its passages are no longer kept. Ask again with `/ask`.",
    posted="Posted below.",
    may_not_post="You may not write in this channel, so I may not post there for you.",
    no_passages="The releases that this answer quoted are no longer stored.",
    why="What was wrong?",
    reasons={
        "wrong_passage": "Wrong passage",
        "out_of_date": "Out of date",
        "did_not_answer": "Did not answer the question",
        "wrong_language": "Wrong language",
    },
    comment="Anything else?",
    say_more="Tell us more",
    question="Your question",
    question_hint="For example: And in 2023?",
    threads_on="Conversations get a thread of their own.",
    threads_off="Questions are answered where they are asked, without threads.",
    announces="Announced in {channel}: {sources}, {languages}.",
    announces_nothing="No release is announced: `/config announce` chooses a channel.",
    announces_here="New releases will be announced here.",
    all_sources="all sources",
    all_languages="all languages",
    trouble=" ⚠️ It failed last time: {trouble}",
    cannot_announce="I cannot announce anything in {channel}: the permission {permission} is missing there.",
    no_channel="I cannot see that channel: give me the permission **View Channel** there.",
    silenced="Nothing is announced in {channel} any more.",
    was_silent="Nothing was announced in {channel}.",
    ingesting="An ingestion is already running; its releases can be asked about as they come in.",
    ingested_lately="The sources were read a moment ago: they may be read again <t:{when}:R>.",
    still_ingesting="The ingestion continues in the background; new releases can be asked about at once.",
    no_sources="The operator has named no sources in communique.toml.",
    no_sources_here="No source that could be read is open here.",
    ingested="{new} new, {changed} changed, {unchanged} unchanged.",
    not_ingested="That failed: {cause}",
    failed_pages="{count} could not be read:",
    new_release="📰 **New release**",
    changed_release="✏️ **Release updated**",
    withdrawn="🚫 **Release withdrawn by its newsroom**",
    more_changes="-# … and {count} more",
    questions_kept="If I find no answer, your question is kept for {days} days, never with your name, so that the "
    "operator sees what is missing. Only if you press **Tell me if this gets answered** I remember you until I have "
    "told you.",
    tell="Tell me if this gets answered",
    will_tell="I will tell you in a direct message if a release answers this within {days} days, and then forget that "
    "you asked. Press once more if you no longer want it.",
    tells_no_more="I have forgotten that you wanted to know.",
    not_kept="This question is no longer kept. Ask it again with `/ask`.",
    can_be_answered="🔔 **A release answers what you asked**",
    questions_note="📋 **Not answered in the last seven days: {count}**",
    question_line="- {times}× {question}",
    question_answered="  ↳ answered since: {release}",
    more_questions="-# … and {count} more: `communique questions list`",
    digest_head={"daily": "🗞️ **What is new today: {count}**", "weekly": "🗞️ **What was new this week: {count}**"},
    digest_corrections="✏️ **Corrected or updated**",
    digest_withdrawn="🚫 **Withdrawn by their newsrooms**",
    digest_corrects="corrects {release}",
    digest_updated="updated",
    digest_more="-# … and {count} more: `/latest`",
    other_publisher="Without a publisher",
    digest_set="You get a digest {when}, next <t:{due}:f>: {sources}, {languages}{about}. "
    "To end it, choose “off” in `/digest`.",
    channel_digest="Digest in {channel} {when}, next <t:{due}:f>: {sources}, {languages}{about}.",
    digest_days={"daily": "every day at {hour:02}:00 ({zone})", "weekly": "every Monday at {hour:02}:00 ({zone})"},
    digest_about=", about {topics}",
    no_digest="You get no digest: `/digest` begins one.",
    digest_off="No digest comes any more.",
    digest_was_off="There was no digest.",
    no_zone="“{given}” is not a time zone: write it as Europe/Brussels.",
    digests_here="Digests of new releases will be posted here.",
)
FRENCH_WORDING = Wording(
    busy="Trop de questions en ce moment : réessayez dans une minute.",
    cooldown="Une question à la fois : réessayez <t:{when}:R>.",
    failed="Une erreur s’est produite, et vous n’y êtes pour rien. L’opérateur la retrouvera sous **{reference}**.",
    away="Je n’ai pas accès aux archives pour le moment : réessayez dans quelques minutes.",
    nothing_stored="Aucun communiqué n’est encore enregistré.",
    sources="{count} en tout, le plus récent du {newest}",
    working="{name} est lu comme prévu",
    failing="{name} ne peut pas être lu en ce moment",
    paused="{name} n’est pas lu pour l’instant",
    never_read="{name} n’a pas encore été lu",
    no_release="Aucun communiqué ne porte ce titre.",
    status="Communiqués : {releases}, passages : {passages} ({languages}) ; le plus récent du {newest} ; dernière "
    "ingestion {ingested}.",
    no_status="encore rien",
    help="Posez votre question avec `/demander`, en me mentionnant, ou en message privé. Je cite les communiqués mot "
    "pour mot, avec un lien vers la phrase ; s’ils ne répondent pas, je le dis. Pour continuer, répondez à l’un de mes "
    "messages ou appuyez sur **Poursuivre** : « et en 2023 ? » suffit. `/chronologie` montre par date "
    "les communiqués sur un sujet, `/nouveautés` liste les plus récents, "
    "`/communiqué` en montre un, `/sources` les éditeurs, `/état` à quand remontent mes données. 👍 et 👎 disent à "
    "l’opérateur ce que vous pensez de mes réponses.",
    empty_mention="Interrogez-moi sur les communiqués, par exemple : « Quand la Suède a-t-elle rejoint l’OTAN ? »",
    empty_message="Ce message ne contient pas de texte.",
    too_long="Une question compte au plus {limit} caractères : posez la vôtre en moins de mots.",
    no_date="« {given} » n’est pas une date : écrivez-la ainsi : 2024-10-17.",
    closing="Je suis sur le point de redémarrer : réessayez dans une minute.",
    not_allowed="Il faut pour cela la permission **Gérer le serveur**, que vous n’avez pas ici.",
    not_offered="Cette commande n’est plus proposée : rechargez Discord avec Ctrl-R.",
    not_open="Aucune source n’est ouverte ici : l’opérateur du bot décide de ce qui peut être consulté, et où.",
    not_open_directly="Aucune source ne vous est ouverte en message privé, où je vous écrirais : l’opérateur du bot "
    "décide de ce qui peut être consulté, et où.",
    outside="Cette réponse ne peut plus être montrée ici : redemandez avec `/demander`.",
    may_not_ingest="L’opérateur du bot ne vous a pas donné le droit de lancer une ingestion.",
    kept_to="Dans {channel}, seules ces sources sont consultées et montrées : {sources}.",
    kept_to_all="Dans {channel}, toutes les sources ouvertes à ce serveur sont consultées et montrées.",
    no_such_source="Il n’y a pas de source {name} ici : `/sources` montre celles qu’il y a.",
    interrupted="J’ai dû m’arrêter avant d’avoir répondu : réessayez dans une minute.",
    thread_hint="-# Continuez avec **Poursuivre** ci-dessous, ou en répondant à l’un de mes messages.",
    no_thread="-# Je réponds ici, car je ne peux pas ouvrir de fil : il me manque la permission {permission}.",
    answered_in="La réponse est dans {thread}.",
    asked_by="-# Publié par {person}",
    good="Bonne réponse",
    bad="Mauvaise réponse",
    passages="Voir les passages",
    follow_up="Poursuivre",
    save="Enregistrer",
    saved="La réponse avec ses citations et ses liens, dans un fichier Markdown :",
    post="Publier dans le salon",
    thanks="Merci : l’opérateur le verra.",
    forgotten="Cette réponse est trop ancienne : ses passages ne sont plus conservés. Redemandez avec `/demander`.",
    posted="Publié ci-dessous.",
    may_not_post="Vous ne pouvez pas écrire dans ce salon : je ne peux donc pas y publier pour vous.",
    no_passages="Les communiqués que cette réponse citait ne sont plus enregistrés.",
    why="Qu’est-ce qui n’allait pas ?",
    reasons={
        "wrong_passage": "Mauvais passage",
        "out_of_date": "Information dépassée",
        "did_not_answer": "Ne répond pas à la question",
        "wrong_language": "Mauvaise langue",
    },
    comment="Autre chose ?",
    say_more="Dites-nous en plus",
    question="Votre question",
    question_hint="Par exemple : Et en 2023 ?",
    threads_on="Chaque conversation a son propre fil.",
    threads_off="Les réponses sont données là où la question est posée, sans ouvrir de fil.",
    announces="Annoncés dans {channel} : {sources}, {languages}.",
    announces_nothing="Aucun communiqué n’est annoncé : choisissez un salon avec `/config annoncer`.",
    announces_here="Les nouveaux communiqués seront annoncés ici.",
    all_sources="toutes les sources",
    all_languages="toutes les langues",
    trouble=" ⚠️ Échec la dernière fois : {trouble}",
    cannot_announce="Je ne peux rien annoncer dans {channel} : il m’y manque la permission {permission}.",
    no_channel="Je ne vois pas ce salon : donnez-moi la permission **Voir le salon**.",
    silenced="Plus rien n’est annoncé dans {channel}.",
    was_silent="Rien n’était annoncé dans {channel}.",
    ingesting="Une ingestion est déjà en cours ; interrogez-moi sur ses communiqués dès qu’ils arrivent.",
    ingested_lately="Les sources viennent d’être lues : elles pourront l’être à nouveau <t:{when}:R>.",
    still_ingesting="L’ingestion continue en arrière-plan ; interrogez-moi déjà sur les nouveaux communiqués.",
    no_sources="L’opérateur n’a indiqué aucune source dans communique.toml.",
    no_sources_here="Aucune source qui pourrait être lue n’est ouverte ici.",
    ingested="Nouveaux : {new} ; modifiés : {changed} ; inchangés : {unchanged}.",
    not_ingested="L’ingestion a échoué : {cause}",
    failed_pages="Non lus : {count}",
    new_release="📰 **Nouveau communiqué**",
    changed_release="✏️ **Communiqué mis à jour**",
    withdrawn="🚫 **Communiqué retiré par son éditeur**",
    more_changes="-# … et {count} de plus",
    questions_kept="Si je ne trouve pas de réponse, votre question est conservée {days} jours, jamais avec votre nom, "
    "pour que l’opérateur voie ce qui manque. Je ne vous retiens que si vous appuyez sur **Prévenez-moi**, et jusqu’à "
    "ce que je vous aie prévenu.",
    tell="Prévenez-moi s’il y a une réponse",
    will_tell="Je vous préviendrai en message privé si un communiqué y répond dans les {days} jours, puis j’oublierai "
    "que vous l’avez demandé. Appuyez encore une fois si vous n’y tenez plus.",
    tells_no_more="J’ai oublié que vous vouliez le savoir.",
    not_kept="Cette question n’est plus conservée. Reposez-la avec `/demander`.",
    can_be_answered="🔔 **Un communiqué répond à votre question**",
    questions_note="📋 **Restées sans réponse ces sept derniers jours : {count}**",
    question_line="- {times}× {question}",
    question_answered="  ↳ réponse depuis : {release}",
    more_questions="-# … et {count} de plus : `communique questions list`",
    digest_head={
        "daily": "🗞️ **Nouveautés du jour : {count}**",
        "weekly": "🗞️ **Nouveautés de la semaine : {count}**",
    },
    digest_corrections="✏️ **Corrigés ou mis à jour**",
    digest_withdrawn="🚫 **Retirés par leurs éditeurs**",
    digest_corrects="corrige {release}",
    digest_updated="mis à jour",
    digest_more="-# … et {count} de plus : `/nouveautés`",
    other_publisher="Sans éditeur",
    digest_set="Vous recevez un résumé {when}, le prochain <t:{due}:f> : {sources}, {languages}{about}. "
    "Pour y mettre fin, choisissez « jamais » dans `/résumé`.",
    channel_digest="Résumé dans {channel} {when}, le prochain <t:{due}:f> : {sources}, {languages}{about}.",
    digest_days={
        "daily": "chaque jour à {hour:02} h ({zone})",
        "weekly": "chaque lundi à {hour:02} h ({zone})",
    },
    digest_about=", sur {topics}",
    no_digest="Vous ne recevez pas de résumé : `/résumé` en commence un.",
    digest_off="Plus aucun résumé ne sera envoyé.",
    digest_was_off="Aucun résumé n’était envoyé.",
    no_zone="« {given} » n’est pas un fuseau horaire : écrivez-le ainsi : Europe/Brussels.",
    digests_here="Des résumés des nouveaux communiqués seront publiés ici.",
)


def language_of(locale: str | None) -> str:
    """`fr` or `en`, for a person's locale as Discord gives it."""
    return FRENCH if (locale or "").startswith(FRENCH) else "en"


def wording(locale: str | None) -> Wording:
    """The sentences for a person's locale, as Discord gives it."""
    return FRENCH_WORDING if language_of(locale) == FRENCH else ENGLISH_WORDING
