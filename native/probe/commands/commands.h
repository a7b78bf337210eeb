/* SPDX-License-Identifier: MIT */
/* The commands of acupoint-probe. Each takes the arguments after its name and returns the exit
 * code. */
#ifndef ACUPOINT_COMMANDS_H
#define ACUPOINT_COMMANDS_H

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_list(int argc, char **argv);
int command_heap(int argc, char **argv);
int command_serve(int argc, char **argv);

#endif
