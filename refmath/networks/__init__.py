"""The two-layer network: prediction, loss, gradient, and the class over them."""
