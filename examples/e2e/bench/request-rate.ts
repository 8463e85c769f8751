import { Agent, request } from 'node:http';

export interface Call {
  url: string;
  method: 'GET' | 'PUT' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** What it is answered with; any 2xx where absent. */
  status?: number;
}

/** Requests per second that `call` gets with `concurrency` kept-alive connections, over `seconds`. Rejects on any other answer. */
export async function requestRate(call: Call, seconds: number, concurrency = 16): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await once(call, agent);
      done++;
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
    return done / ((performance.now() - start) / 1000);
  } finally {
    agent.destroy();
  }
}

function once(call: Call, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...call.headers,
      ...(call.body !== undefined && { 'content-length': String(Buffer.byteLength(call.body)) }),
    };
    const outgoing = request(call.url, { method: call.method, headers, agent }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('end', () =>
        status === call.status || (call.status === undefined && status >= 200 && status < 300)
          ? resolve()
          : reject(new Error(`${call.method} ${call.url} answered ${status}`)),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}
