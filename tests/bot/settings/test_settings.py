from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.errors import SettingsError
from bot.settings import Settings, load_settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("COMMUNIQUE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "here").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "home"))
    return tmp_path / "here"


def write(folder: Path, text: str) -> None:
    (folder / "communique.toml").write_text(text, encoding="utf-8")


def test_without_a_file_the_defaults_hold(here: Path) -> None:
    """The home is the platform's folder for user data."""
    settings = load_settings()

    assert settings.home == here.parent / "home"
    assert settings.embedder.model == "communique-fr-en-1"
    assert settings.search.late_interaction
    assert settings.sources == ()


def test_the_file_here_stands_in_for_the_file_of_the_home(here: Path) -> None:
    """Only one file is read: what the other says does not count."""
    write(here.parent / "home", "[search]\npassages = 50\nper_release = 9\n")
    from_home = load_settings()
    write(here, "[search]\npassages = 40\n")

    from_here = load_settings()

    assert (from_home.search.passages, from_home.search.per_release) == (50, 9)
    assert (from_here.search.passages, from_here.search.per_release) == (40, 3)


def test_the_environment_wins_over_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One nested variable leaves the rest of its section as the file has it."""
    write(here, '[embedder]\nmodel = "of the file"\nbatch_size = 3\n')
    monkeypatch.setenv("COMMUNIQUE_EMBEDDER__MODEL", "of the environment")

    embedder = load_settings().embedder

    assert (embedder.model, embedder.batch_size) == ("of the environment", 3)


def test_an_empty_variable_says_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home is not the current folder then, and no model has an empty name."""
    write(here.parent / "home", '[model]\nname = "ollama:mistral"\n')
    for name in ("HOME", "MODEL__NAME", "DISCORD__TOKEN", "SEARCH__PASSAGES", "SOURCES"):
        monkeypatch.setenv(f"COMMUNIQUE_{name}", "")

    settings = load_settings()

    assert settings.home == here.parent / "home"
    assert (settings.model.name, settings.discord.token, settings.sources) == ("ollama:mistral", None, ())


def test_the_home_is_that_of_the_option_then_the_environment_then_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wins over the next, and `~` is the user's folder."""
    write(here, 'home = "~/press"\n')
    from_file = load_settings().home
    monkeypatch.setenv("COMMUNIQUE_HOME", "~/other")

    assert from_file == Path.home() / "press"
    assert load_settings().home == Path.home() / "other"
    assert load_settings(here / "third").home == here / "third"


def test_the_home_that_is_chosen_has_its_own_file(here: Path) -> None:
    """`--home` reads the settings that lie there."""
    write(here.parent / "home", "[search]\npassages = 50\n")

    assert load_settings(here.parent / "home").search.passages == 50
    assert load_settings(here.parent / "elsewhere").search.passages == 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "colour: no such setting;"),
        ("[search]\npasages = 3", "search.pasages: no such setting; the nearest is search.passages;"),
        ("passages = 3", "passages: no such setting; the nearest is search.passages;"),
        ("[serach]\npassages = 3", "serach: no such setting; the nearest is search;"),
        (
            '[[sources]]\nlocation = "a"\nlanguag = "fr"',
            "sources.0.languag: no such setting; the nearest is sources.0.language;",
        ),
        (
            "[[discord.scopes]]\nguild = [1]\nsources = []",
            "discord.scopes.0.guild: no such setting; the nearest is discord.scopes.0.guilds",
        ),
        ("[[discord.scopes]]\nsources = []", "discord.scopes.0: it names no place; write guilds, channels or persons"),
        ("[[discord.scopes]]\nguilds = [1]", "discord.scopes.0: it names no source; write sources or publishers"),
        (
            "[[discord.scopes]]\nguilds = [1]\nsources = []\n[[discord.scopes]]\nguilds = [2, 1]\nsources = []",
            "discord: 1 stands in the guilds of two scopes; put all that it may see into one",
        ),
        (
            '[[discord.scopes]]\nguilds = [1]\nsources = ["Natoo"]\n[[sources]]\nname = "Nato"\nlocation = "a"',
            "discord.scopes: no source is called 'Natoo'; the nearest is Nato",
        ),
        (
            '[[discord.scopes]]\nguilds = [1]\nsources = ["EU"]',
            r"discord.scopes: no source is called 'EU'; name it in \[\[sources\]\], or its publishers",
        ),
        (
            '[discord]\nmay_ingest = "admins"',
            'discord.may_ingest: \'admins\' is nobody; write "managers", "nobody", or',
        ),
        ('[answers]\nrefusing = "balancd"', """answers.refusing: .*; the nearest is "balanced";"""),
        ("[embedder]\ncolour = 1", "embedder.colour: no such setting"),
        ('[search]\npassages = "many"', "search.passages: .*valid integer"),
        ("[search]\npassages = 0", "search.passages: .*greater than"),
        ("[search]\npassages = 0\nper_release = 0", "search.passages: .*; search.per_release: "),
        ('[[sources]]\nname = "x"', "sources.0.location: field required"),
        ("home = 3", "home: .*path"),
        ("[search\npassages = 1", r"cannot be read \(.*line 1"),
        ("\0", "cannot be read"),
        (f"x = {'[' * 5_000}", r"cannot be read \(maximum recursion"),
        (f"[fetch]\nat_once = {'9' * 5_000}", r"cannot be read \(.*digits"),
        (f"[discord]\nwaiting = {'9' * 4_000}", "discord.waiting: .*less than"),
        ("[ingest]\nmemory = 10000000000000", "ingest.memory: .*less than"),
        ("[fetch]\ntimeout = inf", "fetch.timeout: .*finite"),
        ('[[sources]]\nlocation = "a"\nlinks = "a{99999999999999999999}"', "sources.0.links: is no regular expression"),
        (f'[[sources]]\nlocation = "a"\nlinks = "{"(" * 5_000}"', "sources.0.links: is no regular expression"),
        ('[[sources]]\nlocation = "a\\u0000b"', "sources.0.location: holds a NUL"),
        ('[[sources]]\nlocation = "a"\nfields = {body = "\\u0000"}', "sources.0.fields: holds a NUL"),
        ('[model]\noptions = {stop = [1, "\\u0000"]}', "model.options: holds a NUL"),
        (r'home = "/tmp/\u0000"', "home: holds a NUL"),
        ('home = "~nosuchuser/x"', "home: is no path: nobody is called ~nosuchuser"),
        ('[discord]\ntoken_file = "~nosuchuser/x"', "discord.token_file: is no path: nobody is called ~nosuchuser"),
    ],
)
def test_a_mistake_in_the_file_names_file_and_setting(here: Path, text: str, told: str) -> None:
    """Every mistake is told at once, with where to look it up."""
    write(here, text)

    with pytest.raises(SettingsError, match=f"settings: communique.toml: {told}.*`communique settings example` prints"):
        load_settings()


