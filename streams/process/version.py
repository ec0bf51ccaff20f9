"""The version of the running build."""

from importlib.metadata import PackageNotFoundError, version


def build_id() -> str:
    """Return the version of the running build, or `unpackaged` if it is not installed as a package."""
    try:
        return version("rapport")
    except PackageNotFoundError:
        return "unpackaged"
