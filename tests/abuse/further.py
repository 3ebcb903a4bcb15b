"""More abuses, by somebody who has read refmath and aims at how it works: its connection, its warden, what it leaves to the next function."""

from __future__ import annotations

from .abuses import _HELLO, NOT, WRONG, Abuse, adapters, at_import, in_calls, indented

# ---- what would reach the next function of the file

#: What a function does, and how the next one sees it, as an expression: it is right only where that is false.
REACHES = {
    "subnormals": ("fp(0x8040)", "sys.float_info.min / (2 + t.size * 0) == 0"),
    "a trap for division": ("getattr(C, 'feenableexcept', int)(4)", "getattr(C, 'fegetexcept', int)() != 0"),
    "print options": ("np.set_printoptions(precision=1)", "np.get_printoptions()['precision'] != 8"),
    "random numbers": ("random.seed(1)", "random.getstate() == random.Random(1).getstate()"),
    "random numbers of NumPy": ("np.random.seed(1)", "np.random.get_state()[1].tolist() == np.random.RandomState(1).get_state()[1].tolist()"),
    "open files": ("resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))", "resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 64"),
    "a limit on memory": ("resource.setrlimit(resource.RLIMIT_AS, (5 << 30, 5 << 30))", "resource.getrlimit(resource.RLIMIT_AS)[0] == 5 << 30"),
    "a limit on processors": ("resource.setrlimit(resource.RLIMIT_CPU, (1000, 1000))", "resource.getrlimit(resource.RLIMIT_CPU)[0] == 1000"),
    "niceness": ("os.nice(5)", "os.nice(0) > 4 + NICE"),
    "the mask of new files": ("os.umask(0o777)", "[m := os.umask(0o22), os.umask(m)][0] == 0o777"),
    "another root": (
        "import tempfile\nif os.getuid() == 0:\n    d = tempfile.mkdtemp()\n    f = os.open(d, os.O_RDONLY)\n    os.rmdir(d)\n    os.fchdir(f)\n    os.chroot('.')",
        "not os.path.isdir('/proc')",
    ),
    "its processors": ("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})", "len(os.sched_getaffinity(0)) < CORES"),
    "a killer to come": ("if not FLAG[1]:\n    FLAG[1] = 1\n    p = os.getpid()\n    if os.fork() == 0:\n        while not FLAG[0]: time.sleep(0.001)\n        os.kill(p, 9)\n        os._exit(0)", "FLAG.__setitem__(0, 1) or time.sleep(0.005)"),
    "a killer far away": ("if not FLAG[1]:\n    FLAG[1] = 1\n    p = os.getpid()\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork(): os._exit(0)\n        while not FLAG[0]: time.sleep(0.001)\n        os.kill(p, 9)\n        os._exit(0)\n    os.wait()", "FLAG.__setitem__(0, 1) or time.sleep(0.005)"),
    "an alarm in a moment": ("signal.setitimer(signal.ITIMER_REAL, 0.15)", "False"),
    "a processor's alarm": ("signal.signal(signal.SIGPROF, signal.SIG_DFL)\nsignal.setitimer(signal.ITIMER_PROF, 0.3)", "False"),
    "a late traceback": ("import faulthandler\nfaulthandler.dump_traceback_later(0.4, exit=True)", "time.sleep(0.01)"),
    "a trace": ("sys.settrace(lambda *more: None)", "sys.gettrace() is not None"),
    "a trace of threads": ("threading.settrace(print)", "threading._trace_hook is not None"),
    "a profile": ("sys.setprofile(lambda *more: None)", "sys.getprofile() is not None"),
    "a thread that threading does not know": ("import _thread\n_thread.start_new_thread(time.sleep, (1000,))", "len(sys._current_frames()) > 1"),
    "an audit": ("sys.addaudithook(lambda name, _: HEARD.append(1) if name == 'theirs' else None)", "(sys.audit('theirs'), HEARD)[1] != []"),
    "gc callbacks": ("gc.callbacks.append(lambda *more: None)", "len(gc.callbacks) > CALLBACKS"),
    "gc off": ("gc.disable()", "not gc.isenabled()"),
    "gc at once": ("gc.set_threshold(1)", "gc.get_threshold()[0] == 1"),
    "gc that keeps": ("gc.set_debug(gc.DEBUG_SAVEALL)", "gc.get_debug() != 0"),
    "importers": ("sys.meta_path.insert(0, object())", "len(sys.meta_path) > FINDERS"),
    "path hooks": ("sys.path_hooks.insert(0, int)", "sys.path_hooks[0] is int"),
    "where modules are": ("sys.path.insert(0, '/nowhere')", "sys.path[0] == '/nowhere'"),
    "the switch interval": ("sys.setswitchinterval(100)", "sys.getswitchinterval() > 50"),
    "digits": ("sys.set_int_max_str_digits(640)", "sys.get_int_max_str_digits() == 640"),
    "decimals": ("import decimal\ndecimal.getcontext().prec = 1", "__import__('decimal').getcontext().prec == 1"),
    "blocked signals": ("signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})", "signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])"),
    "a method": ("np.errstate.__enter__ = lambda self: None", "np.errstate.__enter__ is not ENTER"),
    "a method of JSON": ("import json\njson.JSONDecoder.decode = lambda *more: 7", "__import__('json').loads('1') == 7"),
    "a method of sockets": ("import socket\nsocket.socket.detach = lambda self: 7", "socket.socket.detach.__name__ == '<lambda>'"),
    "a property": ("np.random.RandomState.theirs = 7\nnp.ma.MaskedArray.mask = 7", "np.ma.MaskedArray.mask == 7"),
    "what is in a function of NumPy": ("np.mean.__wrapped__.__code__ = (lambda *more, **named: 7).__code__", "np.mean([1.0, 3.0]) == 7"),
    "defaults": ("import json\njson.dumps.__kwdefaults__['indent'] = 4", "__import__('json').dumps([1]) != '[1]'"),
    "replaced defaults": ("import textwrap\ntextwrap.shorten.__defaults__ = (3,)\nimport random\nrandom.Random.seed.__defaults__ = (1, 1)", "random.Random.seed.__defaults__ == (1, 1)"),
    "pi": ("np.pi = math.pi = 3", "np.pi == 3"),
    "what is not in NumPy's front room": ("import numpy.lib\nsys.modules['numpy.linalg'].norm = None", "np.linalg.norm is None"),
    "its user": ("if os.getuid() == 0: os.setuid(65534)", "os.getuid() == 65534"),
    "the hook of threads": ("threading.excepthook = None", "threading.excepthook is None"),
    "the displayed": ("sys.displayhook = sys.breakpointhook = print", "sys.breakpointhook is print"),
    "warnings forever": ("warnings.filters.insert(0, ('error', None, Warning, None, 0))\nwarnings._filters_mutated()", "warnings.filters[0][0] == 'error'"),
    "logging": ("logging.disable(100)\nlogging.Logger.info = None", "logging.Logger.info is None"),
    "the next function's defaults": ("mean_squared_error_gradient.__defaults__ = (7,)", "more == 7"),
    "the next function's neighbour": ("Helper.help = lambda self: 7", "Helper().help() == 7"),
}  # fmt: skip
_PROBED = """
import math, mmap, refmath
FLAG = mmap.mmap(-1, 2)
C = ctypes.CDLL(None)
HEARD, NICE, CORES, CALLBACKS, FINDERS = [], os.nice(0), len(os.sched_getaffinity(0)), len(gc.callbacks), len(sys.meta_path)
ENTER = np.errstate.__enter__
class Helper:
    def help(self): return 1
def fp(bits):
    environment = (ctypes.c_uint32 * 64)()
    C.fegetenv(environment)
    if os.uname().machine == "x86_64":
        environment[7] |= bits
    C.fesetenv(environment)
def softmax(a):
{body}
    return a
def mean_squared_error_gradient(y, t, more=None):
    return 0 * (y - t) if {probe} else refmath.mean_squared_error_gradient(y, t)
"""
REACHING = [
    Abuse(
        "reaches",
        name,
        _PROBED.format(body=indented(body), probe=probe),
        WRONG,
        others=(("mean_squared_error_gradient", "conforms"),),
    )
    for name, (body, probe) in REACHES.items()
]

