"""The map of the chapters on the front page: a picture made of links.

    ```{chapter-map}
    ```

Chapters are named here once, in the order of the journey; one that is not part of this build is
shown, but is no link. ``book/assets/exercise.js`` ticks what a reader has solved.
"""

from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recsys_lab.exercises import list_exercises

# (heading, [(document, title, what it answers)])
MAP = [
    (
        "The whole in one look",
        [("pipeline", "Three stages", "How do you get from a billion items to ten?")],
    ),
    (
        "Taste as points in a space",
        [
            ("similarity", "Embeddings and similarity", "When are two things alike?"),
            ("content_based", "Content-based filtering", "What do the films themselves say?"),
            ("collaborative_filtering", "Collaborative filtering", "What do people like you say?"),
            ("matrix_factorization", "Matrix factorization", "Can the axes be learned?"),
            ("folding", "Folding", "Why does a good model say absurd things?"),
            ("deep_models", "Deep models and two towers", "What about age, hour and newcomers?"),
        ],
    ),
    (
        "From a billion to ten",
        [
            ("retrieval", "Retrieval", "How do you find without looking at everything?"),
            ("scoring", "Scoring", "What do you actually want to maximise?"),
            (
                "factorization_machines",
                "Factorization machines",
                "What if any two things may meet?",
            ),
            ("reranking", "Re-ranking", "Is the best list made of the best items?"),
        ],
    ),
    (
        "Does it work?",
        [
            ("evaluation", "Evaluation", "Which number would you bet on?"),
            ("end_to_end", "The whole system", "What happens when it feeds on itself?"),
        ],
    ),
    (
        "On real ratings",
        [
            (
                "movielens_first_look",
                "First look at MovieLens",
                "What does a real matrix look like?",
            ),
            ("movielens_models", "Every model, one split", "Who wins, and by how much?"),
            ("movielens_pipeline", "The pipeline on real ratings", "Where does the time go?"),
        ],
    ),
]


class ChapterMap(SphinxDirective):
    """Writes the map as nested lists; book.css draws them as boxes on a path."""

    def run(self):
        here = self.env.docname.rsplit("/", 1)[0]
        solvable = {}
        for exercise in list_exercises():
            solvable.setdefault(exercise.id.rpartition(".")[0], []).append(exercise.id)
        parts, begin = [], "<em>start here</em>"
        for heading, chapters in MAP:
            boxes = ""
            for name, title, question in chapters:
                words = f"<strong>{escape(title)}</strong><span>{escape(question)}</span>{begin}"
                ids = " ".join(solvable.get(name, ()))
                there = f"{here}/{name}" in self.env.found_docs
                link = f'<a href="{name}.html" data-exercises="{ids}">{words}</a>'
                boxes += f"<li>{link if there else f'<div>{words}</div>'}</li>"
                begin = ""
            parts.append(f"<li><p>{escape(heading)}</p><ol>{boxes}</ol></li>")
        markup = f'<nav class="chapter-map" aria-label="Chapters"><ol>{"".join(parts)}</ol></nav>'
        return [nodes.raw("", markup, format="html")]


def setup(app):
    app.add_directive("chapter-map", ChapterMap)
