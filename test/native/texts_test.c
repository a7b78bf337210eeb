/* SPDX-License-Identifier: MIT */
/* modules: nginx/container.c nginx/flavour.c nginx/binary.c */
#include "check.h"

#include "nginx/binary.h"
#include "nginx/container.h"
#include "nginx/flavour.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void finds_containers(void)
{
	static const struct {
		const char *cgroup, *expected;
	} cases[] = {
		{"0::/system.slice/docker-" ID ".scope\n", "0123456789ab"},
		{"4:cpu:/docker/" ID "\n0::/\n", "0123456789ab"},
		{"0::/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-" ID ".scope\n",
		 "0123456789ab"},
		{"0::/machine.slice/libpod-" ID ".scope/container\n", "0123456789ab"},
		{"0::/lxc.payload.web-1/system.slice/nginx.service\n", "web-1"},
		{"0::/machine.slice/systemd-nspawn@shop.service/payload\n", "shop"},
		{"0::/system.slice/nginx.service\n", ""},
		{"0::/\n", ""},
		{"", ""},
	};
	char out[80];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		container_in_cgroup(cases[i].cgroup, out, sizeof(out));
		CHECK_TEXT(out, cases[i].expected);
	}
}

static void finds_versions(void)
{
	char out[32];

	kong_version_in("local version = setmetatable({\n  major = 3,\n  minor = 9,\n  patch = 1,\n"
			"  --suffix = \"-alpha.1\"\n}, {",
			out, sizeof(out));
	CHECK_TEXT(out, "3.9.1");
	kong_version_in("return {}", out, sizeof(out));
	CHECK_TEXT(out, "");
	apisix_version_in("return {\n    VERSION = \"3.11.0\"\n}\n", out, sizeof(out));
	CHECK_TEXT(out, "3.11.0");
	apisix_version_in("return { MY_VERSION = 1 }", out, sizeof(out));
	CHECK_TEXT(out, "");
}

static void reads_configure_arguments(void)
{
	static const char arguments[] =
		" --with-cc-opt='-g -O2 --prefix=/no' --prefix=/usr/share/nginx "
		"--conf-path=/etc/nginx/nginx.conf --with-x=\"--conf-path=/no\"";
	char out[64];

	CHECK(configure_argument(arguments, "--prefix", out, sizeof(out)));
	CHECK_TEXT(out, "/usr/share/nginx");
	CHECK(configure_argument(arguments, "--conf-path", out, sizeof(out)));
	CHECK_TEXT(out, "/etc/nginx/nginx.conf");
	CHECK(!configure_argument(arguments, "--sbin-path", out, sizeof(out)));
	CHECK(!configure_argument("", "--prefix", out, sizeof(out)));
}

int main(void)
{
	RUN(finds_containers());
	RUN(finds_versions());
	RUN(reads_configure_arguments());
	return CHECKS_RESULT;
}
