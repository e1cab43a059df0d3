"""Signing up, in and out. Cookies for browsers, tokens in the body for everybody else."""

from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from datelier import __version__
from datelier.identity import links, sessions, sign_up as accounts
from datelier.identity.access import needs, public
from datelier.identity.access_tokens import ACCESS_LIFETIME
from datelier.identity.authenticator import (
    ACCESS_COOKIE,
    REFRESH_COOKIE,
    Authenticator,
)
from datelier.identity.errors import SessionInvalid
from datelier.identity.grants import REFRESH_LIFETIME, Client, Grant
from datelier.identity.schemas import (
    RefreshBody,
    ResetBody,
    SessionOut,
    SetupOut,
    SignInBody,
    SignUpBody,
)
from datelier.identity.scopes import SELF
from datelier.kit.context import Context, Resources

REFRESH_PATH = "/api/v1/auth"
router = APIRouter(prefix="/auth", tags=["auth"])


@router.get("/setup")
async def get_setup(
    resources: Annotated[Resources, public("a fresh installation has nobody to sign in")],
) -> SetupOut:
    """Tell whether the installation waits for its first account."""
    return SetupOut(needs_setup=await links.needs_setup(resources), version=__version__)


@router.post("/signup", status_code=status.HTTP_201_CREATED, response_model_exclude_none=True)
async def sign_up(
    request: Request,
    response: Response,
    body: SignUpBody,
    resources: Annotated[Resources, public("a one-time token stands in for a session")],
) -> SessionOut:
    """Create an account by a set-up or invite token, and sign in."""
    resources.get(Authenticator).refuse_foreign_origin(request.headers)
    grant = await accounts.sign_up(resources, body, _client(request))
    _set_cookies(request, response, resources, grant)
    return grant.session


@router.post("/login", response_model_exclude_none=True)
async def sign_in(
    request: Request,
    response: Response,
    body: SignInBody,
    resources: Annotated[Resources, public("signing in makes the session")],
) -> SessionOut:
    """Sign in with e-mail address and password."""
    resources.get(Authenticator).refuse_foreign_origin(request.headers)
    grant = await sessions.sign_in(
        resources,
        email=body.email,
        password=body.password,
        client=_client(request, token_mode=body.mode == "token"),
        organization=body.organization,
    )
    if body.mode == "token":
        return grant.with_tokens()
    _set_cookies(request, response, resources, grant)
    return grant.session


@router.post("/refresh", response_model_exclude_none=True)
async def refresh_session(
    request: Request,
    response: Response,
    resources: Annotated[Resources, public("the refresh token stands in for a session")],
    body: RefreshBody | None = None,
) -> SessionOut:
    """Exchange the refresh token, from the body or the cookie, for new tokens."""
    if body is not None and body.refresh_token is not None:
        return (await sessions.refresh_session(resources, body.refresh_token)).with_tokens()
    cookie = request.cookies.get(REFRESH_COOKIE)
    if not cookie:
        raise SessionInvalid
    resources.get(Authenticator).require_own_origin(request.headers)
    grant = await sessions.refresh_session(resources, cookie)
    _set_cookies(request, response, resources, grant)
    return grant.session


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(
    request: Request,
    response: Response,
    resources: Annotated[Resources, public("ends the session that its own tokens name")],
    body: RefreshBody | None = None,
) -> None:
    """End the session and clear its cookies; succeeds when there is none."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    refresh = body.refresh_token if body is not None else None
    access = bearer if scheme.lower() == "bearer" else None
    if refresh is None and access is None:
        refresh, access = (request.cookies.get(name) for name in (REFRESH_COOKIE, ACCESS_COOKIE))
        if refresh or access:
            resources.get(Authenticator).require_own_origin(request.headers)
    await sessions.sign_out(resources, refresh=refresh, access=access)
    response.delete_cookie(ACCESS_COOKIE, path="/")
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH)


@router.get("/me", response_model_exclude_none=True)
async def get_me(ctx: Annotated[Context, needs(SELF)]) -> SessionOut:
    """Tell who is signed in, where, and with which rights."""
    return await sessions.me(ctx)


@router.post("/reset", response_model_exclude_none=True)
async def reset_password(
    request: Request,
    response: Response,
    body: ResetBody,
    resources: Annotated[Resources, public("a one-time token stands in for a session")],
) -> SessionOut:
    """Set a new password by a one-time link, end all sessions, and sign in."""
    resources.get(Authenticator).refuse_foreign_origin(request.headers)
    grant = await links.reset_password(
        resources,
        reset_token=body.reset_token,
        password=body.password,
        client=_client(request),
    )
    _set_cookies(request, response, resources, grant)
    return grant.session


def _client(request: Request, *, token_mode: bool = False) -> Client:
    return Client(
        kind="cli" if token_mode else "browser",
        user_agent=request.headers.get("user-agent"),
        address=request.client.host if request.client is not None else "local",
    )


def _set_cookies(request: Request, response: Response, resources: Resources, grant: Grant) -> None:
    secure = request.url.scheme == "https" or resources.settings.base_url.startswith("https:")
    for name, value, path, lifetime in (
        (ACCESS_COOKIE, grant.access, "/", ACCESS_LIFETIME),
        (REFRESH_COOKIE, grant.refresh, REFRESH_PATH, REFRESH_LIFETIME),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path=path,
            secure=secure,
            httponly=True,
            samesite="lax",
        )
