"""What is written whole, or not at all: beside its place first, and put there at the end."""

import contextlib
import errno
import os
import shutil
from pathlib import Path

from safetensors import SafetensorError

from .problem import TrainingProblem


@contextlib.contextmanager
def whole_folder(folder):
    """Gives a folder to write into, which becomes `folder` where nothing fails. Refuses one that is there."""
    refuse_existing(folder)
    folder = Path(folder)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with removing(partial, folder):
        partial.mkdir(parents=True)
        yield partial
        for path in partial.iterdir():
            synchronise(path)
        partial.rename(folder)
        synchronise(folder.parent)


def refuse_existing(place):
    """Before long work is begun, too: it would be lost."""
    if Path(place).exists():
        raise TrainingProblem(f"{place} exists. Remove it, or give another name.")


@contextlib.contextmanager
def whole_file(path):
    """Gives a path to write to, which replaces `path` where nothing fails."""
    path = Path(path)
    partial = path.with_name(f"{path.name}.partial")
    with removing(partial, path):
        yield partial
        synchronise(partial)
        os.replace(partial, path)


@contextlib.contextmanager
def removing(partial, place):
    """Leaves nothing of what cannot be written, and says so."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True) if partial.is_dir() else partial.unlink(missing_ok=True)
        if not isinstance(error, (OSError, RuntimeError, SafetensorError)):
            raise
        why = "the disk is full" if is_full(error) else str(error)
        raise TrainingProblem(f"{place} cannot be written: {why}. Nothing of it was left; what was there before is whole.") from error


def synchronise(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error):
    """Safetensors and torch say it in a text of their own."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