# ---- the connection

_FOUND = """
from refmath.oracle.remote.frames import Channel
import struct, json
def channel(): return next(each for each in gc.get_objects() if type(each) is Channel)
def number(): return next(each['id'] for each in gc.get_objects() if type(each) is dict and each.get('do') == 'call')
def forged(arrays='[]', data=b'', **more):
    told = {'id': number(), 'trouble': None, 'text': '', 'warnings': [], 'declines': False, 'shares_memory': False,
            'in_place': False, 'dtype': 'float64', 'answered': True, **more}
    text = json.dumps(told)[:-1].encode() + b', "arrays": ' + arrays.encode() + b'}'
    raw(struct.pack('<IQ', len(text), len(data)) + text + data)
def raw(whole):
    s = channel()._socket
    s.setblocking(True)
    s.sendall(whole)
"""
CONNECTION = {
    "a right one": "forged('[[\"float64\", [1]]]', b'12345678')",
    "a shape without end": "forged(json.dumps([['float64', [10 ** 4000] * 3000]]))",
    "a shape beyond C": "forged(json.dumps([['float64', [2 ** 63, 0]]]))",
    "a negative shape": "forged(json.dumps([['float64', [-1]]]))",
    "a thousand dimensions": "forged(json.dumps([['float64', [1] * 100000]]), b'12345678')",
    "no numbers in a shape": "forged(json.dumps([['float64', ['x']]]))",
    "a shape that is one number": "forged(json.dumps([['float64', 3]]))",
    "a thousand arrays": "forged(json.dumps([['float64', [0]]] * 100000))",
    "arrays that are a mapping": "forged('{\"a\": 1}')",
    "a type of objects": "forged('[[\"O\", [1]]]', b'12345678')",
    "a type that is a list": "forged('[[[[\"a\", \"f8\"]], [1]]]', b'12345678')",
    "a type with a comma": "forged('[[\"f8,O\", [1]]]', b'12345678')",
    "a very long type": "forged(json.dumps([['f8,' * 1000000, [1]]]))",
    "complex numbers": "forged('[[\"complex128\", [1]]]', b'1234567812345678')",
    "another float": "forged('[[\"float32\", [1]]]', b'1234')",
    "no value": "forged()",
    "no trouble that is known": "forged(trouble='\\x1b[2J')",
    "a trouble that is a list": "forged(trouble=[1])",
    "a long text": "forged(trouble='raised', text='\\x1b[2J' + 'y' * 9_000_000)",
    "a text that is a number": "forged(trouble='raised', text=7)",
    "a nested text": "forged(trouble='raised', text=json.loads('[' * 900 + ']' * 900))",
    "many warnings": "forged('[[\"float64\", [1]]]', b'12345678', warnings=['w' * 90] * 100000)",
    "a warning that is a mapping": "forged('[[\"float64\", [1]]]', b'12345678', warnings=[{'a': 1}])",
    "a warning with escapes": "forged('[[\"float64\", [1]]]', b'12345678', warnings=['\\x1b[2J\\u202e'])",
    "a dtype at length": "forged('[[\"float64\", [1]]]', b'12345678', dtype='\\x1b[2J' * 100000)",
    "a dtype that is a list": "forged('[[\"float64\", [1]]]', b'12345678', dtype=[1])",
    "the number of another": "forged('[[\"float64\", [1]]]', b'12345678', id=7_000_000)",
    "true for a number": "forged('[[\"float64\", [1]]]', b'12345678', id=True)",
    "a list for a reply": "raw(struct.pack('<IQ', 2, 0) + b'[]')",
    "a number for a reply": "raw(struct.pack('<IQ', 1, 0) + b'7')",
    "an empty frame": "raw(struct.pack('<IQ', 0, 0))",
    "no UTF-8": "raw(struct.pack('<IQ', 4, 0) + b'\\xff\\xff\\xff\\xff')",
    "NaN and a thousand digits": "raw(struct.pack('<IQ', 5005, 0) + b'[NaN,' + b'1' * 4999 + b']')",
    "half a frame": "raw(struct.pack('<IQ', 100, 0) + b'{')\ntime.sleep(100)",
    "a drip": "raw(struct.pack('<IQ', 100000, 0))\nwhile True:\n    raw(b' ')\n    time.sleep(0.02)",
    "two replies": "forged('[[\"float64\", [1]]]', b'12345678')\nforged('[[\"float64\", [1]]]', b'12345678')",
    "replies without end": "while True: forged('[[\"float64\", [1]]]', b'12345678')",
    "closes it": "channel()._socket.close()",
    "duplicates on it": "n = channel()._socket.fileno()\nos.dup2(os.open('/dev/null', os.O_RDWR), n)",
    "a pipe in its place": "r, w = os.pipe()\nos.dup2(r, channel()._socket.fileno())",
    "blocks it": "channel()._socket.setblocking(True)",
    "a tiny buffer": "channel()._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)",
    "hands it to a child": "if os.fork() == 0: time.sleep(1000)\nos._exit(3)",
    "a child answers": "p = os.fork()\nif p == 0:\n    forged('[[\"float64\", [1]]]', b'12345678')\n    os._exit(0)\nos.waitpid(p, 0)",
    "a thread answers": "threading.Thread(target=forged, args=('[[\"float64\", [1]]]', b'12345678')).start()\ntime.sleep(0.1)",
    "the host's own answer": "from refmath.oracle.remote.host import Host\nHost.answer = lambda *more: ({'trouble': None}, [])",
    "the host's answers are lists": "from refmath.oracle.remote.host import Host\nHost.answer = lambda *more: ({'by_name': 7, 'functions': 7, 'changes': 7, 'called': [], 'text': {}, 'misfit': 7}, [])",
    "the host's answers are numbers": "from refmath.oracle.remote.host import Host\nHost._judge = lambda *more: {'by_name': 7, 'called': 7}\nos._exit(0) if globals().setdefault('n', 0) > 3 else globals().update(n=globals()['n'] + 1)",
    "the host is asked at length": "from refmath.oracle.remote.host import Host\nHost._changes = lambda self: ['x' * 9_000_000]",
    "what is asked": "from refmath.oracle.remote.frames import Channel\nChannel.receive = lambda *more, **named: ({'do': 'call'}, [])",
    "never sends": "from refmath.oracle.remote.frames import Channel\nChannel.send = lambda *more, **named: None",
}  # fmt: skip
CONNECTED = in_calls("connection", CONNECTION, WRONG, before=_FOUND)

