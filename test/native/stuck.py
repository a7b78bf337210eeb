"""Holds the main thread of a probe that serves still, as a file system that does not answer would,
then closes its stdin or stays silent; prints for how many seconds the probe outlived that. Its
other threads run on. Arguments: eof or silence, then the probe's command."""

import ctypes
import os
import subprocess
import sys
import time

PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4

how, command = sys.argv[1], sys.argv[2:]
probe = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
probe.stdout.read(1)  # the hello: it serves
for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
    if libc.ptrace(request, probe.pid, 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")
os.waitpid(probe.pid, WALL)
began = time.monotonic()
if how == "eof":
    probe.stdin.close()
while time.monotonic() - began < 10:
    pid, status = os.waitpid(probe.pid, os.WNOHANG | WALL)
    if pid and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
        print(time.monotonic() - began)
        sys.exit(0)
    time.sleep(0.01)
probe.kill()
sys.exit("the probe did not exit")
