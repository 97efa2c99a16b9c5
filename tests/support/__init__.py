# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Common to several end-to-end tests: capture files, frames, tables of cases."""
