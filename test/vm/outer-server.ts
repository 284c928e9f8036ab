import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A server of the machine that runs the guest, where the guest reaches it as 10.0.2.2 and fec0::2. */
export interface OuterServer extends AsyncDisposable {
  readonly port: number;
  /** Who has sent something: `tcp 127.0.0.1 jail`. */
  readonly heard: ReadonlySet<string>;
}

/** It answers `hello`, by TCP and UDP, on both loopback addresses. */
export async function outerServer(): Promise<OuterServer> {
  const heard = new Set<string>();
  const closers: (() => void)[] = [];
  let port = 0;
  for (const address of ['127.0.0.1', '::1']) {
    const tcp = createServer((client) => {
      client.on('data', (who) => {
        heard.add(`tcp ${address} ${who}`);
        client.end('hello');
      });
      client.on('error', () => client.destroy());
    });
    tcp.listen(port, address);
    await once(tcp, 'listening');
    port = (tcp.address() as AddressInfo).port;
    const udp = createSocket(address === '::1' ? 'udp6' : 'udp4');
    udp.on('message', (who, from) => {
      heard.add(`udp ${address} ${who}`);
      udp.send('hello', from.port, from.address);
    });
    udp.bind(port, address);
    await once(udp, 'listening');
    closers.push(
      () => tcp.close(),
      () => udp.close(),
    );
  }
  return {
    port,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const close of closers) close();
    },
  };
}
