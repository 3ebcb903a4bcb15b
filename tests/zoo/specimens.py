"""All specimens of the zoo."""

from . import (
    faulty_activations,
    faulty_descents,
    faulty_gradients,
    faulty_learning,
    faulty_limits,
    faulty_losses,
    faulty_networks,
    honest_conventions,
    honest_declining,
    honest_descents,
    honest_libraries,
    honest_networks,
    honest_numpy,
    honest_scipy,
)

HONEST_ONES = (
    *honest_numpy.SPECIMENS,
    *honest_scipy.SPECIMENS,
    *honest_libraries.SPECIMENS,
    *honest_conventions.SPECIMENS,
    *honest_declining.SPECIMENS,
    *honest_descents.SPECIMENS,
    *honest_networks.SPECIMENS,
)
FAULTY_ONES = (
    *faulty_activations.SPECIMENS,
    *faulty_losses.SPECIMENS,
    *faulty_gradients.SPECIMENS,
    *faulty_descents.SPECIMENS,
    *faulty_networks.SPECIMENS,
    *faulty_learning.SPECIMENS,
    *faulty_limits.SPECIMENS,
)