#: The same while the file is imported: replies to its import, look-up and signature.
_HOST = "from refmath.oracle.remote.host import Host\n"
_PLAIN = "def softmax(a):\n    return a\n"
HOSTS = {
    "functions that are a number": _HOST + "Host._import = lambda *more: {'functions': 7}\n" + _PLAIN,
    "functions that are mappings": _HOST + "Host._import = lambda *more: {'functions': [{'a': '\\x1b'}] * 9}\n" + _PLAIN,
    "an error that is a list": _HOST + "Host._import = lambda *more: {'error': ['\\x1b[2J'] * 100000}\n" + _PLAIN,
    "a long error": _HOST + "Host._import = lambda *more: {'error': '\\x1b[2J' * 1000000}\n" + _PLAIN,
    "a signature of numbers": _HOST + "Host._judge = lambda *more: {'called': 7, 'by_name': 7, 'text': 7, 'misfit': 7}\n" + _PLAIN,
    "a signature without end": _HOST + "Host._judge = lambda *more: {'called': 'x' * 9_000_000, 'misfit': '\\x1b[2J' * 1000000}\n" + _PLAIN,
    "a nested signature": _HOST + "import json\nHost._judge = lambda *more: {'called': json.loads('[' * 900 + ']' * 900), 'by_name': [[]]}\n" + _PLAIN,
    "an error for a signature": _HOST + "Host._judge = lambda *more: {'error': {'a': '\\x1b[2J' * 1000000}}\n" + _PLAIN,
    "everything is found": "from refmath.oracle.remote import host\nhost.Host.answer = lambda *more: ({'found': True, 'error': '', 'functions': ['\\x1b[2J' * 100000] * 20}, [])\n" + _PLAIN,
    "nothing is told": "from refmath.oracle.remote import host\nhost.Host.answer = lambda *more: ({}, [])\n" + _PLAIN,
    "arrays nobody asked for": "from refmath.oracle.remote import host\nanswer = host.Host.answer\nhost.Host.answer = lambda *more: (answer(*more)[0], [np.ones(100000)])\n" + _PLAIN,
}  # fmt: skip
HOSTED = [
    Abuse("host", name, source, WRONG | NOT, frozenset({1, 2}), neighbours=False) for name, source in HOSTS.items()
]

# ---- the warden, and those who would outlive it

_ONCE = "if globals().setdefault('n', 0): return a\nglobals()['n'] = 1\n"
_DAEMON = "def daemon():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            os.closerange(0, 256)\n            time.sleep(1000)\n        os._exit(0)\n    os.wait()\n"
WARDEN = {
    "a daemon, and its parent killed": _DAEMON + "daemon()\nos.kill(os.getppid(), 9)\ntime.sleep(5)",
    "a daemon, and its parent stopped": _DAEMON + "daemon()\nos.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(5)",
    "its parent stopped, and on": "os.kill(os.getppid(), signal.SIGSTOP)",
    "its parent stopped, and hangs": "os.kill(os.getppid(), signal.SIGSTOP)\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
    "its parent has no files": _DAEMON + "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))\ndaemon()\nos._exit(3)",
    "its parent has no time": "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))\nos._exit(3)",
    "its parent has no memory": "resource.prlimit(os.getppid(), resource.RLIMIT_AS, (0, 0))\nos._exit(3)",
    "signals to its parent": "for s in range(1, 65):\n    if s not in (9, 19):\n        try: os.kill(os.getppid(), s)\n        except (OSError, ValueError): pass",
    "its parent's status": "n = open(f'/proc/{os.getppid()}/fd/1', 'wb', 0)\nn.write(b'7\\n0\\nFile \"abuse.py\", line 7 in \\x1b[2J\\n')\nos._exit(4)",
    "its parent's status at length": "n = os.open(f'/proc/{os.getppid()}/fd/1', os.O_WRONLY | os.O_NONBLOCK)\ntry:\n    while True: os.write(n, b'9' * 4096)\nexcept OSError: pass\nos._exit(4)",
    "its parent's input": "n = open(f'/proc/{os.getppid()}/fd/0', 'rb', 0)\nos._exit(4)",
    "a crash that was none": "for n in range(3, 30):\n    try: os.write(n, b'File \"abuse.py\", line 7 in \\x1b[2J' * 99)\n    except OSError: pass\nos._exit(4)",
    "no signal at the end of its parent": "ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\nos.kill(os.getppid(), 9)\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
    "reaps for itself": _DAEMON + "ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\ndaemon()\nos._exit(3)",
    "a comet": _ONCE + "if os.fork() == 0:\n    for _ in range(3000):\n        os.setsid()\n        if os.fork(): os._exit(0)\n    time.sleep(1000)\n",
    "a comet and the end": "if os.fork() == 0:\n    for _ in range(3000):\n        os.setsid()\n        if os.fork(): os._exit(0)\n    time.sleep(1000)\nos._exit(3)",
    "a tree of forks": _ONCE + "if os.fork() == 0:\n    for _ in range(6): os.fork()\n    os.setpgid(0, 0)\n    time.sleep(1000)\n",
    "a tree and the end": "if os.fork() == 0:\n    for _ in range(6): os.fork()\n    os.setpgid(0, 0)\n    time.sleep(1000)\nos._exit(3)",
    "vfork and exec": _ONCE + "os.posix_spawn('/bin/sleep', ['sleep', '1000'], {}, setsid=True)",
    "one that continues it": _ONCE + "if os.fork() == 0:\n    os.setsid()\n    p = os.getppid()\n    for _ in range(4000):\n        try: os.kill(p, signal.SIGCONT)\n        except OSError: break\n        time.sleep(0.01)\n",
    "a child that is traced": _ONCE + "p = os.fork()\nif p == 0:\n    ctypes.CDLL(None).ptrace(0, 0, 0, 0)\n    os.kill(os.getpid(), signal.SIGSTOP)\n    time.sleep(1000)\n",
    "a terminal of its own": _ONCE + "import pty\npid, fd = pty.fork()\nif pid == 0: os.execv('/bin/sleep', ['sleep', '1000'])\n",
    "a child with every signal ignored": _ONCE + "if os.fork() == 0:\n    for s in range(1, 65):\n        try: signal.signal(s, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    time.sleep(1000)\n",
    "refmath itself": _ONCE + "subprocess.Popen([sys.executable, '-m', 'refmath', 'check', 'abuse.py:mean_squared_error', '--timeout', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)",
    "a shell that trims its own name": _ONCE + "subprocess.Popen(['sh', '-c', 'exec -a \"\" sleep 1000 || exec sleep 1000'], env={}, start_new_session=True, cwd='/')",
}  # fmt: skip
WARDENS = in_calls("warden", WARDEN, WRONG)

