"""Blocks of HTML for a page of Markdown: a drawing with its caption, or several behind a knob."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from tools.site.figures.svg import HEIGHT, Draw, picture


class Frame(NamedTuple):
    """One position of a knob.

    Attributes:
        value: Where the knob stands, such as `h = 0.5`.
        says: What is then the case, in a few words with numbers.
        draw: Draws it.
    """

    value: str
    says: str
    draw: Draw


def still(name: str, title: str, description: str, caption: str, draw: Draw, *, height: float = HEIGHT) -> str:
    """A drawing with a caption, which is HTML; title and description are text."""
    return still_svg(picture(name, title, description, draw, height), caption)


def still_svg(drawn: str, caption: str, *, kind: str = "", data: str = "") -> str:
    """What is HTML already, with its caption; of a kind that a script knows, with the numbers that it needs."""
    known = f' {kind}" data-numbers="{data}"' if kind else '"'
    return _one_block([f'<figure class="refmath-figure{known}>', drawn, _caption(caption), "</figure>"])


def knob(
    name: str, label: str, title: str, caption: str, frames: Sequence[Frame], default: int, *, height: float = HEIGHT
) -> str:
    """A drawing for each position of a knob, of which docs/javascripts/frames.js shows one; without it, the default is seen."""
    id_, (value, says, _) = f"{name}-knob", frames[default]
    lines = ['<figure class="refmath-figure refmath-frames">']
    for number, frame in enumerate(frames):
        svg = picture(f"{name}-{number}", f"{title}, {frame.value}", f"{frame.says}.", frame.draw, height)
        hidden = "" if number == default else ' hidden=""'
        texts = f'data-value="{escape(frame.value)}" data-says="{escape(frame.says)}"'
        lines.append(f'<div class="refmath-frame" {texts}{hidden}>{svg}</div>')
    lines += [
        '<div class="refmath-knob" data-search-exclude="">',
        f'<label for="{id_}" hidden="">{escape(label)}</label>',
        f'<input id="{id_}" type="range" min="0" max="{len(frames) - 1}" step="1" value="{default}"',
        f'aria-valuetext="{escape(value)}" autocomplete="off" hidden="" />',
        f'<output for="{id_}" aria-live="polite">{escape(value)}: {escape(says)}</output>',
        "</div>",
        _caption(caption),
        "</figure>",
    ]
    return _one_block(lines)


def controls(
    name: str, ranges: Sequence[tuple[str, str, float, float, float, float]], told: str, more: str = ""
) -> str:
    """Sliders for a script, each as (label, name, lowest, highest, step, value), and what is said of their positions; without it they are not seen."""
    lines = ['<div class="refmath-knob" data-search-exclude="">']
    for label, each, low, high, step, value in ranges:
        id_ = f"{name}-{each}"
        lines += [
            f'<label for="{id_}" hidden="">{escape(label)}</label>',
            f'<input id="{id_}" name="{each}" type="range" min="{low:g}" max="{high:g}" step="{step:g}" value="{value:g}" autocomplete="off" hidden="" />',
        ]
    return "".join([*lines, f'{more}<output aria-live="polite">{escape(told)}</output></div>'])


def _caption(html: str) -> str:
    return f"<figcaption>{' '.join(html.split())}</figcaption>"


def _one_block(lines: Sequence[str]) -> str:
    """Lines without a blank one in between, which would end the block."""
    return "\n".join(lines) + "\n"
