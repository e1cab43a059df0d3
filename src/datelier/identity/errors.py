"""Failures of identity that a caller may expect."""

from datelier.kit.errors import Conflict, Forbidden, TooMany, Unauthenticated


class SessionInvalid(Unauthenticated):
    """The session or token is unknown, expired or revoked; which of them is not told."""

    code = "session_invalid"

    def __init__(self) -> None:
        super().__init__("Your session has ended.", hint="Sign in again.")


class CredentialsWrong(Unauthenticated):
    """Sign-in failed; unknown account and wrong password answer the same."""

    code = "credentials_wrong"

    def __init__(self) -> None:
        super().__init__("The e-mail address or password is wrong.")


class LinkInvalid(Unauthenticated):
    """A set-up, invite or reset link is unknown, used or expired."""

    code = "link_invalid"

    def __init__(self) -> None:
        super().__init__(
            "This link is not valid any more.", hint="Ask for a new one; each works once."
        )


class OriginRefused(Forbidden):
    """A browser request that carries our cookie came from another site."""

    code = "origin_refused"

    def __init__(self) -> None:
        super().__init__(
            "This request did not come from the product's own pages.",
            hint="Scripts send a token in the Authorization header instead of the cookie.",
        )


class TooManyAttempts(TooMany):
    """Sign-in is throttled for this account or address."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many attempts to sign in.", retry_after=retry_after)


class TooFast(TooMany):
    """A caller, an organization, or a costly route asked more often than the rate allows."""

    def __init__(self, whose: str, retry_after: int) -> None:
        super().__init__(
            f"{whose} sends requests too fast.",
            hint="Wait as long as Retry-After says; programs should slow down by themselves.",
            retry_after=retry_after,
        )


class LastOwner(Conflict):
    """An organization always keeps one owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(
            "This is the organization's last owner.", hint="Make somebody else owner first."
        )


class AlreadySetUp(Conflict):
    """The installation has its first account; others join by invitation."""

    code = "already_set_up"

    def __init__(self) -> None:
        super().__init__(
            "This installation is already set up.", hint="Sign in, or ask for an invite."
        )


class NoOrganization(Forbidden):
    """The password is right, but the person belongs to no organization (any more)."""

    code = "no_organization"

    def __init__(self) -> None:
        super().__init__(
            "You are not a member of an organization.", hint="Ask an admin for an invite."
        )
