"""The kinds of exercise: a value, a function, and a search for something with given traits.

Each is plain data plus a few functions of its author, and knows how to mark one answer.
"""

import ast
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_lab.exercises._guard import Guard
from recsys_lab.exercises._values import difference, plain, show, show_pair, size

# What goes wrong in any exercise, and what to try then. A chapter's own mistakes are told first.
GENERAL = {
    "unanswered": "Put your own work where the dots are, then check it again.",
    "not_a_function": "Hand in the function itself: its name, without brackets after it.",
    "not_a_value": "Hand in the value. To hand in what a function gives, call it first.",
    "arguments": "Keep the arguments in the brackets of the first line as they were given.",
    "error": "Call it yourself with the input above, and look at the line that is named.",
    "slow": "Look for a loop that never ends, or for one that an array operation can replace.",
    "changed_input": "Work on a copy, such as X = X.copy(): whoever called still needs the input.",
    "none": "A function hands its result back with `return`.",
    "type": "Compare what you have with what is expected: a number in quotes is a text.",
    "shape": "Count the numbers, and how they are nested: np.shape(...) shows it.",
    "nan": "NaN comes from 0/0, inf − inf, or the root or log of a negative number.",
    "crash": "Leave out what ends or bypasses Python, such as exit calls and raw memory.",
}


@dataclass
class Mistake:
    """A mistake people make, how to recognise it, and the hint that helps.

    ``when`` gets plain values (see each kind of exercise) and says whether the answer looks
    like this mistake. In a `Value` and a `Function` it may raise: that counts as no.
    """

    name: str
    when: Callable
    hint: str

    def fits(self, *known):
        try:
            with np.errstate(all="ignore"):
                return bool(self.when(*known))
        except Exception:
            return False


@dataclass
class Property:
    """Something that must hold whatever the input: ``holds(answer, *args)`` is true.

    ``says`` completes the sentence "it must hold that ...".
    """

    name: str
    says: str
    holds: Callable
    hint: str


@dataclass
class Verdict:
    """What marking found: all of it text, so that it can travel between processes."""

    passed: bool
    message: str
    mistake: str = ""  # the name of a Mistake, a key of GENERAL, or "" where nothing is recognised
    hint: str = ""
    printed: str = ""


@dataclass(kw_only=True, repr=False)
class Exercise:
    """What every exercise has.

    Attributes
    ----------
    title, task : str
        The task is Markdown.
    starter : str
        What the reader finds in the cell. It defines the name that is handed in: its last
        function, or the last name it gives a value. ``np`` is there already.
    hints : list of str
        The ladder, from a nudge to nearly the answer. Each wrong attempt climbs one rung.
    why_it_matters : str
        Told with a right answer and under the solution.
    mistakes : list of Mistake
        The most telling first.
    time_limit : float
        Seconds for all calls of an answer together.
    id : str
        "chapter.number", given when the chapter is read.
    """

    title: str
    task: str
    starter: str
    hints: Sequence[str]
    why_it_matters: str
    mistakes: Sequence[Mistake] = ()
    time_limit: float = 5.0
    id: str = ""

    def __repr__(self):
        return f"{self.id}: {self.title}"

    @functools.cached_property
    def answer_name(self):
        """The name of what is handed in."""
        for node in reversed(ast.parse(self.starter).body):
            if isinstance(node, ast.FunctionDef):
                return node.name
            if isinstance(node, ast.Assign):
                return node.targets[0].id
        raise ValueError(f"the starter of {self} defines nothing that could be handed in")

    def cell(self, source=None):
        """A whole cell: imports, ``source`` (default: the starter), and the call of check."""
        source = (self.starter if source is None else source).strip("\n")
        blank = "\n\n\n" if isinstance(ast.parse(source).body[-1], ast.FunctionDef) else "\n\n"
        return (
            f"import numpy as np\n\nfrom recsys_lab.exercises import check{blank}"
            f'{source}{blank}check("{self.id}", {self.answer_name})'
        )

    def mark(self, answer):
        """The `Verdict` on an answer."""
        raise NotImplementedError

    def could_not_be_marked(self, trouble):
        """The `Verdict` where marking itself was ended: by the clock ("slow") or by a "crash"."""
        says = f"It was not done after {self.time_limit:g} seconds, and had to be ended by force."
        return self._wrong(trouble, says if trouble == "slow" else "It ended Python itself.")

    def _wrong(self, name, message, hint="", printed=""):
        return Verdict(False, message, name, hint or GENERAL.get(name, ""), printed)

    def _first_mistake(self, *known):
        return next((mistake for mistake in self.mistakes if mistake.fits(*known)), None)

    def _read(self, answer):
        """The answer as a plain value, or the Verdict that it is none."""
        outcome = Guard(self.time_limit).call(_hand_over(answer))
        if outcome.trouble:
            name = "not_a_value" if callable(answer) else outcome.trouble
            return None, self._wrong(name, f"You handed in {outcome.says}.", outcome.hint)
        if outcome.value is None or outcome.value is ...:
            return None, self._wrong("unanswered", f"Nothing in {self.answer_name} yet.")
        return outcome.value, None


