"""The account made on `datelier up` also signs in the command line of the same user."""

from sqlalchemy import func, select

from datelier.identity.models import Organization
from datelier.identity.personal_tokens import create_token
from datelier.identity.schemas import TokenBody
from datelier.kit.context import Context
from datelier.kit.log import get_logger
from datelier.kit.profiles import Profile, save_profile

log = get_logger(__name__)


async def keep_profile(ctx: Context) -> None:
    """Keep a personal token of the installation's first owner for this operating-system user.

    The file holds it with mode 0600. A file that cannot be written is said in the log and costs
    nothing else: `datelier login` does the same.
    """
    async with ctx.db.system() as session:
        organizations = (await session.execute(select(func.count(Organization.id)))).scalar_one()
    if organizations:
        # Others exist already, so this is not the first account (its own is not committed yet).
        return
    made = await create_token(ctx, TokenBody(name="Command line of this machine"))
    profile = Profile("default", ctx.resources.settings.base_url, made.token)
    ctx.on_commit(lambda: _write(profile))


def _write(profile: Profile) -> None:
    try:
        path = save_profile(profile)
    except OSError as error:
        log.warning("profile_not_written", reason=str(error))
    else:
        log.info("profile_written", path=str(path))
