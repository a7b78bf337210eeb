/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by the BPF program that watches what goes wrong and user space. Includers define __u8 ...
 * __u64 first.
 */
#ifndef ACUPOINT_ERROR_WATCH_H
#define ACUPOINT_ERROR_WATCH_H

enum error_kind {
	ERROR_THROWN, /* _Unwind_RaiseException(exception) */
	ERROR_EXIT,   /* ngx_http_lua_ffi_exit(r, status, ...) */
	ERROR_LOGGED, /* ngx_log_error_core(level, log, errno, format, ...) */
	ERROR_KINDS,
};

enum { ERROR_PROCESSES = 256, ERROR_TEXT = 256, ERROR_ANSWER_UNKNOWN = 0xffff };

/* Of a process: the addresses that its uprobes stand at; 0: none stands there. */
struct error_place {
	__u64 at[ERROR_KINDS];
};

struct error_sums {
	__u64 hits[ERROR_KINDS];
	__u64 foreign;	/* exceptions that are not Lua's */
	__u64 aborts;	/* of the JIT compiler, which throws them as well */
	__u64 lost;	/* events for which there was no room */
	__u64 unwalked; /* events that came, but their stacks did not */
	__u64 run_ns;
};

/* Types of a message, by LuaJIT's own numbers; all numbers are ERROR_NUMBER. */
enum error_type { ERROR_STRING = 4, ERROR_NUMBER = 13, ERROR_TYPES = 14, ERROR_UNREAD = 15 };

/*
 * Comes before the sample with its stack, whose value is `serial` and whose tid is the same. No
 * sample begins with 0.
 */
struct error_event {
	__u32 zero;
	__u32 kind;
	__u32 pid, tid;
	__u64 serial;
	/* Of the text of the message that was thrown, or 0; ngx_http_request_t; the format. */
	__u64 subject;
	__u64 arguments[2];    /* what follows a format */
	__u32 code;	       /* enum error_type; status; level */
	__u32 answered;	       /* the status that the request has already; 0: none */
	__u32 length;	       /* of the text, with its NUL; 0: it was not read */
	char text[ERROR_TEXT]; /* of the message, if it is a string; of the format */
};

#endif
