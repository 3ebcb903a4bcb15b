"""PyTorch's autograd under question: is what it finds the gradient of this loss?

refmath gradient --array torch examples/torch_gradient.py:loss --at examples/torch_gradient.py:model
"""

import torch

import refmath

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).double()
x, labels = torch.randn(16, 4).double(), torch.randint(3, (16,))


def loss(model):
    return torch.nn.functional.cross_entropy(model(x), labels)


if __name__ == "__main__":
    print(refmath.check_gradient(loss, None, model, array="torch"))
