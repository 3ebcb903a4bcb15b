"""Which functions of PyTorch, JAX, SciPy and scikit-learn conform, in which number format: the table of the page "Who conforms"."""