def _hand_over(answer):
    return lambda: answer


@dataclass(kw_only=True, repr=False)
class Value(Exercise):
    """A number, several numbers with names, an array or a word, worked out by the reader.

    Attributes
    ----------
    expected : callable
        ``expected()`` is the right value. Let it work the value out: a student's copy of the
        package holds this file. With ``names``, a sequence of as many numbers.
    names : list of str, optional
        Then the answer is a dict with these keys, or a sequence in this order, and each part is
        marked. A part may still be ``...``.
    tolerance : float
        The largest difference that counts as equal.

    A mistake's ``when(seen, want)`` gets the two values; with ``names`` two dicts of floats,
    in ``seen`` only the parts that are filled in.
    """

    expected: Callable
    names: Sequence[str] = ()
    tolerance: float = 1e-3

    def mark(self, answer):
        seen, nothing = self._read(answer)
        if nothing:
            return nothing
        want = plain(self.expected())
        if self.names:
            return self._mark_parts(seen, want)
        name = difference(seen, want, rtol=0, atol=self.tolerance)
        if not name:
            return Verdict(True, self.why_it_matters)
        mistake = self._first_mistake(seen, want)
        message = f"You have {show(seen)}."
        if name == "value" and isinstance(want, np.ndarray) and want.ndim == 0:
            message = f"You have {show(seen)}, which is {_direction(seen, want)}."
        elif name in ("type", "shape"):
            message = f"You have {_shape(seen)}: {show(seen)}. Expected: {_shape(want)}."
        if mistake:
            return self._wrong(mistake.name, message, mistake.hint)
        return self._wrong(name, message)

    def _mark_parts(self, seen, want):
        keys = "a dict with the keys " + ", ".join(self.names)
        if not isinstance(seen, dict):
            try:
                seen = dict(zip(self.names, map(plain, seen), strict=True))
            except (TypeError, ValueError):
                return self._wrong("shape", f"You have {show(seen)}. Expected: {keys}.")
        if seen.keys() != set(self.names):
            return self._wrong(
                "shape", f"You have the keys {', '.join(map(str, seen))}. Expected: {keys}."
            )
        want = dict(zip(self.names, want.tolist()))
        filled, lines, open_or_off = {}, [], []
        for part in self.names:
            verdict, number = self._mark_part(seen[part], want[part])
            if number is not None:
                filled[part] = number
            if verdict != "right":
                open_or_off.append(verdict)
            lines.append(f"{part:>{max(map(len, self.names))}}: {show(seen[part]):8} {verdict}")
        if not open_or_off:
            return Verdict(True, self.why_it_matters)
        message = "\n".join(lines)
        if set(open_or_off) == {"still open"}:
            return self._wrong("unanswered", message)
        mistake = self._first_mistake(filled, want)
        if mistake:
            return self._wrong(mistake.name, message, mistake.hint)
        return self._wrong("type" if "not a number" in open_or_off else "value", message)

    def _mark_part(self, seen, want):
        if seen is None or seen is ...:
            return "still open", None
        if not isinstance(seen, np.ndarray) or seen.ndim or seen.dtype.kind not in "iuf":
            return "not a number", None
        if not difference(seen, np.array(want), rtol=0, atol=self.tolerance):
            return "right", float(seen)
        return _direction(seen, want), float(seen)


