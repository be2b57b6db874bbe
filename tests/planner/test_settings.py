import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from planner import settings
from planner.settings import BadSetting, Settings

ROOT = Path(__file__).resolve().parents[2]
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
    "PUBLIC_URL": ["", "home.example", "ftp://home.example", "https://home.example/", "https://home.example/app", "http://"],
    "PASSWORD_COST": ["cheap"],
    "CATALOGUE_DIR": ["", "/nowhere/at/all", "pyproject.toml"],
    "ERASURES": ["", "  ", "tests", "postgresql://db.example", "mysql://b/c"],
    "SUPPORT_FILE": ["", "/nowhere/at/all.toml", "seeds"],
    "MAX_NOTES": ["0", "1000001", "many"],
    "MAX_IDEAS": ["0", "10001"],
    "MAX_DATES": ["0", "10001"],
    "MAX_DATES_ALONE": ["0", "1000001"],
    "MAX_BLOCKS": ["0", "10001"],
    "MAX_SIGN_INS": ["0", "1001"],
    "MAX_SIGN_INS_AN_HOUR": ["0", "1001"],
    "LOG_LEVEL": ["trace", "INFO"],
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


def test_the_refusal_of_every_origin_says_why() -> None:
    with pytest.raises(BadSetting, match="REKINDLE_ORIGINS cannot be \\*: list the origins"):
        settings.read({"REKINDLE_ORIGINS": "*"})


@pytest.mark.parametrize("name", ["DATABASE_URL", "ERASURES"])
def test_the_error_for_a_wrong_url_hides_its_password(name: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        settings.read({f"REKINDLE_{name}": "postgres://me:hunter2@db.example/rekindle"})
    assert "hunter2" not in str(refusal.value)


def test_a_wrong_setting_stops_the_start_and_the_error_names_it() -> None:
    environment = {"PATH": os.environ["PATH"], "REKINDLE_PORT": "http", "REKINDLE_TREADS": "4"}
    ended = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode != 0
    assert "REKINDLE_PORT" in ended.stderr
    assert "REKINDLE_TREADS is not a setting" in ended.stderr
    assert "Traceback" not in ended.stderr
