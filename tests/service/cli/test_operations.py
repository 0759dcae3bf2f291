"""backup, restore, worker and jobs, run as the terminal runs them."""

import stat
from pathlib import Path

import pytest

from tests.service.cli.conftest import Run
from tests.support.databases import ENGINE

if ENGINE == "sqlite":  # a second, empty database is a matter of tests/service/backup

    def test_a_backup_is_made_and_restored(
        founded: Run, installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = founded("backup", tmp_path / "monday")
        assert (done.code, done.err) == (0, "")
        size, head = done.out.splitlines()
        assert size.startswith(f"{tmp_path / 'monday'}: 1 files, ")
        assert stat.S_IMODE((tmp_path / "monday").stat().st_mode) == 0o700
        assert founded("backup", tmp_path / "monday").code == 1

        monkeypatch.setenv("GREENKEEP_FOLDER", str(tmp_path / "again"))
        done = founded("restore", tmp_path / "monday")
        assert (done.code, done.out.splitlines()[1]) == (0, head)
        assert founded("doctor").out == "all is well\n"
        done = founded("restore", tmp_path / "monday")
        assert (done.code, done.out) == (1, "")
        assert "is not empty" in done.err

    def test_a_damaged_backup_is_refused_in_the_language_of_the_terminal(
        founded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert founded("backup", tmp_path / "monday").code == 0
        (tmp_path / "monday" / "greenkeep.db").write_bytes(b"")
        monkeypatch.setenv("GREENKEEP_FOLDER", str(tmp_path / "again"))
        for language, sentence in (("zh_CN.UTF-8", "与保存时不一致"), ("en_GB.UTF-8", "not the one that was saved")):
            monkeypatch.setenv("LC_ALL", language)
            done = founded("restore", tmp_path / "monday")
            assert (done.code, done.out) == (1, "")
            assert f"greenkeep.db: {'备份中的此文件' if language[0] == 'z' else 'This file'}" in done.err
            assert sentence in done.err


def test_where_nothing_can_be_written_is_said_in_a_line(founded: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = founded("backup", tmp_path / "file" / "monday")
    assert done.code == 1
    assert done.err.startswith(f"greenkeep: {tmp_path}/file/monday")
    assert "cannot be used" in done.err


def test_work_is_done_once_and_listed(founded: Run) -> None:
    done = founded("worker", "--once")
    assert (done.code, done.out) == (0, "attempts: 0\n")
    assert founded("jobs", "list").out == ""
    done = founded("jobs", "retry", "0197a000-0000-7000-8000-000000000000")
    assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize("arguments", [("backup",), ("restore",), ("jobs",), ("jobs", "retry", "x"), ("worker", "now")])
def test_wrong_arguments_end_with_two(founded: Run, arguments: tuple[str, ...]) -> None:
    assert founded(*arguments).code == 2
