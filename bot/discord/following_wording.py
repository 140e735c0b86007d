"""What the bot says of topics that are followed, and of quiet hours, in French and English."""

from __future__ import annotations

from dataclasses import dataclass

from discord import Locale


@dataclass(frozen=True, slots=True)
class FollowingWording:
    """The sentences of one language; `{…}` are filled in."""

    told: str
    told_one: str
    how_to_stop: str
    on_topics: str
    followed: str
    follows_newest: str
    follows_none: str
    no_topic: str
    too_many: str
    list_head: str
    list_line: str
    list_empty: str
    only_from: str
    only_in: dict[str, str]
    unreachable: str
    waiting: str
    unfollowed: str
    not_followed: str
    quiet: str
    quiet_off: str
    no_time: str
    no_zone: str
    quiet_half: str
    about: str
    pings: str
    no_role: str
    no_role_bot: str


ENGLISH_FOLLOWING = FollowingWording(
    told="📰 **{count} releases about what you follow**",
    told_one="📰 **A release about what you follow**",
    how_to_stop="-# `/following` lists your topics, `/unfollow` stops one.",
    on_topics="about {topics}",
    followed="You now follow **{topic}**{bounds}. I’ll message you here when a release is about it.",
    follows_newest="The newest so far:",
    follows_none="No stored release is about it yet.",
    no_topic="I can’t look for “{topic}”: write a name, or a few words.",
    too_many="You follow {count} topics, which is the limit. `/unfollow` stops one.",
    list_head="You follow:",
    list_line="- **{topic}**{bounds}",
    list_empty="You don’t follow anything yet. `/follow` starts.",
    only_from="only from {sources}",
    only_in={"fr": "only in French", "en": "only in English"},
    unreachable="⚠️ I haven’t been able to message you since <t:{since}:D>: allow direct messages from members of a "
    "server that we share. I’ll try again <t:{retry}:R>.",
    waiting="⏳ {count} more are waiting to be sent to you.",
    unfollowed="You no longer follow **{topic}**.",
    not_followed="You don’t follow **{topic}**.",
    quiet="Quiet from {begins} to {ends} ({zone}): whatever comes in is sent afterwards, oldest first.",
    quiet_off="No quiet hours: messages are sent at once.",
    no_time="“{given}” is not a time of day; write it as 22:30.",
    no_zone="I don’t know the time zone “{given}”; choose one, such as Europe/Brussels.",
    quiet_half="Quiet hours need a start and an end that differ; leave both out to switch them off.",
    about="about {topics}",
    pings="pings {role}",
    no_role="You may not mention {role}, so neither will I: make it mentionable, or ask somebody who may.",
    no_role_bot="I may not mention {role} in {channel}: make the role mentionable, or give me the permission "
    "**Mention All Roles** there.",
)
FRENCH_FOLLOWING = FollowingWording(
    told="📰 **{count} communiqués sur ce que vous suivez**",
    told_one="📰 **Un communiqué sur ce que vous suivez**",
    how_to_stop="-# `/suivis` liste vos sujets, `/ne-plus-suivre` en arrête un.",
    on_topics="sur {topics}",
    followed="Vous suivez **{topic}**{bounds} : je vous écris ici dès qu’un communiqué porte dessus.",
    follows_newest="Le plus récent à ce jour :",
    follows_none="Aucun communiqué enregistré ne porte encore dessus.",
    no_topic="« {topic} » n’est pas un sujet que je puisse chercher : écrivez un nom, ou quelques mots.",
    too_many="Vous suivez {count} sujets et ne pouvez pas en suivre davantage : `/ne-plus-suivre` en arrête un.",
    list_head="Vous suivez :",
    list_line="- **{topic}**{bounds}",
    list_empty="Vous ne suivez encore rien : commencez avec `/suivre`.",
    only_from="seulement de {sources}",
    only_in={"fr": "seulement en français", "en": "seulement en anglais"},
    unreachable="⚠️ Je n’arrive pas à vous écrire depuis le <t:{since}:D> : autorisez les messages privés des membres "
    "d’un serveur que nous partageons. Je réessaie <t:{retry}:R>.",
    waiting="⏳ {count} autres attendent de vous être envoyés.",
    unfollowed="Vous ne suivez plus **{topic}**.",
    not_followed="Vous ne suivez pas **{topic}**.",
    quiet="Silence de {begins} à {ends} ({zone}) : ce qui arrive entre-temps est envoyé ensuite, du plus ancien au "
    "plus récent.",
    quiet_off="Pas d’heures de silence : ce qui arrive est envoyé aussitôt.",
    no_time="« {given} » n’est pas une heure : écrivez-la ainsi : 22:30.",
    no_zone="« {given} » n’est pas un fuseau horaire que je connaisse : choisissez-en un, par exemple Europe/Brussels.",
    quiet_half="Des heures de silence ont un début et une fin, qui diffèrent ; sans aucun des deux, il n’y en a pas.",
    about="sur {topics}",
    pings="mentionne {role}",
    no_role="Vous ne pouvez pas mentionner {role}, je ne le fais donc pas non plus : rendez-le mentionnable, ou "
    "demandez à quelqu’un qui le peut.",
    no_role_bot="Je ne peux pas mentionner {role} dans {channel} : rendez le rôle mentionnable, ou donnez-moi là la "
    "permission **Mentionner tous les rôles**.",
)

# Command or option, as the code names it: its name and description in English, then in French.
FOLLOWING_COMMANDS = {
    "follow": ("follow", "Be told of releases about a topic", "suivre", "Être averti des communiqués sur un sujet"),
    "topic": ("topic", "A name or a few words: Ukraine", "sujet", "Un nom ou quelques mots : cyberdéfense"),
    "following": ("following", "What you follow", "suivis", "Ce que vous suivez"),
    "unfollow": ("unfollow", "Stop following a topic", "ne-plus-suivre", "Ne plus suivre un sujet"),
    "followed_topic": ("topic", "The topic", "sujet", "Le sujet"),
    "my_quiet": ("quiet", "When I do not write to you", "silence", "Quand je ne vous écris pas"),
    "quiet": ("quiet", "When nothing is announced here", "silence", "Quand rien n’est annoncé ici"),
    "begins": ("from", "As in 22:30; without it there are none", "de", "Comme 22:30 ; sans rien, pas de silence"),
    "ends": ("until", "As in 07:00", "à", "Comme 07:00"),
    "zone": ("zone", "The time zone, as in Europe/Brussels", "fuseau", "Le fuseau horaire, comme Europe/Brussels"),
    "about": (
        "about",
        "Only releases about this topic; several are separated by semicolons",
        "sujet",
        "Seulement sur ce sujet ; plusieurs se séparent par des points-virgules",
    ),
    "role": ("role", "A role that is mentioned with each new release", "rôle", "Un rôle mentionné à chaque nouveauté"),
}


def following_wording(locale: str | None) -> FollowingWording:
    """The sentences for a person's locale, as Discord gives it."""
    return FRENCH_FOLLOWING if (locale or "").startswith(Locale.french.value) else ENGLISH_FOLLOWING
