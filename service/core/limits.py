"""How often one caller may ask: buckets for each sign-in and each address, and a small one for whoever shows neither.

Pure but for what a bucket holds: the caller brings the clock. Counted in this process alone, before anything is read.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from service.core.errors import TooMany
from service.core.i18n import N_

BURST_MINUTES = 4  # so many minutes' worth lie ready: a phone that was out of reach sends a day at once
SHARED = 5  # people at one address
MOST = 20_000  # callers that are remembered; whoever asked longest ago is forgotten first
UNCOUNTED = "/static/"


class TooOften(TooMany):
    """One caller asks more than the server can give to each."""

    code, message = "too_often", N_("Too many requests from you. Try again in {seconds} seconds.")


@dataclass
class Buckets:
    """One bucket for each caller: `per_minute` flow in, some minutes' worth fit. 0: everything is let through."""

    per_minute: int
    held: dict[str, tuple[float, float]] = field(default_factory=dict)  # what is left, and when that was counted

    def wait(self, caller: str, at: float) -> float:
        """Take one at a moment (seconds of a clock that never goes back); return how long to wait for it, 0 if taken.

        >>> buckets = Buckets(1)
        >>> [buckets.wait("a", 0.0) for _ in range(5)], buckets.wait("a", 60.0), buckets.wait("b", 0.0)
        ([0.0, 0.0, 0.0, 0.0, 60.0], 0.0, 0.0)
        """
        if not self.per_minute:
            return 0.0
        full, flow = float(self.per_minute * BURST_MINUTES), self.per_minute / 60
        left, since = self.held.pop(caller, (full, at))
        left = min(full, left + (at - since) * flow)
        taken = left >= 1
        self.held[caller] = (left - taken, at)
        if len(self.held) > MOST:
            del self.held[next(iter(self.held))]
        return 0.0 if taken else (1 - left) / flow


class Limits:
    """The buckets of one server, by what is asked for: to write, to read, or to read without showing who one is."""

    def __init__(self, *, writes: int, reads: int, public: int) -> None:
        self.public = Buckets(public)
        self.by_sign_in = {False: Buckets(writes), True: Buckets(reads)}
        self.by_address = {False: Buckets(writes * SHARED), True: Buckets(reads * SHARED)}

    def refuse_too_often(self, *, path: str, is_read: bool, address: str, secret: str, at: float) -> None:
        """Count a request, or refuse it. Whoever is on this machine is not counted, nor are our own static files."""
        if path.startswith(UNCOUNTED) or is_here(address):
            return
        network = network_of(address)
        if secret:
            caller = sha256(secret.encode()).hexdigest()
            # who asks too often himself takes nothing from the others at his address
            wait = self.by_sign_in[is_read].wait(caller, at) or self.by_address[is_read].wait(network, at)
        else:
            wait = self.public.wait(network, at)
        if wait:
            raise TooOften(seconds=int(wait) + 1)


def is_here(address: str) -> bool:
    """Tell whether a caller is on this machine: by loopback, or by a socket that has no address.

    >>> is_here("127.0.0.1"), is_here("::1"), is_here("192.0.2.7")
    (True, True, False)
    """
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True


def network_of(address: str) -> str:
    """Return what callers are counted by: the address, of IPv6 the network that one household has.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7"), network_of("testclient")
    ('2001:db8:1:2::/64', '192.0.2.7', 'testclient')
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address[:80]
    return str(ip_network(f"{address}/64", strict=False)) if isinstance(known, IPv6Address) else address
