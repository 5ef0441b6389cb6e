"""What can keep a deployment from being made, each with its remedy."""


class DeploymentError(Exception):
    """A deployment is refused or has failed; the message says the remedy."""


class MissingArtifact(DeploymentError):
    """Something that is to be deployed was not built."""


class UnknownPackage(DeploymentError):
    """No package that is deployed has this name."""


class AlreadyPublished(DeploymentError):
    """A key of the bucket holds other bytes than those to be published."""


class NotPublished(DeploymentError):
    """The bucket does not hold the version that is asked for."""


class BadParameter(DeploymentError):
    """A parameter of the main template is missing or not as it may be."""


class NotReachable(DeploymentError):
    """There are no credentials, no Region, or they are not accepted."""


class NoBucket(DeploymentError):
    """The bucket for what is deployed is not there, or is not ours."""


class StackStuck(DeploymentError):
    """A stack is in a state that only a person can end."""


class DeployFailed(DeploymentError):
    """The stack did not come to a good end."""


class WouldReplace(DeploymentError):
    """What holds data would be replaced or removed."""


class Differs(DeploymentError):
    """What is deployed is not what was meant."""


class SmokeFailed(DeploymentError):
    """What is deployed does not answer as it should."""