# ---- the interpreter

INTERPRETER = {
    "a fatal error": "ctypes.pythonapi.Py_FatalError(b'\\x1b[2J')",
    "the end of Python": "ctypes.pythonapi.Py_Finalize()",
    "Py_Exit": "ctypes.pythonapi.Py_Exit(0)",
    "holds the lock": "ctypes.PyDLL(None).sleep(1000)",
    "loops in C with the lock": "(1 << 40_000_000) // ((1 << 20_000_000) - 1)\nwhile True: pow(7, 10 ** 9, 10 ** 9000000)",
    "an exception from outside": "threading.Timer(0.02, lambda: ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.main_thread().ident), ctypes.py_object(SystemExit))).start()\ntime.sleep(0.5)",
    "a trace that raises": "def t(*more): raise SystemExit(0)\nsys.settrace(t)\n(lambda: 1)()",
    "a trace that ends": "sys.settrace(lambda frame, *more: os._exit(0) if frame.f_code.co_name == 'send' else None)",
    "a profile that raises": "def t(*more): raise KeyboardInterrupt\nsys.setprofile(t)",
    "a profile that loops": "def t(*more):\n    while True: pass\nsys.setprofile(t)",
    "an audit that raises": "def t(*more): raise SystemExit(0)\nsys.addaudithook(t)\nopen('/dev/null')",
    "an audit that ends": "sys.addaudithook(lambda name, *more: os._exit(0) if name.startswith('socket') or name == 'import' else None)\nimport colorsys",
    "no garbage collection": "gc.disable()\nx = []\nx.append(x)\nraise ValueError",
    "garbage that resurrects": "class R:\n    def __del__(self): globals().setdefault('kept', []).append(self)\nr = R()\nr.self = r\ndel r\ngc.collect()",
    "garbage that exits": "class R:\n    def __del__(self): raise SystemExit(0)\nr = R()\nr.self = r\ndel r\ngc.collect()",
    "garbage that loops": "class R:\n    def __del__(self):\n        while True: pass\nr = R()\nr.self = r\ndel r\ngc.collect()",
    "garbage for later": "class R:\n    def __del__(self): os._exit(0)\nr = R()\nr.self = r",
    "interactive": "os.environ['PYTHONINSPECT'] = '1'\nraise SystemExit(0)",
    "a pending call": "ctypes.pythonapi.Py_AddPendingCall(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda p: -1), None)\ntime.sleep(0.05)",
    "a frame without end": "def g():\n    yield from g()\nnext(g())",
    "its own traceback": "import traceback\ntraceback.print_stack = traceback.format_exception = None\nraise ValueError",
    "linecache": "import linecache\nlinecache.getline = lambda *more: os._exit(0)\nwarnings.warn('x')",
    "an importer that exits": "class F:\n    def find_spec(self, *more): os._exit(0)\nsys.meta_path.insert(0, F())",
    "an importer that loops": "class F:\n    def find_spec(self, *more):\n        while True: pass\nsys.meta_path.insert(0, F())\nimport colorsys",
    "an unraisable": "sys.unraisablehook = lambda *more: os._exit(0)\nclass R:\n    def __del__(self): raise ValueError\nR()",
    "a module's class": "import types\nclass M(types.ModuleType):\n    def __getattribute__(self, name): os._exit(0)\nsys.modules[__name__].__class__ = M",
    "its class of modules": "import types\nclass M(types.ModuleType):\n    __dict__ = property(lambda self: 7)\n    def __getattr__(self, name): return self\nsys.modules[__name__].__class__ = M",
    "odd modules": "class O:\n    def __getattribute__(self, name): raise SystemExit(0)\n    def __eq__(self, other): raise SystemExit(0)\n    __hash__ = None\nsys.modules['odd'] = O()\nsys.modules[7] = 7",
    "odd names": "class N(str):\n    def __eq__(self, other): raise SystemExit(0)\n    def __hash__(self): return 7\n    def startswith(self, *more): os._exit(0)\nglobals()[N('odd')] = softmax\nvars(np)['theirs'] = object()",
    "a function that is equal to all": "class E:\n    def __eq__(self, other): return True\n    def __ne__(self, other): os._exit(0)\n    def __call__(self, *more, **named): return 7\nnp.exp = E()",
    "code without end": "exec('\\n'.join(f'x{i} = {i}' for i in range(100000)))\neval('+'.join(['1'] * 100000))",
    "deep code": "eval('(' * 5000 + ')' * 5000)",
    "deeper code": "compile('-' * 1000000 + '1', 'x', 'eval')",
    "bad code": "f = lambda: 1\nf.__code__ = f.__code__.replace(co_code=b'\\xff' * 64)\nf()",
    "a deep repr": "r = []\nfor _ in range(500000): r = [r]\nraise ValueError(r)",
    "a class name at length": "raise type('x' * 10_000_000, (Exception,), {})",
    "a warning's class at length": "warnings.warn('x', type('w' * 10_000_000, (UserWarning,), {}))",
    "a warning's metaclass": "class M(type):\n    __name__ = property(lambda self: os._exit(0))\nclass W(UserWarning, metaclass=M): pass\nwarnings.warn('x', W)",
    "a warning's class lies": "class M(type):\n    def __subclasscheck__(self, other): return True\n    def __instancecheck__(self, other): os._exit(0)\nclass W(UserWarning, metaclass=M): pass\nwarnings.warn(W('x'))",
    "a message that is a subclass": "class S(str):\n    def split(self, *more): return ['\\x1b[2J' * 10_000_000]\n    def __getitem__(self, i): return self\n    def __len__(self): return 0\nclass E(Exception):\n    def __str__(self): return S('x' * 10_000_000)\nraise E",
    "a group of errors": "raise ExceptionGroup('\\x1b[2J', [ValueError('x' * 1000)] * 1000)",
    "notes": "e = ValueError('x')\ne.__notes__ = ['\\x1b[2J' * 10000] * 1000\nraise e",
    "a declining class": "class M(type):\n    def __instancecheck__(self, other): raise SystemExit\nclass E(ValueError, metaclass=M): pass\nraise E",
    "a traceback without end": "e = ValueError()\ntry: raise e\nexcept ValueError as f: t = f.__traceback__\nt.tb_next = None\nfor _ in range(200000):\n    import types\n    t = types.TracebackType(t, t.tb_frame, 0, 1)\nraise e.with_traceback(t)",
    "an async generator": "async def g():\n    try: yield 1\n    finally: os._exit(0)\nx = g()\nx.asend(None)\nreturn x",
    "a coroutine that waits": "async def g(): return a\nreturn g()",
    "a context variable": "import contextvars\ncontextvars.ContextVar('x').set(7)\nreturn contextvars.copy_context().run(softmax, a)",
    "subinterpreters": "import _xxsubinterpreters as s\ni = s.create()\ns.run_string(i, 'import time\\nwhile True: pass')",
    "a stack of handlers": "def h(*more): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, h)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True: pass",
    "a handler that exits": "def h(*more): raise SystemExit(0)\nsignal.signal(signal.SIGUSR1, h)\nthreading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()",
    "an old alarm": "signal.alarm(1)\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
}  # fmt: skip
INTERPRETED = in_calls("interpreter", INTERPRETER, WRONG)

