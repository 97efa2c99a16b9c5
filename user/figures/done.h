/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Included after a table of figures (table.h): undefines the macros, so that the next table can be
 * read with others. */

#undef FIGURE
#undef KEY
#undef STORED
#undef ROWID
#undef SINCE