@dataclass(kw_only=True, repr=False)
class Function(Exercise):
    """A function, tried on many inputs.

    Attributes
    ----------
    cases : callable
        ``cases()`` gives tuples of arguments: first by hand (the example of the task, empty,
        one row, zeros, ties), then at random from a fixed seed, small before large.
    expected : callable
        ``expected(*args)`` is the right result, best by other means than the solution's.
    agree : callable, optional
        ``agree(seen, want, *args)``, where more than one result is right; otherwise whole
        numbers and booleans must be equal, and other numbers close.
    properties : list of Property
        Tried on every case, after all cases gave the expected result.

    A mistake's ``when(seen, want, *args)`` gets plain values. Of several that fit, the one that
    explains most failures is told, with the smallest input on which it shows.
    """

    cases: Callable
    expected: Callable
    agree: Callable | None = None
    properties: Sequence[Property] = ()

    def mark(self, answer):
        if answer is None or answer is ...:
            return self._wrong("unanswered", f"Nothing in {self.answer_name} yet.")
        if not callable(answer) or issubclass(type(answer), type):
            what = "a class" if callable(answer) else "no function but a value"
            return self._wrong("not_a_function", f"You handed in {what}.")
        guard = Guard(self.time_limit)
        failures = []
        for args in self.cases():
            failure = self._try(guard, answer, args)
            if failure is not None:
                failures.append(failure)
                if guard.left <= 0:
                    break
        if not failures:
            failures = self._break_a_property(guard, answer)
        if not failures:
            return Verdict(True, self.why_it_matters)
        return self._report(*self._choose(failures))

    def _choose(self, failures):
        """The failure to show, and the mistake behind it or None.

        Mistakes that explain half of the failures or more come first, and of those that explain
        about equally many the one listed first; else the smallest failure speaks for itself.
        """
        known = [f for f in failures if f.want is not None]
        fits = [[f for f in known if m.fits(f.seen, f.want, *f.args)] for m in self.mistakes]
        most = max(map(len, fits), default=0)
        smallest = min(failures, key=_size)
        for mistake, explained in zip(self.mistakes, fits):
            if 2 * most < len(failures):
                if smallest in explained:
                    return smallest, mistake
            elif len(explained) >= 0.8 * most:
                return min(explained, key=_size), mistake
        return smallest, None

    def _try(self, guard, answer, args):
        outcome = guard.call(answer, *args)
        if outcome.trouble:
            return _Failure(args, outcome.trouble, outcome.says, outcome.hint, outcome.printed)
        seen = outcome.value
        if seen is None or seen is ...:
            return _Failure(args, "none", "None", printed=outcome.printed)
        want = plain(self.expected(*args))
        if self.agree is None:
            name = difference(seen, want)
        else:
            form = difference(seen, want)  # "value" at most, or agree would not know its argument
            name = form if form in ("type", "shape", "nan") else ""
            if not name and not self.agree(seen, want, *args):
                name = "value"
        if not name and outcome.changed:
            changed = ", ".join(self.argument_names[i] for i in outcome.changed)
            return _Failure(args, "changed_input", changed, printed=outcome.printed)
        if name:
            return _Failure(args, name, printed=outcome.printed, seen=seen, want=want)
        return None

    def _break_a_property(self, guard, answer):
        failures = []
        for args in self.cases():
            for rule in self.properties:

                def call(*other):
                    outcome = guard.call(answer, *other)
                    if outcome.trouble or outcome.value is None:
                        raise _Broken
                    return outcome.value

                try:
                    held = rule.holds(call, *args)
                except _Broken:
                    held = False
                if guard.left <= 0:
                    says = f"it was not done after {self.time_limit:g} seconds"
                    return [_Failure(args, "slow", says)]
                if not held:
                    failures.append(_Failure(args, rule.name, rule.says, rule.hint))
        return failures

    def _report(self, failure, mistake):
        call = "\n".join(
            f"{name} = {_hang(show(arg), len(name) + 3)}"
            for name, arg in zip(self.argument_names, failure.args)
        )
        lines = [f"With the input\n{_indent(call)}"] if failure.args else []
        if failure.name in [rule.name for rule in self.properties]:
            lines.append(f"it must hold that {failure.says}, and it did not.")
        elif failure.name == "arguments":
            wanted = ", ".join(self.argument_names)
            lines = [f"Calling {self.answer_name}({wanted}) failed: {failure.says}"]
        elif failure.name == "error":
            lines.append(f"it stopped with\n{_indent(failure.says)}")
        elif failure.name == "slow":
            lines.append(f"{failure.says}.")
        elif failure.name == "type" and failure.want is None:
            lines.append(f"it returned {failure.says}.")
        elif failure.name == "changed_input":
            lines.append(f"the result is right, but {failure.says} was changed on the way.")
        elif failure.name == "none":
            lines.append("it returned None.")
        else:
            seen, want = show_pair(failure.seen, failure.want)
            lines.append(f"it returned\n{_indent(seen)}\nexpected\n{_indent(want)}")
            if failure.name == "shape":
                lines.append(f"That is {_shape(failure.seen)}, expected {_shape(failure.want)}.")
        name = mistake.name if mistake else failure.name
        hint = mistake.hint if mistake else failure.hint
        return self._wrong(name, "\n".join(lines), hint, failure.printed)

    @functools.cached_property
    def argument_names(self):
        functions = [n for n in ast.parse(self.starter).body if isinstance(n, ast.FunctionDef)]
        return [argument.arg for argument in functions[-1].args.args]


