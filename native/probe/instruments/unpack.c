/* SPDX-License-Identifier: MIT */
#include "instruments/unpack.h"

#include <stdlib.h>
#include <zlib.h>

/* Added to zlib's window size, it makes zlib expect gzip's header. */
#define GZIP (16 + MAX_WBITS)

static unsigned char *unpacked;

const void *unpack(const unsigned char *packed, size_t packed_size, size_t size)
{
	z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)packed_size};

	unpack_done();
	unpacked = malloc(size);
	if (!unpacked)
		return NULL;
	z.next_out = unpacked;
	z.avail_out = (uInt)size;
	if (inflateInit2(&z, GZIP) != Z_OK) {
		unpack_done();
		return NULL;
	}
	if (inflate(&z, Z_FINISH) != Z_STREAM_END || z.avail_out)
		unpack_done();
	inflateEnd(&z);
	return unpacked;
}

void unpack_done(void)
{
	free(unpacked);
	unpacked = NULL;
}
