import os
import re
from dataclasses import fields
from pathlib import Path
from unittest.mock import Mock

import pytest

from planner import settings
from planner.settings import BadSetting, Settings
from tests import forking

WRONG = {
    "DATABASE_URL": [
        "", "sqlite:", "sqlite:///", "sqlite:///:memory:", "postgres://a@b/c", "postgresql://b", "mysql://b/c",
        "postgresql://u:hunter2/x@h/d", "postgresql://u:1/hunter2@h/d", "postgresql://u:1?hunter2@h/d",
        "postgresql://u:1#hunter2@h/d", "postgresql://u:hunter2[@h/d", "postgresql://u:hunter2@h:port/d",
        "sqlite:////tmp/x.sqlite3?timeout=3",
    ],
    "HOST": ["", "  "],
    "PORT": ["", "0", "65536", "80a", "-1", "8e3", "٨٠", "1.0", " 80", "9" * 5000],
    "WORKERS": ["0", "65", "many"],
    "THREADS": ["0", "129", "²"],
    "SIGN_UP": ["", "maybe", "Open", "open "],
    "OPERATOR_NAME": ["", " \t"],
    "OPERATOR_CONTACT": [""],
    "HEMISPHERE": ["east", "NORTH"],
    "TRUSTED_PROXIES": ["-1", "11", "true"],
    "ORIGINS": [
        "", "*", "https://app.example, *", "null", "app.example", "https://app.example/", "https://App.example",
        "https://me:hunter2@app.example", "https://app.example https://b.example", "https://app.example,",
    ],
    "OUTBOUND_ORIGINS": ["", "nextcloud.local", "ftp://nextcloud.local", "http://nextcloud.local/remote.php", "*"],
    "PUSH_HOSTS": ["", "https://ntfy.sh", "ntfy.sh/up", "*", "Ntfy.sh", "ntfy.sh, "],
    "PUBLIC_URL": ["", "home.example", "ftp://home.example", "https://home.example/", "https://home.example/app", "http://"],
    "SMTP_URL": [
        "", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:0", "smtp://mail.example/x",
        "smtp://robin@mail.example", "smtp://:hunter2@mail.example", "smtp://u:hunter2/x@mail.example",
        "smtp://u:1?hunter2@mail.example", "smtps://u:hunter2#x@mail.example", "smtps://u:hunter2@mail.example:port",
    ],
    "MAIL_FROM": ["", "rekindle", "Rekindle", "a@b@c", "a b@c.example", "a@b.example\nBcc: c@d.example", "<>"],
    "PASSWORD_COST": ["cheap"],
    "CATALOGUE_DIR": ["", "/nowhere/at/all", "pyproject.toml"],
    "ERASURES": ["", "  ", "tests", "postgresql://db.example", "mysql://b/c"],
    "SUPPORT_FILE": ["", "/nowhere/at/all.toml", "seeds"],
    "BACKUP_DIR": ["", " ", "pyproject.toml"],
    "BACKUP_KEEP": ["0", "1001", "all"],
    "MAX_NOTES": ["0", "1000001", "many"],
    "MAX_REQUESTS": ["0", "1001"],
    "MAX_COMMITMENTS": ["4", "100001"],
    "MAX_REFLECTIONS": ["0", "100001"],
    "MAX_IDEAS": ["0", "10001"],
    "MAX_DATES": ["0", "10001"],
    "MAX_DATES_ALONE": ["0", "1000001"],
    "MAX_RITUALS": ["0", "1001"],
    "MAX_IMPORTANT_DAYS": ["0", "1001", "many"],
    "MAX_BLOCKS": ["0", "10001"],
    "MAX_BUSY_CALENDARS": ["0", "201"],
    "MAX_DEVICES": ["0", "201"],
    "MAX_SIGN_INS": ["0", "1001"],
    "MAX_SIGN_INS_AN_HOUR": ["0", "1001"],
    "MAX_PASSKEYS": ["0", "1001"],
    "MAX_TALKS": ["0", "10001"],
    "MAX_PHOTO_MEGABYTES": ["0", "1000001"],
    "LOG_LEVEL": ["trace", "INFO"],
    "LOG_FORMAT": ["xml"],
    "ACCESS_LOG": ["yes"],
    "METRICS": [
        "", "9464", ":9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", "[]:1", "a:" + "9" * 5000,
    ],
    "CLOCK": ["no"],
}  # fmt: skip


def test_without_settings_the_defaults_count() -> None:
    assert settings.read({}) == Settings()
    assert settings.read({"PATH": "/bin", "rekindle_port": "x", "NOT_REKINDLE_PORT": "x"}) == Settings()


def test_every_default_is_a_valid_value() -> None:
    written = {
        f"REKINDLE_{field.name.upper()}": str(field.default)
        for field in fields(Settings)
        if field.default not in (None, ())
    }
    assert settings.read(written) == Settings()