def test_a_mistake_in_the_environment_names_the_variable(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is sent to look for it in a file."""
    monkeypatch.setenv("COMMUNIQUE_SEARCH__PASSAGES", "many")

    write(here, "[search]\nper_release = 2")
    with pytest.raises(SettingsError, match=r"^settings: environment: COMMUNIQUE_SEARCH__PASSAGES: .*integer"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("COMMUNIQUE_MODEL__NAME", "caf\udce9", "COMMUNIQUE_MODEL__NAME: holds .*bytes that are not UTF-8"),
        ("COMMUNIQUE_HOME", "caf\udce9", "COMMUNIQUE_HOME: holds .*bytes that are not UTF-8; call it something else"),
        ("COMMUNIQUE_HOME", "~nosuchuser/x", "COMMUNIQUE_HOME: is no path: nobody is called ~nosuchuser"),
        ("COMMUNIQUE_SOURCES", "[" * 100_000, "environment: a list or a section is nested too deeply"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """With the variable that holds it, as far as that is known."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=told):
        load_settings(None)


def test_a_variable_that_is_nearly_ours_is_warned_of(
    here: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the nearest right one; what an orchestrator sets for a service of this name is passed over."""
    monkeypatch.setenv("COMMUNIQUE_SERACH__PASSAGES", "4")
    monkeypatch.setenv("COMMUNIQUE_MODEL_NAME", "ollama:mistral")
    monkeypatch.setenv("COMMUNIQUE_PORT", "tcp://10.0.0.1:80")

    assert load_settings().search.passages == 10
    assert sorted(caplog.messages) == [
        "settings: COMMUNIQUE_MODEL_NAME: no such setting; the nearest is COMMUNIQUE_MODEL__NAME",
        "settings: COMMUNIQUE_SERACH__PASSAGES: no such setting; the nearest is COMMUNIQUE_SEARCH__PASSAGES",
    ]


def test_an_option_of_a_model_may_be_anything(here: Path) -> None:
    """It is passed on as it is."""
    write(here, "[model]\noptions = {top_k = 4, stop = [1, 2], think = {deep = true}}\n")

    assert load_settings().model.options == {"top_k": 4, "stop": [1, 2], "think": {"deep": True}}


def test_a_catalogue_on_a_server_needs_chroma_on_one(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hosts share they share as a whole; the mistake says what to set, and shows no password."""
    monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", "postgresql://news:hush@db/news")
    with pytest.raises(SettingsError, match=r"catalogue needs chroma too: .*set store.chroma") as exc:
        load_settings()
    assert "hush" not in str(exc.value)

    monkeypatch.setenv("COMMUNIQUE_STORE__CHROMA", "http://chroma:8000")
    assert str(load_settings().store.database) == "postgresql://news@db/news"
    assert "hush" not in repr(load_settings())


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://a:b",
        "http://a:99999",
        "http://a..b",
        "http://999.9.9.9",
        "http://:1",
        "http://u:se kret@h",
    ],
)
def test_what_is_no_server_is_told(here: Path, url: str) -> None:
    """Before anything is asked of it."""
    write(here, f'[store]\nchroma = "{url}"\n')

    with pytest.raises(
        SettingsError, match=r"store\.chroma: 'http.* is no address of a server; write it as http://"
    ) as caught:
        load_settings()

    assert "kret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://[::1]:8000", "https://chroma_1.test/base", "http://127.0.0.1:8000", "http://été.fr"]
)
def test_a_server_is_reached_by_name_or_number(here: Path, url: str) -> None:
    """As it is written."""
    write(here, f'[store]\nchroma = "{url}"\n')

    assert load_settings().store.chroma == url


