# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What several end-to-end tests share: capture files, frames, tables of cases."""
