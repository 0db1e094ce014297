"""Drawn charts as parts of a page: many in one document, and numbers for whoever points."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inline_svg(svg: str, name: str, label: str) -> str:
    """Make a drawing fit to stand beside others in one document.

    Identifiers get a prefix, as two drawings would otherwise share them; what a mark is described
    by becomes the note that a browser shows on pointing at it; the drawing gets a name for those
    who listen.

    Parameters
    ----------
    svg
        From `svg_of`.
    name
        Prefix of its identifiers; letters, digits and hyphens.
    label
        What the drawing shows.

    Examples
    --------
    >>> drawing = f'<svg xmlns="{_SVG}"><line id="x" aria-label="0.96 held out"/></svg>'
    >>> print(inline_svg(drawing, "a", "Scores").partition(">")[2])
    <line id="a-x"><title>0.96 held out</title></line></svg>
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)
    for element in root.iter():
        _prefix(element, name)
        note = element.attrib.pop("aria-label", None)
        if note is not None and element.tag != f"{{{_SVG}}}g":
            title = ET.SubElement(element, f"{{{_SVG}}}title")
            title.text = note
        for noise in ("role", "aria-roledescription", "aria-hidden"):
            element.attrib.pop(noise, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ET.tostring(root, encoding="unicode")


def _prefix(element: ET.Element, name: str) -> None:
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif "url(#" in value:
            element.set(key, _REFERENCE.sub(rf"url(#{name}-\1)", value))
