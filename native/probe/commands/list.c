/* SPDX-License-Identifier: MIT */
#include "commands/commands.h"
int command_list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return EXIT_FAILED;
}
