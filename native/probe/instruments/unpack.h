/* SPDX-License-Identifier: MIT */
/* The BPF object, which lies in the probe as gzip made it. */
#ifndef ACUPOINT_UNPACK_H
#define ACUPOINT_UNPACK_H

#include <stddef.h>

/* The `size` bytes that were packed, valid until unpack_done(); NULL where memory is short. */
const void *unpack(const unsigned char *packed, size_t packed_size, size_t size);
void unpack_done(void);

#endif
