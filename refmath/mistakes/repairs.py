"""What to do about a mistake, in a line or two: by its name, for whatever formula it was made with."""

from __future__ import annotations

from collections.abc import Mapping

#: The names are those that a diagnosis has: of pages, of operators, and of faults that any program may have. What is said holds for every formula that has the name.
REPAIRS: Mapping[str, str] = {
    # overflow and cancellation
    "no_shift": (
        "Subtract the largest logit of each sample before exp, and add it to a logarithm again:\na = a - a.max(axis=-1, keepdims=True)"
    ),
    "shift_by_batch_maximum": "Subtract the maximum of each sample, not of the batch:\na.max(axis=-1, keepdims=True)",
    "shift_by_magnitude": "Subtract the largest logit, not the largest absolute value:\na.max(axis=-1, keepdims=True)",
    "shifted_by_mean": "Subtract the maximum, not the mean: a.max(axis=-1, keepdims=True).",
    "shift_not_added_back": "Add the largest logit to the logarithm again: m + log(sum(exp(a - m))).",
    "overflowing_form": "Use a form without exp of large positive numbers: 1 / (1 + exp(-x)), or exp of -|x|.",
    "quotient_of_exponentials": "Use np.tanh(x), which never overflows.",
    "tanh_form": "Use 1 / (1 + exp(-x)), which keeps the lower tail.",
    "complement_form": "Use 1 / (1 + exp(-x)), which keeps the lower tail.",
    "clipped_argument": "Leave the clip out: 1 / (1 + exp(-x)) is right without it, whatever exp warns of.",
    "log_of_softmax": "Subtract m, the largest logit of each sample, and take the logarithm of the sum:\n(a - m) - log(sum(exp(a - m)))",
    "logarithm_of_the_softmax": (
        "Subtract m, the largest logit of each sample, and take the logarithm of the sum:\n(a - m) - log(sum(exp(a - m)))"
    ),
    "logarithm_of_the_sigmoid": "Compute it from the logits:\nmaximum(a, 0) - a * t + log1p(exp(-abs(a))).",
    "clipped_sigmoid": "Compute it from the logits, without a clip:\nmaximum(a, 0) - a * t + log1p(exp(-abs(a))).",
    "offset_sigmoid": "Compute it from the logits, without an offset:\nmaximum(a, 0) - a * t + log1p(exp(-abs(a))).",
    "expanded_square": "Subtract first, then square: (y - t) ** 2.",
    "variance_by_the_mean_of_squares": "Subtract the mean first: mean((x - mean(x)) ** 2).",
    # samples, classes, means
    "sum_over_samples": "Divide by the number of samples, y.shape[0] of a batch; a single sample counts as one.",
    "missing_mean": "Divide by the number of samples, which is the size of the batch's first axis.",
    "mean_over_entries": "Divide by the number of samples only: sum over the classes, then take the mean over the batch.",
    "divided_by_classes": "Divide by the number of samples, shape[0], not by that of classes, shape[1].",
    "divided_twice": "Divide by the number of samples once: in the loss or in its gradient, not in both.",
    "single_sample_divided_by_classes": "Make a single sample a batch of one first: y = y.reshape(1, -1).",
    "one_loss_a_sample": "Take the mean over the samples at the end: losses.mean().",
    "first_sample_only": "Compute with the whole batch: check for an index [0] that is left over.",
    "over_samples": "Take the maximum and the sum over the last axis: axis=-1, keepdims=True.",
    "over_everything": "Take the maximum and the sum over the last axis alone: axis=-1, keepdims=True.",
    "softmax_over_samples": "Take the softmax over the classes: axis=-1, not axis=0.",
    "softmax_over_everything": "Take the softmax over the classes of each sample: axis=-1, keepdims=True.",
    "axis_not_kept": "Keep the axis: max(axis=-1, keepdims=True), and the same for the sum.",
    "samples_in_columns": "Transpose the arrays, or sum over the other axis: samples are rows here.",
    # targets
    "every_label_for_every_sample": "Pick one entry a sample: y[np.arange(len(labels)), labels].",
    "axes_exchanged": "Exchange the indices: y[np.arange(len(labels)), labels].",
    "labels_off_by_one": "Count labels from 0, so that the first class is y[:, 0].",
    "labels_subtracted": "Make the labels one-hot first: t = np.eye(K)[labels].",
    "encoding_by_size": "Tell labels from one-hot targets by their dimension: t.ndim == y.ndim is one-hot.",
    "target_ignored": "Subtract the target: y - t.",
    "arguments_swapped": "Exchange the two arguments, or say in which order they come: --order.",
    # steps
    "step_of_the_wrong_sign": "Subtract the step from the parameters, or its velocity of the other sign: w - lr * g.",
    "one_bias_correction_missing": "Divide both means: m by 1 - beta1 ** t, v by 1 - beta2 ** t.",
    "corrected_as_in_the_first_step": "Count the steps: 1 - beta ** t, with t one more in each step.",
    "one_bias_correction_for_both": "Divide m by 1 - beta1 ** t, and v by 1 - beta2 ** t.",
    "bias_corrections_swapped": "Divide m by 1 - beta1 ** t, and v by 1 - beta2 ** t.",
    "decay_after_the_step": "Multiply w by 1 - lr * weight_decay first, and then take the step.",
    # functions too many or too few
    "softmax_twice": "Apply the softmax once: to logits, not to probabilities.",
    "softmax_applied_first": "Leave the softmax out: the argument holds probabilities already.",
    "softmax_forgotten": "Apply the softmax first: the argument holds logits.",
    "logits_taken_for_probabilities": "Apply the softmax first: the argument holds logits.",
    "sigmoid_forgotten": "Apply the sigmoid first: the argument holds logits.",
    "sigmoid_applied_first": "Leave the sigmoid out: it is applied already.",
    "sigmoid_before_the_softmax": "Leave the sigmoid out: the softmax takes the output layer's sums as they are.",
    "forgotten_sigmoid": "Apply the sigmoid between the two layers: z = sigmoid(x @ W1 + b1).",
    "log_forgotten": "Take the logarithm of the probabilities before they are averaged.",
    "biases_forgotten": "Add the biases: x @ W + b, in both layers.",
    "first_bias_forgotten": "Add the hidden layer's bias: x @ W1 + b1.",
    "second_bias_forgotten": "Add the output layer's bias: z @ W2 + b2.",
    # signs, factors, bases
    "opposite_sign": "Change the sign of the result.",
    "plus_instead_of_minus": "Replace the plus by a minus.",
    "missing_half": "Multiply by 1/2.",
    "factor_two": "Halve the result, or look for a factor 2 too many.",
    "factor_half": "Double the result, or look for a factor 1/2 too many.",
    "base_two": "Use the natural base: exp and log, not exp2 and log2.",
    "base_ten": "Use the natural logarithm: log, not log10.",
    # guards
    "no_guard": "Keep it at δ at least: maximum(y, delta).",
    "guard_outside_log": "Put δ inside the logarithm: log(maximum(y, delta)).",
    "offset_guard": "Make δ a floor, not something added: maximum(y, delta).",
    "both_sides_clipped": "Clip from below only: maximum(y, delta).",
    "guard_too_large": "Lower the floor to the formula's own δ, 1e-8.",
    "one_added_inside_the_log": "Take the logarithm of y itself, with a small floor: log(maximum(y, delta)).",
    "guarded_sum": "Leave the small number out: the sum is never 0 once the largest logit is subtracted.",
    "guarded_denominator": "Leave the small number out where the denominator cannot be 0.",
    "epsilon_outside_the_root": "Put ε inside the root: sqrt(v + eps).",
    "epsilon_inside_the_root": "Put ε outside the root: sqrt(v) + eps.",
    # derivatives
    "derivative_of_the_value": "Compute the value first: y = f(x), and then the derivative from y.",
    "gradient_of_the_value": "Apply the function once, and take the derivative at x.",
    "gradient_at_the_logits": "By the probabilities themselves the gradient is -t / y / N.",
    "central_difference": "Use the formula of the derivative; a difference quotient keeps half of the digits.",
    "forward_difference": "Take the symmetric quotient: (f(x + h) - f(x - h)) / (2 * h).",
    "backward_difference": "Take the symmetric quotient: (f(x + h) - f(x - h)) / (2 * h).",
    "missing_two": "Divide by 2 * h, in brackets.",
    "missing_brackets": "Put brackets around both parts: (f1 - f2) / (2 * h).",
    "step_too_small": "Take a step between 1e-6 and 1e-4.",
    "step_too_large": "Take a step between 1e-6 and 1e-4.",
    "not_restored": "Put each coordinate back after its two values of f were taken: x[i] = before.",
    "truncated_to_integers": "Begin with a copy in floats: x = np.array(x, dtype=float), and gradient = np.zeros(x.shape).",
    "one_index_only": "Run over every entry: for i in np.ndindex(x.shape).",
    "index_out_of_bounds": "Run over every entry: for i in np.ndindex(x.shape).",
    "diagonal_only": "Return the whole Jacobian: np.diag(p) - np.outer(p, p) for each sample.",
    "not_transposed": "Transpose the weights on the way back: dy @ W2.T.",
    "biases_not_summed": "Sum the biases' gradients over the samples: dy.sum(axis=0).",
    "weights_updated_too_early": "Compute all gradients before any weight is changed.",
    "layers_exchanged": "Exchange the gradients of the two layers.",
    # steps
    "works_on_the_callers_array": "Begin with a copy: x = init_x.copy(), or write x = x - lr * gradient.",
    "writes_into_its_input": "Work on a copy: x = x.copy(), or write x = x - ... instead of x -= ...",
    "kept_as_integers": "Begin with a copy in floats: x = np.array(init_x, dtype=float).",
    "ascending": "Subtract the gradient: x - lr * gradient.",
    "learning_rate_ignored": "Multiply the gradient by the learning rate that is given.",
    "divided_by_the_rate": "Multiply by the learning rate: x - lr * gradient.",
    "rate_twice": "Multiply by the learning rate once.",
    "gradient_of_the_start": "Compute the gradient anew in every step, at the new point.",
    "one_step_short": "Take as many steps as are asked for: range(steps).",
    "one_step_more": "Take as many steps as are asked for: range(steps).",
    "fixed_names": "Run over the parameters that are given: for key in params.",
    "paired_by_order": "Pair parameters and gradients by name: grads[key].",
    "bias_correction_missing": "Divide the means by 1 - beta1 ** t and 1 - beta2 ** t before the step.",
    "corrected_state_kept": "Return the means as they are; correct copies of them for this step only.",
    "corrected_mean_kept": "Return m as it is; correct a copy of it for this step only.",
    "corrected_squares_kept": "Return v as it is; correct a copy of it for this step only.",
    # any program
    "computed_in_float32": "Leave the cast out; with JAX, set jax.config.update('jax_enable_x64', True).",
    "computed_in_float16": "Leave the cast to float16 out.",
    "computed_in_bfloat16": "Leave the cast to bfloat16 out.",
    "vectors_only": "Work on arrays of any shape: with x.ravel() or np.ndindex(x.shape), and the shape put back at the end.",
    "batches_only": "Make a single sample a batch of one first: np.atleast_2d(y).",
    "single_samples_only": "Work along the last axis, axis=-1, so that a batch is treated as each of its samples is.",
}


