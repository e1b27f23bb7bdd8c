"""Which weights a folder has. It needs no package."""

import hashlib
from pathlib import Path

FINGERPRINT = "fingerprint.json"
"""Of a checkpoint: ids, and the log-probability that the trainer gives to each."""


def weight_version(folder):
    """A name for the weights of a folder, which follows from their bytes."""
    return digest_of(*sorted(Path(folder).glob("*.safetensors")))


def digest_of(*paths):
    """A name for what some files hold."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:12]
