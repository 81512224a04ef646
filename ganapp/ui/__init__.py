"""The pages. A tab file holds layout and wiring; what it calls are plain functions of numbers,
strings and arrays.
"""
