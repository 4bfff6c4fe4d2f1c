"""What cannot be had in the browser, and the kind words that say so.

The lab gets a module of each name. To import it raises ``ModuleNotFoundError``, as anywhere, but
the message says what to do, and no traceback is shown. Whoever tries the import and goes on
without it (``except ImportError``) notices no difference.
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

MODULE = '''\
"""Stands where {title} would be."""


class NotInTheBrowser(ModuleNotFoundError):
    def _render_traceback_(self):
        return [str(self)]


raise NotInTheBrowser(
    "This cell needs {title}, which cannot be had in the browser. Everything else on this page "
    "works without it. To run this cell too, download the notebook and run it where {title} is "
    "installed (pip install {install}), or open it on Colab or Binder.",
    name="{name}",
)
'''


def modules():
    """``{path: source}`` of the modules that stand in."""
    return {
        f"{name}/__init__.py": MODULE.format(
            name=name, title=title, install={"sklearn": "scikit-learn"}.get(name, name)
        )
        for name, title in ABSENT.items()
    }
