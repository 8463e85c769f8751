import { createServer } from 'node:net';
import { StartError } from './service.ts';

/** Throws {@link StartError} where somebody else listens on `port` of the loopback interface. */
export async function requireFreePort(port: number, purpose: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'not allowed' : 'in use';
    throw new StartError(
      `Port ${port}, wanted for ${purpose}, is ${reason}. Free it, or choose other ports, for example: PORT=9000 npm start`,
    );
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