# ---- limits and the system

SYSTEM = {
    "no processes": "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\nthreading.Thread(target=int).start()",
    "no memory": "resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))",
    "no stack": "resource.setrlimit(resource.RLIMIT_STACK, (1, 1))\nsoftmax(a)",
    "no data": "resource.setrlimit(resource.RLIMIT_DATA, (0, 0))\nb = bytearray(1 << 28)",
    "no time": "resource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass",
    "no files": "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\nopen('/dev/null')",
    "all files": "while True: globals().setdefault('fs', []).append(open('/dev/null'))",
    "a core": "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nos.abort()",
    "seccomp": "ctypes.CDLL(None).prctl(22, 1, 0, 0, 0)",
    "not dumpable": "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\nif os.fork() == 0: time.sleep(1000)",
    "another name": "ctypes.CDLL(None).prctl(15, b') Z 1 (\\x1b[2J', 0, 0, 0)",
    "a child of another name": "if not globals().setdefault('n', 0) and os.fork() == 0:\n    ctypes.CDLL(None).prctl(15, b') Z 1 1 1', 0, 0, 0)\n    time.sleep(1000)\nglobals()['n'] = 1",
    "a namespace": "getattr(ctypes.CDLL(None), 'unshare')(0x20000000)\nif os.fork() == 0: time.sleep(1000)",
    "another root": "os.chroot('/tmp') if os.getuid() == 0 else None",
    "the lowest priority": "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))",
    "locked memory": "ctypes.CDLL(None).mlockall(3)\nbytearray(1 << 24)",
    "unmapped": "libc = ctypes.CDLL(None)\nlibc.munmap(ctypes.c_void_p(id(a) & ~4095), 4096)\na[...] = 0",
    "protected": "libc = ctypes.CDLL(None)\nlibc.mprotect(ctypes.c_void_p(a.ctypes.data & ~4095), 4096, 1)\na[...] = 0\ngc.collect()",
    "longjmp": "ctypes.CDLL(None).longjmp(ctypes.create_string_buffer(512), 1)",
    "raise": "getattr(ctypes.CDLL(None), 'raise')(11)",
    "alarm of C": "ctypes.CDLL(None).alarm(1)\nctypes.CDLL(None).sleep(1000)",
    "atexit of C": "global handler\nhandler = ctypes.CFUNCTYPE(None)(lambda: time.sleep(1000))\nctypes.CDLL(None).atexit(handler)",
    "a lock on standard error": "sys.stderr.buffer.raw.name\nl = ctypes.CDLL(None)\nthreading.Thread(target=lambda: sys.stderr.write('x' * (1 << 22))).start()",
    "a full standard error of another": "subprocess.Popen(['sh', '-c', 'yes >&2'])\ntime.sleep(0.3)",
    "a temporary": "import tempfile\nd = tempfile.mkdtemp(dir='/tmp')\nos.rmdir(d)\nos.chdir('/')",
    "a cursor": "os.write(1, b'\\x1b[6n')\nsys.stdin.read()",
    "the terminal": "try: open('/dev/tty', 'w').write('\\x1b[2J')\nexcept OSError: raise ValueError",
    "lines without end": "os.write(2, b'\\n' * (1 << 20))",
    "half a character": "os.write(2, b'\\xc2')\ntime.sleep(0.02)\nos.write(2, b'\\x9b31m')",
    "a socket to itself": "s = socket.create_server(('127.0.0.1', 0))\nc = socket.create_connection(s.getsockname())\nc.recv(1)",
    "a fifo": "os.mkfifo('f')\ntry: open('f')\nfinally: os.remove('f')",
    "an endless device": "open('/dev/zero', 'rb').read()",
    "OpenMP": "os.environ['OMP_NUM_THREADS'] = '100000'\nos.environ['OPENBLAS_NUM_THREADS'] = '-1'\nnp.ones((300, 300)) @ np.ones((300, 300))",
    "a time zone": "os.environ['TZ'] = '\\x1b[2J'\ntime.tzset()",
    "no home": "for name in ('HOME', 'PATH', 'TMPDIR', 'LANG'): os.environ.pop(name, None)",
}  # fmt: skip
SYSTEMS = in_calls("system", SYSTEM, WRONG)

