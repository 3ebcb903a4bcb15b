"""The abuses, by family: each is a few lines of a candidate, a module or an adapter, and what has to come of it.

Beside each function stand two neighbours, one right and one wrong, whose verdicts it must not change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: The verdicts that a function can have which was asked at all.
WRONG = frozenset({"failed", "differs", "unstable"})
FAILED = frozenset({"failed"})
#: A function that could not be judged.
NOT = frozenset({"not judged"})

NEIGHBOURS = """
import atexit, builtins, ctypes, gc, locale, logging, os, random, resource, select, signal, socket, subprocess, sys, threading, time, warnings
import numpy as np

def sigmoid(x):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-np.asarray(x)))

def mean_squared_error(y, t):
    return np.sum((y - t) ** 2)
"""


@dataclass(frozen=True)
class Abuse:
    """One abuse.

    Attributes:
        family: What kind it is of.
        name: Its name within the family.
        source: What stands in the file beside the neighbours.
        verdicts: The verdicts that the function `softmax` may have; empty where there is none.
        status: The statuses that the command may end with.
        neighbours: Whether the file's other functions have to keep their verdicts.
        exec_: Whether the source is an adapter.
        others: The verdicts of further neighbours that stand in the source.
    """

    family: str
    name: str
    source: str
    verdicts: frozenset[str] = FAILED
    status: frozenset[int] = frozenset({1})
    neighbours: bool = True
    exec_: bool = False
    others: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.family}-{self.name}"


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))


def in_calls(family: str, bodies: dict[str, str], verdicts: frozenset[str] = FAILED, before: str = "") -> list[Abuse]:
    """Abuses in each call of a function, which returns its argument if it returns."""
    either = frozenset({1, 2}) if "not judged" in verdicts else frozenset({1})
    return [
        Abuse(family, name, f"{before}\ndef softmax(a):\n{indented(body)}    return a\n", verdicts, either)
        for name, body in bodies.items()
    ]


def at_import(family: str, bodies: dict[str, str]) -> list[Abuse]:
    """Abuses while the file is imported: nothing in it can be judged."""
    return [
        Abuse(family, name, f"{body}\ndef softmax(a):\n    return a\n", frozenset(), frozenset({2}), neighbours=False)
        for name, body in bodies.items()
    ]


def modules(family: str, sources: dict[str, str], verdicts: frozenset[str]) -> list[Abuse]:
    """Abuses by what stands in the file."""
    status = frozenset({2}) if verdicts <= NOT else frozenset({1, 2}) if verdicts & NOT else frozenset({1})
    return [Abuse(family, name, source, verdicts, status) for name, source in sources.items()]


# ---- exceptions

RAISED = {
    **{
        name: f"raise {name}"
        for name in (
            "BaseException", "SystemExit(0)", "SystemExit(None)", "SystemExit('text')", "KeyboardInterrupt", "GeneratorExit",
            "MemoryError", "StopIteration", "RecursionError", "AssertionError", "NotImplemented", "BaseExceptionGroup('x', [SystemExit()])",
        )
    },
    "exit": "exit()",
    "sys.exit": "sys.exit(0)",
    "recursion": "return softmax(a)",
    "in finally": "try:\n    return a\nfinally:\n    raise SystemExit(0)",
    "in a generator": "def g():\n    try:\n        yield\n    finally:\n        raise SystemExit(0)\nnext(g())\nraise ValueError",
    "from itself": "e = ValueError()\ne.__cause__ = e\nraise e",
    "a long chain": "e = None\nfor i in range(3000):\n    n = ValueError(i)\n    n.__cause__, e = e, n\nraise e",
}  # fmt: skip
BAD_MESSAGES = {
    "loops": "while True: pass",
    "sleeps": "time.sleep(100)",
    "raises": "raise ValueError",
    "raises BaseException": "raise BaseException",
    "raises SystemExit": "raise SystemExit(0)",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "exits": "os._exit(0)",
    "crashes": "ctypes.string_at(0)",
    "is no string": "return 7",
    "is None": "return None",
    "is huge": "return 'x' * (1 << 28)",
    "has escapes": "return '\\x1b[2J\\x1b]0;pwned\\x07 conforms'",
    "recurses": "return str(self)",
    "forks": "if os.fork() == 0: raise SystemExit(0)",
}
TEXTS = {
    "colours": "\\x1b[31mred",
    "C1": "\\x9b31m \\x9d0;title\\x9c",
    "DEL and backspace": "\\x7f\\x08\\x08\\x08",
    "carriage return": "failed\\rconforms",
    "vertical": "\\x0b\\x0c\\x85",
    "right to left": "\\u202egnorw\\u2066\\u200f\\u061c",
    "lines": "a\\u2028b\\u2029c\\n\\n\\n",
    "markup": "[bold red]x[/] [/foo] [link=http://x]y[/link]",
    "surrogates": "\\ud800 \\udfff",
    "nul": "\\x00\\x00",
    "long": "' + 'y' * 10_000_000 + '",
    "the bell": "\\x07" * 20,
    "OSC 52": "\\x1b]52;c;cm0gLXJmIC8=\\x07",
    "a title": "\\x1b]2;mine\\x1b\\\\\\\\",
}
EXCEPTIONS = [
    *in_calls("raises", RAISED),
    *[
        abuse
        for name, body in BAD_MESSAGES.items()
        for abuse in in_calls(
            "message",
            {name: "raise E"},
            before=f"class E(Exception):\n    def __str__(self):\n{indented(indented(body))}",
        )
    ],
    *in_calls("text", {name: f"raise RuntimeError('{text}')" for name, text in TEXTS.items()}),
    *in_calls(
        "class",
        {
            "escapes in its name": "raise type('\\x1b[2J', (Exception,), {})",
            "a metaclass": "raise E",
            "lies": "class L(Exception):\n    __class__ = property(lambda self: os._exit(0))\nraise L",
        },
        before="class M(type):\n    __name__ = property(lambda self: os._exit(0))\nclass E(Exception, metaclass=M): pass\n",
    ),
]

# ---- the end of a process

ENDS = {
    **{f"_exit {code}": f"os._exit({code})" for code in (0, 1, 2, 130, 255)},
    **{
        name: f"os.kill(os.getpid(), signal.{name})"
        for name in (
            "SIGKILL", "SIGSEGV", "SIGTERM", "SIGINT", "SIGHUP", "SIGALRM", "SIGABRT", "SIGFPE", "SIGILL", "SIGBUS", "SIGQUIT",
            "SIGUSR1", "SIGVTALRM", "SIGXCPU", "SIGSYS",
        )
    },
    "abort": "os.abort()",
    "null": "ctypes.string_at(0)",
    "C exit": "ctypes.CDLL(None).exit(0)",
    "C _exit": "ctypes.CDLL(None)._exit(0)",
    "exec true": "os.execv('/bin/true', ['true'])",
    "exec sleep": "os.execv('/bin/sleep', ['sleep', '100'])",
    "stack": "sys.setrecursionlimit(1 << 30)\nf = lambda n: f(n + 1)\nthreading.stack_size(1 << 16)\nf(0)",
    "alarm": "signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(1)",
    "kills its group": "os.kill(0, signal.SIGKILL)",
    "kills its parent": "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(5)",
    "stops its parent": "os.kill(os.getppid(), signal.SIGSTOP)\nos._exit(1)",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "CPU limit": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
    "memory": "b = []\nwhile True: b.append(bytearray(1 << 26))",
    "memory of NumPy": "np.ones(1 << 42)",
    "a bad pointer": "class P:\n    __array_interface__ = {'shape': (9,), 'typestr': '<f8', 'data': (8, True), 'version': 3}\nreturn P()",
    "a lost mapping": "f = open('m', 'wb+')\nf.truncate(1 << 16)\nm = np.memmap('m', float, 'r+', shape=9)\nos.truncate('m', 0)\nos.remove('m')\nreturn m",
    "free": "ctypes.CDLL(None).free(ctypes.c_void_p(id(a)))\nctypes.CDLL(None).free(ctypes.c_void_p(id(a)))",
    "reference counts": "ctypes.memset(id(a), 0, 64)\ndel a\ngc.collect()\nraise ValueError",
}  # fmt: skip
#: They end it when it is over, which is too late to matter.
ENDS_LATER = {
    "atexit": "atexit.register(os._exit, 0)",
    "atexit loops": "atexit.register(time.sleep, 100)",
    "a thread that ends it": "threading.Timer(0.05, os._exit, [0]).start()",
    "an alarm to come": "signal.setitimer(signal.ITIMER_REAL, 60)",
    "a virtual alarm": "signal.setitimer(signal.ITIMER_VIRTUAL, 60)",
    "del": "class D:\n    def __del__(self): os._exit(0)\nglobals().setdefault('d', D())",
    "a trace": "sys.settrace(lambda *more: None)",
    "weak end": "import weakref\nweakref.finalize(sys.modules[__name__].sigmoid, os._exit, 0)",
}
PROCESS_ENDS = [*in_calls("ends", ENDS), *in_calls("ends later", ENDS_LATER, WRONG)]

# ---- hanging

HANGS = {
    "loop": "while True: pass",
    "sleep": "time.sleep(1000)",
    "swallows": "while True:\n    try:\n        time.sleep(10)\n    except BaseException:\n        pass",
    "finally": "try:\n    time.sleep(100)\nfinally:\n    time.sleep(100)",
    "C sleep": "while True: ctypes.CDLL(None).sleep(100)",
    "power": "pow(3, 10 ** 8)\nwhile True: pow(3, 10 ** 8)",
    "regular expression": "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
    "lock": "l = threading.Lock()\nl.acquire()\nl.acquire()",
    "queue": "import queue\nqueue.Queue().get()",
    "event": "threading.Event().wait()",
    "pipe": "os.read(os.pipe()[0], 1)",
    "select": "select.select([], [], [])",
    "accept": "s = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\ns.accept()",
    "no alarm": "signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass",
    "another handler": "signal.signal(signal.SIGALRM, lambda *more: None)\nwhile True: pass",
    "ignores the alarm": "signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
    "blocks signals": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    "waits for a child": "subprocess.run(['sleep', '1000'])",
    "joins a thread": "t = threading.Thread(target=time.sleep, args=(1000,))\nt.start()\nt.join()",
    "asyncio": "import asyncio\nasyncio.run(asyncio.sleep(1000))",
    "sum": "sum(iter(int, 1))",
    "sorted": "sorted(iter(int, 1))",
    "in an array": "class A:\n    def __array__(self, *more, **named): time.sleep(1000)\nreturn A()",
    "in a length": "class A(list):\n    def __len__(self): time.sleep(1000)\n    def __getitem__(self, i): time.sleep(1000)\nreturn A([1])",
    "in a sequence": "class A:\n    def __len__(self): return 1 << 40\n    def __getitem__(self, i): return i\nreturn A()",
    "in a dtype": "class A(np.ndarray):\n    @property\n    def dtype(self):\n        while True: pass\nreturn a.view(A)",
    "in a module name": "class M(type):\n    def __getattribute__(self, name):\n        while True: pass\nclass A(metaclass=M): pass\nreturn A()",
    "in a warning": "class W(Warning):\n    def __str__(self):\n        while True: pass\nwarnings.warn(W())",
    "in a later call": "global n\nn = globals().get('n', 0) + 1\nif n > 20: time.sleep(1000)\nreturn np.exp(a) / np.sum(np.exp(a), axis=-1, keepdims=True)",
    "in a del": "class D:\n    def __del__(self): time.sleep(1000)\nd = D()\ndel d",
    "a stopped child": "p = subprocess.Popen(['sleep', '1000'])\nos.kill(p.pid, signal.SIGSTOP)\np.wait()",
    "a trace that loops": "def t(*more):\n    while True: pass\nsys.settrace(t)\n(lambda: 1)()",
}
HANGING = in_calls("hangs", HANGS)

# ---- other processes and threads

ONCE = "first = not globals().get('n')\nglobals()['n'] = 1\n"
OTHERS = {
    "fork exits": "if os.fork() == 0: sys.exit(0)",
    "fork raises": "if os.fork() == 0: raise ValueError",
    "fork returns": "if os.fork() == 0: return 0.5",
    "fork leaves": "if os.fork() == 0: os._exit(0)",
    "fork loops": ONCE + "if first and os.fork() == 0:\n    while True: time.sleep(1)",
    "fork swallows": ONCE + "if first and os.fork() == 0:\n    try:\n        while True: time.sleep(1)\n    except BaseException:\n        pass",
    "fork in a fork": "if os.fork() == 0:\n    os.fork()\n    raise SystemExit(0)",
    "a daemon": ONCE + "if first and os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)",
    "a daemon without environment": ONCE
    + "if first: subprocess.Popen(['/bin/sh', '-c', 'sleep 1000 &'], env={}, start_new_session=True)",
    "nohup": ONCE + "if first: subprocess.Popen(['nohup', 'sleep', '1000'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)",
    "a shell that goes on": ONCE + "if first: subprocess.Popen(['sh', '-c', 'trap : 15 2 1; while :; do sleep 1; done'])",
    "twenty sleepers": ONCE + "if first:\n    for _ in range(20): subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "a chain": ONCE
    + "if first and os.fork() == 0:\n    for _ in range(40):\n        time.sleep(0.05)\n        if os.fork(): os._exit(0)\n    time.sleep(1000)",
    "a group of its own": "os.setpgid(0, 0) if os.getpgrp() != os.getpid() else None",
    "multiprocessing": ONCE + "import multiprocessing\nif first: multiprocessing.get_context('fork').Process(target=time.sleep, args=(1000,)).start()",
    "a pool": ONCE
    + "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\nif first:\n    global pool\n    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('fork'))\n    pool.submit(time.sleep, 1000)",
    "a thread": ONCE + "if first: threading.Thread(target=time.sleep, args=(1000,)).start()",
    "a busy thread": ONCE
    + "def busy():\n    while True: pass\nif first: threading.Thread(target=busy, daemon=True).start()",
    "a hundred threads": ONCE + "if first:\n    for _ in range(100): threading.Thread(target=time.sleep, args=(1000,)).start()",
    "a thread that raises": "threading.Thread(target=lambda: 1 / 0).start()",
    "a thread that interrupts": "import _thread\n_thread.interrupt_main()",
    "a thread that patches": ONCE
    + "def patch():\n    while True:\n        np.exp = np.sum = lambda *more, **named: 7.0\n        time.sleep(0.001)\nif first: threading.Thread(target=patch, daemon=True).start()",
    "a thread that writes": ONCE
    + "def write():\n    while True:\n        sys.stderr.write('\\x1b[2J')\n        time.sleep(0.01)\nif first: threading.Thread(target=write, daemon=True).start()",
}  # fmt: skip
PROCESSES = in_calls("others", OTHERS, WRONG)

# ---- descriptors and output

DESCRIPTORS = {
    "closes 0": "os.close(0)",
    "closes 1": "os.close(1)",
    "closes 2": "os.close(2)",
    "closes 0 to 2": "os.closerange(0, 3)",
    "closes all": "os.closerange(0, 256)",
    "closes all but three": "os.closerange(3, 256)",
    "nothing on all": "n = os.open('/dev/null', os.O_RDWR)\nfor i in range(3, 20): os.dup2(n, i)",
    "garbage on all": "for i in range(3, 20):\n    try: os.write(i, b'garbage' * 9)\n    except OSError: pass",
    "an endless frame": "for i in range(3, 20):\n    try: os.write(i, b'\\xff' * 12)\n    except OSError: pass",
    "a long frame": "import struct\nfor i in range(3, 20):\n    try: os.write(i, struct.pack('<IQ', 2, 1 << 40) + b'{}')\n    except OSError: pass",
    "a nested frame": "import struct\nt = b'[' * 100000\nfor i in range(3, 20):\n    try: os.write(i, struct.pack('<IQ', len(t), 0) + t)\n    except OSError: pass",
    "reads all": "for i in range(3, 20):\n    try:\n        os.set_blocking(i, False)\n        os.read(i, 1 << 16)\n    except OSError: pass",
    "shuts down": "for i in range(3, 20):\n    try: socket.socket(fileno=i).shutdown(2)\n    except OSError: pass",
    "no stdout": "sys.stdout = None",
    "no stderr": "sys.stderr = None",
    "closes stdout": "sys.stdout.close()",
    "closes stderr": "sys.stderr.close()",
    "closes the first stdout": "sys.__stdout__.close()",
    "no files any more": "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))",
    "many files": "globals().setdefault('fs', []).extend(open('/dev/null') for _ in range(50))",
    "asks": "input()",
    "a breakpoint": "breakpoint()",
    "a full pipe": "os.write(2, b'x' * (1 << 22))",
}
OUTPUT = {
    "prints escapes": "print('\\x1b[2J\\x1b[H')",
    "writes escapes to 1": "os.write(1, b'\\x1b[2J\\x9b31m\\r\\n')",
    "writes escapes to 2": "os.write(2, b'\\x1b[2J\\x1b]0;x\\x07')",
    "logs escapes": "logging.warning('\\x1b[2J')",
    "C prints": "ctypes.CDLL(None).printf(b'\\x1b[2J\\n')\nctypes.CDLL(None).fflush(None)",
    "a child prints": "os.system(\"printf '\\\\033[2J'\")",
    "floods stdout": "sys.stdout.write('x' * (1 << 24))",
    "floods 1": "os.write(1, b'y' * (1 << 22))",
    "floods 2": "sys.stderr.write('z' * (1 << 22))",
    "warns with escapes": "warnings.warn('\\x1b[2J\\u202e')",
    "warns of a class": "warnings.warn('x', type('\\x1b[2J', (UserWarning,), {}))",
    "warns always anew": "globals()['n'] = globals().get('n', 0) + 1\nwarnings.warn(f'number {n}')",
    "warns at length": "warnings.warn('w' * 10_000_000)",
    "warns without end": "while True: warnings.warn(str(time.time()))",
    "warnings are errors": "warnings.simplefilter('error')\nwarnings.warn('x')",
    "a broken showwarning": "warnings.showwarning = None",
    "not UTF-8": "os.write(2, bytes(range(128, 256)))",
    "an excepthook": "sys.excepthook = lambda *more: os._exit(0)",
    "a title": "os.write(1, b'\\x1b]2;mine\\x1b\\\\')",
}
WRITING = [
    *in_calls("descriptors", DESCRIPTORS, WRONG),
    *in_calls("output", OUTPUT, WRONG),
]

# ---- answers

ANSWERS = {
    "a list without end": "return iter(int, 1)",
    "a deep list": "r = []\nfor _ in range(100000): r = [r]\nreturn r",
    "a list in itself": "r = []\nr.append(r)\nreturn r",
    "a broad array": "return np.broadcast_to(1.0, (1 << 40,))",
    "a strided array": "return np.lib.stride_tricks.as_strided(a, (1 << 30,), (0,))",
    "many zeros": "return np.zeros(1 << 28)",
    "a long string": "return 'x' * (1 << 26)",
    "objects": "return np.array([object()] * 9)",
    "raising objects": "class F:\n    def __float__(self): raise SystemExit\nreturn np.array([F()] * 9)",
    "a subclass": "class A(np.ndarray):\n    def astype(self, *more, **named): raise SystemExit(0)\nreturn a.view(A)",
    "a lying shape": "class A(np.ndarray):\n    shape = property(lambda self: (7, 7, 7))\nreturn a.view(A)",
    "a loud array": "class A(np.ndarray):\n    def __array_finalize__(self, o): raise BaseException('no')\nreturn a.view(A)",
    "a function for an array": "class A(np.ndarray):\n    def __array_function__(self, *more): os._exit(0)\n    def __array_ufunc__(self, *more, **named): os._exit(0)\nreturn a.view(A)",
    "torch by name": "class T: pass\nT.__module__ = 'torch'\nreturn T()",
    "array_api_strict by name": "class T: pass\nT.__module__ = 'array_api_strict'\nreturn T()",
    "a module that is no string": "class T: pass\nT.__module__ = 7\nreturn T()",
    "a mapping": "return {'\\x1b[2J': 1.0}",
    "a huge integer": "return 10 ** 100000",
    "a decimal": "import decimal\nreturn [decimal.Decimal('1e999999')] * 3",
    "a real": "import numbers\nclass R(float):\n    def __float__(self): raise SystemExit\nreturn np.array([R(1)] * 3, object)",
    "dates": "return np.array(['2020'], 'M8')",
    "a class": "return np.ndarray",
    "itself": "return softmax",
    "an interface that raises": "class P:\n    __array_interface__ = property(lambda self: os._exit(0))\nreturn P()",
    "a struct that lies": "class P:\n    __array_struct__ = 7\nreturn P()",
    "a buffer": "return memoryview(b'123')",
    "records": "return np.zeros(3, 'f8,f8')",
    "a changed argument": "a.resize((0,), refcheck=False)",
    "an argument without memory": "a.setflags(write=False)\na.shape = -1",
    "its length is negative": "class L:\n    def __len__(self): return -1\n    def __getitem__(self, i): raise IndexError\nreturn L()",
    "equal to nothing": "class E(float):\n    __hash__ = None\n    def __eq__(self, o): raise SystemExit\nreturn E(1)",
}
ANSWERING = in_calls("answers", ANSWERS, WRONG)

# ---- the state of the process

STATE = {
    **{f"np.{name}": f"np.{name} = lambda *more, **named: 7.0" for name in ("exp", "sum", "asarray", "array", "errstate", "where", "size", "shape", "frombuffer", "array_equal", "ndim")},
    "del np.exp": "del np.exp",
    "np.ndarray": "np.ndarray = list",
    "np.float64": "np.float64 = np.float16",
    "np.random.seed": "np.random.seed(1)",
    "random.seed": "random.seed(1)",
    "seterr": "np.seterr(all='raise')",
    "seterrcall": "np.seterrcall(lambda *more: os._exit(0))\nnp.seterr(all='call')",
    "rounding": "ctypes.CDLL(None).fesetround(0x800)",
    "flush to zero": "ctypes.CDLL(None).fesetround(0xc00)",
    "recursion limit": "sys.setrecursionlimit(60)",
    "locale": "try: locale.setlocale(locale.LC_ALL, 'C.UTF-8')\nexcept locale.Error: pass",
    "environment": "os.environ.clear()",
    "PYTHONPATH": "os.environ['PYTHONPATH'] = '/nowhere'",
    "another environ": "os.environ = {}",
    "directory": "os.chdir('/')",
    "a lost directory": "import tempfile\nd = tempfile.mkdtemp()\nos.chdir(d)\nos.rmdir(d)",
    "umask": "os.umask(0o777)",
    "SIGINT": "signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "SIGCHLD": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "all signals": "for s in signal.valid_signals():\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass",
    "a wakeup descriptor": "signal.set_wakeup_fd(os.open('/dev/null', os.O_WRONLY | os.O_NONBLOCK))",
    "sys.path": "sys.path.clear()",
    "sys.modules": "sys.modules.clear()",
    "sys.modules of numpy": "sys.modules['numpy'] = None",
    "len": "builtins.len = lambda x: 7",
    "isinstance": "builtins.isinstance = lambda *more: False",
    "print": "builtins.print = None",
    "import": "builtins.__import__ = None",
    "getpid": "os.getpid = lambda: 1",
    "monotonic": "time.monotonic = lambda: 0.0",
    "sleep": "time.sleep = lambda s: None",
    "json": "import json\njson.dumps = lambda *more, **named: '{}'",
    "gc": "gc.disable()",
    "gc callbacks": "gc.callbacks.append(lambda *more: os._exit(0))\ngc.collect()",
    "switch interval": "sys.setswitchinterval(100)",
    "digits": "sys.set_int_max_str_digits(640)",
    "profile": "sys.setprofile(lambda *more: None)",
    "audit": "sys.addaudithook(lambda *more: None)",
    "displayhook": "sys.displayhook = None",
    "unraisablehook": "sys.unraisablehook = None",
    "its neighbour": "globals()['mean_squared_error'] = lambda y, t: 0.5 * np.mean(np.sum((y - t) ** 2, axis=-1))",
    "its neighbour's code": "globals()['mean_squared_error'].__code__ = (lambda y, t: 0.0).__code__",
    "its own name": "globals()['softmax'] = None",
    "all names": "globals().clear()\nreturn a",
    "refmath's guard": "import refmath.oracle.candidates.guard as g\ng.guarded = None",
    "refmath's candidate": "import refmath.oracle.candidates.candidate as c\nc.as_numpy = lambda *more: np.zeros(3)",
    "refmath's host": "for m in list(sys.modules):\n    if m.startswith('refmath'): del sys.modules[m]",
    "file size": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "nice": "os.nice(19)",
    "affinity": "os.sched_setaffinity(0, {0})",
}  # fmt: skip
STATES = in_calls("state", STATE, WRONG)

# ---- imports

IMPORTS = {
    "exits": "os._exit(0)",
    "sys.exit": "sys.exit(0)",
    "raises": "raise ValueError('\\x1b[2J[red]x[/]')",
    "interrupts": "raise KeyboardInterrupt",
    "BaseException": "raise BaseException",
    "a bad message": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    "loops": "while True: pass",
    "sleeps": "time.sleep(1000)",
    "swallows": "while True:\n    try: time.sleep(9)\n    except BaseException: pass",
    "blocks": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
    "kills itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "crashes": "ctypes.string_at(0)",
    "aborts": "os.abort()",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "an alarm": "signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(5)",
    "closes all": "os.closerange(0, 256)",
    "executes": "os.execv('/bin/sleep', ['sleep', '1000'])",
    "kills its parent": "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)",
    "recursion": "def f(): f()\nf()",
    "memory": "b = bytearray(1 << 44)",
    "syntax": "def :",
    "a nul": "\x00",
    "another module": "import no_such_module_at_all",
    "a deep expression": "x = " + "(" * 5000 + ")" * 5000,
    "fork and exit": "if os.fork() == 0: sys.exit(0)\nraise ValueError",
    "fork and sleep": "if os.fork() == 0: time.sleep(1000)\nraise ValueError",
    "an excepthook": "sys.excepthook = lambda *more: os._exit(0)\nraise ValueError",
    "escapes before": "os.write(1, b'\\x1b[2J')\nos.write(2, b'\\x1b[2J')\nraise ValueError",
    "a missing name": "raise ModuleNotFoundError('\\x1b[2J')",
}
PLAIN = "def softmax(a):\n    return a\n"
#: What is done while the file is imported, and does not keep it from being judged.
STAYS = {
    "a thread": "threading.Thread(target=time.sleep, args=(1000,)).start()\n" + PLAIN,
    "a fork": "if os.fork() == 0: time.sleep(1000)\n" + PLAIN,
    "a fork that is imported": "os.fork()\n" + PLAIN,
    "atexit": "atexit.register(os._exit, 0)\n" + PLAIN,
    "atexit loops": "def loop():\n    while True: pass\natexit.register(loop)\n" + PLAIN,
    "an alarm to come": "signal.setitimer(signal.ITIMER_REAL, 100)\n" + PLAIN,
    "errors raise": "np.seterr(all='raise')\n" + PLAIN,
    "signals ignored": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + PLAIN,
    "escapes": "os.write(1, b'\\x1b[2J')\nprint('\\x1b[2J')\n" + PLAIN,
    "a flood": "os.write(2, b'x' * (1 << 22))\n" + PLAIN,
    "another directory": "os.chdir('/')\n" + PLAIN,
    "a sleeper": "subprocess.Popen(['sleep', '1000'], start_new_session=True)\n" + PLAIN,
    "a daemon": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)\n" + PLAIN,
    "names with escapes": "globals()['\\x1b[2J'] = lambda: 0\n" + PLAIN,
}  # fmt: skip
IMPORTING = [
    *at_import("import", IMPORTS),
    *modules("import stays", STAYS, WRONG),
]

# ---- looking up, and signatures

LOOKED_UP = {
    "a getattr that loops": "def __getattr__(name):\n    while name == 'softmax': pass\n    raise AttributeError(name)\n",
    "a getattr that exits": "def __getattr__(name):\n    if name == 'softmax': os._exit(0)\n    raise AttributeError(name)\n",
    "a getattr that raises": "def __getattr__(name):\n    if name == 'softmax': raise SystemExit(0)\n    raise AttributeError(name)\n",
    "a getattr with escapes": "def __getattr__(name):\n    if name == 'softmax': raise ValueError('\\x1b[2J')\n    raise AttributeError(name)\n",
    "a getattr that crashes": "def __getattr__(name):\n    if name == 'softmax': ctypes.string_at(0)\n    raise AttributeError(name)\n",
    "other arguments": "def softmax(a, *, b): return a\n",
    "a default that loops": "class D:\n    def __repr__(self):\n        while True: pass\ndef softmax(b, c, a=D()): return a\n",
    "a default with escapes": "def softmax(b, c, a='\\x1b[2J[red]'): return a\n",
    "a signature that raises": "class S:\n    __signature__ = property(lambda self: os._exit(0))\n    def __call__(self, a): return a\nsoftmax = S()\n",
    "a signature that loops": "class S:\n    @property\n    def __signature__(self):\n        while True: pass\n    def __call__(self, a): return a\nsoftmax = S()\n",
}
FOUND = {
    "a getattr for all": "def __getattr__(name):\n    if name == 'softmax': return lambda a: a\n    raise AttributeError(name)\n",
    "a name with escapes": "def softmax(a): return a\nsoftmax.__qualname__ = softmax.__name__ = '\\x1b[2J'\n",
    "wrapped in itself": "def softmax(a): return a\nsoftmax.__wrapped__ = softmax\n",
    "no signature": "softmax = np.exp\n",
    "a class": "class softmax:\n    def __init__(self, a): pass\n",
    "a class that exits": "class softmax:\n    def __init__(self, a): os._exit(0)\n",
    "a type that is called": "class softmax(float):\n    def __new__(cls, a): raise SystemExit(0)\n",
    "a partial": "import functools\nsoftmax = functools.partial(lambda k, a: a, 1)\n",
    "a coroutine": "async def softmax(a): return a\n",
    "a generator": "def softmax(a): yield a\n",
    "a mock": "from unittest.mock import MagicMock\nsoftmax = MagicMock()\n",
    "a call by getattr": "class C:\n    def __call__(self, a): return a\n    def __getattr__(self, name): return self\nsoftmax = C()\n",
    "a builtin": "softmax = print\n",
    "a text signature": "def softmax(a): return a\nsoftmax.__text_signature__ = '(\\x1b'\n",
    "annotations": "def softmax(a: 'x' * (1 << 20)): return a\n",
}
LOOKING = [*modules("look-up", LOOKED_UP, NOT), *modules("found", FOUND, WRONG | NOT)]

# ---- adapters

_ADAPTER = """
import json, os, signal, subprocess, sys, time
def say(message): sys.stdout.write((message if isinstance(message, str) else json.dumps(message)) + "\\n"); sys.stdout.flush()
def right(shape): return {{"dtype": "float64", "shape": shape, "data": [0.5] * __import__("math").prod(shape)}}
for line in sys.stdin:
    m = json.loads(line)
    if "hello" in m:
{hello}
        continue
    i, shape = m["id"], m["inputs"]["a"]["shape"]
{answer}
"""
_HELLO = 'say({"hello": {"protocol": 1, "name": "x"}})'


def adapters(family: str, answers: dict[str, str], hellos: dict[str, str]) -> list[Abuse]:
    """Programs in another process."""
    made = {name: (_HELLO, body) for name, body in answers.items()}
    made |= {name: (body, "say({'id': i, 'output': right(shape)})") for name, body in hellos.items()}
    return [
        Abuse(
            family,
            name,
            _ADAPTER.format(hello=indented(indented(hello)), answer=indented(answer)),
            WRONG | NOT,
            frozenset({1, 2}),
            neighbours=False,
            exec_=True,
        )
        for name, (hello, answer) in made.items()
    ]


ADAPTERS = adapters(
    "adapter",
    {
        "always slow": "time.sleep(0.9)\nsay({'id': i, 'output': right(shape)})",
        "twelve megabytes": "say({'id': i, 'output': right([1 << 21])})",
        "a number beyond": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [1], "data": [1e999]}}\' % i)',
        "a key twice": 'say(\'{"id": %d, "id": %d, "output": {"dtype": "float64", "shape": [1], "data": [1]}}\' % (i, i))',
        "data twice": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [], "data": [1], "data": [2]}}\' % i)',
        "true for an id": "say({'id': True, 'output': right(shape)})",
        "a float for an id": "say({'id': float(i), 'output': right(shape)})",
        "true for a number": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1], 'data': [True]}})",
        "escapes in its error": "say({'id': i, 'error': '\\x1b[2J\\u202e[red]'})",
        "an error that is no text": "say({'id': i, 'error': {'\\x1b': ['\\x1b'] * 1000}})",
        "a long error": "say({'id': i, 'error': 'x' * (1 << 24)})",
        "escapes on standard error": "os.write(2, b'\\x1b[2J\\x9b'); os._exit(3)",
        "escapes for an answer": "say('\\x1b[2J')",
        "escapes in a dtype": "say({'id': i, 'output': {'dtype': '\\x1b[2J', 'shape': [], 'data': [1]}})",
        "escapes in a key": "say({'id': i, 'output': {'\\x1b[2J': right(shape)}})",
        "dies": "os._exit(0)",
        "is killed": "os.kill(os.getpid(), 9)",
        "crashes": "os.abort()",
        "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
        "hangs": "time.sleep(1000)",
        "half a line": "sys.stdout.write('{'); sys.stdout.flush(); time.sleep(1000)",
        "drips": "sys.stdout.write('{'); sys.stdout.flush(); time.sleep(0.01)\nwhile True: sys.stdout.write(' '); sys.stdout.flush(); time.sleep(0.01)",
        "floods": "while True: say('x' * 1000)",
        "floods without a line": "while True: sys.stdout.write('x' * (1 << 20))",
        "floods standard error": "os.write(2, b'x' * (1 << 22)); say({'id': i, 'output': right(shape)})",
        "closes": "os.close(1); time.sleep(1000)",
        "answers twice": "say({'id': i, 'output': right(shape)}); say({'id': i, 'output': right(shape)})",
        "answers nothing": "say({'id': i})",
        "nested": "say('[' * 100000)",
        "a large shape": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1 << 40, 0], 'data': []}})",
        "many digits": "say('{\"id\": ' + '1' * 10000 + '}')",
        "a huge integer": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1], 'data': [10 ** 400]}})",
        "not UTF-8": "os.write(1, bytes(range(128, 256)) + b'\\n')",
        "a sleeper": "subprocess.Popen(['sleep', '1000']); say({'id': i, 'output': right(shape)})",
        "ignores signals": "signal.signal(15, signal.SIG_IGN); signal.signal(2, signal.SIG_IGN); time.sleep(1000)",
        "a sleeper of its own": "subprocess.Popen(['sleep', '1000'], start_new_session=True); say({'id': i, 'output': right(shape)})",
        "a daemon": "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)\nsay({'id': i, 'output': right(shape)})",
        "a fork": "os.fork(); say({'id': i, 'output': right(shape)})",
        "unsupported is one": "say({'id': i, 'unsupported': 1})",
        "kills its parent's group": "os.kill(0, 15); time.sleep(100)",
    },
    {
        "protocol true": 'say(\'{"hello": {"protocol": true}}\')',
        "protocol 1.0": 'say(\'{"hello": {"protocol": 1.0}}\')',
        "protocol twice": 'say(\'{"hello": {"protocol": 2, "protocol": 1}}\')',
        "a name with escapes": "say({'hello': {'protocol': 1, 'name': '\\x1b[2J' * 1000}})",
        "no greeting": "time.sleep(1000)",
        "a greeting with escapes": "say('\\x1b[2J')",
        "a long greeting": "sys.stdout.write('x' * (1 << 26)); sys.stdout.flush()",
        "dies at once": "os._exit(7)",
    },
)

ABUSES: list[Abuse] = [
    *EXCEPTIONS,
    *PROCESS_ENDS,
    *HANGING,
    *PROCESSES,
    *WRITING,
    *ANSWERING,
    *STATES,
    *IMPORTING,
    *LOOKING,
    *ADAPTERS,
]


def families(of: Iterable[Abuse]) -> dict[str, int]:
    """How many abuses each family has."""
    counts: dict[str, int] = {}
    for each in of:
        counts[each.family] = counts.get(each.family, 0) + 1
    return counts