def test_a_provider_is_reached_like_a_server(here: Path) -> None:
    """What is no address is told before it is asked."""
    write(here, '[model]\nbase_url = "http://[::1"\n')

    with pytest.raises(SettingsError, match=r"model\.base_url: 'http.* is no web address; write it as http://host"):
        load_settings()


def test_what_is_no_database_is_told_without_repeating_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password may stand in it."""
    monkeypatch.setenv("COMMUNIQUE_STORE__CATALOGUE", "mysql://news:hush@db/news")

    with pytest.raises(SettingsError, match=r"COMMUNIQUE_STORE__CATALOGUE: is no address of a database") as exc:
        load_settings()
    assert "hush" not in str(exc.value)


def test_a_list_in_the_environment_that_is_no_json_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources can be given as JSON, and nothing else."""
    monkeypatch.setenv("COMMUNIQUE_SOURCES", "releases")

    with pytest.raises(SettingsError, match=r"settings: environment: .*sources"):
        load_settings()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    """A description stands on every field, of sections on each of theirs."""
    field = Settings.model_fields[name]
    section = field.annotation

    if isinstance(section, type) and issubclass(section, BaseModel):
        assert all(one.description for one in section.model_fields.values())
    else:
        assert field.description


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("15m", 900),
        ("2 hours", 7200),
        ("1d", 86_400),
        ("1.5 h", 5400),
        ("10S", 10),
        ("2weeks", 1_209_600),
        ("PT15M", 900),
    ],
)
def test_a_schedule_is_a_number_and_a_unit(here: Path, written: str, seconds: int) -> None:
    """As people write it, or in ISO 8601."""
    write(here, f'[watch]\nschedule = "{written}"\n')

    assert load_settings().watch.schedule.total_seconds() == seconds


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("5s", "every 10 seconds at the most"),
        ("200 weeks", "once a year at least"),
        ("soon", "'soon' is no length of time; write it as 15m, 2h or 1d"),
        ("15 mois", "'15 mois' is no length of time"),
        ("99999999999w", "is no length of time"),
    ],
)
def test_a_schedule_that_cannot_be_kept_says_how_to_write_it(here: Path, written: str, cause: str) -> None:
    """The setting is named, of a source too."""
    write(here, f'[[sources]]\nlocation = "a"\nschedule = "{written}"\n')

    with pytest.raises(SettingsError, match=rf"sources\.0\.schedule: .*{cause}"):
        load_settings()


