"""Argon2id: the one way in which a password is kept and tried."""

from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY as PROFILE

# 64 MiB a time, in one lane: four would take every core from those who read pages meanwhile
HASHER = PasswordHasher(time_cost=PROFILE.time_cost, memory_cost=PROFILE.memory_cost, parallelism=1)


def hashed(password: str) -> str:
    """Return what is kept of a password. It is the same password however a keyboard composes its characters."""
    return HASHER.hash(normalize("NFKC", password))


def fits(kept: str | None, password: str) -> bool:
    """Tell whether this is the password. Where none is kept the same work is done: time tells nobody who has one."""
    if kept is None:
        hashed(password)
        return False
    try:
        return HASHER.verify(kept, normalize("NFKC", password))
    except VerifyMismatchError:
        return False
