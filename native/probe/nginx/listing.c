/* SPDX-License-Identifier: MIT */
#include "nginx/listing.h"
#include <string.h>
int nginx_listing_begin(struct nginx_listing *out)
{
	memset(out, 0, sizeof(*out));
	return 0;
}
void nginx_listing_measure(struct nginx_listing *listing)
{
	(void)listing;
}
void nginx_listing_free(struct nginx_listing *listing)
{
	(void)listing;
}
