/* SPDX-License-Identifier: MIT */
#include "instruments/offcpu/reasons.h"

#include <stdio.h>
#include <sys/syscall.h>

/*
 * By number. `disk` is said where the kernel does not let a signal end the wait, as it waits for a
 * device; a pipe, a socket or a terminal is waited for otherwise.
 */
static const struct {
	int number;
	const char *waits, *disk;
} calls[] = {
	{SYS_futex, "lock (futex)", "lock (futex)"},
	{SYS_wait4, "child (wait4)", "child (wait4)"},
	{SYS_waitid, "child (waitid)", "child (waitid)"},
#ifdef SYS_vfork
	{SYS_vfork, "child (vfork)", "child (vfork)"},
#endif
#ifdef SYS_fork
	{SYS_fork, "fork", "fork"},
#endif
	{SYS_clone, "child (clone)", "child (clone)"},
#ifdef SYS_clone3
	{SYS_clone3, "child (clone)", "child (clone)"},
#endif
	{SYS_execve, "execve", "disk (execve)"},
	{SYS_read, "read", "disk (read)"},
	{SYS_pread64, "read", "disk (read)"},
	{SYS_readv, "read", "disk (read)"},
	{SYS_preadv, "read", "disk (read)"},
	{SYS_write, "write", "disk (write)"},
	{SYS_pwrite64, "write", "disk (write)"},
	{SYS_writev, "write", "disk (write)"},
	{SYS_pwritev, "write", "disk (write)"},
	{SYS_sendfile, "write", "disk (sendfile)"},
	{SYS_fsync, "disk (fsync)", "disk (fsync)"},
	{SYS_fdatasync, "disk (fsync)", "disk (fsync)"},
	{SYS_openat, "open", "disk (open)"},
#ifdef SYS_open
	{SYS_open, "open", "disk (open)"},
#endif
	{SYS_close, "close", "disk (close)"},
	{SYS_newfstatat, "stat", "disk (stat)"},
	{SYS_unlinkat, "unlink", "disk (unlink)"},
#ifdef SYS_unlink
	{SYS_unlink, "unlink", "disk (unlink)"},
#endif
	{SYS_connect, "connect", "connect"},
	{SYS_accept, "accept", "accept"},
	{SYS_accept4, "accept", "accept"},
	{SYS_recvfrom, "socket (receive)", "socket (receive)"},
	{SYS_recvmsg, "socket (receive)", "socket (receive)"},
	{SYS_sendto, "socket (send)", "socket (send)"},
	{SYS_sendmsg, "socket (send)", "socket (send)"},
	{SYS_nanosleep, "sleep", "sleep"},
	{SYS_clock_nanosleep, "sleep", "sleep"},
#ifdef SYS_poll
	{SYS_poll, "poll", "poll"},
#endif
#ifdef SYS_select
	{SYS_select, "select", "select"},
#endif
	{SYS_ppoll, "poll", "poll"},
	{SYS_pselect6, "select", "select"},
	{SYS_flock, "file lock (flock)", "file lock (flock)"},
	{SYS_fcntl, "file lock (fcntl)", "file lock (fcntl)"},
	{SYS_semop, "lock (semop)", "lock (semop)"},
	{SYS_semtimedop, "lock (semop)", "lock (semop)"},
	{SYS_rt_sigsuspend, "signal", "signal"},
	{SYS_rt_sigtimedwait, "signal", "signal"},
	{SYS_mmap, "memory (mmap)", "memory (mmap)"},
	{SYS_munmap, "memory (munmap)", "memory (munmap)"},
	{SYS_mprotect, "memory (mprotect)", "memory (mprotect)"},
	{SYS_madvise, "memory (madvise)", "memory (madvise)"},
};

const char *offcpu_reason(int32_t call, uint32_t state, char out[32])
{
	if (state == AWAY_READY)
		return "run queue";
	if (call == AWAY_NO_CALL)
		return "page fault";
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == call)
			return state & AWAY_UNINTERRUPTIBLE ? calls[i].disk : calls[i].waits;
	snprintf(out, 32, "system call %d", call);
	return out;
}
