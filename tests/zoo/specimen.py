"""What a specimen of the zoo is, and the names under which classical faults are known."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Specimen:
    """One implementation, what it claims to compute, and what is true about it.

    Attributes:
        formula: the catalogue name it claims to implement; it is called positionally with that formula's inputs.
        function: the implementation.
        honest: whether it is right, rounding included.
        convention: the convention under which an honest specimen is right, and a faulty one but for its fault; None is the
            formula's default.
        array: whose arrays it takes.
        fault: what is wrong with a faulty one.
        classical: whether `fault` is one of the names in CLASSICAL_FAULTS.
        note: where it goes wrong, or what else is worth knowing.
        declines: the kinds of input that an honest one refuses by an error: of single samples, soft targets, integer targets
            and labels.
        in_place: whether an honest one works on its first argument, and its answer is what became of that.
    """

    formula: str
    function: Callable[..., Any]
    honest: bool
    convention: str | None = None
    array: Literal["numpy", "torch", "jax"] = "numpy"
    fault: str | None = None
    classical: bool = False
    note: str = ""
    declines: tuple[str, ...] = ()
    in_place: bool = False

    @property
    def name(self) -> str:
        """The name by which a report or a test speaks of it."""
        return f"{self.formula}-{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    def __str__(self) -> str:
        return self.name


def faulty(formula: str, function: Callable[..., Any], fault: str, note: str = "", **options: Any) -> Specimen:
    """A faulty specimen; it is classical if the fault bears a classical name of the formula's family."""
    classical = fault in CLASSICAL_FAULTS[family(formula)]
    return Specimen(formula, function, honest=False, fault=fault, classical=classical, note=note, **options)


def installed(library: str) -> bool:
    """Whether a library can be imported; the specimens built on it exist only then."""
    return find_spec(library) is not None


def family(formula: str) -> str:
    """Whether a formula is an activation, a loss, a gradient, or of the last chapter."""
    if formula in CLASSICAL_FAULTS:
        return formula
    if formula.endswith("_gradient"):
        return "gradients"
    return "activations" if formula in {"sigmoid", "softmax"} else "losses"


