import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TagSite {
  /** The one-tag page with these attributes on its tag, sent with that policy for its contents. */
  url(attributes: Readonly<Record<string, string>>, policy?: string): string;
  close(): Promise<void>;
}

const POLICY = 'content-security-policy';

/** The example site once more, with whatever a customer could write on the tag. */
export async function startTagSite(siteUrl: string): Promise<TagSite> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', siteUrl);
    const answer = await fetch(new URL(url.pathname === '/' ? '/one-tag/' : url, siteUrl));
    const text = await answer.text();
    const policy = url.searchParams.get(POLICY);
    url.searchParams.delete(POLICY);
    const attributes = [...url.searchParams].map(([name, value]) => ` ${name}="${value}"`).join('');
    const isPage = url.pathname === '/';
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
      ...(policy !== null && { [POLICY]: policy }),
    });
    response.end(isPage ? text.replace(/<realtime-call[^>]*>/, `<realtime-call${attributes}>`) : text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (attributes, policy) =>
      `http://localhost:${port}/?${new URLSearchParams({ ...attributes, ...(policy !== undefined && { [POLICY]: policy }) })}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