@pytest.mark.parametrize("contact", ["rédaction@example.org", "a@example.org\\nX: y"])
def test_a_contact_that_no_header_holds_is_named(here: Path, contact: str) -> None:
    """It is told before any newsroom is asked."""
    write(here, f'[fetch]\ncontact = "{contact}"\n')

    with pytest.raises(
        SettingsError, match=r"fetch\.contact: .* holds what no HTTP header may; write it in plain ASCII"
    ):
        load_settings()


@pytest.mark.parametrize("password", ["secret", "a secret", r"a\\\\secret"])
def test_an_address_with_a_password_is_no_source(here: Path, password: str) -> None:
    """It would stand in reports and logs; the error does not repeat it."""
    write(here, f'[[sources]]\nlocation = "https://name:{password}@ministry.fr/feed"\n')

    with pytest.raises(SettingsError, match=r"sources\.0\.location: .* holds a user name or password") as caught:
        load_settings()

    assert "secret" not in str(caught.value)


def test_a_ceiling_on_costs_needs_prices(here: Path) -> None:
    """Without them nothing would ever be counted against it."""
    write(here, '[model]\nname = "openai:gpt-5-mini"\ncost_per_day = 2.0\ninput_price = 0.3\n')

    with pytest.raises(SettingsError, match=r"model: cost_per_day needs input_price and output_price"):
        load_settings()


def test_a_time_zone_is_one_that_exists(here: Path) -> None:
    """A wrong name is told with a right one."""
    write(here, '[answers]\ntime_zone = "Bruxelles"\n')

    with pytest.raises(SettingsError, match=r"'Bruxelles' is no time zone; write it as Europe/Brussels"):
        load_settings()


def test_a_scope_names_sources_of_the_settings_and_others_by_their_place(here: Path) -> None:
    """By name in any capitals, by location; `*` is every source, and an empty list none."""
    write(
        here,
        "[discord]\nopen = false\nmay_ingest = [7]\n"
        '[[discord.scopes]]\nguilds = [1, "81384788765712384"]\nsources = ["nato", "https://old.test/feed", "a"]\n'
        '[[discord.scopes]]\npersons = [1]\nsources = ["*"]\n[[discord.scopes]]\nchannels = [1]\nsources = []\n'
        '[[sources]]\nname = "NATO"\nlocation = "a"\n',
    )

    discord = load_settings().discord

    assert (discord.open, discord.may_ingest) == (False, (7,))
    assert [one.sources for one in discord.scopes] == [("nato", "https://old.test/feed", "a"), ("*",), ()]
    assert discord.scopes[0].guilds == (1, 81384788765712384)
