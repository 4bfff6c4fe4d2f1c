"""What the reader sees of a marked answer."""

import html
from dataclasses import dataclass


class Text(str):
    """Text that shows itself without quotes at the end of a cell."""

    def __repr__(self):
        return str(self)


@dataclass(frozen=True, repr=False)
class Result:
    """A marked answer: true when it passed."""

    id: str
    passed: bool
    message: str
    hint: str = ""
    printed: str = ""

    def __bool__(self):
        return self.passed

    def __repr__(self):
        lines = [f"{self._verdict()} {self.message}" if self.passed else self._verdict()]
        if not self.passed:
            lines.append(self.message)
        if self.printed:
            lines.append("It printed:\n" + self.printed)
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        return "\n".join(lines)

    def _verdict(self):
        return "✓ Right." if self.passed else f"✗ {self.id} is not right yet."

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self):
        state = "passed" if self.passed else "failed"
        tag = "p" if self.passed else "pre"  # inputs and arrays stand in columns
        parts = [f"<p><strong>{self._verdict()}</strong></p>", _element(tag, self.message)]
        if self.printed:
            parts.append("<p>It printed:</p>" + _element("pre", self.printed))
        if self.hint:
            parts.append(_element("p", self.hint, ' class="exercise-hint"'))
        return f'<div class="exercise-result {state}" role="status">{"".join(parts)}</div>'


def _element(tag, text, attributes=""):
    text = html.escape(text)
    if tag == "p":
        text = text.replace("\n", "<br>")
    return f"<{tag}{attributes}>{text}</{tag}>"
