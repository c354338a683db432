"""Types into an interactive bash on a terminal of its own, and prints what that showed.

Arguments are steps: `type TEXT` (with backslash escapes), `see PATTERN` (waits for it in what came since the
last step of this kind), `rest SECONDS`. Ends with 1 where a pattern does not come within ten seconds.
"""

import os, pty, re, select, signal, sys, termios, time

child, terminal = pty.fork()
if child == 0:
    # As at a login, whatever the test's own parent ignores.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], dict(os.environ, PS1="ready> "))
# Without the echo a pattern finds only what programs wrote.
flags = termios.tcgetattr(terminal)
flags[3] &= ~termios.ECHO
termios.tcsetattr(terminal, termios.TCSANOW, flags)

shown, seen = "", 0


def listen(seconds):
    global shown
    if not select.select([terminal], [], [], seconds)[0]:
        return True
    try:
        shown += os.read(terminal, 65536).decode(errors="replace")
        return True
    except OSError:
        return False  # the shell has ended


def see(pattern):
    global seen
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = re.search(pattern, shown[seen:])
        if found:
            seen += found.end()
            return True
        if not listen(0.1):
            time.sleep(0.1)
    return False


status = 0 if see("ready> ") else 1
for verb, text in zip(sys.argv[1::2], sys.argv[2::2]):
    if status:
        break
    if verb == "type":
        try:
            os.write(terminal, text.encode().decode("unicode_escape").encode())
        except OSError:
            status = 1
    elif verb == "rest":
        time.sleep(float(text))
    elif not see(text):
        print("NOT SEEN:", text)
        status = 1
print(shown)
# What it left behind goes with the terminal.
os.kill(child, signal.SIGKILL)
os.close(terminal)
sys.exit(status)
