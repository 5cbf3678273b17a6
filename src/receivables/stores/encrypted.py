"""Personal texts encrypted in their column, with a key for each customer (extra ``receivables[crypto]``).

    store = DbapiStore(connection, personal=EncryptedColumn(ring))

1. The host has the keys, in a `KeyRing` of its own: a table in another database, a key management service. Whoever gets at the
   database or at a backup of it without the keys can read amounts and dates, and no text.
2. A key that is destroyed takes the texts of its subject along, in every backup too: they read as erased. That is no
   substitute for an erasure that is recorded, but what makes it true for what cannot be reached.
3. A text is bound to its account and its place in the log: one that is moved to another row cannot be read there.
4. Each subject may have several keys, the newest last; what was written stays readable with the key that wrote it.

The cipher is AES-SIV (RFC 5297): deterministic, so it needs no random numbers, which this library has not, and nothing is lost where
a place is written twice, after a backup was restored. What it shows is whether the same text stood at the same place before.
Bodies, links and claims are not encrypted: they hold no personal text.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, Protocol, final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from receivables.errors import InvalidValue, Undecodable, WrongType
from receivables.values import checks

FORM: Final = "siv1"
"""What a written text begins with."""

KEY_BYTES: Final = (32, 48, 64)
"""How long a key may be."""


@final
@frozen(kw_only=True)
class Key:
    """One key of a subject; ``id`` is stored with what it encrypts, ``secret`` is shown nowhere.

    >>> Key(id="2026", secret=bytes(range(64)))
    Key(id='2026')
    """

    id: str
    secret: bytes = field(repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("key.id", self.id)
        if "." in self.id:
            raise InvalidValue("key.id", self.id, "must hold no dot")
        if not isinstance(self.secret, bytes):
            raise WrongType("key.secret", None, "bytes")
        if len(self.secret) not in KEY_BYTES:
            raise InvalidValue("key.secret", f"{len(self.secret)} bytes", "must have 32, 48 or 64 bytes")


class KeyRing(Protocol):
    """The keys of the host. A subject is an account, unless the host maps several accounts of a person to the same keys."""

    def current(self, account: str) -> Key:
        """The key with which a text of this account is written now; made where there is none yet."""
        ...

    def find(self, account: str, key: str) -> Key | None:
        """The key of this id, or ``None`` where it was destroyed."""
        ...


@final
class EncryptedColumn:
    """Writes personal texts encrypted, and reads them back; give it to a store as ``personal``.

    >>> class OneKey:
    ...     def current(self, account): return Key(id="1", secret=bytes(64))
    ...     def find(self, account, key): return self.current(account)
    >>> column = EncryptedColumn(OneKey())
    >>> written = column.write("ACME", 1, "she is ill")
    >>> written.startswith("siv1.1."), column.read("ACME", 1, written)
    (True, 'she is ill')

    Errors: `Undecodable` for what was tampered with, was moved to another place, or was not written by this.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def write(self, account: str, position: int, text: str) -> str:
        """The texts of a fact, encrypted with the newest key of the account."""
        key = self._ring.current(account)
        sealed = AESSIV(key.secret).encrypt(text.encode("utf-8"), _bound(account, position))
        return f"{FORM}.{key.id}.{base64.urlsafe_b64encode(sealed).decode('ascii')}"

    def read(self, account: str, position: int, written: str) -> str:
        """The texts of a fact; an empty text where the key was destroyed."""
        form, _, rest = written.partition(".")
        id, _, sealed = rest.partition(".")
        if form != FORM or not id or not sealed:
            raise Undecodable("$.personal", "a text", "must be encrypted")
        key = self._ring.find(account, id)
        return "" if key is None else _opened(key, sealed, _bound(account, position))


def _opened(key: Key, sealed: str, bound: list[bytes]) -> str:
    try:
        return AESSIV(key.secret).decrypt(base64.urlsafe_b64decode(sealed), bound).decode("utf-8")
    except (InvalidTag, binascii.Error, ValueError):
        raise Undecodable("$.personal", "a text", f"must be as key {key.id!r} wrote it at this place") from None


def _bound(account: str, position: int) -> list[bytes]:
    """What a text is bound to."""
    return [account.encode("utf-8"), str(position).encode("ascii")]
