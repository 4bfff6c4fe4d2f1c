"""What cannot be had in the browser, and the kind words that say so.

The lab gets a module of each name. To import it raises a ``ModuleNotFoundError``, as anywhere; a
notebook shows its message without a traceback, and goes on with the next cell ("run all" would
stop at an error). Whoever goes on without the module (``except ImportError``) sees no difference.
"""

ABSENT = {
    "faiss": "Faiss",
    "hnswlib": "hnswlib",
    "implicit": "implicit",
    "jax": "JAX",
    "lightfm": "LightFM",
    "matplotlib": "Matplotlib",
    "pandas": "pandas",
    "scipy": "SciPy",
    "seaborn": "seaborn",
    "sklearn": "scikit-learn",
    "surprise": "Surprise",
    "tensorflow": "TensorFlow",
    "torch": "PyTorch",
}

# How to install what is not called what it is imported as.
INSTALL = {"sklearn": "scikit-learn", "faiss": "faiss-cpu", "surprise": "scikit-surprise"}

MODULE = """\
from not_in_the_browser import NotInTheBrowser

raise NotInTheBrowser({title!r}, {install!r}, name={name!r})
"""

# Comes with them; the kernel calls ``load`` when it starts.
WORDS = """\
class NotInTheBrowser(ModuleNotFoundError):
    def __init__(self, title, install, name):
        super().__init__(
            f"This cell needs {title}, which cannot be had in the browser. Everything else on this "
            f"page works without it. To run this cell too, download the notebook and run it where "
            f"{title} is installed (pip install {install}), or open it on Colab or Binder.",
            name=name,
        )


def load(shell):
    shell.set_custom_exc((NotInTheBrowser,), say_so)


def say_so(shell, kind, error, traceback, tb_offset=None):
    from IPython.display import Markdown, display

    display(Markdown(f"> {error}"))
"""


def modules():
    """``{path: source}`` of the modules that stand in, and of the words they share."""
    stand_ins = {
        f"{name}/__init__.py": MODULE.format(
            name=name, title=title, install=INSTALL.get(name, name)
        )
        for name, title in ABSENT.items()
    }
    return {"not_in_the_browser.py": WORDS, **stand_ins}
