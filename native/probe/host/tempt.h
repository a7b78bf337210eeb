/* SPDX-License-Identifier: MIT */
/*
 * For tests alone: in a build with ACUPOINT_TEMPT, text of a target that a parser reads makes it
 * try what a parser that was taken over would. Other builds know nothing of it.
 */
#ifndef ACUPOINT_TEMPT_H
#define ACUPOINT_TEMPT_H

#include <stddef.h>

#ifdef ACUPOINT_TEMPT
/* Does what the word behind "tempt_" in the text says, and says so if it is still there then. */
void tempt(const char *text, size_t length);
#else
static inline void tempt(const char *text, size_t length)
{
	(void)text;
	(void)length;
}
#endif

#endif
