"""Every link of every page leads somewhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from .pages import DOCS, Page, all_pages

PAGES = all_pages()


def anchors_of(page: Page, target: str) -> set[str]:
    path = (page.path.parent / target).resolve() if target else page.path
    return Page(path).anchors


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    broken: list[str] = []
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme:
            if parts.scheme != "https" or not parts.hostname or "." not in parts.hostname:
                broken.append(link)
            continue
        target = unquote(parts.path)
        path = page.path.parent / target
        if not path.exists() or (parts.fragment and parts.fragment not in anchors_of(page, target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if DOCS in page.path.parents], ids=lambda page: page.name)
def test_the_site_does_not_link_out_of_itself(page: Page) -> None:
    """docs/ is built into a site, where the rest of the repository is not."""
    local = [link for link in page.links if not urlsplit(link).scheme and urlsplit(link).path]
    outside = [link for link in local if DOCS not in (page.path.parent / urlsplit(link).path).resolve().parents]
    assert outside == []


def test_every_page_of_the_site_can_be_reached() -> None:
    """From the first page or the menu."""
    menu = (DOCS.parent / "zensical.toml").read_text("utf-8")
    inside = [page for page in PAGES if DOCS in page.path.parents]
    assert [page.name for page in inside if f'"{page.path.relative_to(DOCS)}"' not in menu] == []
