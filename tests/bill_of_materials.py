"""The bill of materials (SBOM) in CycloneDX: every package that is locked, and every file taken over into the pages.

``make sbom`` writes it. Versions come from the lock file, licences and what needs what from the metadata of what is
installed, versions and hashes of the pages' files from the table beside them (a test compares those with the files).
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
VENDOR: Final = ROOT / "web" / "static" / "vendor"
VENDORED_ROW: Final = re.compile(
    r"^\| (\S+) \| (\S+) \| ([\d.]+) \| ([^|]+) \| [^|]+ \| ([0-9a-f]{64}) \|$", re.MULTILINE
)
_LOCKED: Final = re.compile(
    r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?", re.MULTILINE
)
_LICENCE_CLASSIFIER: Final = "License :: OSI Approved :: "
# A licence told in full text is longer than any name of one.
_MOST_CHARS: Final = 80


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of the lock file; ``licence`` is empty where it is not installed on this system."""

    name: str
    version: str
    licence: str


def locked(path: Path = LOCK) -> list[Locked]:
    """The packages of a lock file, by name."""
    found = {
        canonicalize_name(name): number
        for name, number, _ in _LOCKED.findall(path.read_text(encoding="utf-8"))
    }
    return [Locked(name, number, _licence(name)) for name, number in sorted(found.items())]


def bill_of_materials() -> str:
    """The bill as JSON, valid CycloneDX 1.6; the same lock and files give the same serial number."""
    licences = LicenseFactory()
    own = Component(
        name="qianjian",
        version=version("qianjian"),
        type=ComponentType.APPLICATION,
        bom_ref="qianjian",
        licenses=[licences.make_from_string("MIT")],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{LOCK.read_bytes()!r}{_table()}"))
    bom.metadata.component = own
    packages = {package.name: package for package in locked()}
    components = {
        name: Component(
            name=name,
            version=package.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"pypi:{name}",
            purl=PackageURL("pypi", None, name, package.version),
            licenses=[licences.make_from_string(package.licence)] if package.licence else [],
        )
        for name, package in packages.items()
    }
    files = list(_vendored(licences))
    for component in (*components.values(), *files):
        bom.components.add(component)
    bom.register_dependency(own, [*_needed("qianjian", components), *files])
    for name, component in components.items():
        bom.register_dependency(component, _needed(name, components))
    return JsonV1Dot6(bom).output_as_string(indent=1)


def _vendored(licences: LicenseFactory) -> Iterator[Component]:
    for file, name, number, licence, digest in VENDORED_ROW.findall(_table()):
        yield Component(
            name=name,
            version=number,
            type=ComponentType.LIBRARY,
            bom_ref=f"npm:{name}",
            purl=PackageURL("npm", None, name, number),
            licenses=[licences.make_from_string(licence.strip())],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            external_references=[
                ExternalReference(
                    type=ExternalReferenceType.OTHER,
                    url=XsUri(f"web/static/vendor/{file}"),
                    comment="where the file lies in the source",
                )
            ],
        )


def _table() -> str:
    return (VENDOR / "README.md").read_text(encoding="utf-8")


def _needed(name: str, components: dict[str, Component]) -> list[Component]:
    """The components that a package needs on some system without any extra."""
    try:
        wanted = [Requirement(each) for each in requires(name) or ()]
    except PackageNotFoundError:
        return []
    names = {
        canonicalize_name(each.name)
        for each in wanted
        if each.marker is None or "extra" not in str(each.marker)
    }
    return [components[each] for each in sorted(names) if each in components]


def _licence(name: str) -> str:
    try:
        told = metadata(name).json
    except PackageNotFoundError:
        return ""
    classified = [
        each.removeprefix(_LICENCE_CLASSIFIER)
        for each in told.get("classifier", ())
        if each.startswith(_LICENCE_CLASSIFIER)
    ]
    named, words = str(told.get("license_expression", "")), str(told.get("license", "")).strip()
    if not named and words and "\n" not in words and len(words) <= _MOST_CHARS:
        named = words
    return named or " AND ".join(classified)


if __name__ == "__main__":
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    Path(sys.argv[1]).write_text(bill_of_materials() + "\n", encoding="utf-8")
