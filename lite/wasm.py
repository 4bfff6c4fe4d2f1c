"""Two repairs of the NumPy that runs in the browser.

The first: NumPy saves memory in expressions such as ``-a + b`` on arrays of more than 256 kB by
writing into ``-a`` again. Before it does so it looks at the C call stack with ``backtrace``. This
build was made where that function exists; Pyodide has none, and the first such expression would
end Python. NumPy asks in one place, and takes "cannot be told" for an answer: here that is the
answer always.

The second is ``counting.py``: 64-bit whole numbers may count and index.
"""

from pathlib import Path

COUNTING = Path(__file__).with_name("counting.py")
ASKS = b"check_callers"
# (param i32) (result i32): store 1 ("cannot") at the address given, return 0.
CANNOT = bytes([0x20, 0, 0x41, 1, 0x36, 2, 0, 0x41, 0, 0x0F])
UNREACHABLE, END = 0x00, 0x0B
IMPORTS, CODE, CUSTOM = 2, 10, 0


def repair_numpy(files):
    """Change the files of NumPy, ``{path: bytes}``, in place."""
    core = next(name for name in files if "/_multiarray_umath.cpython" in name)
    files[core] = without_backtrace(files[core])
    files["numpy/_counting.py"] = COUNTING.read_bytes()
    files["numpy/__init__.py"] += b"\nfrom . import _counting\n"


def without_backtrace(module):
    """The module ``_multiarray_umath`` with its one call of ``backtrace`` out of reach."""
    sections = list(_sections(module))
    bodies = _bodies(module, next(s for s in sections if s[0] == CODE))
    imported = _imported_functions(module, next(s for s in sections if s[0] == IMPORTS))
    start, end = bodies[_index(module, sections, ASKS) - imported]
    groups, at = _number(module, start)
    for _ in range(groups):  # declarations of local variables stay
        at = _number(module, at)[1] + 1
    room = end - at - len(CANNOT) - 1
    if room < 0:
        raise ValueError(f"{ASKS.decode()} is smaller than expected: another build of NumPy?")
    body = CANNOT + bytes([UNREACHABLE]) * room + bytes([END])
    return module[:at] + body + module[end:]


def _sections(module):
    """``(kind, start, end)`` of each section's content."""
    at = 8
    while at < len(module):
        kind = module[at]
        size, start = _number(module, at + 1)
        at = start + size
        yield kind, start, at


def _bodies(module, section):
    count, at = _number(module, section[1])
    bodies = []
    for _ in range(count):
        size, start = _number(module, at)
        at = start + size
        bodies.append((start, at))
    return bodies


def _imported_functions(module, section):
    count, at = _number(module, section[1])
    functions = 0
    for _ in range(count):
        for _ in ("module", "name"):
            size, at = _number(module, at)
            at += size
        kind, at = module[at], at + 1
        if kind == 0:  # function: its type
            functions += 1
            at = _number(module, at)[1]
        elif kind == 3:  # global: type, mutable
            at += 2
        elif kind == 4:  # tag: attribute, type
            at = _number(module, at + 1)[1]
        else:  # table (one byte more) and memory: limits
            at += kind == 1
            flags, at = _number(module, at)
            at = _number(module, at)[1]
            if flags & 1:
                at = _number(module, at)[1]
    return functions


def _index(module, sections, wanted):
    """The number of a function, by its name in the custom section "name"."""
    for kind, start, end in sections:
        if kind != CUSTOM or module[start : start + 5] != b"\x04name":
            continue
        at = start + 5
        while at < end:
            part, at = module[at], at + 1
            size, at = _number(module, at)
            if part == 1:
                count, here = _number(module, at)
                for _ in range(count):
                    index, here = _number(module, here)
                    length, here = _number(module, here)
                    if module[here : here + length] == wanted:
                        return index
                    here += length
            at += size
    raise ValueError(f"no function {wanted.decode()} in this module: another build of NumPy?")


def _number(data, at):
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
