"""What commands and their options are called and said to do, in French and English."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.following_wording import FOLLOWING_COMMANDS

# Command or option, as the code names it: its name and description in English, then in French.
COMMANDS = {
    "ask": ("ask", "Ask the press releases a question", "demander", "Poser une question aux communiqués"),
    "question": ("question", "What you want to know", "question", "Ce que vous voulez savoir"),
    "since": ("since", "Only releases since this day, as in 2024-10-17", "depuis", "À partir de ce jour (2024-10-17)"),
    "until": ("until", "Only releases up to this day", "jusque", "Jusqu’à ce jour"),
    "language": ("language", "Only releases in this language", "langue", "Seulement dans cette langue"),
    "private": ("private", "Whether only you see the answer", "privé", "Réponse visible de vous seul"),
    "timeline": (
        "timeline",
        "The releases about a topic by date",
        "chronologie",
        "Les communiqués sur un sujet par date",
    ),
    "latest": ("latest", "The newest releases", "nouveautés", "Les communiqués les plus récents"),
    "release": ("release", "A release by its title", "communiqué", "Un communiqué par son titre"),
    "title": ("title", "Its title", "titre", "Son titre"),
    "sources": ("sources", "Who publishes the releases", "sources", "Qui publie les communiqués"),
    "status": ("status", "What is stored, and how fresh it is", "état", "Ce qui est enregistré, et de quand"),
    "ask_about": ("Ask about this message", "", "M’interroger sur ce message", ""),
    "source": (
        "source",
        "Only releases of this publisher or source",
        "source",
        "Seulement de cet éditeur ou de cette source",
    ),
    "in_fr": ("French", "", "Français", ""),
    "in_en": ("English", "", "Anglais", ""),
    "config": ("config", "What the bot does in this server", "config", "Ce que fait le bot dans ce serveur"),
    "show": ("show", "Show the settings", "voir", "Voir les réglages"),
    "announce": ("announce", "Announce new releases in a channel", "annoncer", "Annoncer les nouveautés dans un salon"),
    "channel": ("channel", "The channel", "salon", "Le salon"),
    "announced_source": (
        "source",
        "Only this publisher or source; several are separated by semicolons",
        "source",
        "Seulement cet éditeur ou cette source ; plusieurs se séparent par des points-virgules",
    ),
    "kept_sources": (
        "sources",
        "Keep a channel to some of the sources that this server may see",
        "sources",
        "Limiter un salon à certaines des sources ouvertes à ce serveur",
    ),
    "kept_channel": ("channel", "The channel, with its threads", "salon", "Le salon, avec ses fils"),
    "kept_source": (
        "source",
        "Only these publishers or sources, separated by semicolons; all if left out",
        "source",
        "Seulement ces éditeurs ou sources, séparés par des points-virgules ; toutes si omis",
    ),
    "silence": ("silence", "Stop announcing in a channel", "taire", "Ne plus rien annoncer dans un salon"),
    "silenced_channel": ("channel", "The channel to stop announcing in", "salon", "Le salon où ne plus rien annoncer"),
    "threads": ("threads", "Whether conversations get threads", "fils", "Ouvrir un fil par conversation"),
    "wanted": ("wanted", "Whether to open threads", "oui", "Ouvrir des fils"),
    "ingest": ("ingest", "Look for new releases now", "ingérer", "Chercher les nouveautés maintenant"),
    "digest": ("digest", "Get what is new in one message", "résumé", "Recevoir les nouveautés en un message"),
    "channel_digest": (
        "digest",
        "Post what is new in one message in a channel",
        "résumé",
        "Publier les nouveautés en un message dans un salon",
    ),
    "every": ("every", "How often; left out, it shows what is set", "rythme", "À quel rythme ; sans lui, le réglage"),
    "digest_every": ("every", "How often", "rythme", "À quel rythme"),
    "daily": ("daily", "", "chaque jour", ""),
    "weekly": ("weekly", "", "chaque semaine", ""),
    "off": ("off", "", "jamais", ""),
    "at": ("at", "The hour, from 0 to 23; by default 8", "heure", "L’heure, de 0 à 23 ; 8 par défaut"),
    "topics": (
        "topics",
        "Only what is about one of these; several are separated by semicolons",
        "sujets",
        "Seulement ce qui en parle ; plusieurs se séparent par des points-virgules",
    ),
    "help": ("help", "How to ask", "aide", "Comment poser une question"),
} | FOLLOWING_COMMANDS

_ENGLISH_LOCALES = (discord.Locale.american_english, discord.Locale.british_english)


class CommandTranslator(app_commands.Translator):
    """Names and descriptions in French, and in the English that the commands are written in."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text for a locale, or None if it has none of its own."""
        del context
        if "french" not in string.extras:
            return None
        if locale is discord.Locale.french:
            return str(string.extras["french"])
        return string.message if locale in _ENGLISH_LOCALES else None


def command_name(key: str) -> locale_str:
    """The name of a command or an option."""
    return locale_str(COMMANDS[key][0], french=COMMANDS[key][2])


def description(key: str) -> locale_str:
    """The description of a command or an option."""
    return locale_str(COMMANDS[key][1], french=COMMANDS[key][3])
