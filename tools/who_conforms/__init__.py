"""Which functions of PyTorch, JAX, Optax, Keras, SciPy and scikit-learn conform, in which number format: the table of the page "Who conforms"."""
