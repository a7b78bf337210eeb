/* SPDX-License-Identifier: MIT */
/* Texts that a target or the kernel on its behalf writes, to what reads them line by line. */
#include "bytes.h"

#include <stdlib.h>

/* Their parsers are their own: nothing else calls them. */
#include "native/mappings.c"
#define add socket_add
#define found socket_found
#include "nginx/sockets.c"
#undef add
#undef found
#include "nginx/binary.c"

#include "model/utf8.h"
#include "naming/chunk.h"
#include "naming/definition.h"
#include "nginx/container.h"
#include "nginx/flavour.h"
#include "nginx/paths.h"

static void read_title(const char *text)
{
	struct nginx_master master = {.pid = 1};
	struct nginx_binary binary = {.is_nginx = true};

	look_at_chunk(&binary, text, strlen(text));
	snprintf(master.command_line, sizeof(master.command_line), "%s", text);
	nginx_paths(&master, &binary);
}

static void read_chunk(char *text, size_t size)
{
	struct model *model = model_new();
	struct chunk chunk = {text, size};
	char out[64];

	if (chunk_main_name(&chunk, out, sizeof(out)) > sizeof(out) ||
	    chunk_place_name(&chunk, 12, "cb", out, sizeof(out)) > sizeof(out) ||
	    definition_in_line(text, size, out, sizeof(out)) > sizeof(out))
		abort();
	if (model)
		chunk_phase(&chunk, model);
	if (model)
		model_string(model, text, size);
	model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {data, size};
	unsigned int what = (unsigned int)bytes_number(&bytes, 1);
	char *text = malloc(bytes.size + 1), out[128], line[64];
	struct mapping mapping;

	if (!text)
		return 0;
	memcpy(text, bytes.data, bytes.size);
	text[bytes.size] = '\0';
	switch (what % 7) {
	case 0:
		parse_line(text, &mapping);
		break;
	case 1:
		memset(line, 0, sizeof(line));
		strncpy(line, text, sizeof(line) - 1);
		parse_address(line, what & 8, out, sizeof(out));
		break;
	case 2:
		read_title(text);
		break;
	case 3:
		kong_version_in(text, out, sizeof(out));
		apisix_version_in(text, out, sizeof(out));
		break;
	case 4:
		container_in_cgroup(text, out, sizeof(out));
		break;
	case 5:
		configure_argument(text, "--prefix", out, sizeof(out));
		break;
	default:
		read_chunk(text, bytes.size);
	}
	free(text);
	return 0;
}
