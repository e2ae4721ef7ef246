"""What is on this machine: the weights that ship and the models that were pulled."""

from collections.abc import Callable

from drift.errors import BackendError
from models import weights
from models.weights import Weight

# What belongs to pulled models is imported where it is used: a check without them pays nothing.


def listing() -> list[Weight]:
    """List the shipped weights, then the pulled models."""
    from models.hub import store

    pulled = [
        Weight(
            model.id,
            model.commit[:12],
            f"{model.role}: {model.summary}" + (f" ({model.note})" if model.note else ""),
            model.licence,
            model.size,
            model.folder,
        )
        for model in store.listing()
    ]
    return [*weights.listing(), *pulled]


def pull(name: str, revision: str, conversions: bool, tell: Callable[[str], None]) -> None:
    """Pull a model, or all of a set; what fails does not keep the rest from being pulled."""
    from models.hub.catalogue import presets, wanted
    from models.hub.pull import Wish, pull

    names = wanted(name)
    if revision and name in presets():
        raise BackendError(f"--revision names a commit of one model; {name} is {len(names)}")
    problems = []
    for each in names:
        try:
            done = pull(each, Wish(revision, conversions), tell)
            tell(f"  pulled    {done.id}, {done.size / 1e6:.1f} MB on disk\n")
        except BackendError as error:
            problems.append(str(error))
    if problems:
        raise BackendError("\n  ".join(problems))


def remove(name: str) -> str:
    """Delete a pulled model and give its name."""
    from models.hub import store

    if any(weight.name == name for weight in weights.listing()):
        raise BackendError(f"{name} came with the package; only pulled models can be removed")
    return store.remove(name).id
