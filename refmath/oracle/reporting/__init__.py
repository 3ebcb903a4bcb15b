"""What was found, and how it is shown: in a terminal, a notebook, JSON, and GitHub's annotations."""
