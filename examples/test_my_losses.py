"""refmath in a test-suite of your own: a function that does not conform fails its test, with the whole report.

pytest examples/test_my_losses.py
"""

import pytest
from conventions import mean_squared_error
from first_loss import softmax_cross_entropy_one_hot as first
from second_loss import softmax_cross_entropy_one_hot as second

import refmath


def test_my_loss():
    refmath.assert_conforms(second, "softmax_cross_entropy_one_hot")


@refmath.parametrize_with_checks(second, "softmax_cross_entropy_one_hot")
def test_my_loss_law_by_law(check):
    check()


def test_my_squared_error():
    refmath.assert_conforms(mean_squared_error, "mean_squared_error", convention="pytorch")


def test_the_first_attempt_is_found_out():
    with pytest.raises(AssertionError, match="no_shift"):
        refmath.assert_conforms(first, "softmax_cross_entropy_one_hot")
