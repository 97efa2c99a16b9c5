# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A slow and simple model of how gapwatch counts, and random streams to test the program with.

The model is written from the counting rules in words (the README has them) and shares
nothing with the program: sets of numbers, a dictionary of arrivals, and whole runs worked out
afresh each time they are needed.
"""
