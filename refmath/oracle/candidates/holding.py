"""Optimisers that are made for the parameters that they change, and find the gradients there, as those of PyTorch do."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from refmath.oracle.candidates.candidate import CallFailed

#: What they call their parameters; what they take besides may have no default then.
_PARAMETERS = {"params", "parameters", "model_parameters"}
#: The method that makes a step.
_STEP = "step"


class Holding:
    """Such an optimiser, as a function of the parameters and of their gradients.

    Args:
        made: Its class, which takes the parameters in a list, and perhaps numbers of its own.
        keeps: Whether one object makes all steps; else each call makes one of its own.
    """

    def __init__(self, made: type, *, keeps: bool = False) -> None:
        self._made, self._keeps = made, keeps
        self._optimiser: Any = None
        self._parameters: list[Any] = []
        self.__name__ = self.__qualname__ = f"{made.__qualname__}.{_STEP}"
        self.holds_parameters = True
        self.__wrapped__ = getattr(made, _STEP)  # where it stands
        _, *own = inspect.signature(made).parameters.values()
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in ("params", "grads")] + own)

    def keeping(self) -> Holding:
        """The same, of which one object makes all steps from now on."""
        return Holding(self._made, keeps=True)

    def __call__(self, params: Any, grads: Any, *more: Any, **named: Any) -> Any:
        names = list(params) if isinstance(params, Mapping) else None
        given, gradients = (
            ([params], [grads]) if names is None else (list(params.values()), [grads[name] for name in params])
        )
        if not all(hasattr(each, "requires_grad_") for each in given):
            raise CallFailed(
                "absent",
                f"{self._made.__qualname__} is made for the parameters that it changes, and its {_STEP}() finds the gradients "
                "there, as PyTorch's do: that is judged with --array torch (array='torch')",
            )
        if self._optimiser is None or not self._keeps:
            self._parameters = [_as_parameter(each) for each in given]
            self._optimiser = self._made(self._parameters, *more, **named)
        for each, gradient in zip(self._parameters, gradients, strict=True):
            each.grad = gradient.clone()  # which it may set to zero
        getattr(self._optimiser, _STEP)()
        answers = [each.detach().clone() for each in self._parameters]
        return answers[0] if names is None else dict(zip(names, answers, strict=True))


def _as_parameter(tensor: Any) -> Any:
    """A tensor as a parameter, which gradients are asked of; of integers there are none."""
    parameter = tensor.detach().clone()
    return parameter.requires_grad_() if parameter.is_floating_point() else parameter


def holding(value: Any) -> Holding | None:
    """A class as a function, if its objects are made for the parameters that they change; None if not."""
    step = getattr(value, _STEP, None)
    if not inspect.isclass(value) or not callable(step):
        return None
    try:
        made, stepped = inspect.signature(value), inspect.signature(step)
    except (TypeError, ValueError):  # without a signature, as some compiled classes
        return None
    first = next(iter(made.parameters), "")
    takes_parameters = not _binds(made) and (_binds(made, object()) or first in _PARAMETERS)
    return Holding(value) if takes_parameters and _binds(stepped, object()) else None


def _binds(signature: inspect.Signature, *arguments: Any) -> bool:
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True