class _Broken(Exception):
    """A call inside a property gave no result."""


@dataclass(eq=False)
class _Failure:
    args: tuple
    name: str
    says: str = ""
    hint: str = ""
    printed: str = ""
    seen: object = None
    want: object = None


def _size(failure):
    return size(failure.args)


@dataclass(kw_only=True, repr=False)
class Search(Exercise):
    """Find something with given traits: any answer that shows none of the mistakes is right.

    Attributes
    ----------
    parts : dict of str to tuple
        Name and shape of each part of the answer, ``()`` for a number; None in a shape stands
        for any length. The answer is a dict with these keys, a sequence in this order, or, where
        there is one part only, that part.
    says : callable
        ``says(*parts)`` describes, in a line or a few, what the answer does.
    mistakes : list of Mistake
        In the order in which they are told; ``when(*parts)``, for any finite numbers.
    """

    parts: dict
    says: Callable

    def mark(self, answer):
        handed_in, nothing = self._read(answer)
        if nothing:
            return nothing
        seen = handed_in
        wanted = ", ".join(f"{name} ({_form(shape)})" for name, shape in self.parts.items())
        try:
            if not isinstance(seen, dict):
                seen = [seen] if len(self.parts) == 1 else map(plain, seen)
                seen = dict(zip(self.parts, seen, strict=True))
            values = [seen[name] for name in self.parts]
        except (TypeError, ValueError, KeyError):
            return self._wrong("shape", f"You have {show(handed_in)}. Expected: {wanted}.")
        if any(value is ... or (isinstance(value, tuple) and ... in value) for value in values):
            return self._wrong("unanswered", f"There are still dots in {self.answer_name}.")
        for (name, shape), value in zip(self.parts.items(), values):
            if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
                return self._wrong("type", f"{name} is {show(value)}. Expected: {_form(shape)}.")
            fits = len(value.shape) == len(shape) and all(
                want in (None, have) for want, have in zip(shape, value.shape)
            )
            if not fits:
                return self._wrong("shape", f"{name} is {_shape(value)}. Expected: {_form(shape)}.")
            if not np.isfinite(value).all():
                return self._wrong("nan", f"{name} is {show(value)}. Expected: finite numbers.")
        values = [value.astype(float) for value in values]
        with np.errstate(all="ignore"):
            mistake = next((mistake for mistake in self.mistakes if mistake.when(*values)), None)
            if mistake is None:
                return Verdict(True, self.why_it_matters)
            return self._wrong(mistake.name, self.says(*values), mistake.hint)


def _form(shape):
    if shape == ():
        return "a number"
    if len(shape) == 1:
        return "numbers" if shape[0] is None else f"{shape[0]} numbers"
    return "an array of shape (" + ", ".join("any" if n is None else str(n) for n in shape) + ")"


def _shape(value):
    if isinstance(value, np.ndarray):
        kind = {"b": "boolean", "c": "complex number"}.get(value.dtype.kind, "number")
        kind = "whole number" if value.dtype.kind in "iu" else kind
        return f"an array of {kind}s, shape {value.shape}" if value.ndim else f"one {kind}"
    kinds = {str: "a text", dict: "a dict", tuple: "a list of different things"}
    return kinds.get(type(value), show(value))


def _direction(seen, want):
    return "NaN" if np.isnan(seen) else "too large" if seen > want else "too small"


def _indent(text):
    return "\n".join("    " + line for line in text.split("\n"))


def _hang(text, width):
    return text.replace("\n", "\n" + " " * width)
