/* SPDX-License-Identifier: MIT */
/* modules: native/symbol_name.c */
#include "check.h"

#include "native/symbols.h"

static void whole(const char *name, const char *expected)
{
	char out[64] = "";

	memcpy(out, name, symbol_whole(name, strlen(name)));
	CHECK_TEXT(out, expected);
}

static void knows_pieces_of_functions(void)
{
	whole("work", "work");
	whole("work.part.0", "work");
	whole("work.isra.12", "work");
	whole("work.constprop.0.isra.0", "work");
	whole("work.cold", "work");
	whole("work.cold.3", "work");
	whole("work.part.0.cold", "work");
	whole("_ZN3foo3barEv.llvm.1234567", "_ZN3foo3barEv");
}

static void leaves_all_else_alone(void)
{
	whole("work.part", "work.part");
	whole("work.lto_priv.0", "work.lto_priv.0");
	whole("cold", "cold");
	whole(".cold", ".cold");
	whole(".part.0", ".part.0");
	whole("a.0", "a.0");
	whole("0", "0");
	whole("", "");
}

int main(void)
{
	RUN(knows_pieces_of_functions());
	RUN(leaves_all_else_alone());
	return CHECKS_RESULT;
}
