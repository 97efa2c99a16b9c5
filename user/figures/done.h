/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ends a table of figures (table.h): the next one is read with other macros. */

#undef FIGURE
#undef KEY
#undef STORED
#undef ROWID
#undef SINCE
