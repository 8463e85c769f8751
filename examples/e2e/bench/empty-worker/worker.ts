/** The least a Worker can do: what the broker's speed is measured against. */
// oxlint-disable-next-line import/no-default-export -- the form the runtime asks for
export default { fetch: () => new Response('{}', { headers: { 'content-type': 'application/json' } }) };
