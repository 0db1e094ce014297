from __future__ import annotations

import os

import pytest

from counterpoint.errors import InputError
from counterpoint.files import all_or_nothing, check_writable_folder, write_atomically


@pytest.mark.parametrize("data", [b"\x00\xff", "alpha = 0.01 →\n", ""])
def test_write_leaves_the_data_and_nothing_else(tmp_path, data):
    path = write_atomically(tmp_path / "a.bin", data)
    assert path.read_bytes() == (data if isinstance(data, bytes) else data.encode("utf-8"))
    assert os.listdir(tmp_path) == ["a.bin"]


def test_new_file_has_the_permissions_of_any_other(tmp_path):
    (tmp_path / "plain").write_text("x")
    path = write_atomically(tmp_path / "atomic", "x")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    target = write_atomically(tmp_path / "page.html", "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(InputError, match=r"page\.html can't be written \(No space left"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_interrupt_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    target = write_atomically(tmp_path / "page.html", "old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_missing_folder_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="choose another place"):
        write_atomically(tmp_path / "none" / "a", "x")


@pytest.mark.parametrize("name", ["new", "new/deeper", "."])
def test_writable_folder_passes_and_is_left_as_it_was(tmp_path, name):
    check_writable_folder(tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["file", "file/below", "link"])
def test_file_in_the_way_is_named(tmp_path, name):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="can't be a folder"):
        check_writable_folder(tmp_path / name)


@pytest.mark.parametrize("name", ["x" * 300, "null\0character"])
def test_impossible_name_is_an_input_error(tmp_path, name):
    with pytest.raises(InputError, match="can't be written"):
        check_writable_folder(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_folder_without_permission_is_an_input_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="can't be written"):
        check_writable_folder(tmp_path / "new")


def test_refused_folder_is_an_input_error(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable_folder(tmp_path / "new")


def test_results_move_in_together_or_not_at_all(tmp_path):
    """Broken-off work leaves the earlier result whole; finished work clears what is stale."""
    out = tmp_path / "out"
    with all_or_nothing(out) as staged:
        write_atomically(staged / "old.txt", "first")
        write_atomically(staged / "kept.txt", "first")
    write_atomically(out / "mine.txt", "the user's own")

    def break_off():
        with all_or_nothing(out) as staged:
            write_atomically(staged / "kept.txt", "second")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert (out / "kept.txt").read_text() == "first"
    assert sorted(p.name for p in out.iterdir() if p.suffix) == [
        ".counterpoint-files.json",
        "kept.txt",
        "mine.txt",
        "old.txt",
    ]
    with all_or_nothing(out) as staged:
        (staged / "part").mkdir()
        write_atomically(staged / "part" / "kept.txt", "third")
    assert not (out / "old.txt").exists()
    assert not (out / "kept.txt").exists()
    assert (out / "part" / "kept.txt").read_text() == "third"
    assert (out / "mine.txt").read_text() == "the user's own"
