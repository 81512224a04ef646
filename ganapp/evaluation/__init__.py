"""How good are generated pictures? Features -> statistics -> score, each in a file that opens with
its mathematics.

`report.evaluate(generated, real, ...)` measures everything at once. Plain arrays go in and plain
numbers come out: nothing here knows models, runs or training.
"""
