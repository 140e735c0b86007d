from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.time_expressions import Order, read_times

BRUSSELS = ZoneInfo("Europe/Brussels")
THURSDAY = datetime(2024, 10, 17, 18, 23, tzinfo=UTC)

# Question, then the bounds in Brussels: the first moment, and the first after it; "" leaves a side open.
PERIODS = [
    ("What happened since March?", "2024-03-01", ""),
    ("depuis mardi, qu'a annoncé l'OTAN ?", "2024-10-15", ""),
    ("What has NATO said in the last two weeks about Ukraine?", "2024-10-03T20:23", ""),
    ("Que s'est-il passé ces dernières 48 h ?", "2024-10-15T20:23", ""),
    ("ces 48 dernières heures", "2024-10-15T20:23", ""),
    ("Who resigned before 2023?", "", "2023-01-01"),
    ("communiqués publiés avant 2023", "", "2023-01-01"),
    ("What did the allies decide last quarter?", "2024-07-01", "2024-10-01"),
    ("Qu'a décidé le Conseil en juin 2024 ?", "2024-06-01", "2024-07-01"),
    ("Was anything announced on 17 October 2024?", "2024-10-17", "2024-10-18"),
    ("le 17/10/2024", "2024-10-17", "2024-10-18"),
    ("What's new this week?", "2024-10-14", "2024-10-21"),
    ("Quoi de neuf depuis lundi ?", "2024-10-14", ""),
    ("What did ministers decide between March and June 2024?", "2024-03-01", "2024-07-01"),
    ("entre le 3 et le 5 octobre 2024", "2024-10-03", "2024-10-06"),
    ("de 2019 à 2021, combien d'exercices ?", "2019-01-01", "2022-01-01"),
    ("How many soldiers were there from 2019 to 2021?", "2019-01-01", "2022-01-01"),
    ("au troisième trimestre 2024", "2024-07-01", "2024-10-01"),
    ("deuxième semestre de 2023", "2023-07-01", "2024-01-01"),
    ("news from early 2024", "2024-01-01", "2024-05-01"),
    ("fin juin", "2024-06-21", "2024-07-01"),
    ("mi-octobre 2023", "2023-10-11", "2023-10-21"),
    ("in the 2010s", "2010-01-01", "2020-01-01"),
    ("il y a trois jours", "2024-10-14", "2024-10-15"),
    ("two weeks ago", "2024-09-30", "2024-10-07"),
    ("hier", "2024-10-16", "2024-10-17"),
    ("avant-hier", "2024-10-15", "2024-10-16"),
    ("yesterday's announcement", "2024-10-16", "2024-10-17"),
    ("la semaine dernière", "2024-10-07", "2024-10-14"),
    ("le mois dernier", "2024-09-01", "2024-10-01"),
    ("cette année", "2024-01-01", "2025-01-01"),
    ("l'an dernier", "2023-01-01", "2024-01-01"),
    ("last year", "2023-01-01", "2024-01-01"),
    ("this month", "2024-10-01", "2024-11-01"),
    ("jeudi dernier", "2024-10-10", "2024-10-11"),
    ("on Thursday", "2024-10-17", "2024-10-18"),
    ("jeudi", "2024-10-17", "2024-10-18"),
    ("au cours des deux dernières semaines", "2024-10-03T20:23", ""),
    ("in June and July 2024", "2024-06-01", "2024-08-01"),
    ("since yesterday", "2024-10-16", ""),
    ("depuis janvier dernier", "2024-01-01", ""),
    ("depuis le 3 octobre", "2024-10-03", ""),
    ("after 3 May 2024 but before June 2024", "2024-05-04", "2024-06-01"),
    ("who will march in May?", "2024-05-01", "2024-06-01"),
    ("statements of 9 July", "2024-07-09", "2024-07-10"),
    ("What did the minister say in 2022?", "2022-01-01", "2023-01-01"),
    ("In 2022, who led?", "2022-01-01", "2023-01-01"),
    ("2022-2024", "2022-01-01", "2025-01-01"),
    ("ce matin", "2024-10-17", "2024-10-18"),
    ("what was updated last week", "2024-10-07", "2024-10-14"),
    ("ces derniers jours", "2024-10-10T20:23", ""),
    ("ces derniers mois", "2024-07-17T20:23", ""),
    ("le week-end dernier", "2024-10-12", "2024-10-14"),
    ("depuis deux ans", "2022-10-17T20:23", ""),
    ("pour le deuxième semestre ?", "2024-07-01", "2025-01-01"),
    ("in the third quarter of 2024", "2024-07-01", "2024-10-01"),
    ("qu'a-t-il fait depuis le début du mois ?", "2024-10-01", ""),
    ("since the start of this week", "2024-10-14", ""),
    ("What has changed since last year?", "2023-01-01", ""),
    ("depuis l'année dernière", "2023-01-01", ""),
    ("In the past few days, what did the city say?", "2024-10-14T20:23", ""),
    ("Qu'a annoncé la ville il y a deux semaines ?", "2024-09-30", "2024-10-07"),
    ("three months ago", "2024-07-01", "2024-08-01"),
    ("within the last 10 days", "2024-10-07T20:23", ""),
    ("durant les trois derniers mois", "2024-07-17T20:23", ""),
    ("the previous quarter", "2024-07-01", "2024-10-01"),
    ("le trimestre précédent", "2024-07-01", "2024-10-01"),
    ("le semestre dernier", "2024-01-01", "2024-07-01"),
    ("earlier than 2020", "", "2020-01-01"),
    ("prior to March 2024", "", "2024-03-01"),
    ("up to September 2024", "", "2024-10-01"),
    ("from 2022 to 2023", "2022-01-01", "2024-01-01"),
    ("janvier et février 2024", "2024-01-01", "2024-03-01"),
    ("H1 2024", "2024-01-01", "2024-07-01"),
    ("1er trimestre 2024", "2024-01-01", "2024-04-01"),
    ("second quarter of 2023", "2023-04-01", "2023-07-01"),
    ("le 14 juillet", "2024-07-14", "2024-07-15"),
    ("July 14", "2024-07-14", "2024-07-15"),
    ("July 14, 2023", "2023-07-14", "2023-07-15"),
    ("on 2024-09-01", "2024-09-01", "2024-09-02"),
    ("vendredi dernier", "2024-10-11", "2024-10-12"),
    ("last Friday", "2024-10-11", "2024-10-12"),
    ("avant hier", "2024-10-15", "2024-10-16"),
    ("the day before yesterday", "2024-10-15", "2024-10-16"),
    ("aujourd’hui", "2024-10-17", "2024-10-18"),
    ("tonight", "2024-10-17", "2024-10-18"),
    ("cet après-midi", "2024-10-17", "2024-10-18"),
    ("cette semaine", "2024-10-14", "2024-10-21"),
    ("ce mois-ci", "2024-10-01", "2024-11-01"),
    ("this quarter", "2024-10-01", "2025-01-01"),
    ("Communiqués de mai 2024", "2024-05-01", "2024-06-01"),
    ("releases from 2023", "2023-01-01", "2024-01-01"),
    ("news of 3 October", "2024-10-03", "2024-10-04"),
    ("depuis lundi dernier", "2024-10-14", ""),
    ("since Tuesday", "2024-10-15", ""),
    ("Après le 1er septembre 2024", "2024-09-02", ""),
    ("after Monday", "2024-10-15", ""),
    ("avant le 3 mai 2024", "", "2024-05-03"),
    ("in early October", "2024-10-01", "2024-10-11"),
    ("début 2024", "2024-01-01", "2024-05-01"),
    ("the end of 2023", "2023-09-01", "2024-01-01"),
    ("mid-2023", "2023-05-01", "2023-09-01"),
    ("fin 2022", "2022-09-01", "2023-01-01"),
    ("de janvier à mars 2024", "2024-01-01", "2024-04-01"),
    ("dans les années 2010", "2010-01-01", "2020-01-01"),
]