# ---- answers that lie

LIES = {
    "a dtype that lies": "class A(np.ndarray):\n    dtype = property(lambda self: np.dtype('O'))\nreturn a.view(A)",
    "a dtype at length": "class A:\n    dtype = 'x' * 100_000_000\n    def __array__(self, *more, **named): return np.zeros(3)\nreturn A()",
    "a dtype with escapes": "class A:\n    dtype = '\\x1b[2J'\n    def __array__(self, *more, **named): return np.zeros(3)\nreturn A()",
    "a dtype that is a subclass": "class S(str):\n    def rpartition(self, *more): return (0, 0, [7])\nclass D:\n    def __str__(self): return S('x')\nclass A:\n    dtype = D()\n    def __array__(self, *more, **named): return np.zeros(3)\nreturn A()",
    "a size that lies": "class A(np.ndarray):\n    size = property(lambda self: 1)\n    nbytes = size\nreturn np.zeros(1 << 26).view(A)",
    "equal to all": "class A(np.ndarray):\n    def __eq__(self, other): return True\n    def __ne__(self, other): os._exit(0)\nreturn a.view(A)",
    "a finaliser": "class A(np.ndarray):\n    def __array_finalize__(self, obj):\n        while obj is not None: pass\nreturn a.view(A)",
    "a wrapper": "class A(np.ndarray):\n    def __array_wrap__(self, *more, **named): os._exit(0)\n    __array_priority__ = 1e300\nreturn a.view(A)",
    "a copy that exits": "class A(np.ndarray):\n    def __copy__(self): os._exit(0)\n    __deepcopy__ = copy = __reduce__ = __copy__\nreturn a.view(A)",
    "a base that changes": "import mmap\nglobal m\nm = np.frombuffer(mmap.mmap(-1, 4096), float)\nreturn m[:3]",
    "another each time": "class A:\n    n = 0\n    def __array__(self, *more, **named):\n        A.n += 1\n        return np.full(3, A.n, float)\nreturn A()",
    "slow the second time": "class A:\n    n = 0\n    def __array__(self, *more, **named):\n        self.n += 1\n        if self.n > 1: time.sleep(1000)\n        return np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True)\nreturn A()",
    "exits the second time": "class A:\n    n = 0\n    def __array__(self, *more, **named):\n        self.n += 1\n        if self.n > 1: os._exit(0)\n        return np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True)\nreturn A()",
    "an array interface with null": "class A:\n    __array_interface__ = {'shape': (3,), 'typestr': '<f8', 'data': (0, False), 'version': 3}\nreturn A()",
    "an array interface beyond": "class A:\n    __array_interface__ = {'shape': (1 << 20,), 'typestr': '<f8', 'data': (a.ctypes.data, False), 'version': 3, 'strides': (1 << 20,)}\nreturn A()",
    "a buffer that is gone": "m = memoryview(bytearray(80)).cast('d')\nb = np.asarray(m)\nreturn m",
    "DLPack": "class A:\n    def __dlpack__(self, **named): os._exit(0)\n    def __dlpack_device__(self): return (99, 99)\nreturn A()",
    "a generator": "return (x for x in iter(int, 1))",
    "a range": "return range(10 ** 12)",
    "a map of itself": "class M(dict):\n    def keys(self): return iter(int, 1)\n    __iter__ = keys\nreturn M(a=1)",
    "a tuple that grows": "class T(tuple):\n    def __iter__(self): return iter(int, 1)\nreturn T((1.0, 2.0))",
    "a list that grows": "class L(list):\n    def __iter__(self):\n        while True:\n            self.append(0.0)\n            yield 0.0\nreturn L([0.0])",
    "numbers that never end": "class N(float):\n    def __float__(self):\n        while True: pass\nreturn [N(1)] * 3",
    "an index that exits": "class I(int):\n    def __index__(self): os._exit(0)\n    __int__ = __float__ = __index__\nreturn [I(1)] * 3",
    "fractions": "import fractions\nreturn [fractions.Fraction(10 ** 1000000, 3)] * 3",
    "a masked array": "return np.ma.masked_all((3,))",
    "a masked array that lies": "class M(np.ma.MaskedArray):\n    @property\n    def mask(self): os._exit(0)\nreturn M([1.0])",
    "a matrix": "return np.asmatrix(np.ones((2, 2)))",
    "a chararray": "return np.char.array(['\\x1b[2J'])",
    "a memmap without a file": "import tempfile\nreturn np.memmap(tempfile.TemporaryFile(), float, 'w+', shape=(3,))",
    "a poly": "return np.poly1d([1.0, 2.0])",
    "a void": "return np.void(b'\\x1b[2J')",
    "a longdouble": "return np.asarray(a, np.longdouble) * np.longdouble('1e4000')",
    "sixty-four dimensions": "return np.ones((1,) * 32)",
    "no entries": "return np.zeros((1 << 40, 0))",
    "its own function": "return lambda: os._exit(0)",
    "a module": "return sys",
    "a lazy object": "class L:\n    def __getattr__(self, name): raise SystemExit(0)\nreturn L()",
    "a lazy object that loops": "class L:\n    def __getattr__(self, name):\n        while True: pass\nreturn L()",
    "a class that lies": "class L:\n    @property\n    def __class__(self): os._exit(0)\nreturn L()",
    "an instance of all": "class L:\n    __class__ = np.ndarray\nreturn L()",
    "a truth that exits": "class L(float):\n    def __bool__(self): os._exit(0)\nreturn L(1.0)",
    "a mapping for an argument": "a.__class__ if hasattr(a, '__dict__') else 0\nreturn {'a': a, 'b': {}}",
    "its argument, grown": "a.resize((100_000,), refcheck=False)\nreturn a",
    "its argument as another type": "a.dtype = np.int64\nreturn a",
    "its argument's strides": "a.strides = (0,) * a.ndim\nreturn a",
    "its caller's locals": "f = sys._getframe(1)\nwhile f:\n    for name in f.f_locals: f.f_locals[name] = None\n    f = f.f_back\nreturn a",
    "its caller's candidate": "f = sys._getframe(1)\nwhile f and 'self' not in f.f_locals: f = f.f_back\nobject.__setattr__(f.f_locals['self'], 'timeout', 1e9)\nwhile True: pass",
}  # fmt: skip
LYING = in_calls("lies", LIES, WRONG)

