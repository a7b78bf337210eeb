/* SPDX-License-Identifier: MIT */
/* The numbers of FailureKind and NoticeKind in acupoint.proto, for rooms that do not know the wire.
 */
#ifndef ACUPOINT_FAILURE_H
#define ACUPOINT_FAILURE_H

enum failure_kind {
	FAILURE_OTHER = 0,
	FAILURE_NO_SUCH_PROCESS = 1,
	FAILURE_NOT_NGINX = 2,
	FAILURE_PRIVILEGE = 3,
	FAILURE_NO_SAMPLER = 4,
	FAILURE_VERIFIER = 5,
	FAILURE_TARGETS_GONE = 6,
	FAILURE_BAD_REQUEST = 7,
	FAILURE_FILE = 8,
};

enum notice_kind {
	NOTICE_OTHER = 0,
	NOTICE_WORKER_JOINED = 1,
	NOTICE_WORKER_LEFT = 2,
	NOTICE_NO_LUA_VM = 3,
	NOTICE_UNSUPPORTED_VM = 4,
	NOTICE_VM_FOUND = 5,
	NOTICE_RATE_LOWERED = 6,
	NOTICE_SAMPLER_FELL_BACK = 7,
};

#endif
