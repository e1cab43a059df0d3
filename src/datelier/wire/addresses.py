"""Which addresses an outgoing connection must never reach, whoever asked for it.

Python's ``ipaddress.is_private`` and ``is_global`` disagree with reality for a dozen dangerous
ranges (NAT64, 6to4, Oracle's metadata address, multicast …); hence the explicit tables here.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
# Never reachable, whatever the policy: "this network", link-local and cloud metadata,
# protocol assignments, documentation, benchmarks, multicast, reserved, and every IPv6 form that
# carries an IPv4 address inside and would be translated on the way.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fd00:ec2::/32",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")


def address_refused(address: str, *, allow_private: bool) -> str | None:
    """Return why a numeric address must not be reached, or None when it may.

    Args:
        address: IPv4 or IPv6 in digits.
        allow_private: Whether loopback and private networks may be; link-local may never.
    """
    try:
        parsed: Address = ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(parsed, IPv6Address):
        if parsed.scope_id is not None:
            return "bound to one network interface"
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
    if _within(parsed, _NEVER):
        return "link-local, metadata, multicast or reserved"
    if _within(parsed, _PRIVATE):
        return None if allow_private else "private or loopback"
    if isinstance(parsed, IPv6Address) and parsed not in _PUBLIC_V6:
        return "not a public address"
    return None


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
