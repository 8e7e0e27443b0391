"""The steps of the CNCF conformance suite, walked with HTTP, kubectl and the Python client: one area for each SIG.

A check's docstring says which tests of the suite it walks, by their names; an area's says which it does not, and why. The
steps are told in our own words: what a client does, and what it must see. Each check makes its own namespace (`space`), so
that the checks of an area run side by side in one cluster.
"""
import contextlib
import itertools

_numbers = itertools.count(1)


@contextlib.contextmanager
def space(cluster, name, labels=None):
    """A new namespace, which is deleted afterwards without waiting for its end."""
    name = f"{name}-{next(_numbers)}"
    cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}}, expect=201)
    try:
        yield name
    finally:
        cluster.request("DELETE", f"/api/v1/namespaces/{name}", expect=200)
