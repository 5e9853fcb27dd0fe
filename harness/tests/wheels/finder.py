"""Holds an answer of `libcdiff wheels --json` (standard input) against pip: for each image and package, the file that pip's own
finder takes of that version, with the tags that pip would have in such an image.

    libcdiff wheels ... --json | python3 finder.py INDEX

One line for each package that differs, then `N equal, M different`; exit code 1 where something differs, 3 where the index did
not answer. Versions are those of the answer. pip is the one of the Python that runs this.
"""

import json
import logging
import sys
import sysconfig

from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.models.target_python import TargetPython
from pip._internal.network.session import PipSession
from pip._vendor.packaging import _manylinux, _musllinux, tags
from pip._vendor.packaging.specifiers import SpecifierSet


class Failures(logging.Handler):
    """What pip could not fetch: it takes that for an empty page."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.seen = []

    def emit(self, record):
        text = record.getMessage()
        # A project that the index does not have is an answer.
        if "Could not fetch URL" in text and "404 Client Error" not in text:
            self.seen.append(text)


def platforms(image):
    """The platforms of an image, as pip finds them out there."""
    libc = tuple(int(part) for part in image["libc"].split("."))
    glibc = image["family"] == "glibc"
    arch = {"arm": "armv7l"}.get(image["arch"], image["arch"])
    sysconfig.get_platform = lambda: "linux-" + arch
    _manylinux._get_glibc_version = lambda: libc if glibc else (-1, -1)
    _manylinux._have_compatible_abi = lambda *_: True
    _musllinux._get_musl_version = lambda _: None if glibc else _musllinux._MuslVersion(*libc)
    return list(tags.platform_tags())


def finder(image, index, session):
    """pip's finder for an image."""
    version = tuple(int(part) for part in image["python"].split("."))
    target = TargetPython(platforms=platforms(image), py_version_info=version, implementation="cp")
    collector = LinkCollector(session=session, search_scope=SearchScope.create([], [index], False))
    preferences = SelectionPreferences(allow_yanked=True)
    return PackageFinder.create(link_collector=collector, selection_prefs=preferences, target_python=target)


def main():
    """Compares."""
    answer, index = json.load(sys.stdin), sys.argv[1]
    failures = Failures()
    logging.getLogger("pip").addHandler(failures)
    logging.getLogger("pip").setLevel(logging.DEBUG)
    session = PipSession(retries=1, index_urls=[index])
    equal = different = 0
    for image in answer["images"]:
        find = finder(image, index, session)
        for package in image["packages"]:
            if package["version"] is None:
                specifier = SpecifierSet()
            else:
                specifier = SpecifierSet("===" + package["version"])
            best = find.find_best_candidate(package["name"], specifier).best_candidate
            kind = "nothing" if best is None else "wheel" if best.link.is_wheel else "source"
            name = None if best is None else best.link.filename
            ours = package["file"]["name"] if package["file"] else None
            if failures.seen:
                print(*failures.seen, sep="\n")
                sys.exit(3)
            if (kind, name) == (package["verdict"], ours):
                equal += 1
            else:
                different += 1
                told = f"{package['verdict']} {ours}"
                print(f"{image['image']} {package['name']} {package['version']}: {told}; pip: {kind} {name}")
    print(f"{equal} equal, {different} different")
    sys.exit(1 if different else 0)


main()
