"""Counts what comes over loopback as encrypted, since nobody can read it.

There is no TLS here, and a bucket policy that insists on it
(`aws:SecureTransport`) would refuse everybody. Whatever comes from another
address keeps the stock answer. A policy that refuses plain HTTP is therefore
stored here, and never seen to refuse.
"""

from ipaddress import ip_address

from local_cloud.emulator import engine


def install() -> None:
    """Let the policies of a request see its transport so."""
    pin = engine.app.pin_request_origin

    def pinned(source_ip: str, secure_transport: bool) -> None:
        pin(source_ip, secure_transport or is_loopback(source_ip))

    engine.app.pin_request_origin = pinned


def is_loopback(address: str) -> bool:
    """Tell whether an address is of this machine alone."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
