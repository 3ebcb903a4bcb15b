"""The numerical gradient of a network's loss, spread over a Dask cluster.

    pip install 'refmath[distributed]'
    python examples/distributed_gradient.py                  # a cluster of two processes on this machine
    python examples/distributed_gradient.py tcp://HOST:8786  # a cluster that runs already, on as many machines as it has

Every entry of a parameter costs two evaluations of the loss. They do not depend on each other, so that they can be done anywhere, and the result is the
same to the last bit.
"""

import functools
import sys

import numpy as np
from distributed import Client, LocalCluster

from refmath import TwoLayerNet, numerical_gradient, two_layer_net_loss


def loss_of(name, params, x, t, value):
    """The loss as a function of one of the parameters: at the top level of a module, so that it can be sent to other processes."""
    return two_layer_net_loss({**params, name: value}, x, t)


def main():
    rng = np.random.default_rng(0)
    net = TwoLayerNet(20, 10, 3, rng=rng)
    x, t = rng.standard_normal((50, 20)), rng.integers(0, 3, 50)
    here = LocalCluster(n_workers=2, host="127.0.0.1", dashboard_address=None) if len(sys.argv) == 1 else None
    with Client(here or sys.argv[1]) as client:
        for name, value in net.params.items():
            f = functools.partial(loss_of, name, net.params, x, t)
            gradient = numerical_gradient(f, value, workers=client.get_executor().map)
            off = np.max(np.abs(gradient - net.gradient(x, t)[name]))
            print(f"{name}: {gradient.size} entries, at most {off:.0e} from backpropagation")
    if here:
        here.close()


if __name__ == "__main__":
    main()
