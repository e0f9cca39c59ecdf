"""Fails if a page of the built book would load anything from another machine, or from nowhere."""

import pathlib
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlparse

LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "use": "href"}
NOT_LOADED = {"canonical", "next", "prev"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.loads, self.links, self.ids = [], [], set()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        attribute = LOADS.get(tag)
        if attribute and attributes.get(attribute) and attributes.get("rel") not in NOT_LOADED:
            self.loads.append(attributes[attribute])


book = pathlib.Path(sys.argv[1]).resolve()
pages = {}
for path in book.rglob("*.html"):
    pages[path] = Page()
    pages[path].feed(path.read_text(encoding="utf-8"))

wrong = []
for path, page in pages.items():
    name = path.relative_to(book)
    if path.name == "404.html":  # served from any address: its links are relative to the root
        continue
    for address in page.loads + page.links:
        url = urlparse(address)
        if url.scheme == "data":
            continue
        if url.scheme or url.netloc:
            if address in page.loads:
                wrong.append(f"{name} loads {address} from another machine")
            continue
        target = (path.parent / unquote(url.path)).resolve() if url.path else path
        if target.is_dir():
            target = target / "index.html"
        if not target.exists():
            wrong.append(f"{name} points to {address}, which is not there")
        elif url.fragment and target in pages and unquote(url.fragment) not in pages[target].ids:
            wrong.append(f"{name} points to {address}, and there is no such anchor")
for style in book.rglob("*.css"):
    for part in style.read_text(encoding="utf-8").split("url(")[1:]:
        address = part.split(")")[0].strip("'\" ")
        if urlparse(address).netloc:
            wrong.append(f"{style.relative_to(book)} loads {address} from another machine")
print("\n".join(wrong) or f"{len(pages)} pages: every address is on this machine, and is there")
sys.exit(bool(wrong))
