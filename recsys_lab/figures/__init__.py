"""The pictures of each chapter: what is drawn, what can be moved, and the sentence it says."""
