"""The oracle: judging somebody else's implementation of a formula."""
