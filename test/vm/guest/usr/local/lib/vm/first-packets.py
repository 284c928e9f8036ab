"""Sends packets as a jail user and as another user, until the other was answered everywhere.

Then /run/vm/packets holds lines as `jail|udp ::1|EPERM|12`: how often each thing came of it, and
what came of the first attempt. It needs no more of Python than Debian's python3-minimal has.
"""

import errno
import os
import re
import socket
import threading
import time

USERS = {'jail': 70000, 'other': 1000}
LOCAL_PORT = 7777
END = time.monotonic() + 600
# There when the other user was answered everywhere.
ENOUGH = '/run/vm/enough'
with open('/proc/cmdline') as line:
    OUTER_PORT = int(re.search(r'vm\.port=(\d+)', line.read())[1])
PLACES = [
    (protocol, address, port)
    for protocol in ('tcp', 'udp')
    for address, port in (
        ('127.0.0.1', LOCAL_PORT),
        ('::1', LOCAL_PORT),
        # The machine that runs the guest.
        ('10.0.2.2', OUTER_PORT),
        ('fec0::2', OUTER_PORT),
    )
]


def make_socket(protocol, address):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
    return socket.socket(family, kind)


def make_server(protocol, address):
    server = make_socket(protocol, address)
    server.bind((address, LOCAL_PORT))
    if protocol == 'tcp':
        server.listen()
    return server


def serve(protocol, server):
    while protocol == 'udp':
        server.sendto(b'hello', server.recvfrom(100)[1])
    while True:
        with server.accept()[0] as client:
            client.sendall(b'hello')


def attempt(user, protocol, address, port):
    with make_socket(protocol, address) as client:
        client.settimeout(2)
        try:
            client.connect((address, port))
            client.sendall(user.encode())
            return 'answered' if client.recv(100) == b'hello' else 'closed'
        except TimeoutError:
            return 'silence'
        except OSError as error:
            return errno.errorcode[error.errno]


def attempts(user, place, outcomes):
    last = False
    while not last:
        # One more attempt when the other user was answered: the network is there.
        last = os.path.exists(ENOUGH) or time.monotonic() > END
        outcome = attempt(user, *place)
        found = outcomes.setdefault(f'{place[0]} {place[1]}', {'first': outcome})
        found[outcome] = found.get(outcome, 0) + 1
        answered = sum('answered' in one for one in list(outcomes.values()))
        if user == 'other' and answered == len(PLACES):
            open(ENOUGH, 'w').close()
        time.sleep(0.05)


def run_as(user, uid):
    """In a process of its own, whose outcomes come by a pipe."""
    reading, writing = os.pipe()
    if os.fork() != 0:
        os.close(writing)
        return reading
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    outcomes = {}
    threads = [threading.Thread(target=attempts, args=(user, one, outcomes)) for one in PLACES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(writing, 'w') as pipe:
        for place, found in outcomes.items():
            for outcome, what in found.items():
                print(user, place, outcome, what, sep='|', file=pipe)
    os._exit(0)


os.mkdir('/run/vm')
os.chmod('/run/vm', 0o1777)
servers = [(one[0], make_server(*one[:2])) for one in PLACES if one[2] == LOCAL_PORT]
pipes = {user: run_as(user, uid) for user, uid in USERS.items()}
for server in servers:
    threading.Thread(target=serve, args=server, daemon=True).start()
with open('/run/vm/packets.new', 'w') as file:
    for pipe in pipes.values():
        file.write(open(pipe).read())
os.rename('/run/vm/packets.new', '/run/vm/packets')
os._exit(0)
