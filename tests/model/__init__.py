# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A slow and simple model of how gapwatch counts, and random streams to test the program with.

The model is written from the counting rules (see the README) and shares no code with the program: it uses
sets of numbers and a dictionary of arrivals, and computes gaps from scratch each time.
"""
