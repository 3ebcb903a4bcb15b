"""The zoo: implementations as people really write them, honest and faulty, on which the oracle itself is judged.

Nothing here knows refmath. `test_zoo.py` shows with mpmath alone that the honest ones are right and the faulty ones are wrong.
"""
