"""What identity's HTTP interface takes and gives; bodies refuse fields they do not know."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from datelier.identity.scopes import Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$"
    ),
]
NewPassword = Annotated[str, StringConstraints(min_length=10, max_length=256)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
LinkToken = Annotated[str, StringConstraints(min_length=16, max_length=128)]


class Body(BaseModel):
    """A request body: unknown fields are an error, so nothing can be assigned by surprise."""

    model_config = ConfigDict(extra="forbid")


class SignUpBody(Body):
    """The first account (set-up token), or an invited one (invite token)."""

    name: Name
    email: Email
    password: NewPassword
    setup_token: LinkToken | None = None
    invite_token: LinkToken | None = None
    organization: Name | None = Field(default=None, description="Name; first account only.")

    @model_validator(mode="after")
    def _one_token(self) -> "SignUpBody":
        if (self.setup_token is None) == (self.invite_token is None):
            raise ValueError("give either setup_token or invite_token")
        if self.invite_token is not None and self.organization is not None:
            raise ValueError("an invited account joins the organization that invited it")
        return self


class SignInBody(Body):
    """Sign in; `organization` is a slug, for people who are in several."""

    email: Email
    password: Password
    mode: Literal["cookie", "token"] = "cookie"
    organization: Annotated[str, StringConstraints(max_length=120)] | None = None


class RefreshBody(Body):
    """The refresh token, for clients without cookies."""

    refresh_token: Annotated[str, StringConstraints(max_length=256)] | None = None


class ResetBody(Body):
    """A new password by a one-time link."""

    reset_token: LinkToken
    password: NewPassword


class SetupOut(BaseModel):
    """Whether the installation still waits for its first account."""

    needs_setup: bool
    version: str


class UserOut(BaseModel):
    """A person."""

    id: UUID
    name: str
    email: str


class OrganizationOut(BaseModel):
    """An organization."""

    id: UUID
    name: str
    slug: str


class SessionOut(BaseModel):
    """Who is signed in, where, and with which rights; tokens only in token mode."""

    user: UserOut
    organization: OrganizationOut
    role: Role
    scopes: list[str]
    access_token: str | None = None
    refresh_token: str | None = None
    expires_in: int | None = Field(default=None, description="Seconds.")


class MemberOut(BaseModel):
    """A member of the organization."""

    id: UUID
    user: UserOut
    role: Role
    last_active_at: datetime | None


class MemberPatch(Body):
    """A member's new role."""

    role: Role


class InviteBody(Body):
    """Whom to invite; without an e-mail address anybody with the link may use it, once."""

    role: Role
    email: Email | None = None


class InviteOut(BaseModel):
    """An invitation; `url` is shown once, when it is made."""

    id: UUID
    role: Role
    email: str | None
    expires_at: datetime
    created_at: datetime
    url: str | None = None


class TokenBody(Body):
    """A personal token; without `scopes` it holds all of your role."""

    name: Name
    scopes: list[Annotated[str, StringConstraints(max_length=64)]] | None = Field(
        default=None, max_length=100
    )
    expires_in_days: int = Field(default=90, ge=1, le=365)


class TokenOut(BaseModel):
    """A personal token; `token` itself is shown once, when it is made."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str] | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    token: str | None = None


class AuditActorOut(BaseModel):
    """Who acted."""

    kind: str
    name: str


class AuditTargetOut(BaseModel):
    """What was acted on."""

    kind: str
    id: UUID | None


class AuditOut(BaseModel):
    """One entry of the audit log."""

    id: UUID
    at: datetime
    actor: AuditActorOut
    action: str
    target: AuditTargetOut | None
    detail: dict[str, Any]