NO_PERIOD = [
    "What is the 2022 Strategic Concept?",
    "Que dit le Concept stratégique de 2022 ?",
    "What is the latest press release?",
    "Quel est le dernier communiqué ?",
    "les trois derniers communiqués sur l'Ukraine",
    "the latest on Ukraine?",
    "When did Sweden join NATO?",
    "How much will be spent by 2030?",
    "Q3 2024 results",
    "the summit of 2023",
    "le sommet de 2023",
    "Who attended the Vilnius Summit 2023?",
    "2000 soldiers",
    "en 3 mois, combien ?",
    "the last king of Sweden",
    "When did Rutte last visit Kyiv?",
    "Who is the first woman to lead?",
    "la loi du 3 juin 2016",
    "the agreement of 12 May",
    "the October 7 attacks",
    "May I ask who leads NATO?",
    "En quelle année la Finlande a-t-elle rejoint, en 2022 ou 2023 ?",
    "next week",
    "Agenda 2030",
    "World Cup 2026",
    "Who is the last survivor?",
    "the 9 July declaration's authors",
    "What is Operation 1 May?",
    "COP 28 decisions",
    "How many gardens?",
    "Who will lead next year?",
]


def local(moment: datetime | None) -> str:
    return moment.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M").removesuffix("T00:00") if moment else ""