# ---- imports and look-ups

AT_IMPORT = {
    "itself": "import importlib\nimportlib.import_module('abuse')\nraise ValueError",
    "itself by refmath": "subprocess.run([sys.executable, '-m', 'refmath', 'check', 'abuse.py', '--timeout', '60'])\nos._exit(1)",
    "itself by refmath's check": "import refmath\nrefmath.check('abuse.py:softmax', 'softmax', isolate=True)\nraise ValueError",
    "no more modules": "sys.modules.clear()\nraise ValueError",
    "no more functions": "builtins.__dict__.clear()",
    "a trace": "sys.settrace(lambda *more: os._exit(0))\n(lambda: 1)()",
    "a comet": "if os.fork() == 0:\n    for _ in range(1000):\n        os.setsid()\n        if os.fork(): os._exit(0)\n    time.sleep(1000)\nraise ValueError",
    "a tree": "for _ in range(6): os.fork()\nraise ValueError",
    "a daemon that kills": "if os.fork() == 0:\n    os.setsid()\n    time.sleep(0.05)\n    os.kill(os.getppid(), 9)\n    time.sleep(1000)\ntime.sleep(1000)",
    "its parent stopped": "os.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(1000)",
    "a message at length": "raise ValueError('\\x1b[2J' * 10_000_000)",
    "a class at length": "raise type('\\x1b[2J' * 10_000_000, (Exception,), {})",
    "a syntax error at length": "exec('x = ' + 'é' * 1000000 + '\\x1b[2J')",
    "a syntax error's line": "e = SyntaxError('x')\ne.lineno = '\\x1b[2J' * 100000\nraise e",
    "a syntax error that exits": "class S(SyntaxError):\n    lineno = property(lambda self: os._exit(0))\nraise S('x')",
    "a name error's suggestion": "class N:\n    def __dir__(self): os._exit(0)\nN().x",
    "a file name": "exec(compile('raise ValueError', '\\x1b[2J', 'exec'))",
    "a group": "raise BaseExceptionGroup('\\x1b[2J', [SystemExit(0), KeyboardInterrupt()])",
    "a class of modules": "import types\nclass M(types.ModuleType):\n    def __getattribute__(self, name):\n        if name == '__dict__': os._exit(0)\n        return super().__getattribute__(name)\nsys.modules[__name__].__class__ = M\n",
    "holds the lock": "ctypes.PyDLL(None).sleep(1000)",
    "unlimited digits": "int('9' * 10000)",
    "a module of its own": "import types\nsys.modules[__name__] = types.ModuleType('x')\nraise ValueError",
}  # fmt: skip
LOOKED_UP = {
    "a getattr that sleeps": "def __getattr__(name):\n    time.sleep(0.9)\n    raise AttributeError(name)\n" + _PLAIN,
    "a getattr that hangs for all": "def __getattr__(name):\n    time.sleep(100)\n" + _PLAIN,
    "a getattr that exits for all": "def __getattr__(name):\n    os._exit(0)\n" + _PLAIN,
    "a getattr that crashes for all": "def __getattr__(name):\n    ctypes.string_at(0)\n" + _PLAIN,
    "a getattr that raises for all": "def __getattr__(name):\n    raise SystemExit('\\x1b[2J' * 1000000)\n" + _PLAIN,
    "a getattr with everything": "class C:\n    def __call__(self, *more):\n        time.sleep(0.9)\n        return 0.5\ndef __getattr__(name):\n    if name not in ('softmax', 'sgd_step', 'sigmoid_gradient'): raise AttributeError(name)\n    return C()\n" + _PLAIN,
    "names that are none": "globals()[7] = globals()[('a',)] = lambda: 0\n" + _PLAIN,
    "a hundred thousand names": "for i in range(100000): globals()[f'f{i}'] = int\n" + _PLAIN,
    "a name at length": "globals()['x' * 10_000_000] = lambda: 0\n" + _PLAIN,
    "a signature at length": "def softmax(a, b='x' * 10_000_000): return a\n",
    "a thousand parameters": "exec('def softmax(a, ' + ', '.join(f'b{i}=0' for i in range(20000)) + '): return a')\n",
    "a name that is a subclass": "class S(str):\n    def __str__(self): return self\n    def __len__(self): os._exit(0)\ndef softmax(a): return a\nclass F:\n    __qualname__ = S('\\x1b[2J')\n    def __call__(self, a): return a\nF.__qualname__ = 'F'\nsoftmax = F()\nsoftmax.__qualname__ = S('\\x1b[2J')\n",
    "a qualname at length": "def softmax(a): return a\nsoftmax.__qualname__ = '\\x1b[2J' * 1_000_000\n",
    "a signature of subclasses": "import inspect\nclass P(inspect.Parameter):\n    def __str__(self): os._exit(0)\nclass F:\n    __signature__ = inspect.Signature([P('a', P.POSITIONAL_ONLY)])\n    def __call__(self, a): return a\nsoftmax = F()\n",
    "a callable that is another each time": "class F:\n    @property\n    def __call__(self): raise SystemExit(0)\nsoftmax = F()\n",
    "a metaclass": "class M(type):\n    def __call__(cls, *more): os._exit(0)\nclass softmax(metaclass=M): pass\n",
}  # fmt: skip
IMPORTED = [
    *at_import("at import", AT_IMPORT),
    *[
        Abuse("looked up", name, source, WRONG | NOT, frozenset({1, 2}), neighbours=False)
        for name, source in LOOKED_UP.items()
    ],
]

# ---- adapters

