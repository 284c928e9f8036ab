/**
 * Python rather than Node: it stands on the system's own path, where a user who may not enter the
 * repository's directory can run it.
 */
const python = '/usr/bin/python3';

export type Protocol = 'tcp' | 'udp';

const listenScript = `
import socket, sys
protocol, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
if protocol == 'tcp':
    server = socket.create_server((address, port), family=family)
    print('listening', flush=True)
    while True:
        client, _ = server.accept()
        client.sendall(b'hello')
        client.close()
server = socket.socket(family, socket.SOCK_DGRAM)
server.bind((address, port))
print('listening', flush=True)
while True:
    _, client = server.recvfrom(100)
    server.sendto(b'hello', client)
`;

const askScript = `
import socket, sys
protocol, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
client = socket.socket(family, kind)
client.settimeout(float(sys.argv[4]))
try:
    client.connect((address, port))
    if protocol == 'udp':
        client.send(b'hello')
    print('answered' if client.recv(100) == b'hello' else 'closed')
except TimeoutError:
    print('silence')
except OSError as error:
    import errno
    print(errno.errorcode[error.errno])
`;

/** A server that answers everybody with `hello`; it prints `listening` once it does. */
export function listenArgv(protocol: Protocol, address: string, port: number) {
  return [python, '-c', listenScript, protocol, address, String(port)] as const;
}

/**
 * A client that prints `answered`, `closed`, `silence` (within the given time), or the name of
 * the errno that it met, such as `ECONNREFUSED`.
 */
export function askArgv(protocol: Protocol, address: string, port: number, patienceSeconds = 1) {
  const patience = String(patienceSeconds);
  return [python, '-c', askScript, protocol, address, String(port), patience] as const;
}