#: How the same is written with the arrays of another library: what stands first is replaced first.
_WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "torch": (
        (".max(axis=", ".amax(dim="),
        ("max(axis=", "amax(dim="),
        ("axis=", "dim="),
        ("keepdims", "keepdim"),
        (".copy()", ".clone()"),
        ("np.atleast_2d", "torch.atleast_2d"),
        ("np.arange", "torch.arange"),
        ("np.tanh", "torch.tanh"),
    ),
    "jax": (("np.ndindex", "numpy.ndindex"), ("np.", "jnp."), ("numpy.", "np.")),
}


def repair(name: str, library: str = "numpy") -> str:
    """What to do about a mistake; of several at once, about each for which something is known. Empty if nothing is, or if it is one mistake or another.

    Args:
        name: The name of the mistake, or several with "and" between them.
        library: Whose arrays the program computes with.

    Examples:
        >>> repair("missing_half")
        'Multiply by 1/2.'
        >>> repair("missing_half and opposite_sign")
        'Multiply by 1/2. Change the sign of the result.'
        >>> repair("missing_half or opposite_sign")
        ''
        >>> repair("softmax_over_everything", "torch")
        'Take the softmax over the classes of each sample: dim=-1, keepdim=True.'
    """
    text = "" if " or " in name else " ".join(filter(None, map(REPAIRS.get, name.split(" and "))))
    for ours, theirs in _WORDS.get(library, ()):
        text = text.replace(ours, theirs)
    return text