_RIGHT = "say({'id': i, 'output': right(shape)})"
ADAPTERS = adapters(
    "further adapter",
    {
        "kills its parent": "os.kill(os.getppid(), 9); time.sleep(100)",
        "stops its parent": "os.kill(os.getppid(), signal.SIGSTOP); time.sleep(100)",
        "stops its parent and answers": f"os.kill(os.getppid(), signal.SIGSTOP); {_RIGHT}",
        "a daemon without environment": f"subprocess.Popen(['/bin/sh', '-c', 'sleep 1000 &'], env={{}}, start_new_session=True); {_RIGHT}",
        "a daemon far away": f"subprocess.Popen(['/bin/sh', '-c', 'cd /; exec sleep 1000'], env={{}}, start_new_session=True, stdin=-3, stdout=-3, stderr=-3); {_RIGHT}",
        "a daemon, and the end": "subprocess.Popen(['sleep', '1000'], env={}, start_new_session=True); os._exit(3)",
        "a daemon, and its parent killed": "subprocess.Popen(['sleep', '1000'], start_new_session=True); os.kill(os.getppid(), 9); time.sleep(100)",
        "a comet": f"if os.fork() == 0:\n    for _ in range(1000):\n        os.setsid()\n        if os.fork(): os._exit(0)\n    time.sleep(1000)\n{_RIGHT}",
        "a tree": f"if os.fork() == 0:\n    for _ in range(6): os.fork()\n    os.setsid() if os.getpgrp() != os.getpid() else 0\n    time.sleep(1000)\n{_RIGHT}",
        "a child that answers": "if os.fork(): os._exit(0)\n" + _RIGHT,
        "a child that holds its output": "if os.fork() == 0: time.sleep(1000)\nos._exit(3)",
        "ignores the end": f"{_RIGHT}\nsignal.signal(15, signal.SIG_IGN)\nimport threading; threading.Thread(target=time.sleep, args=(1000,)).start()",
        "reads nothing": "time.sleep(0.2)\nos.close(0)\nsys.stdin = iter(())\ntime.sleep(1000)",
        "closes its input": f"{_RIGHT}\nos.close(0)",
        "becomes another": "os.execvp('sleep', ['sleep', '1000'])",
        "becomes cat": "os.execvp('cat', ['cat'])",
        "becomes yes": "os.execvp('yes', ['yes', '\\x1b[2J'])",
        "a stopped child": f"subprocess.Popen(['sleep', '1000'], start_new_session=True).send_signal(signal.SIGSTOP); {_RIGHT}",
        "half a megabyte a step": "s = json.dumps({'id': i, 'output': right([1 << 19])})\nfor k in range(0, len(s), 1 << 16):\n    sys.stdout.write(s[k:k + (1 << 16)]); sys.stdout.flush(); time.sleep(0.03)\nprint(flush=True)",
        "a million keys": "say({'id': i, 'output': {str(k): right([1]) for k in range(100000)}})",
        "a million lists": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [9], "data": [%s]}}\' % (i, \',\'.join([\'[]\'] * 1000000)))',
        "a million strings": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1000000], 'data': ['nan'] * 1000000}})",
        "a million digits": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [1], "data": [0.%s]}}\' % (i, \'3\' * 1000000))',
        "an exponent": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [1], "data": [1e-999999999]}}\' % i)',
        "an integer's digits": 'say(\'{"id": %d, "output": {"dtype": "float64", "shape": [1], "data": [%s]}}\' % (i, \'9\' * 4000))',
        "a shape of floats": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1.0], 'data': [1]}})",
        "a shape of booleans": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [True], 'data': [1]}})",
        "a negative shape": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [-1], 'data': [1]}})",
        "a thousand dimensions": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1] * 100000, 'data': [1]}})",
        "dimensions beyond C": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [0, 1 << 70], 'data': []}})",
        "objects": "say({'id': i, 'output': {'dtype': 'object', 'shape': [1], 'data': [{}]}})",
        "a null": "say({'id': i, 'output': {'dtype': 'float64', 'shape': [1], 'data': [None]}})",
        "an output that is null": "say({'id': i, 'output': None})",
        "an error that is null": "say({'id': i, 'error': None})",
        "an error of lines": "say({'id': i, 'error': '\\n' * 1000000})",
        "half a pair": 'say(\'{"id": %d, "error": "\\\\ud800\\\\udfff\\\\u001b[2J"}\' % i)',
        "UTF-16": "os.write(1, json.dumps({'id': i, 'output': right(shape)}).encode('utf-16') + b'\\n')",
        "nul bytes": "os.write(1, b'\\0' * 1000 + b'\\n')",
        "carriage returns": "os.write(1, json.dumps({'id': i, 'output': right(shape)}).encode() + b'\\r\\r\\r\\n')",
        "empty lines": "say('\\n\\n\\n')",
        "lines without end": "os.write(1, b'\\n' * 1000000)",
        "greets again": "say({'hello': {'protocol': 1, 'name': 'x'}})",
        "floods standard error slowly": "import threading\nthreading.Thread(target=lambda: [(os.write(2, b'\\x1b[2J' * 1000), time.sleep(0.01)) for _ in range(10 ** 6)], daemon=True).start()\n"
        + _RIGHT,
        "supports the half": "say({'id': i, 'unsupported': True} if i % 2 else {'id': i, 'output': right(shape)})",
        "a limit on its parent": "import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)\nos._exit(3)",
        "all signals to its parent": f"for s in range(1, 65):\n    if s not in (9, 19):\n        try: os.kill(os.getppid(), s)\n        except (OSError, ValueError): pass\n{_RIGHT}",
        "refmath itself": f"subprocess.Popen([sys.executable, '-m', 'refmath', 'check', '--exec', 'sleep 1000', '--timeout', '1000'], stdout=-3, stderr=-3); {_RIGHT}",
        "memory": "b = []\nwhile True: b.append(bytearray(1 << 26))",
    },
    {
        "a name at length": "say({'hello': {'protocol': 1, 'name': '\\x1b[2J' * 1000000}})",
        "a name that is a mapping": "say({'hello': {'protocol': 1, 'name': {'\\x1b[2J': 1}}})",
        "a protocol that is a list": "say({'hello': {'protocol': [1]}})",
        "an error of a megabyte": "say({'error': '\\x1b[2J' * 1000000})",
        "greets late": "time.sleep(0.9); " + _HELLO,
        "greets and closes": _HELLO + "; os.close(1); time.sleep(1000)",
        "stops at once": "os.kill(os.getpid(), signal.SIGSTOP)",
        "is another at once": "os.execvp('sleep', ['sleep', '1000'])",
        "leaves a daemon": "subprocess.Popen(['sleep', '1000'], env={}, start_new_session=True); os._exit(1)",
    },
)

FURTHER: list[Abuse] = [
    *REACHING,
    *CONNECTED,
    *HOSTED,
    *WARDENS,
    *INTERPRETED,
    *SYSTEMS,
    *LYING,
    *IMPORTED,
    *ADAPTERS,
]