GENERAL_FAULTS = frozenset({"computed_in_float32", "writes_into_its_input"})
_NETWORK_FAULTS = {
    "forgotten_sigmoid",
    "another_activation",
    "first_bias_forgotten",
    "second_bias_forgotten",
    "biases_forgotten",
}
CLASSICAL_FAULTS = {
    "activations": GENERAL_FAULTS
    | {
        "sign_flipped",
        "overflowing_form",
        "tanh_form",
        "tanh_itself",
        "hard_sigmoid",
        "clipped_argument",
        "no_shift",
        "over_samples",
        "over_everything",
        "plain_normalisation",
        "log_softmax",
        "softmin",
        "base_two",
        "shifted_by_mean",
    },
    "losses": GENERAL_FAULTS
    | {
        "sum_over_samples",
        "mean_over_entries",
        "missing_half",
        "root_mean_squared",
        "absolute_error",
        "expanded_square",
        "opposite_sign",
        "base_two",
        "base_ten",
        "no_guard",
        "offset_guard",
        "both_sides_clipped",
        "arguments_swapped",
        "binary_cross_entropy",
        "one_loss_a_sample",
        "guard_outside_log",
        "softmax_applied_first",
        "labels_off_by_one",
        "every_label_for_every_sample",
        "first_sample_only",
        "no_shift",
        "log_of_softmax",
        "shift_by_batch_maximum",
        "softmax_over_samples",
        "softmax_over_everything",
        "softmax_twice",
        "logits_taken_for_probabilities",
        "one_hot_targets_only",
    },
    "gradients": GENERAL_FAULTS
    | {
        "missing_mean",
        "mean_over_entries",
        "opposite_sign",
        "factor_two",
        "derivative_of_the_value",
        "diagonal_only",
        "off_diagonal_only",
        "plus_instead_of_minus",
        "gradient_at_the_logits",
        "guard_ignored",
        "target_ignored",
        "softmax_forgotten",
        "arguments_swapped",
        "one_hot_targets_only",
    },
    "numerical_gradient": frozenset(
        {
            "not_moved",
            "one_side_over_two_steps",
            "missing_brackets",
            "row_by_row",
            "steps_in_float32",
            "forward_difference",
            "backward_difference",
            "missing_two",
            "not_divided",
            "opposite_sign",
            "step_too_small",
            "step_too_large",
            "not_restored",
            "all_at_once",
            "truncated_to_integers",
            "one_index_only",
            "index_out_of_bounds",
            "flattened",
            "factor_half",
            "writes_into_its_input",
        }
    ),
    "gradient_descent": frozenset(
        {
            "kept_as_integers",
            "adaptive_rate",
            "only_the_step",
            "divided_by_the_rate",
            "mean_of_the_gradient",
            "factor_half",
            "ascending",
            "one_step_short",
            "one_step_more",
            "only_one_step",
            "learning_rate_ignored",
            "steps_ignored",
            "gradient_of_the_start",
            "momentum_unasked",
            "decaying_rate",
            "normalised_gradient",
            "sign_only",
            "forward_difference",
            "factor_two",
            "whole_path",
            "early_stopping",
            "function_value",
            "writes_into_its_input",
        }
    ),
    "sgd_step": GENERAL_FAULTS
    | {
        "factor_two",
        "factor_half",
        "divided_by_the_rate",
        "rate_in_float32",
        "ascending",
        "learning_rate_ignored",
        "gradient_forgotten",
        "first_layer_only",
        "weights_only",
        "shrunk_not_moved",
        "only_the_step",
        "weight_decay_unasked",
        "normalised_gradient",
        "sign_only",
        "clipped_gradient",
        "remembered_step",
        "rate_twice",
    },
    "two_layer_net_predict": GENERAL_FAULTS
    | _NETWORK_FAULTS
    | {
        "axis_not_kept",
        "guarded_denominator",
        "sigmoid_before_the_softmax",
        "clipped",
        "shift_by_batch_maximum",
        "classes",
        "softmax_forgotten",
        "sigmoid_at_the_output",
        "log_softmax",
        "no_shift",
        "softmax_over_samples",
        "softmax_over_everything",
        "softmax_twice",
    },
    "two_layer_net_loss": GENERAL_FAULTS
    | _NETWORK_FAULTS
    | {
        "base_ten",
        "guarded_logarithm",
        "no_shift",
        "shift_by_batch_maximum",
        "sigmoid_before_the_softmax",
        "sum_over_samples",
        "mean_over_entries",
        "opposite_sign",
        "base_two",
        "log_of_softmax",
        "offset_guard",
        "softmax_twice",
        "squared_error",
        "weight_decay_unasked",
        "first_sample_only",
        "every_label_for_every_sample",
        "one_loss_a_sample",
        "one_hot_targets_only",
    },
    "two_layer_net_gradient": GENERAL_FAULTS
    | {
        "another_activation",
        "shift_by_batch_maximum",
        "missing_mean",
        "divided_twice",
        "mean_over_entries",
        "opposite_sign",
        "target_ignored",
        "factor_two",
        "squared_error_gradient",
        "sigmoid_slope_forgotten",
        "slope_of_the_sum",
        "slope_at_the_activation",
        "value_as_slope",
        "slope_of_another_activation",
        "forgotten_sigmoid",
        "not_transposed",
        "mean_for_the_biases",
        "biases_not_summed",
        "biases_forgotten",
        "first_layer_forgotten",
        "no_shift",
        "first_sample_only",
        "weight_decay_unasked",
        "central_difference",
        "gradient_of_the_offset_loss",
        "every_label_for_every_sample",
        "layers_exchanged",
        "softmax_over_samples",
        "labels_subtracted",
        "one_hot_targets_only",
    },
}
