"""What a process registers to have identities."""

from datelier.identity.authenticator import Authenticator
from datelier.identity.passwords import Passwords
from datelier.identity.provision import Provisioning
from datelier.identity.rates import Rates
from datelier.kit.context import Resources


def register_identity(resources: Resources, provisioning: Provisioning) -> None:
    """Register the services that identity's verbs and :func:`access.needs` look up.

    Args:
        resources: The process's resources.
        provisioning: What a new organization starts with.
    """
    resources.register(Passwords, Passwords())
    resources.register(Authenticator, Authenticator(resources))
    resources.register(Provisioning, provisioning)
    resources.register(Rates, Rates(resources.settings))