def test_settings_are_read_with_their_types() -> None:
    read_settings = settings.read(
        {
            "REKINDLE_DATABASE_URL": "postgresql://me:p%40ss@db.example/rekindle",
            "REKINDLE_PORT": "65535",
            "REKINDLE_WORKERS": "1",
            "REKINDLE_SIGN_UP": "closed",
            "REKINDLE_OPERATOR_NAME": "  Casa Ñandú ",
            "REKINDLE_TRUSTED_PROXIES": "10",
            "REKINDLE_ORIGINS": "https://app.example, capacitor://localhost,http://[::1]:8100",
            "REKINDLE_PUBLIC_URL": "https://home.example:8443",
        }
    )
    assert read_settings == Settings(
        database_url="postgresql://me:p%40ss@db.example/rekindle", port=65535, workers=1, sign_up="closed",
        operator_name="Casa Ñandú", trusted_proxies=10,
        origins=("https://app.example", "capacitor://localhost", "http://[::1]:8100"),
        public_url="https://home.example:8443",
    )  # fmt: skip


def test_these_tests_have_wrong_values_of_every_setting() -> None:
    assert set(WRONG) == {field.name.upper() for field in fields(Settings)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_the_error_for_a_wrong_value_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^REKINDLE_{name} ") as refusal:
        settings.read({f"REKINDLE_{name}": value})
    assert "://" not in value or "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("name", ["PROT", "", "port", "Port", "PORT ", "DATABASE-URL"])
def test_the_error_for_an_unknown_setting_names_it(name: str) -> None:
    with pytest.raises(BadSetting, match=f"^{re.escape(f'REKINDLE_{name}')} is not a setting$"):
        settings.read({f"REKINDLE_{name}": "8000"})


def test_one_error_names_all_wrong_settings() -> None:
    wrong = {f"REKINDLE_{name}": values[0] for name, values in WRONG.items()} | {"REKINDLE_COLOUR": "red"}
    with pytest.raises(BadSetting) as refusal:
        settings.read(wrong)
    assert all(name in str(refusal.value) for name in wrong)


def test_a_folder_that_this_user_may_not_see_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", Mock(side_effect=PermissionError(13, "Permission denied")))
    with pytest.raises(BadSetting, match=r"^REKINDLE_BACKUP_DIR cannot be used \(Permission denied\)$"):
        settings.read({"REKINDLE_BACKUP_DIR": "/root/backups"})


def test_the_refusal_of_every_origin_says_why() -> None:
    with pytest.raises(BadSetting, match="REKINDLE_ORIGINS cannot be \\*: list the origins"):
        settings.read({"REKINDLE_ORIGINS": "*"})


MAIL = {
    "REKINDLE_SMTP_URL": "smtps://robin:hunter2@mail.example",
    "REKINDLE_MAIL_FROM": "Rekindle <rekindle@home.example>",
    "REKINDLE_PUBLIC_URL": "https://home.example",
}


def test_mail_needs_three_settings() -> None:
    read_settings = settings.read(MAIL)
    assert (read_settings.smtp_url, read_settings.mail_from) == tuple(MAIL.values())[:2]
    assert "hunter2" not in repr(read_settings)
    for missing in MAIL:
        with pytest.raises(BadSetting, match=missing) as refusal:
            settings.read({name: value for name, value in MAIL.items() if name != missing})
        assert "hunter2" not in str(refusal.value)
        assert "; " not in str(refusal.value)
    with pytest.raises(BadSetting, match="REKINDLE_SMTP_URL must be smtp://") as refusal:
        settings.read({**MAIL, "REKINDLE_SMTP_URL": "robin:hunter2@mail.example"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "ERASURES"])
def test_the_error_for_a_wrong_url_hides_its_password(name: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        settings.read({f"REKINDLE_{name}": "postgres://me:hunter2@db.example/rekindle"})
    assert "hunter2" not in str(refusal.value)


def test_a_wrong_setting_stops_the_start_and_the_error_names_it() -> None:
    environment = {"PATH": os.environ["PATH"], "REKINDLE_PORT": "http", "REKINDLE_TREADS": "4"}
    ended = forking.run("import runpy; runpy.run_path('wsgi.py', run_name='__main__')", environment)
    assert ended.returncode != 0
    assert "REKINDLE_PORT" in ended.stderr
    assert "REKINDLE_TREADS is not a setting" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    file, url = tmp_path / "url", "postgresql://me:hunter2@db.example/rekindle"
    file.write_text(f"{url}\n")
    assert settings.read({"REKINDLE_DATABASE_URL_FILE": str(file)}).database_url == url
    assert settings.read({"REKINDLE_ERASURES_FILE": str(file)}).erasures == url
    for variables, wrong in (
        ({"DATABASE_URL_FILE": str(file), "DATABASE_URL": url}, "REKINDLE_DATABASE_URL_FILE are both set: remove one"),
        ({"DATABASE_URL_FILE": str(tmp_path)}, "REKINDLE_DATABASE_URL_FILE must be a file that can be read"),
        ({"DATABASE_URL_FILE": ""}, "REKINDLE_DATABASE_URL_FILE must be a file that can be read"),
        ({"PORT_FILE": str(file)}, "REKINDLE_PORT_FILE is not a setting"),
    ):
        with pytest.raises(BadSetting, match=wrong):
            settings.read({f"REKINDLE_{name}": value for name, value in variables.items()})
    file.write_text("postgres://me:hunter2@db.example/rekindle")
    with pytest.raises(BadSetting) as refusal:
        settings.read({"REKINDLE_DATABASE_URL_FILE": str(file)})
    assert "hunter2" not in str(refusal.value)
