"""Abuses as somebody meets them who judges what he has downloaded: tricks of the system's calls, of the interpreter's own rooms, and of files."""

from __future__ import annotations

from .abuses import NOT, WRONG, Abuse, in_calls, modules

# ---- the system's calls

_CALL = "L = ctypes.CDLL(None, use_errno=True)\n"
#: Numbers of system calls on x86-64; elsewhere these are others, and do something harmless or nothing.
SYSTEM = {
    "a thread from C": _CALL
    + "t = ctypes.c_ulong()\nL.pthread_create(ctypes.byref(t), None, L.sleep, ctypes.c_void_p(1000))",
    "a thread from C that ends it": _CALL
    + "t = ctypes.c_ulong()\nL.pthread_create(ctypes.byref(t), None, L.abort, None)\ntime.sleep(0.2)",
    "a sibling": _CALL + "globals().setdefault('n', L.syscall(56, 0x8000 | 17, 0, 0, 0, 0)) or time.sleep(1000)",
    "a sibling that kills": _CALL
    + "if L.syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0:\n    os.kill(os.getppid(), 9)\n    time.sleep(1000)\ntime.sleep(1000)",
    "a signal when its parent dies": _CALL + "L.prctl(1, 9, 0, 0, 0)\nos.kill(os.getppid(), 9)",
    "it reaps all": _CALL
    + "L.prctl(36, 1, 0, 0, 0)\nif globals().setdefault('n', os.fork()) == 0:\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)",
    "a root that is gone": "import tempfile\nd = tempfile.mkdtemp()\nfd = os.open(d, os.O_RDONLY)\nos.rmdir(d)\nos.fchdir(fd)\nos.chroot('.')",
    "a mask for files": "os.umask(0o777)\nif globals().setdefault('n', os.fork()) == 0: os._exit(0)",
    "its own limits of processes": "resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))\nresource.setrlimit(resource.RLIMIT_AS, (1, 1))",
    "its parent's memory": "try:\n    with open(f'/proc/{os.getppid()}/maps') as f: m = [l.split()[0].split('-') for l in f if 'rw-p' in l]\n"
    "    with open(f'/proc/{os.getppid()}/mem', 'r+b', 0) as f:\n        for a0, b0 in m:\n            f.seek(int(a0, 16))\n"
    "            f.write(bytes(min(int(b0, 16) - int(a0, 16), 1 << 22)))\nexcept OSError: pass\nos._exit(3)",
    "its parent is traced": _CALL
    + "L.ptrace(0x4206, os.getppid(), 0, 0)\nL.ptrace(0x4207, os.getppid(), 0, 0)\nos._exit(3)",
    "its parent is traced and it hangs": _CALL
    + "L.ptrace(0x4206, os.getppid(), 0, 0)\nL.ptrace(0x4207, os.getppid(), 0, 0)\ntime.sleep(1000)",
    "two hundred forks": "if globals().setdefault('n', 0) == 0:\n    globals()['n'] = 1\n    for _ in range(200):\n        if os.fork() == 0:\n            os.setsid()\n            time.sleep(1000)",
    "a swarm of signals": "for _ in range(20): signal.pthread_kill(threading.main_thread().ident, signal.SIGCHLD)",
}
# ---- the interpreter's own rooms

INSIDE = {
    "a monitor": "m = getattr(sys, 'monitoring', None)\nif m and not m.get_tool(3):\n    m.use_tool_id(3, 'x')\n    m.register_callback(3, m.events.PY_RETURN, lambda *more: os._exit(0))\n    m.set_events(3, m.events.PY_RETURN)",
    "an interrupt from afar": "ctypes.pythonapi.PyErr_SetInterrupt()",
    "no more threads": "threading._shutdown = time.sleep\nthreading.Thread.start = None",
    "at a fork": "os.register_at_fork(after_in_child=lambda: time.sleep(1000), after_in_parent=lambda: os._exit(0))\nos.fork()",
    "no handler of errors": "import codecs\nfor n in ('strict', 'backslashreplace', 'replace', 'ignore'): codecs.register_error(n, lambda e: os._exit(0))\nraise ValueError('\\ud800')",
    "standard error that exits": "class W:\n    def write(self, s): os._exit(0)\n    flush = write\nsys.stderr = sys.stdout = W()\nwarnings.warn('x')\nprint('x')",
    "standard error that loops": "class W:\n    encoding = 'x'\n    def write(self, s):\n        while True: pass\n    def flush(self):\n        while True: pass\nsys.stderr = sys.stdout = W()",
    "tracing memory": "import tracemalloc\ntracemalloc.start(50)",
    "another float": "import numbers\nctypes.memmove(id(1.0), id(2.0), 24)",
    "small integers": "ctypes.memmove(id(7) + 24, id(8) + 24, 4)",
    "None in dictionaries": "gc.freeze()\nsys.intern('x')\nsys._clear_type_cache() if hasattr(sys, '_clear_type_cache') else 0",
    "the data of a module": "import json.encoder\njson.encoder.ESCAPE_DCT.clear()\njson.encoder.INFINITY = 0.0\nnp.typecodes.clear()",
    "a subclass of float": "class F(float):\n    def __reduce__(self): os._exit(0)\nreturn np.array([F(1)] * 3).view(np.matrix)",
}
# ---- what a file is

_PLAIN = "def softmax(a):\n    return a\n"
FILES = {
    "no spec": "__spec__ = None\n__loader__ = None\n__file__ = '\\x1b[2J'\n__name__ = '\\x1b[2J'\n" + _PLAIN,
    "a path": "__path__ = ['/']\n__package__ = 'numpy'\n" + _PLAIN,
    "names without end": "__all__ = iter(int, 1)\n" + _PLAIN,
    "a dir without end": "def __dir__():\n    while True: yield 'softmax'\n" + _PLAIN,
    "the arguments": "sys.argv[:] = ['refmath', 'check', '--exec', 'rm']\n" + _PLAIN,
    "threads that start at import and fork": "def go():\n    while True:\n        p = os.fork()\n        if p == 0: time.sleep(1000)\n        time.sleep(0.3)\nthreading.Thread(target=go, daemon=True).start()\n"
    + _PLAIN,
    "a signal every millisecond": "signal.signal(signal.SIGALRM, lambda *more: 1 / 0)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n"
    + _PLAIN,
}

NUMPY_AGAIN = (
    "import importlib\nfor n in [n for n in sys.modules if n.startswith('numpy')]: del sys.modules[n]\n" + _PLAIN
)

DOWNLOADED: list[Abuse] = [
    *in_calls("downloaded system", SYSTEM, WRONG),
    *in_calls("downloaded inside", INSIDE, WRONG),
    *modules("downloaded file", FILES, WRONG | NOT),
    # It takes NumPy from all functions of its own file.
    Abuse("downloaded file", "numpy again", NUMPY_AGAIN, WRONG | NOT, frozenset({1, 2}), neighbours=False),
]