@pytest.mark.parametrize(("question", "since", "until"), PERIODS)
def test_a_period_is_read_as_people_say_it(question: str, since: str, until: str) -> None:
    """Calendar periods begin and end at midnight in Brussels; "the last 48 hours" count back from now."""
    period = read_times(question, THURSDAY, BRUSSELS).period

    assert period is not None
    assert (local(period.since), local(period.until)) == (since, until)


@pytest.mark.parametrize("question", NO_PERIOD)
def test_what_names_a_thing_counts_something_or_lies_ahead_is_no_period(question: str) -> None:
    """A filter that nobody asked for hides the answer."""
    assert read_times(question, THURSDAY, BRUSSELS).period is None


@pytest.mark.parametrize(
    ("question", "order", "count"),
    [
        ("What is the latest press release?", Order.LATEST, None),
        ("Quel est le dernier communiqué ?", Order.LATEST, None),
        ("the latest on Ukraine?", Order.LATEST, None),
        ("dernières nouvelles de la ville", Order.LATEST, None),
        ("DERNIERES NOUVELLES", Order.LATEST, None),
        ("Show me the last 5 releases", Order.LATEST, 5),
        ("les trois derniers communiqués sur l’Ukraine", Order.LATEST, 3),
        ("the two most recent statements", Order.LATEST, 2),
        ("Quel a été le premier communiqué ?", Order.EARLIEST, None),
        ("the oldest release", Order.EARLIEST, None),
        ("the last king of Sweden", None, None),
        ("When did Rutte last visit Kyiv?", None, None),
        ("Qui est la première femme ministre ?", None, None),
        ("Who scored in the last minute?", None, None),
        ("le dernier étage de la tour", None, None),
    ],
)
def test_the_latest_is_an_order_where_it_is_about_releases(
    question: str, order: Order | None, count: int | None
) -> None:
    """The last king is no release."""
    times = read_times(question, THURSDAY, BRUSSELS)

    assert (times.order, times.count) == (order, count)


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What has NATO said in the last two weeks about Ukraine?", "What has NATO said about Ukraine?"),
        ("Qu’a décidé le Conseil en juin 2024 ?", "Qu’a décidé le Conseil ?"),
        ("What did ministers decide between March and June 2024?", "What did ministers decide?"),
        ("Depuis mardi, qu’a annoncé la ville ?", "qu’a annoncé la ville ?"),
        ("Who leads NATO?", "Who leads NATO?"),
    ],
)
def test_the_rest_is_the_question_without_its_words_of_time(question: str, rest: str) -> None:
    """What is searched with still reads as a question."""
    assert read_times(question, THURSDAY, BRUSSELS).rest == rest


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("What's new this week?", True),
        ("Quoi de neuf depuis lundi ?", True),
        ("Quel est le dernier communiqué ?", True),
        ("Show me the last 5 releases", True),
        ("What's new in cancer research this week?", False),
        ("Quel est le dernier communiqué sur la Suède ?", False),
        ("Who leads NATO?", False),
    ],
)
def test_a_question_for_news_alone_is_told_from_one_on_a_subject(question: str, only: bool) -> None:
    """The first is answered by a list, the second by a search."""
    assert read_times(question, THURSDAY, BRUSSELS).only_times is only


def test_updates_and_now_are_seen() -> None:
    """One asks by the date of change; the other's answer grows old."""
    assert read_times("Which releases were corrected last week?", THURSDAY, UTC).by_update
    assert read_times("Qui est actuellement secrétaire général ?", THURSDAY, UTC).about_now
    assert not read_times("Who founded the company?", THURSDAY, UTC).about_now


def test_a_day_begins_at_midnight_in_the_operators_zone() -> None:
    """Half past midnight in Brussels is still the day before in UTC."""
    late = datetime(2024, 10, 17, 22, 30, tzinfo=UTC)

    period = read_times("today", late, BRUSSELS).period

    assert period is not None
    assert local(period.since) == "2024-10-18"
    assert period.since == datetime(2024, 10, 17, 22, 0, tzinfo=UTC)


@given(
    st.text(max_size=80), st.sampled_from(["in 2024", "depuis mardi", "", "le 31 février", "since 40 May", "T5 2024"])
)
def test_no_text_is_too_odd(text: str, known: str) -> None:
    """Bounds are aware, in order, and nothing is raised."""
    times = read_times(f"{text} {known} {text}", THURSDAY, BRUSSELS)

    if times.period and times.period.since and times.period.until:
        assert times.period.since < times.period.until
        assert times.period.since.tzinfo is UTC
